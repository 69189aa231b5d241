"""What the rendered scenes are made of: walls and floors, foliage and sky.

Materials are functions of coordinates on their plane, in pixels of the picture's middle, so that perspective is theirs:
float32 (h, w) each, with a noise field as large, to a picture of as many pixels, mode RGB.
"""

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image

from xray_keras.datasets.rendered.noise import Field, cover, octaves, ramp, shaded, varied

_SHADES = 1024  # independent shades of bricks, panes …


def _cells(across: Field, pitch: float) -> tuple[Field, npt.NDArray[np.int32]]:
    """Place in a cell in pixels, from its middle, and the number of the cell."""
    scaled = across * (1 / pitch)
    cell = np.floor(scaled)
    scaled -= cell
    scaled -= 0.5
    scaled *= pitch
    return scaled, cell.astype(np.int32)


def _inside(place: Field, half: float) -> Field:
    """1 within `half` pixels of the middle, 0 beyond, a pixel's slope between."""
    return np.clip(half + 0.5 - np.abs(place), 0, 1)


def _shades(draw: np.random.Generator, row: npt.NDArray[np.int32], column: npt.NDArray[np.int32]) -> Field:
    table = draw.standard_normal(_SHADES, np.float32)
    return np.take(table, (row * 73 + column * 181) & (_SHADES - 1))


def bricks(draw: np.random.Generator, x: Field, y: Field, noise: Field) -> Image.Image:
    """Courses of bricks, each shifted by half a brick, or tiles in straight columns."""
    high = draw.uniform(9, 30)
    wide, joint = high * (1.0, 2.0, 2.6)[draw.integers(3)], draw.uniform(0.03, 0.09) * high
    shift = wide / 2 if wide > high else 0.0
    v, row = _cells(y, high)
    u, column = _cells(x + np.float32(shift) * (row & 1), wide)
    body = _inside(u, (wide - joint) / 2) * _inside(v, (high - joint) / 2)
    colour = varied(draw, _BRICKS[draw.integers(len(_BRICKS))])
    joints = varied(draw, (150, 145, 138), 30)
    tone = draw.uniform(0.2, 0.9) * _shades(draw, row, column) + 0.5 * noise
    tone *= body
    tone += 4 * body  # joints lie on their own ladder, below that of the bodies
    return ramp([joints * 0.9, joints, joints * 1.05, *shaded(colour, 0.35)], tone, -1, 5.5)


def planks(draw: np.random.Generator, x: Field, y: Field, noise: Field) -> Image.Image:
    """Boards of wood, or sheets of metal, side by side, upright or lying, with a dark gap."""
    along, across = (x, y) if draw.random() < 0.5 else (y, x)
    pitch = draw.uniform(14, 60)
    place, board = _cells(across, pitch)
    grain = np.sin(place * draw.uniform(0.3, 0.9) + 3 * noise + along * 0.01)
    tone = 0.8 * _shades(draw, board, 0 * board) + draw.uniform(0, 0.5) * grain + 0.3 * noise
    tone -= (1 - _inside(place, pitch / 2 - draw.uniform(0.8, 2))) * 3
    return ramp(shaded(varied(draw, _WOODS[draw.integers(len(_WOODS))]), draw.uniform(0.2, 0.5)), tone)


def shutter(draw: np.random.Generator, x: Field, y: Field, noise: Field) -> Image.Image:
    """A corrugated front: light and shade take turns."""
    wave = np.sin(y * (2 * math.pi / draw.uniform(5, 18)))
    tone = draw.uniform(0.5, 1.2) * wave + 0.3 * noise
    return ramp(shaded(varied(draw, _PAINTS[draw.integers(len(_PAINTS))]), 0.3), tone)


def plaster(draw: np.random.Generator, x: Field, y: Field, noise: Field) -> Image.Image:
    """A rendered or painted wall, or concrete in large sheets."""
    tone = draw.uniform(0.3, 1) * noise
    if draw.random() < 0.4:
        for axis in (x, y):
            pitch = draw.uniform(60, 200)
            tone -= 2 * (1 - _inside(_cells(axis, pitch)[0], pitch / 2 - 1))
    return ramp(
        shaded(varied(draw, _PAINTS[draw.integers(len(_PAINTS))], 25), draw.uniform(0.08, 0.35)), tone
    )


