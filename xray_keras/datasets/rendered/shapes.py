"""Plain shapes in the place of a line: as large and as dark as letters, and without anything fine in them.

Arrows, beams, wedges, lozenges, discs and waves, as signs without words carry them. Beside the structures that take
after letters they are what a network learns to leave aside first. None is a letter: nothing is upright or hollow.
"""

import math

import numpy as np
from PIL import ImageDraw

from xray_keras.datasets.rendered.rows import columns, direction


def _arrow(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    head, half = min(draw.uniform(0.6, 1.2) * high, 0.5 * wide), draw.uniform(0.15, 0.3) * high
    middle, neck = high / 2, wide - head
    points = [(0, middle - half), (neck, middle - half), (neck, 0), (wide, middle)]
    points += [(x, high - y) for x, y in reversed(points[:3])]
    mirrored = direction(draw) < 0
    pen.polygon([(wide - x if mirrored else x, y) for x, y in points], 255)


def _beam(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    slope = direction(draw) * draw.uniform(0.3, 0.7) * high
    top, bottom = max(0.0, slope), min(float(high), high + slope)
    pen.polygon((0, top, wide, top - slope, wide, bottom - slope, 0, bottom), 255)


def _wedge(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    peak = draw.uniform(0, wide)
    foot = high if direction(draw) > 0 else 0
    pen.polygon((0, foot, wide, foot, peak, high - foot), 255)


def _lozenges(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    for left, right in columns(draw, wide, high * draw.uniform(1.5, 3), 0.2):
        pen.polygon((left, high / 2, (left + right) / 2, 0, right, high / 2, (left + right) / 2, high), 255)


def _discs(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    for left, right in columns(draw, wide, high * draw.uniform(1.1, 2.5), 0.0):
        middle, half = (left + right) / 2, min(high, right - left) / 2
        pen.ellipse((middle - half, 0, middle + half, high), 255)


def _wave(draw: np.random.Generator, pen: ImageDraw.ImageDraw, wide: int, high: int) -> None:
    thick, turns = draw.uniform(0.45, 0.6) * high, wide / high * draw.uniform(0.15, 0.4)
    x = np.linspace(0, wide, 48)
    y = (high - thick) / 2 * (1 + np.sin(2 * math.pi * turns * x / wide + draw.uniform(0, 6)))
    over, under = np.stack([x, y], axis=1), np.stack([x, y + thick], axis=1)[::-1]
    pen.polygon(np.concatenate([over, under]).ravel().tolist(), 255)


PLAIN = (_arrow, _beam, _wedge, _lozenges, _discs, _wave)
