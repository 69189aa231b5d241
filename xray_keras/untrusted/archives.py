"""Zip files from anywhere, opened after a look at how much they claim to hold."""

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from xray_keras.errors import Damaged

FEW = 1 << 28
"""Bytes that any file may unpack to."""
RATIO = 100
"""A larger one may unpack to this many times its size: weights hardly shrink, and black pictures not so much."""


@contextmanager
def opened(source: Path | IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """A zip file, to be read.

    Members are never unpacked by their names, so that none can leave a folder.

    Raises:
        Damaged: it is none, or claims to hold far more than a file of its size can.
        OSError: it cannot be opened.
    """
    try:
        archive = zipfile.ZipFile(source)
    except OSError:
        raise
    except Exception:  # a damaged list of members fails anywhere
        raise Damaged("it is no archive, or damaged") from None
    with archive:
        size = source.stat().st_size if isinstance(source, Path) else length(source)
        claimed = sum(member.file_size for member in archive.infolist())
        if claimed > max(FEW, RATIO * size):
            raise Damaged(f"it claims to hold {claimed:,} bytes in a file of {size:,}")
        yield archive


def length(source: IO[bytes]) -> int:
    """Bytes of an open file, which stays where it is."""
    place = source.tell()
    length = source.seek(0, os.SEEK_END)
    source.seek(place)
    return length
