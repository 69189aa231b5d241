"""Every reader of files that a user can name."""

from tests.fuzz import lists, models, pictures
from tests.fuzz.reader import Reader

READERS: dict[str, Reader] = {
    reader.name: reader for reader in (*pictures.READERS, *lists.READERS, *models.READERS)
}
