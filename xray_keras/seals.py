"""Seals: whether a file still is what a stage wrote. Disks rot, copies break off, and a cut CSV reads like a short one.

A folder that stages write into has a folder `.seals`, and in it, for each file that was published, a small one, its
name with `.seal`: checksum and length of what was written, a line each time, the latest first. A file without a seal,
from a user or an older version, is taken as it is.
"""

import os
import zlib
from pathlib import Path

from xray_keras.errors import Damaged

FOLDER = ".seals"
_KEPT = 3
"""Lines of a seal: a crash between seal and rename leaves the former content, and that is whole too."""
_BLOCK = 1 << 22


def begin(folder: Path) -> None:
    """Have what is published in a folder sealed from now on.

    Raises:
        OSError: it cannot be made.
    """
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)


def seal(written: Path, path: Path) -> None:
    """Seal what is about to be renamed to `path`; nothing in a folder that is not sealed.

    Args:
        written: the complete temporary file.
        path: its name to be.

    Raises:
        OSError: the disk is full, for instance.
    """
    place = _place(path)
    if not place.parent.is_dir():
        return
    lines = [line(written)]
    lines += [each for each in _lines(place) if each not in lines]
    temporary = place.with_name(f".{os.getpid()}.{place.name}")
    try:
        with temporary.open("w", encoding="ascii") as opened:
            opened.write("\n".join(lines[:_KEPT]) + "\n")
            opened.flush()
            os.fsync(opened.fileno())
        temporary.replace(place)
    finally:
        temporary.unlink(missing_ok=True)


def check(path: Path | str) -> None:
    """Raise where a file is not what was written; one that is absent or has no seal passes.

    Reads the whole file, 2 GB a second of a core: less than its first use takes.

    Raises:
        Damaged: it is another file than the one that was sealed.
        OSError: it cannot be read.
    """
    lines = _lines(_place(Path(path)))
    if lines and Path(path).is_file() and line(Path(path)) not in lines:
        raise Damaged("it is not what was written")


def remove(path: Path) -> None:
    """Remove the seal of a file that is removed; nothing where there is none."""
    _place(path).unlink(missing_ok=True)


def line(path: Path) -> str:
    """What a seal says of a file: CRC-32 as eight hexadecimal digits, and bytes."""
    checksum = length = 0
    with path.open("rb") as opened:
        while block := opened.read(_BLOCK):
            checksum, length = zlib.crc32(block, checksum), length + len(block)
    return f"{checksum:08x} {length}"


def _place(path: Path) -> Path:
    return path.parent / FOLDER / f"{path.name}.seal"


def _lines(place: Path) -> list[str]:
    try:
        return place.read_text(encoding="ascii", errors="replace").splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
