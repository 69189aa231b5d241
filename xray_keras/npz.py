"""NumPy's files: named arrays (.npz) between stages, written whole or not at all, and read without running anything."""

import math
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from xray_keras import seals
from xray_keras.errors import Damaged, UserError, reason
from xray_keras.files import publish
from xray_keras.untrusted import archives

_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


class Absent(Damaged):
    """An archive lacks an array."""


def write(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays compressed and atomically.

    Raises:
        UserError: the disk is full or the folder is not writable.
    """
    with publish(path) as temporary:
        np.savez_compressed(temporary, **arrays)


def read(path: Path, remedy: str, names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """Read arrays by name; objects, which would be code, are refused.

    Args:
        path: that `write` wrote.
        remedy: what makes the file, as an imperative: "train the run again".
        names: of the arrays; None for all.

    Raises:
        UserError: the file is absent or damaged, or lacks an array.
    """
    if not path.is_file():
        raise UserError(f"{path} is absent; {remedy}")
    try:
        seals.check(path)
        return arrays(path, names)
    except (Damaged, OSError) as error:
        raise UserError(f"{path} is damaged ({reason(error)}); delete it, and {remedy}") from error


def arrays(source: Path | IO[bytes], names: Sequence[str] | None = None) -> dict[str, np.ndarray]:
    """The arrays of a .npz from anywhere, by name; None for all.

    Raises:
        Damaged: no such file, one that claims more than it holds, objects, which would be code, or an array is absent.
        OSError: it cannot be opened.
    """
    with archives.opened(source) as archive:
        listed = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}
        wanted = list(listed) if names is None else names
        for name in wanted:
            if name not in listed:
                raise Absent(f"there is no array {name!r}")
        try:
            return {name: _array(archive, listed[name]) for name in wanted}
        except Exception as error:  # of zip, zlib, the tokenizer that reads headers
            raise Damaged(_why(error) or reason(error)) from None


def mapped(path: Path | str) -> np.ndarray:
    """A .npy from anywhere, mapped into memory, read-only.

    Raises:
        Damaged: no such file, cut, not what was written, or of objects, which would be code.
        OSError: it cannot be opened.
    """
    try:
        found: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError:
        raise
    except Exception as error:  # of the tokenizer that reads headers, and of sides beyond all numbers
        raise Damaged(_why(error) or "its header or its length is wrong") from None
    seals.check(path)
    return found


def _why(error: Exception) -> str:
    return (
        "it holds Python objects"
        if "python object" in str(error).lower() or "object array" in str(error).lower()
        else ""
    )


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """A member, once its header and its length agree: memory is taken for what is there, not for what is claimed."""
    if not member.filename.endswith(".npy"):
        raise Damaged(f"{member.filename} is no array")
    with archive.open(member) as opened:
        header = _HEADERS.get(np.lib.format.read_magic(opened))
        if header is None:
            raise Damaged(f"{member.filename} is of an unknown version")
        shape, _, dtype = header(opened)
        if not dtype.hasobject and math.prod(shape) * dtype.itemsize != member.file_size - opened.tell():
            raise Damaged(f"{member.filename} is cut, or its header is wrong")
    with archive.open(member) as opened:
        return np.lib.format.read_array(opened, allow_pickle=False)
