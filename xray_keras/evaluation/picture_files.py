"""Read pictures, of files or of a .npz, as squares of one size.

They are resized as in the cache: a picture that is not square is squashed.
"""

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image

from xray_keras import npz
from xray_keras.datasets import layouts, radiograph
from xray_keras.datasets.decoding import decode_all
from xray_keras.datasets.partial import Partial
from xray_keras.errors import Damaged, UserError, reason

SIZE = 64  # pixels of the side: near copies are told at 48 at most
_SMALLEST = 8  # pixels
_A_PROCESS = 512  # pictures are read in the time in which a further process starts


class Pixels(NamedTuple):
    """images: uint8 (N, SIZE, SIZE). unreadable: row → why; these rows are black."""

    images: np.ndarray
    unreadable: Mapping[int, str]


@dataclass(frozen=True)
class Squares:
    """Pictures of a frame's column `path`, any that `radiograph.read` reads, squashed to a square."""

    def images(self, rows: pd.DataFrame, size: int) -> np.ndarray:
        """uint8 (B, size, size); a UserError for the first that cannot be read."""
        return np.stack([_square(radiograph.read(Path(path)).pixels, size) for path in rows["path"]])


def decoded(paths: Sequence[Path]) -> Pixels:
    """The pictures of files, of any kind that `radiograph.read` reads.

    Raises:
        UserError: see `decode_all`; no space for temporary files.
    """
    unreadable: dict[int, str] = {}
    workers = min(os.cpu_count() or 1, -(-len(paths) // _A_PROCESS))
    with tempfile.TemporaryDirectory() as scratch:
        partial = Partial(Path(scratch) / "pictures.npy", {}, layouts.squares(len(paths), SIZE))
        frame = pd.DataFrame({"path": [str(path) for path in paths]})
        try:
            for _, wrong in decode_all(frame, Squares(), SIZE, partial, workers):
                unreadable |= wrong
        finally:
            partial.close()
        return Pixels(np.load(partial.array, allow_pickle=False), unreadable)


def resized(images: Iterable[np.ndarray]) -> np.ndarray:
    """N times uint8 (H, W) → (N, SIZE, SIZE)."""
    return np.stack([_square(image, SIZE) for image in images])


def archive_images(path: Path) -> np.ndarray:
    """The array `image` of a .npz, uint8 (N, S, S).

    Raises:
        UserError: damaged, without that array, or of another shape or type.
    """
    try:
        images = npz.arrays(path, ["image"])["image"]
    except npz.Absent:
        raise UserError(
            f"{path} has no array image; save the pictures under that name, uint8 (N, S, S)"
        ) from None
    except (Damaged, OSError) as error:
        raise UserError(f"{path} cannot be read ({reason(error)}); save it again with numpy.savez") from None
    if images.ndim != 3 or images.dtype != np.uint8 or not len(images) or min(images.shape) < 1:
        raise UserError(
            f"{path} holds {images.dtype} {images.shape} as image; save 8-bit gray pictures, uint8 (N, S, S)"
        )
    if min(images.shape[1:]) < _SMALLEST:
        raise UserError(
            f"{path} holds pictures of {images.shape[1:]} pixels; give at least {_SMALLEST} a side"
        )
    return images


def _square(pixels: np.ndarray, size: int) -> np.ndarray:
    return np.array(Image.fromarray(pixels).resize((size, size), Image.Resampling.BILINEAR))
