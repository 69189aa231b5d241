"""Pictures of scenes on disk: which files a set has, and what its adapter gives, one entry a picture.

Only the standard library is imported here and in the adapters until headers are read, so that the Makefile can plan in
a fraction of a second.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from xray_keras.datasets.outlines import Outline

PARTS = {"train": "train_val", "test": "test"}
"""Folder of a part → its name in a manifest."""
COUNTED = {1: "text", 0: "non_text"}
"""Label of a picture → its name where pictures are counted."""
SUFFIXES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp")
BOX_SUFFIXES = (".gt", ".txt")
NAMED = 20
"""Files named a reason; a summary is for people."""


class Folder(NamedTuple):
    """Pictures of one part and class, with their box files where they show text."""

    path: Path
    part: str
    text: int


class Boxes(NamedTuple):
    """How the text of a set is marked.

    Attributes:
        places: of a picture, the files that may hold its boxes; the first that is there is read.
        parse: reads one.
    """

    places: Callable[[Path], Iterable[Path]]
    parse: "Callable[[Path], list[Outline]]"


class Scene(NamedTuple):
    """One picture; see `manifest.SCENE_COLUMNS`. `image` is unique within its set."""

    image: str
    path: str
    width: int
    height: int
    part: str
    outlines: str
    text: int


@dataclass(frozen=True)
class Scenes:
    """The usable pictures of a set, in the order of their paths.

    Attributes:
        left_out: files that are not used, by reason.
        named: the first `NAMED` of them, below the data folder, and what is wrong where the reason does not say it.
        boxes: what became of the boxes of the pictures that are used.
    """

    entries: list[Scene]
    left_out: Mapping[str, int]
    named: Mapping[str, list[str]]
    boxes: Mapping[str, int]


def parts(root: Path, text: int) -> list[Folder]:
    """Those of train/ and test/ below `root` that are there; their pictures show text (1) or none (0)."""
    return [Folder(root / part, name, text) for part, name in PARTS.items() if (root / part).is_dir()]


def count(folder: Path) -> int:
    """Pictures below a folder by their names; 0 where it is absent."""
    return sum(map(is_picture, files(folder)))


def watched(folder: Path) -> list[Path]:
    """A folder, those below it and the box files in them: what changes where another manifest comes out."""
    found = []
    for place, _, names in os.walk(folder):
        found += [Path(place), *(Path(place, name) for name in names if name.lower().endswith(BOX_SUFFIXES))]
    return found


def files(folder: Path) -> Iterator[Path]:
    """Every file below a folder, sorted."""
    for place, below, names in os.walk(folder):
        below.sort()
        yield from (Path(place, name) for name in sorted(names))


def is_junk(path: Path) -> bool:
    """Archives made on macOS hold a file "._x.png" beside x.png; it is no picture, whatever its name says."""
    return path.name.startswith(".") or "__MACOSX" in path.parts or path.name == "Thumbs.db"


def is_picture(path: Path) -> bool:
    """Whether its name says so."""
    return path.suffix.lower() in SUFFIXES and not is_junk(path)
