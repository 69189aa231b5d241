"""What a project has computed, in a form that can be compared to the last bit, times aside."""

import hashlib
import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

_KNOWN: dict[tuple[Callable[[Path], str], bytes], str] = {}
_SECONDS = re.compile(rb"\b\d+ s\b")


def of(folder: Path) -> dict[str, str]:
    """File → digest of its content, of each file that holds numbers; what cannot be read is told as such."""
    found = {}
    for pattern, digest in _READERS.items():
        for path in sorted(folder.glob(pattern)):
            if not any(part.startswith(".") for part in path.relative_to(folder).parts):
                found[str(path.relative_to(folder))] = _known(path, digest)
    return found


def _known(path: Path, digest: Callable[[Path], str]) -> str:
    """The digest of a file's content, computed once for all copies of it."""
    key = digest, hashlib.sha256(path.read_bytes()).digest()
    if key not in _KNOWN:
        try:
            _KNOWN[key] = digest(path)
        except Exception as error:  # of any library, over noise
            _KNOWN[key] = f"unreadable: {error}"
    return _KNOWN[key]


def _bytes(path: Path) -> str:
    return hashlib.sha256(_SECONDS.sub(b"", path.read_bytes())).hexdigest()


def _table(path: Path) -> str:
    frame = pd.read_parquet(path)
    return _digest({str(name): np.asarray(frame[name].tolist()) for name in frame})


def _array(path: Path) -> str:
    return _digest({"": np.load(path)})


def _arrays(path: Path) -> str:
    with np.load(path) as stored:
        return _digest({name: stored[name] for name in stored.files})


def _weights(path: Path) -> str:
    arrays = {}

    def visit(name: str, each: object) -> None:
        if isinstance(each, h5py.Dataset):
            arrays[name] = each[()]

    with zipfile.ZipFile(path) as archive, h5py.File(BytesIO(archive.read("model.weights.h5"))) as stored:
        stored.visititems(visit)
    return _digest(arrays)


def _digest(arrays: dict[str, np.ndarray]) -> str:
    found = hashlib.sha256()
    for name in sorted(arrays):
        found.update(f"{name} {arrays[name].dtype} {arrays[name].shape}".encode())
        found.update(np.ascontiguousarray(arrays[name]).tobytes())
    return found.hexdigest()


_READERS: dict[str, Callable[[Path], str]] = {
    "reports/**/*.csv": _bytes,
    "reports/**/*.md": _bytes,
    "runs/**/manifest.csv": _bytes,
    "runs/**/history.csv": _bytes,
    "runs/**/summary.json": _bytes,
    "runs/**/metrics.json": _bytes,
    "runs/**/operating_points.json": _bytes,
    "runs/**/predictions.parquet": _table,
    "runs/*/*/*[!l].npy": _array,  # a partial one is no result
    "runs/**/*.npz": _arrays,
    "runs/**/model.keras": _weights,
}
