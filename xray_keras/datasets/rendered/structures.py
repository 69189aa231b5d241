"""What stands in the place of a line where nothing is written: structures as fine, as dark and as irregular as letters.

Window panes, railings, dashes, pebbles, barrier stripes, meshes, shelves, twigs, scales, fronds, bunting and slats.
None is a letter or a digit: what stands alone is filled and without a hole, and strokes run through the whole line.
"""

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from xray_keras.datasets.rendered.rows import columns, direction
from xray_keras.datasets.rendered.shapes import PLAIN

SIMPLE = 0.6
"""How many marks are plain shapes, see `shapes`; the others take after letters."""
FINE = 3
"""Structures are drawn as many times larger and averaged, so that their edges are as soft as those of letters."""


def mask(draw: np.random.Generator, width: int, height: int) -> Image.Image:
    """A structure that fills width × height pixels, mode L, 255 where covered; any of them, as `draw` falls."""
    wide, high = max(width, 4) * FINE, max(height, 4) * FINE
    picture = Image.new("L", (wide, high))
    kinds = PLAIN if draw.random() < SIMPLE else KINDS
    kinds[draw.integers(len(kinds))](draw, ImageDraw.Draw(picture), wide, high)
    return picture.reduce(FINE)


def _bar(pen: ImageDraw.ImageDraw, left: float, top: float, right: float, bottom: float) -> None:
    if right > left and bottom > top:
        pen.rectangle((left, top, right, bottom), 255)