def windows(draw: np.random.Generator, x: Field, y: Field, noise: Field) -> Image.Image:
    """A front with rows of windows, their panes dark or full of sky, frames around them."""
    wide, high = draw.uniform(26, 70), draw.uniform(30, 80)
    u, column = _cells(x, wide)
    v, row = _cells(y, high)
    half_u, half_v = wide * draw.uniform(0.25, 0.46), high * draw.uniform(0.25, 0.42)
    frame = draw.uniform(1, 3.5)
    pane = _inside(u, half_u - frame) * _inside(v, half_v - frame)
    if draw.random() < 0.6:
        pane *= 1 - _inside(u, frame / 2)
    if draw.random() < 0.5:
        pane *= 1 - _inside(v, frame / 2)
    hole = _inside(u, half_u) * _inside(v, half_v)
    wall = varied(draw, _PAINTS[draw.integers(len(_PAINTS))], 25)
    found = ramp(shaded(wall, 0.3), 0.5 * noise)
    edge = varied(draw, (200, 200, 195) if draw.random() < 0.6 else (60, 50, 45))
    glass = varied(draw, (70, 85, 100), 25)
    tone = 0.6 * _shades(draw, row, column) - v / high + 0.4 * noise
    found.paste(tuple(edge.astype(int).tolist()), (0, 0), cover(hole))
    found.paste(ramp([glass * 0.4, glass, glass * 1.6 + 20], tone), (0, 0), cover(pane))
    return found


def foliage(draw: np.random.Generator, width: int, height: int, noise: Field) -> Image.Image:
    """Leaves: light on small patches, dark between them; grass where the noise is upright."""
    leaves = octaves(
        draw,
        width,
        height,
        min(width, height) / draw.uniform(6, 16),
        0.9,
        1.0 if draw.random() < 0.5 else 0.35,
    )
    green = varied(draw, _LEAVES[draw.integers(len(_LEAVES))])
    tone = 0.8 * leaves + 0.6 * noise
    return ramp([green * 0.12, green * 0.5, green, green * 1.3 + 15, green * 1.5 + 40], tone)


def sky(draw: np.random.Generator, width: int, height: int, noise: Field) -> Image.Image:
    """Blue above, pale below, clouds; or overcast."""
    depth = np.linspace(1, -1, height, dtype=np.float32)[:, None]
    high, low = _SKIES[draw.integers(len(_SKIES))]
    tone = draw.uniform(0, 0.9) * np.maximum(noise, -0.3) - 1.2 * depth
    return ramp([varied(draw, high, 10), varied(draw, low, 8), (245, 245, 245)], tone)


_BRICKS = ((160, 85, 65), (135, 70, 58), (175, 125, 95), (190, 175, 155), (120, 110, 105), (215, 215, 210))
_WOODS = ((150, 105, 65), (110, 75, 48), (185, 150, 105), (95, 100, 100), (70, 95, 110), (160, 160, 155))
_PAINTS = (
    (205, 195, 175),
    (185, 185, 182),
    (140, 142, 145),
    (225, 220, 210),
    (190, 150, 110),
    (110, 130, 140),
    (160, 95, 80),
    (95, 115, 90),
    (205, 175, 110),
    (80, 85, 95),
)
_LEAVES = ((80, 115, 45), (60, 95, 45), (110, 125, 55), (130, 110, 50), (95, 85, 55))
_SKIES = (
    ((75, 125, 195), (175, 205, 230)),
    ((120, 160, 210), (215, 225, 235)),
    ((170, 178, 186), (222, 224, 226)),
    ((95, 105, 130), (235, 190, 150)),
)
WALLS: tuple[Callable[[np.random.Generator, Field, Field, Field], Image.Image], ...] = (
    bricks,
    bricks,
    planks,
    shutter,
    plaster,
    plaster,
    windows,
)
