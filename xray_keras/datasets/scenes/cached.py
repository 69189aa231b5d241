"""The pictures of a scene population as they lie in its cache, with the outlines of their text in cached pixels."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from xray_keras.datasets import cache, manifest, outlines
from xray_keras.datasets.layouts import Layout
from xray_keras.datasets.outlines import Outline


@dataclass(frozen=True)
class CachedScenes:
    """Pictures of a manifest that could be read.

    Attributes:
        frame: their rows of the manifest, indexed from 0.
        rows: int64 (N,), place of each in the cache.
        images: uint8, one axis that holds the pictures end to end, memory-mapped.
        layout: where each place of the cache is.
    """

    frame: pd.DataFrame
    rows: np.ndarray
    images: np.ndarray
    layout: Layout

    def shape(self, position: int) -> tuple[int, int]:
        """Height and width of a cached picture."""
        height, width, _ = self.layout.shapes[self.rows[position]]
        return height, width

    def picture(self, position: int) -> np.ndarray:
        """uint8 (H, W, 3), a view of the cache."""
        return self.layout.picture(self.images, self.rows[position])

    def text(self, position: int) -> list[Outline]:
        """Outlines of a picture's text, in pixels of the cached picture."""
        row = self.frame.iloc[position]
        height, width = self.shape(position)
        scale = outlines.scaling(width / row["width"], height / row["height"])
        return outlines.transformed(outlines.from_text(row["outlines"]), scale)


def open_cached(population: Path, short: int) -> CachedScenes:
    """Open the cache of a population of scenes.

    Args:
        population: folder with manifest.csv and the cache.
        short: pixels of the cached pictures' short edge.

    Raises:
        UserError: manifest or cache is absent or damaged.
    """
    listed = manifest.read(population / "manifest.csv")
    array = cache.path(population, manifest.fingerprint(listed), short)
    images = cache.load(array)
    kept = ~listed["image"].isin(cache.unreadable(array)).to_numpy()
    frame = listed[kept].reset_index(drop=True)
    return CachedScenes(frame, np.flatnonzero(kept), images, cache.layout(listed, short))
