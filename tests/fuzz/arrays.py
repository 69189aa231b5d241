"""Readers of NumPy's files: kept arrays and caches."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tests.fuzz.hostile import archives, running
from tests.fuzz.pictures import npy, npz
from tests.fuzz.reader import Files, Outside, Reader


def _archive_seeds() -> list[Files]:

    values = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array(["x", "yz"]), "c": np.array(3)}
    return [{"a.npz": npz(**values)}, {"a.npz": npz(packed=False, **values)}]


def _hostile_archives(outside: Outside) -> Mapping[str, Files]:

    return archives("a.npz", _archive_seeds()[0]["a.npz"], outside)


def _kept(path: Path) -> None:
    from xray_keras import npz

    npz.read(path, "train the run again")


def _object_cache(outside: Outside) -> Mapping[str, Files]:

    return {"a pickled array": {"a.npy": npy(np.array([running(outside)], object), pickled=True)}}


def _cache(path: Path) -> None:
    from xray_keras.datasets import cache

    np.asarray(cache.load(path)).sum()


READERS = (
    Reader("npz", _archive_seeds, _kept, ("npz", "untrusted.archives"), _hostile_archives),
    Reader(
        "cache",
        lambda: [{"a.npy": npy(np.zeros((2, 8, 8), np.uint8))}],
        _cache,
        ("datasets.cache",),
        _object_cache,
    ),
)
