"""What light and camera do to a rendered scene: shade, dark corners, blur, grain, tone and cast, JPEG."""

import functools
import io
import math
import statistics

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops

from xray_keras.datasets.rendered.noise import Field, cover, octaves

COARSE = 4
"""Light is computed in so many times fewer pixels: it has no fine detail."""
BRIGHTEST = 1.6
"""The largest gain of light."""


def photograph(draw: np.random.Generator, picture: Image.Image) -> npt.NDArray[np.uint8]:
    """The picture as an amateur's camera would have it, uint8 (H, W, 3); how it is taken depends on `draw` alone."""
    light = _light(draw, picture.width, picture.height)
    lit = ImageChops.multiply(_blurred(draw, picture), Image.merge("RGB", (light, light, light)))
    developed = ImageChops.add(lit, _grain(draw, picture.width, picture.height), 1, -128).point(_tones(draw))
    file = io.BytesIO()
    developed.save(file, "JPEG", quality=int(draw.integers(45, 96)))
    return np.array(Image.open(file))


def _light(draw: np.random.Generator, width: int, height: int) -> Image.Image:
    """Gain over `BRIGHTEST`, mode L: from a side, with the edge of a shadow or dapples, darker in the corners."""
    w, h = -(-width // COARSE), -(-height // COARSE)
    x = np.linspace(-1, 1, w, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, h, dtype=np.float32)[:, None]
    gain = 1 + draw.uniform(0, 0.3) * _along(draw, x, y)
    kind = draw.random()
    if kind < 0.25:  # the shadow of a house
        edge = (_along(draw, x, y) - draw.uniform(-0.6, 0.6)) * draw.uniform(3, 25)
        gain *= 1 - draw.uniform(0.2, 0.55) * np.clip(edge, 0, 1)
    elif kind < 0.45:  # light through leaves
        leaves = octaves(draw, w, h, draw.uniform(3, 8), 0.6)
        gain *= 1 - draw.uniform(0.2, 0.5) * np.clip(leaves * 2 + 0.5, 0, 1)
    gain *= 1 - draw.uniform(0, 0.25) * (x * x + y * y)
    gain *= math.exp(draw.normal(0.06, 0.18)) / BRIGHTEST
    return cover(gain).resize((width, height), Image.Resampling.BILINEAR)


def _along(draw: np.random.Generator, x: Field, y: Field) -> Field:
    """The coordinate in a direction that is drawn."""
    angle = draw.uniform(0, 2 * math.pi)
    return math.cos(angle) * x + math.sin(angle) * y


def _blurred(draw: np.random.Generator, picture: Image.Image) -> Image.Image:
    """Out of focus a little, or sometimes more: a neighbour's share from each side, once or several times."""
    times = 1 if draw.random() < 0.85 else int(draw.integers(2, 7))
    share = draw.uniform(0.15, 0.5)
    for _ in range(times):
        for step in ((1, 0), (0, 1)):
            sides = Image.blend(_moved(picture, *step), _moved(picture, -step[0], -step[1]), 0.5)
            picture = Image.blend(picture, sides, share)
    return picture


def _moved(picture: Image.Image, x: int, y: int) -> Image.Image:
    """The picture moved by whole pixels, its edge repeated."""
    found = picture.copy()
    found.paste(picture, (x, y))
    return found


def _grain(draw: np.random.Generator, width: int, height: int) -> Image.Image:
    """Noise about 128, mode RGB: normal, some of it shared by the channels."""
    strength = 0.6 * 12 ** draw.random()
    table = np.clip(128 + strength * _quantiles(), 0, 255).round().astype(int).tolist()
    noise = Image.frombytes("L", (width, height), draw.bytes(width * height)).point(table)
    own = draw.uniform(0, 0.5)
    channels = [Image.blend(noise, ImageChops.offset(noise, 17 * k, 31 * k), own) for k in (1, 2, 3)]
    return Image.merge("RGB", channels)


@functools.cache
def _quantiles() -> npt.NDArray[np.float64]:
    """What a uniform byte becomes to be normal, (256,)."""
    normal = statistics.NormalDist()
    return np.array([normal.inv_cdf((level + 0.5) / 256) for level in range(256)])


def _tones(draw: np.random.Generator) -> list[int]:
    """A table for each channel, 3 × 256: gain, gamma, contrast about the middle, lifted black, colour cast."""
    levels = np.arange(256) / 255 * BRIGHTEST
    gamma, contrast, lift = math.exp(draw.normal(0, 0.15)), draw.uniform(0.75, 1.15), draw.uniform(0, 0.08)
    cast = 1 + draw.normal(0, 0.045, 3)
    curve = lift + (1 - lift) * ((levels**gamma - 0.5) * contrast + 0.5)
    table: list[int] = np.clip(np.outer(cast, curve) * 255, 0, 255).round().astype(int).ravel().tolist()
    return table
