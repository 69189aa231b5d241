"""Every reader of files that a user can name."""

from tests.fuzz import (
    arrays,
    erring,
    keras_files,
    onnx_files,
    pictures,
    published_weights,
    releases,
    settings,
    tables,
    tfjs_folders,
    torch_files,
)
from tests.fuzz.reader import Reader

_OF = (pictures, arrays, releases, tables, settings)
_OF_WEIGHTS = (torch_files, onnx_files, tfjs_folders, published_weights, keras_files)
READERS: dict[str, Reader] = {
    reader.name: reader for module in (*_OF, *_OF_WEIGHTS) for reader in module.READERS
}


def find(name: str) -> Reader:
    """A reader by its name, the harness' own among them."""
    return erring.READER if name == erring.READER.name else READERS[name]