def _panes(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    rows = int(draw.integers(1, 4))
    gap = draw.uniform(0.2, 0.4) * high / rows
    vary = 0.4 if draw.random() < 0.5 else 0.0
    for left, right in columns(draw, wide, high / rows * draw.uniform(0.6, 1.4), vary):
        side = min(gap, 0.4 * (right - left)) / 2
        for row in range(rows):
            top = row * (high + gap) / rows
            _bar(pen, left + side, top, right - side, top + (high + gap) / rows - gap)


def _railing(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    bar, rail = (draw.uniform(0.06, 0.14) * high for _ in range(2))
    for left, right in columns(draw, wide, bar * draw.uniform(2.2, 4), 0.3 if draw.random() < 0.5 else 0.0):
        _bar(pen, (left + right - bar) / 2, 0, (left + right + bar) / 2, high)
    for top in (draw.uniform(0, 0.1) * high, draw.uniform(0.8, 0.9) * high):
        _bar(pen, 0, top, wide, top + rail)


def _dashes(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    rows = int(draw.integers(2, 5))
    share = draw.uniform(0.4, 0.7)
    for row in range(rows):
        middle = (row + 0.5) * high / rows
        for left, right in columns(draw, wide, high * draw.uniform(0.4, 0.9), 0.5):
            half = share * high / rows / 2
            _bar(pen, left + half * (row % 2), middle - half, right - 1.2 * half, middle + half)


def _pebbles(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    angles = np.arange(9) * (2 * math.pi / 9)
    for left, right in columns(draw, wide, high * draw.uniform(0.3, 0.65), 0.5):
        tall = draw.uniform(0.5, 1) * high
        middle = high - tall / 2 if draw.random() < 0.5 else high / 2
        reach = draw.uniform(0.75, 1, 9) * 0.5
        x, y = (left + right) / 2 + reach * np.cos(angles) * (right - left), np.sin(angles) * reach * tall
        pen.polygon(np.stack([x, middle + y], axis=1).ravel().tolist(), 255)


def _stripes(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    lean, pitch = direction(draw) * draw.uniform(0.4, 1.1) * high, draw.uniform(0.3, 0.7) * high
    thick = draw.uniform(0.35, 0.6) * pitch
    for foot in np.arange(-abs(lean), wide + abs(lean), pitch):
        pen.polygon((foot, high, foot + thick, high, foot + thick + lean, 0, foot + lean, 0), 255)
    rail = draw.uniform(0.04, 0.1) * high
    _bar(pen, 0, 0, wide, rail)
    _bar(pen, 0, high - rail, wide, high)


def _mesh(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    pitch = draw.uniform(0.25, 0.5) * high
    thick = max(round(draw.uniform(0.1, 0.22) * pitch), 1)
    lean = pitch * int(draw.integers(2, 5))  # at least two meshes high: one row would be a row of x
    for foot in np.arange(-lean, wide + lean, pitch):
        pen.line((foot, high, foot + lean, 0), 255, thick)
        pen.line((foot, 0, foot + lean, high), 255, thick)


def _shelf(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    board = draw.uniform(0.04, 0.1) * high
    for left, right in columns(draw, wide, high * draw.uniform(0.3, 0.6), 0.6):
        top = draw.uniform(0, 0.5) * high
        gap = draw.uniform(0.05, 0.22) * (right - left)
        _bar(pen, left + gap, top, right - gap, high)
        if draw.random() < 0.4:  # the neck of a bottle
            _bar(pen, left + 1.8 * gap, max(top - 0.25 * high, 0), right - 1.8 * gap, top)
    _bar(pen, 0, high - board, wide, high)


def _twig(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    knots = max(round(wide / high * draw.uniform(1.5, 3)), 3)
    x = np.linspace(0, wide, knots)
    y = np.clip(high / 2 + np.cumsum(draw.normal(0, 0.12, knots)) * high, 0.25 * high, 0.75 * high)
    thick = max(round(draw.uniform(0.06, 0.13) * high), 1)
    pen.line(np.stack([x, y], axis=1).ravel().tolist(), 255, thick, joint="curve")
    for k in range(knots):
        for way in (-1, 1):
            reach, lean = draw.uniform(0.25, 0.5) * high, draw.uniform(-0.1, 0.5) * high
            tip = (x[k] + lean, y[k] + way * reach)
            pen.line((x[k], y[k], *tip), 255, max(thick - 1, 1))
            leaf = draw.uniform(0.05, 0.13) * high
            pen.ellipse((tip[0] - 1.6 * leaf, tip[1] - leaf, tip[0] + 1.6 * leaf, tip[1] + leaf), 255)


def _scales(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    rows = int(draw.integers(1, 4))
    tall, fill = high / rows, draw.uniform(0.6, 0.85)
    for row in range(rows):
        for left, right in columns(draw, wide, tall * draw.uniform(0.8, 1.3), 0.0):
            half = (right - left) / 2 * (row % 2)
            box = (left + half, (row - fill) * tall, left + half + (right - left) * 0.85, (row + fill) * tall)
            pen.pieslice(box, 0, 180, 255)


def _frond(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    stem = max(round(draw.uniform(0.05, 0.1) * high), 1)
    pen.line((0, high / 2, wide, high / 2), 255, stem)
    lean = direction(draw) * draw.uniform(0.1, 0.4) * high
    for left, right in columns(draw, wide, high * draw.uniform(0.25, 0.5), 0.3):
        for way in (-1, 1):
            tip = draw.uniform(0.4, 0.5) * high
            wing = 0.35 * (right - left)
            foot, point = (left + wing, high / 2), (left + wing + lean, high / 2 + way * tip)
            belly = ((foot[0] + point[0]) / 2, (foot[1] + point[1]) / 2)
            pen.polygon((*foot, belly[0] - wing, belly[1], *point, belly[0] + wing, belly[1]), 255)


def _bunting(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    sag = draw.uniform(0, 0.25) * high
    for left, right in columns(draw, wide, high * draw.uniform(0.6, 1.0), 0.1):
        top = sag * math.sin(math.pi * (left + right) / 2 / wide)
        gap = 0.08 * (right - left)
        pen.polygon((left + gap, top, right - gap, top, (left + right) / 2, high - sag + top), 255)
    points = [(x, sag * math.sin(math.pi * x / wide)) for x in np.linspace(0, wide, 12).tolist()]
    pen.line(points, 255, max(round(0.06 * high), 1))


def _slats(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    rows = int(draw.integers(4, 8))
    thick = draw.uniform(0.4, 0.65) * high / (rows - 0.5)
    for row in range(rows):
        top = row * (high - thick) / (rows - 1)
        _bar(pen, draw.uniform(0, 0.03) * wide, top, draw.uniform(0.97, 1) * wide, top + thick)


Structure = Callable[[np.random.Generator, ImageDraw.ImageDraw, int, int], None]
KINDS: tuple[Structure, ...] = (
    _panes,
    _railing,
    _dashes,
    _pebbles,
    _stripes,
    _mesh,
    _shelf,
    _twig,
    _scales,
    _frond,
    _bunting,
    _slats,
)
