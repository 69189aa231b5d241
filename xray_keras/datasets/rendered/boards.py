"""Boards of the rendered pictures, whether something is on them or not: plates, posts, shadows, borders, screws."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from xray_keras.datasets.rendered.noise import varied
from xray_keras.datasets.rendered.things import ink

Box = tuple[int, int, int, int]
"""Left, top, right, bottom, pixels."""

_COLOURS = (
    (238, 238, 234),
    (228, 224, 208),
    (235, 195, 45),
    (30, 85, 160),
    (25, 110, 75),
    (175, 35, 35),
    (35, 36, 40),
    (110, 75, 50),
    (165, 168, 170),
    (95, 130, 165),
)
_CORNERS = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
_SHADOW = 4  # shadows are computed in so many times fewer pixels


def bounds(points: np.ndarray, picture: Image.Image) -> Box:
    """Pixels of a picture that a polygon (N, 2) may touch; right ≤ left or bottom ≤ top where there are none."""
    (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return (
        max(math.floor(left) - 1, 0),
        max(math.floor(top) - 1, 0),
        min(math.ceil(right) + 1, picture.width),
        min(math.ceil(bottom) + 1, picture.height),
    )


def posts(draw: np.random.Generator, picture: Image.Image, quad: np.ndarray) -> None:
    """Paint one post or two from the lower edge of a board (4, 2) to that of the picture."""
    half = 0.02 * picture.width * draw.uniform(0.4, 1.4)
    pen = ImageDraw.Draw(picture)
    for share in (0.5,) if draw.random() < 0.5 else (0.15, 0.85):
        x, y = _on(quad, np.array([[share, 0.95]]))[0].tolist()
        for left, right, grey in ((-half, half, 95), (-0.3 * half, 0.4 * half, 150)):
            pen.rectangle((x + left, y, x + right, max(picture.height, y)), (grey, grey, grey + 3))


def plate(draw: np.random.Generator, picture: Image.Image, quad: np.ndarray) -> None:
    """Paint a board (4, 2) and the shadow that it throws: its corners may be cut, it may have a border or screws."""
    wide, high = (float(np.linalg.norm(quad[k] - quad[0])) for k in (1, 3))
    cut = draw.uniform(0, 0.25) if draw.random() < 0.5 else 0.0
    cuts = np.array((min(cut * high / wide, 0.4), cut))
    turn = np.array([(0, 1), (0.3, 0.3), (1, 0)]) * cuts  # the first corner, cut twice
    outline = _on(
        quad, np.concatenate([turn, (1, 0) - turn[::-1] * (1, -1), 1 - turn, (0, 1) + turn[::-1] * (1, -1)])
    )
    _shadow(draw, picture, outline, min(wide, high))
    box = bounds(outline, picture)
    colour = varied(draw, _COLOURS[draw.integers(len(_COLOURS))], 12)
    picture.paste(ink(colour), box, _area(outline, box, 2))
    pen, kind = ImageDraw.Draw(picture), draw.random()
    if kind < 0.3:
        inset = 0.06 * np.array((min(high / wide, 1), 1))
        frame = _on(quad, _CORNERS[[0, 1, 2, 3, 0]] * (1 - 2 * inset) + inset)
        border = ink(255 - colour if kind < 0.15 else colour / 2)
        pen.line(frame.ravel().tolist(), border, max(round(0.025 * high), 1))
    elif kind < 0.5:
        r = 0.02 * high + 0.8
        for x, y in _on(quad, _CORNERS * (0.9, 0.8) + (0.05, 0.1)).tolist():
            pen.ellipse((x - r, y - r, x + r, y + r), (90, 90, 92))


def _shadow(draw: np.random.Generator, picture: Image.Image, outline: np.ndarray, size: float) -> None:
    """The outline (N, 2) below and to the right, darker and out of focus."""
    away = draw.uniform((0.05, 0.07), (0.14, 0.16)) * size
    left, top, right, bottom = box = bounds(np.concatenate([outline, outline + 2 * away]), picture)
    small = (0, 0, -(-(right - left) // _SHADOW), -(-(bottom - top) // _SHADOW))
    shape = _area((outline + away - (left, top)) / _SHADOW, small, 1).filter(
        ImageFilter.BoxBlur(draw.uniform(1, 3))
    )
    shade = shape.resize((right - left, bottom - top), Image.Resampling.BILINEAR)
    picture.paste((18, 18, 24), box, shade.point([level * 55 // 100 for level in range(256)]))


def _area(points: np.ndarray, box: Box, fine: int) -> Image.Image:
    """A polygon (N, 2) as a mask of a box, drawn `fine` times larger and averaged."""
    left, top, right, bottom = box
    large = Image.new("L", ((right - left) * fine, (bottom - top) * fine))
    ImageDraw.Draw(large).polygon(((points - (left, top)) * fine).ravel().tolist(), 255)
    return large.reduce(fine) if fine > 1 else large


def _on(quad: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (N, 2) of the unit square on a quadrilateral (4, 2) whose corners are its corners."""
    x, y = points[:, :1], points[:, 1:]
    return (1 - y) * ((1 - x) * quad[0] + x * quad[1]) + y * ((1 - x) * quad[3] + x * quad[2])
