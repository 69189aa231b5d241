"""Augmented copies of training images: flipped, slightly rotated, slightly distorted (minaee2020 I and II).

The paper names these operations and how many images they make, not their ranges. Assumed here: every second copy is
mirrored; each is turned by at most 10 degrees about the centre; each corner then moves by at most 4 % of the side along
both axes, and the picture with it (a projective map). Values between pixels are interpolated linearly, and the edge
repeats where a map leaves the picture.

Copy k of an image is a function of the image's name and k alone, in units of the side: every size shows the same copy.
"""

import hashlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import ndimage

METHOD = "copies-1"
"""Names the transforms below; another value makes cached arrays stale."""

ROTATION = 10.0  # degrees
DISTORTION = 0.04  # of the side
_CORNERS = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])  # (x, y) from the centre, in sides


class Originals(Protocol):
    """Where the originals' pixels come from: `decoding.Source` with a signature."""

    def images(self, rows: pd.DataFrame, size: int) -> np.ndarray:
        """uint8 (B, size, size)."""
        ...

    def signature(self, rows: pd.DataFrame) -> str:
        """What the pixels depend on besides the manifest."""
        ...


@dataclass(frozen=True)
class WithCopies:
    """Originals and the copies made of them, as one source of pixels; an original is decoded once a batch."""

    originals: Originals

    def images(self, rows: pd.DataFrame, size: int) -> npt.NDArray[np.uint8]:
        """Pixels of manifest rows with the column `copy`: uint8 (B, size, size).

        Raises:
            UserError: an original cannot be read or computed.
        """
        named = _originals(rows)
        first = named.drop_duplicates("image")
        pixels = self.originals.images(first, size)
        at = pd.Index(first["image"]).get_indexer(pd.Index(named["image"]))
        found = [
            transform(pixels[index], name, int(copy))
            for index, name, copy in zip(at, named["image"], rows["copy"], strict=True)
        ]
        return np.stack(found)

    def signature(self, rows: pd.DataFrame) -> str:
        """What the pixels of `rows` depend on besides the manifest."""
        return f"{self.originals.signature(_originals(rows))}, {METHOD}"


def _originals(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows under the names of the images that they are made from."""
    names = [
        name.removesuffix(f"#{copy}") if copy else name
        for name, copy in zip(rows["image"], rows["copy"], strict=True)
    ]
    return rows.assign(image=names)


def expand(rows: pd.DataFrame, times: int) -> pd.DataFrame:
    """Every manifest row `times` times: the original, then its copies 1 … times - 1, named `<image>#<k>`."""
    repeated = rows.loc[rows.index.repeat(times)].reset_index(drop=True)
    number = np.tile(np.arange(times), len(rows))
    names = [f"{name}#{k}" if k else name for name, k in zip(repeated["image"], number, strict=True)]
    return repeated.assign(image=names, copy=number)


def transform(pixels: npt.NDArray[np.uint8], name: str, copy: int) -> npt.NDArray[np.uint8]:
    """Copy number `copy` of an image: uint8 (S, S) in and out; number 0 is the original itself.

    Args:
        pixels: the original.
        name: the original's name.
        copy: 0, 1, …
    """
    if copy == 0:
        return pixels
    side = len(pixels)
    grid = (np.arange(side) + 0.5) / side - 0.5
    x, y = np.meshgrid(grid, grid)
    a = inverse_map(name, copy)
    across, down, scale = np.einsum("ij,jyx->iyx", a, np.stack([x, y, np.ones_like(x)]))
    at = (np.stack([down, across]) / scale + 0.5) * side - 0.5
    found = ndimage.map_coordinates(pixels.astype(np.float32), at, order=1, mode="nearest")
    return np.rint(found).astype(np.uint8)


def inverse_map(name: str, copy: int) -> npt.NDArray[np.float64]:
    """Where a copy's pixel comes from: (3, 3) on (x, y, 1) in sides from the centre, x rightwards, y downwards."""
    draws = np.frombuffer(hashlib.sha512(f"{METHOD}/{name}/{copy}".encode()).digest(), ">u4") / 2**32 * 2 - 1
    angle = np.deg2rad(ROTATION) * draws[0]
    moved = _CORNERS + DISTORTION * draws[1:9].reshape(4, 2)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    mirror = np.diag([-1.0 if copy % 2 else 1.0, 1.0, 1.0])
    return mirror @ turn @ _projective(_CORNERS, moved)


def _projective(start: npt.NDArray[np.float64], end: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The map (3, 3), last element 1, that takes four points (4, 2) to four others."""
    rows, right = [], []
    for (x, y), (u, v) in zip(start, end, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(right)), 1.0).reshape(3, 3)
