"""What can be said of a picture without reading it: its colours, how fine it is, and what a thumbnail shows.

Each statistic can leave pixels out, so that what surrounds a text can be described without the text. Letters are fine
and rich in contrast: they move the statistics of a whole picture, however little these know of letters.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from PIL import Image, ImageDraw
from scipy import fft

from xray_keras.datasets import outlines
from xray_keras.datasets.outlines import Outline

CELLS = 8
"""Cells a side of the thumbnail."""
BLOCK = 8
"""Pixels a side of a block, as in JPEG."""
PERCENTILES = (50, 90, 99)
MARGIN = 0.02
"""Of the short edge: so far around an outline pixels count as text, for outlines are drawn by hand."""
_GRAY = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow has it
_BANDS = ((1, 3), (3, 6), (6, 10), (10, 2 * BLOCK - 1))  # of u + v of a block's cosines, ends excluded


def covered(text: Sequence[Outline], width: int, height: int) -> np.ndarray:
    """Pixels on or near a text, ignored text too: bool (height, width).

    Args:
        text: in pixels of the picture.
        width, height: of the picture, pixels.
    """
    shapes = outlines.shapes([each.polygon for each in text])
    mask = Image.new("1", (width, height))
    draw = ImageDraw.Draw(mask)
    wider = shapely.buffer(shapely.union_all(shapes), max(2.0, MARGIN * min(width, height)))
    for part in shapely.get_parts(wider):
        if not part.is_empty:
            # Pillow counts from the centres of pixels.
            draw.polygon([(x - 0.5, y - 0.5) for x, y in part.exterior.coords], fill=1)
    return np.array(mask)


def statistics(picture: np.ndarray, hidden: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Statistics of a picture, or of what is not hidden of it; all zero where nothing is left.

    Args:
        picture: uint8 (H, W, 3).
        hidden: bool (H, W), pixels to leave out.

    Returns:
        float64 each. "colour" (6,): mean and standard deviation of each channel, 0–255. "fineness" (8,): logarithms of
        one plus gray levels: of the gradient its mean and `PERCENTILES`, and of what the cosines of `BLOCK`-sized
        blocks hold, their mean in four bands from coarse to fine: what JPEG's size goes by. "thumbnail"
        (`CELLS`²,): mean gray level of each cell, 0–255; a wholly hidden one has the mean of the rest.
    """
    shown = np.ones(picture.shape[:2], bool) if hidden is None else ~hidden
    pixels = picture.astype(np.float64)
    gray = pixels @ _GRAY
    return {
        "colour": _colour(pixels, shown),
        "fineness": np.concatenate([_gradients(gray, shown), _cosines(gray, shown)]),
        "thumbnail": _thumbnail(gray, shown),
    }


def _colour(pixels: np.ndarray, shown: np.ndarray) -> np.ndarray:
    values = pixels[shown] if shown.any() else np.zeros((1, 3))
    return np.concatenate([values.mean(axis=0), values.std(axis=0)])


def _gradients(gray: np.ndarray, shown: np.ndarray) -> np.ndarray:
    values = np.hypot(*np.gradient(gray))[shown] if shown.any() else np.zeros(1)
    return np.log1p([values.mean(), *np.percentile(values, PERCENTILES)])


def _cosines(gray: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Blocks with a hidden pixel are left out, and what is no whole block at the right and below."""
    rows, columns = (edge // BLOCK for edge in gray.shape)

    def blocks(values: np.ndarray) -> np.ndarray:
        cut = values[: rows * BLOCK, : columns * BLOCK]
        return cut.reshape(rows, BLOCK, columns, BLOCK).swapaxes(1, 2).reshape(-1, BLOCK, BLOCK)

    whole = blocks(gray)[blocks(shown).all(axis=(1, 2))]
    if not len(whole):
        return np.zeros(len(_BANDS))
    held = np.log1p(np.abs(fft.dctn(whole, axes=(1, 2), norm="ortho"))).mean(axis=0)
    order = np.add.outer(np.arange(BLOCK), np.arange(BLOCK))
    return np.array([held[(order >= low) & (order < high)].mean() for low, high in _BANDS])


def _thumbnail(gray: np.ndarray, shown: np.ndarray) -> np.ndarray:
    height, width = gray.shape
    across, down = np.arange(width) * CELLS // width, np.arange(height) * CELLS // height
    cells = np.add.outer(CELLS * down, across)[shown]
    counts = np.bincount(cells, minlength=CELLS**2)
    sums = np.bincount(cells, gray[shown], CELLS**2)
    means = np.full(CELLS**2, gray[shown].mean() if shown.any() else 0.0)
    return np.divide(sums, counts, out=means, where=counts > 0)
