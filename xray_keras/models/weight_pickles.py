"""Pickled weights without unpickling: a few names become plain records, every other name is refused.

Unpickling runs whatever the file says. The two readers here replace each admitted global by a function of
this module that only keeps its arguments, so that a file can describe arrays and do nothing else.
"""

import math
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

_STORAGES = {"HalfStorage": "<f2", "FloatStorage": "<f4", "DoubleStorage": "<f8", "LongStorage": "<i8"}


class _Refusing(pickle.Unpickler):
    """An unpickler that knows only the globals it is given."""

    def __init__(
        self, file: IO[bytes], admitted: dict[tuple[str, str], Any], storages: Callable | None = None
    ):
        super().__init__(file)
        self._admitted = admitted
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._admitted:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which weights have no use for")
        return self._admitted[module, name]

    def persistent_load(self, pid: Any) -> Any:
        if self._storages is None:
            raise pickle.UnpicklingError("it refers to data outside itself")
        return self._storages(pid)


class _Dtype:
    """The record of a pickled numpy.dtype."""

    def __init__(self, code: str, align: bool = False, copy: bool = False):
        self.code = code

    def __setstate__(self, state: tuple) -> None:
        self.order = state[1]


class _Array:
    """The record of a pickled numpy.ndarray."""

    def __init__(self, *_: Any):
        pass

    def __setstate__(self, state: tuple) -> None:
        _, shape, dtype, fortran, data = state
        if dtype.code not in ("f2", "f4", "f8"):
            raise pickle.UnpicklingError(f"it holds an array of type {dtype.code}")
        values = np.frombuffer(data, dtype.order + dtype.code)
        self.array = values.reshape(shape[::-1]).T if fortran else values.reshape(shape)


_NUMPY = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy", "ndarray"): "ndarray",
    ("numpy", "dtype"): _Dtype,
}


def read_numpy(path: Path) -> dict[str, list[np.ndarray]]:
    """Read a pickled {name: [arrays]}.

    Raises:
        pickle.UnpicklingError: the file names anything but numpy arrays.
    """
    with path.open("rb") as opened:
        content = _Refusing(opened, _NUMPY).load()
    return {name: [record.array for record in records] for name, records in content.items()}


def read_torch(path: Path) -> dict[str, np.ndarray]:
    """Read a torch state dictionary in the zip format (torch 1.6 and later), without torch.

    Raises:
        pickle.UnpicklingError: the file names anything but tensors, or a tensor exceeds its storage.
        zipfile.BadZipFile: not a zip file; torch's older format is not read.
    """
    with zipfile.ZipFile(path) as archive:
        (index,) = (
            name for name in archive.namelist() if name.count("/") == 1 and name.endswith("/data.pkl")
        )
        top = index.partition("/")[0]

        def storage(pid: tuple) -> np.ndarray:
            _, dtype, key, _, length = pid
            values = np.frombuffer(archive.read(f"{top}/data/{key}"), dtype)
            if len(values) != length:
                raise pickle.UnpicklingError(f"storage {key} has {len(values)} values, not {length}")
            return values

        admitted: dict[tuple[str, str], Any] = {("torch", name): code for name, code in _STORAGES.items()}
        admitted["torch._utils", "_rebuild_tensor_v2"] = _tensor
        admitted["torch._utils", "_rebuild_parameter"] = lambda tensor, *_: tensor
        admitted["collections", "OrderedDict"] = OrderedDict
        with archive.open(index) as opened:
            return dict(_Refusing(opened, admitted, storage).load())


def _tensor(storage: np.ndarray, offset: int, shape: tuple, stride: tuple, *_: Any) -> np.ndarray:
    last = offset + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))
    if offset < 0 or min((*shape, *stride), default=0) < 0 or (math.prod(shape) and last >= len(storage)):
        raise pickle.UnpicklingError(f"a tensor of shape {shape} does not fit into its storage")
    strides = [step * storage.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, strides, writeable=False).copy()
