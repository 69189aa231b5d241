"""Files and folders that a user names, as the pictures in them."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

SUFFIXES = (".apng", ".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".webp")
"""By which a file is taken for a picture, in either case."""


class Left(NamedTuple):
    """What was left out, and a sentence why."""

    path: Path
    reason: str


class Found(NamedTuple):
    """Pictures, in order and each once; what was named but cannot be one; how many files of folders are none."""

    pictures: list[Path]
    left: list[Left]
    passed_over: int


def find(named: Sequence[Path]) -> Found:
    """List the pictures among files and below folders, without opening one.

    A folder is read with all folders in it, by name; hidden files and folders are skipped, links to folders not
    followed. Of a file that is named, listed or linked to more than once only the first mention counts. Files are
    known by their suffix: in a folder others are passed over and counted, a file that is named itself is left out
    with a reason, as is what is absent and a folder that cannot be listed.
    """
    pictures: dict[Path, Path] = {}  # by the file that a path leads to
    left: list[Left] = []
    others = set()
    for path in named:
        if path.is_dir():
            for each in _below(path, left):
                if _is_picture(each):
                    pictures.setdefault(each.resolve(), each)
                else:
                    others.add(each.resolve())
        elif not path.exists():
            left.append(Left(path, f"{path} is absent; check its name"))
        elif _is_picture(path):
            pictures.setdefault(path.resolve(), path)
        else:
            known = " ".join(SUFFIXES)
            left.append(
                Left(path, f"{path} is no picture by its name; name files that end in one of {known}")
            )
    return Found(list(pictures.values()), left, len(others))


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def _below(folder: Path, left: list[Left]) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        place = Path(error.filename or folder)
        left.append(
            Left(place, f"{place} cannot be listed ({error.strerror}); check who may read the folder")
        )

    for place, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(place, name) for name in sorted(names) if not name.startswith("."))
