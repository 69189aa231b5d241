"""Named arrays in one file (.npz) between stages: written whole or not at all, read without running anything."""

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xray_keras.errors import UserError
from xray_keras.files import publish


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
        # Opened here: numpy leaves its own handle open where the file turns out to be damaged.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as found:
            return {name: found[name] for name in (found.files if names is None else names)}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise UserError(f"{path} is damaged ({error}); delete it, and {remedy}") from error
