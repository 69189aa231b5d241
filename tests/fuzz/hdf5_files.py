"""HDF5 files, sound and hostile."""

import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tests.fuzz.reader import Files, Outside


def hdf5(
    arrays: Mapping[str, np.ndarray], *, notes: Mapping[str, Any] | None = None, **options: Any
) -> bytes:
    """An HDF5 file of arrays by path."""
    import h5py

    made = io.BytesIO()
    with h5py.File(made, "w", **options) as opened:
        for name, value in arrays.items():
            opened[name] = value
        for name, note in (notes or {}).items():
            opened.attrs[name] = note
    return made.getvalue()


def leading_out(arrays: Mapping[str, np.ndarray], outside: Outside) -> Mapping[str, bytes]:
    """The same with something that leads out of the file, in every way that HDF5 has."""
    import h5py

    first = next(iter(arrays))
    shape = arrays[first].shape

    def made(change: Callable[[Any], None]) -> bytes:
        content = io.BytesIO()
        with h5py.File(content, "w") as opened:
            for name, value in arrays.items():
                if name != first:
                    opened[name] = value
            change(opened)
        return content.getvalue()

    def virtual(opened: Any) -> None:
        layout = h5py.VirtualLayout(shape, "f4")
        layout[...] = h5py.VirtualSource("../secret.bin", "x", shape)
        opened.create_virtual_dataset(first, layout)

    def loop(opened: Any) -> None:
        opened[first] = arrays[first]
        opened["loop"] = opened["/"]

    return {
        "an external link": made(
            lambda opened: opened.__setitem__(first, h5py.ExternalLink("../secret.bin", "/x"))
        ),
        "an external link by its whole path": made(
            lambda opened: opened.__setitem__(first, h5py.ExternalLink(str(outside.secret), "/x"))
        ),
        "a soft link": made(lambda opened: opened.__setitem__(first, h5py.SoftLink("/elsewhere"))),
        "external storage": made(
            lambda opened: opened.create_dataset(
                first, shape, "f4", external=[("../secret.bin", 0, h5py.h5f.UNLIMITED)]
            )
        ),
        "a virtual array": made(virtual),
        "a group in itself": made(loop),
        "an array of terabytes": made(
            lambda opened: opened.create_dataset(first, (1 << 20, 1 << 20), "f4", chunks=(1 << 10, 1 << 10))
        ),
        "an array of objects": made(lambda opened: opened.create_dataset(first, (9,), h5py.string_dtype())),
    }


def hostile(name: str, arrays: Mapping[str, np.ndarray]) -> Callable[[Outside], Mapping[str, Files]]:
    return lambda outside: {what: {name: content} for what, content in leading_out(arrays, outside).items()}
