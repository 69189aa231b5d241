"""What makers of weight files share."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


def filled(write: Callable[[Path], Any], name: str) -> bytes:
    """What a function writes to a path of that name."""
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / name)
        return (Path(folder) / name).read_bytes()


def values(*shape: int) -> np.ndarray:
    """Float32 numbers between one half and one."""
    return np.random.default_rng(sum(shape)).uniform(0.5, 1, shape).astype(np.float32)


def imported(path: Path) -> Any:
    from xray_keras.export import formats

    return formats.read(path, formats.recognise(path))


def published(form: str) -> Callable[[Path], None]:
    """The reader of a form in which ImageNet weights are published."""

    def read(path: Path) -> None:
        from xray_keras.models import weight_readers

        weight_readers.read(path, form)

    return read
