"""How decoded pictures lie in one array on disk: squares of one size, or each at its own size, end to end."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Layout:
    """Where each of N pictures lies in a uint8 array.

    Attributes:
        array: shape of the array.
        shapes: of each picture.
        starts: int64 (N,), first element of each.
    """

    array: tuple[int, ...]
    shapes: Sequence[tuple[int, ...]]
    starts: np.ndarray

    @property
    def bytes(self) -> int:
        """Of the whole array."""
        return int(np.prod(self.array, dtype=np.int64))

    def picture(self, array: np.ndarray, number: int) -> np.ndarray:
        """One picture of the array, without a copy."""
        shape, start = self.shapes[number], int(self.starts[number])
        return array.reshape(-1)[start : start + int(np.prod(shape))].reshape(shape)


def squares(pictures: int, size: int) -> Layout:
    """Gray squares: an array (N, size, size)."""
    return Layout((pictures, size, size), [(size, size)] * pictures, np.arange(pictures) * size**2)


def end_to_end(shapes: Sequence[tuple[int, ...]]) -> Layout:
    """Pictures of any shapes, one behind the other: an array of one axis."""
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes], dtype=np.int64)
    return Layout((int(ends[-1]),), list(shapes), np.concatenate([[0], ends[:-1]]))
