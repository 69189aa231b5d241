"""Noise in octaves, and colours made of it: what gives the rendered scenes their photographic grain."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Field = npt.NDArray[np.floating[Any]]  # float32: numpy's stubs widen a product with a Python number
Colour = Sequence[float] | npt.NDArray[np.float64]


def octaves(
    draw: np.random.Generator, width: int, height: int, cells: float, rough: float, stretch: float = 1.0
) -> Field:
    """Noise of mean 0 and about unit variance, float32 (height, width), fine to two pixels.

    Args:
        cells: of the coarsest octave along the short edge; each next octave has twice as many.
        rough: amplitude of an octave over the one before it: 0.5 clouds, 0.8 gravel.
        stretch: how much longer than high its features are.
    """
    short = min(width, height)
    wide, high = (
        max(round(cells * length / short / way), 2) for length, way in ((width, stretch), (height, 1))
    )
    field = draw.random((high, wide), np.float32)
    level = 1.0
    while 2 * high < height and 2 * wide < width:
        high, wide, level = 2 * high, 2 * wide, level * rough
        field = enlarged(field, wide, high) + level * draw.random((high, wide), np.float32)
    field = field - field.mean()
    field *= 1 / field.std()
    return enlarged(field, width, height)


def enlarged(field: Field, width: int, height: int) -> Field:
    """A field with more points, between which it is linear, float32 (height, width)."""
    return np.asarray(Image.fromarray(field).resize((width, height), Image.Resampling.BILINEAR))


def ramp(colours: Sequence[Colour], field: Field, low: float = -2.0, high: float = 2.0) -> Image.Image:
    """Colours along a ladder from `low` to `high`, by the values of a field (h, w)."""
    steps = np.linspace(0, len(colours) - 1, 256)
    table = [np.interp(steps, range(len(colours)), channel) for channel in np.transpose(np.array(colours))]
    index = np.clip((field - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    picture = Image.fromarray(index)
    picture.putpalette(np.clip(np.stack(table, axis=1), 0, 255).astype(np.uint8).tobytes())
    return picture.convert("RGB")


def cover(share: Field) -> Image.Image:
    """A mask, mode L, of shares between 0 and 1, (h, w); what is beyond counts as the end."""
    return Image.fromarray(np.clip(share * 255, 0, 255).astype(np.uint8))


def varied(draw: np.random.Generator, colour: Colour, by: float = 18.0) -> npt.NDArray[np.float64]:
    """A colour near another, float64 (3,): all channels lighter or darker, and each a little by itself."""
    return np.clip(np.asarray(colour) + draw.normal(0, by) + draw.normal(0, by / 3, 3), 4, 250)


def shaded(colour: Colour, deep: float) -> list[npt.NDArray[np.float64]]:
    """A ladder about a colour: darker by `deep` (a share), itself, lighter."""
    base = np.asarray(colour, np.float64)
    return [base * (1 - deep), base, np.minimum(base * (1 + 0.7 * deep) + 6 * deep, 255)]
