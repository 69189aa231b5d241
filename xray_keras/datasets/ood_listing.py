"""What an adapter of foreign images gives: one entry an image, and why others were left out.

Only the standard library is imported here and in the adapters until pixels are asked for, so that the Makefile can
plan in a fraction of a second.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Entry(NamedTuple):
    """One image.

    Attributes:
        image: unique within its data set.
        patient: whose image it is; its own name where nobody's.
        path: below the data folder; "<file>#<number>" is one picture of a file that holds many.
        pneumonia: 1 where it shows pneumonia; 0 where it does not, or where the question makes no sense.
    """

    image: str
    patient: str
    path: str
    pneumonia: int = 0


@dataclass(frozen=True)
class Listing:
    """The usable images of a data set, in a fixed order, and how many files are not used, by reason."""

    entries: list[Entry]
    left_out: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    """Images by what the release says of them."""


JUNK = "file of the operating system"


def pictures(folder: Path) -> tuple[list[Path], dict[str, int]]:
    """PNG and JPEG files anywhere below `folder`, sorted, and the other files by the reason why they are no picture.

    Archives made on macOS hold a file "._x.png" beside x.png; it is not an image, whatever its name says.
    """
    found, junk, others = [], 0, 0
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            continue
        if path.name.startswith(".") or "__MACOSX" in path.parts or path.name == "Thumbs.db":
            junk += 1
        elif path.suffix.lower() in (".png", ".jpg", ".jpeg"):
            found.append(path)
        else:
            others += 1
    return found, {name: count for name, count in ((JUNK, junk), ("neither PNG nor JPEG", others)) if count}
