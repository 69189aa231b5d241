"""Pixels of scene pictures from files or computed: RGB, upright, each in its own shape."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from PIL import Image

from xray_keras.datasets import images
from xray_keras.datasets.scenes.pictures import METHOD, read, scaled_size
from xray_keras.errors import UserError


@dataclass(frozen=True)
class Originals:
    """The data sets below `data`, which are only ever read."""

    data: Path

    def picture(self, row: Any) -> np.ndarray:
        """The picture of a manifest row (a Series or a named tuple) as it is on disk: uint8 (H, W, 3).

        Raises:
            UserError: see `scenes.pictures.read`, or it is not as large as the manifest says.
        """
        return self._read(row.path, (row.width, row.height), None)

    def images(self, rows: pd.DataFrame, size: int) -> list[np.ndarray]:
        """Pictures of manifest rows, scaled so that the short edge has `size` pixels: uint8 (H, W, 3) each.

        Raises:
            UserError: the first picture that cannot be read, or is not as large as the manifest says.
        """
        sizes = zip(rows["width"], rows["height"], strict=True)
        return [self._read(path, stated, size) for path, stated in zip(rows["path"], sizes, strict=True)]

    def signature(self, rows: pd.DataFrame) -> str:
        """What the pixels of `rows` depend on besides the manifest (see `images.signature`)."""
        return f"{METHOD}, {images.signature('scene_text', self.data, rows['path'])}"

    def _read(self, path: str, stated: tuple[int, int], short: int | None) -> np.ndarray:
        pixels = read(self.data / path, short)
        expected = scaled_size(*stated, short) if short else stated
        if pixels.shape[1::-1] != tuple(expected):
            raise UserError(
                f"{self.data / path} is not of the {stated[0]} × {stated[1]} pixels that the manifest states; build "
                "the manifest again"
            )
        return pixels


class Drawer(Protocol):
    """What computes a picture of a manifest row."""

    def picture(self, row: Any) -> np.ndarray:
        """uint8 (H, W, 3), as large as the row says."""
        ...

    def signature(self, rows: pd.DataFrame) -> str:
        """What the pixels depend on besides the manifest."""
        ...


@dataclass(frozen=True)
class Scaled:
    """Computed pictures in the size that is wanted."""

    drawer: Drawer

    def picture(self, row: Any) -> np.ndarray:
        """The picture of a manifest row as it was computed: uint8 (H, W, 3)."""
        return self.drawer.picture(row)

    def images(self, rows: pd.DataFrame, size: int) -> list[np.ndarray]:
        """Pictures of manifest rows, scaled as `scenes.pictures.read` scales: uint8 (H, W, 3) each."""
        return [self._scaled(row, size) for row in rows.itertuples()]

    def signature(self, rows: pd.DataFrame) -> str:
        """See `Drawer`."""
        return f"{METHOD}, {self.drawer.signature(rows)}"

    def _scaled(self, row: Any, size: int) -> np.ndarray:
        picture = Image.fromarray(self.drawer.picture(row))
        return np.array(picture.resize(scaled_size(*picture.size, size), Image.Resampling.BILINEAR))
