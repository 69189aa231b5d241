"""Pickled weights without unpickling, which would run whatever a file says: see `xray_keras.untrusted.pickles`."""

import math
from pathlib import Path
from typing import Any

import numpy as np

from xray_keras.errors import Damaged, reason, shortened
from xray_keras.untrusted import archives, pickles

_STORAGES = {"HalfStorage": "<f2", "FloatStorage": "<f4", "DoubleStorage": "<f8", "LongStorage": "<i8"}
_FLOATS = ("f2", "f4", "f8")


def read_numpy(path: Path) -> dict[str, list[np.ndarray]]:
    """Read a pickled {name: [arrays]}.

    Raises:
        Damaged: the file holds anything but numpy arrays of floats.
    """
    content = pickles.read(path.read_bytes(), pickles.NUMPY)
    if not isinstance(content, dict) or not all(isinstance(records, list) for records in content.values()):
        raise Damaged("it is no dictionary of lists")
    return {
        str(name): [pickles.array(record, _FLOATS) for record in records] for name, records in content.items()
    }


def read_torch(path: Path) -> dict[str, Any]:
    """Read a torch state dictionary in the zip format (torch 1.6 and later), without torch.

    Returns:
        tensors by name, views of their storages; a dictionary that holds a state dictionary is given as it is.

    Raises:
        Damaged: no such zip file; it names anything but tensors, or a tensor exceeds its storage.
    """
    with archives.opened(path) as archive:
        found = [name for name in archive.namelist() if name.count("/") == 1 and name.endswith("/data.pkl")]
        if len(found) != 1:
            raise Damaged("it has no data.pkl, or several")
        top = found[0].partition("/")[0]
        storages: dict[str, np.ndarray] = {}  # tensors may share one, which is then in memory once

        def member(name: str) -> bytes:
            try:
                return archive.read(name)
            except Exception as error:  # of zip and zlib
                raise Damaged(reason(error)) from None

        def storage(pid: tuple[Any, ...]) -> np.ndarray:
            _, dtype, key, _, length = pid
            if str(key) not in storages:
                storages[str(key)] = np.frombuffer(member(f"{top}/data/{key}"), dtype.meaning)
            if len(storages[str(key)]) != length:
                raise Damaged(f"storage {shortened(key)} has {len(storages[str(key)])} values, not {length}")
            return storages[str(key)]

        known: dict[tuple[str, str], Any] = {
            **{("torch", name): code for name, code in _STORAGES.items()},
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            ("torch._utils", "_rebuild_parameter"): lambda tensor, *_: tensor,
            ("collections", "OrderedDict"): lambda: {},
        }
        content = pickles.read(member(found[0]), known, storage)
    if not isinstance(content, dict):
        raise Damaged("it is no dictionary")
    return content


def _tensor(storage: np.ndarray, offset: int, shape: tuple, stride: tuple, *_: Any) -> np.ndarray:
    last = offset + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))
    if offset < 0 or min((*shape, *stride), default=0) < 0 or (math.prod(shape) and last >= len(storage)):
        raise Damaged(f"a tensor of shape {shortened(shape)} does not fit into its storage")
    if math.prod(shape) > len(storage):  # a step of zero would show one value as often as the file likes
        raise Damaged(f"a tensor of shape {shortened(shape)} has more values than its storage")
    strides = [step * storage.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, strides, writeable=False)
