"""Things that stand about in the rendered scenes: pipes, cables, railings, shrubs, trees, houses, parcels, cans."""

import numpy as np
from PIL import Image, ImageDraw

from xray_keras.datasets.rendered import materials
from xray_keras.datasets.rendered.noise import Colour, Field, cover, octaves, varied


def ink(colour: Colour) -> tuple[int, int, int]:
    """A colour as Pillow wants it, clipped to 0 … 255."""
    red, green, blue = np.clip(colour, 0, 255).astype(int).tolist()
    return red, green, blue


def dull(draw: np.random.Generator) -> np.ndarray:
    """Any colour, but seldom a pure one, float64 (3,)."""
    colour = draw.uniform(20, 220, 3)
    return colour + draw.uniform(0.2, 0.9) * (colour.mean() - colour)


def clutter(draw: np.random.Generator, picture: Image.Image) -> None:
    """Paint some of what stands before a wall or on a street: pipes and posts, cables, a railing, a shrub."""
    width, height = picture.size
    pen = ImageDraw.Draw(picture)
    for _ in range(draw.integers(3)):
        _pipe(draw, pen, width, height)
    if draw.random() < 0.25:
        along = np.linspace(0, 1, 12)
        for _ in range(draw.integers(1, 4)):
            start, end, sag = draw.uniform(0, (0.6, 0.6, 0.6))
            level = start + (end - start) * along + sag * along * (1 - along)
            pen.line(np.stack([along * width, level * height], axis=1).ravel().tolist(), (40, 40, 42), 1)
    if draw.random() < 0.2:
        _railing(draw, pen, width, height)
    if draw.random() < 0.3:
        _shrub(draw, picture, int(draw.uniform(0.1, 0.4) * height))


def _pipe(draw: np.random.Generator, pen: ImageDraw.ImageDraw, width: int, height: int) -> None:
    """A pipe or a post from edge to edge, lit from a side."""
    x, wide, lean = draw.uniform(0, width), draw.uniform(0.008, 0.04) * width, draw.normal(0, 0.02) * width
    colour = varied(draw, (110, 110, 108), 40)
    for k, light in enumerate((0.6, 0.9, 1.15, 0.8)):
        left, right = x + wide * k / 4, x + wide * (k + 1) / 4
        pen.polygon(
            [(left, 0), (right, 0), (right + lean, height), (left + lean, height)], ink(colour * light)
        )


def _railing(draw: np.random.Generator, pen: ImageDraw.ImageDraw, width: int, height: int) -> None:
    top, pitch = draw.uniform(0.5, 0.85) * height, draw.uniform(0.02, 0.06) * width
    colour = ink(varied(draw, (90, 90, 88), 45))
    bar = max(round(pitch * draw.uniform(0.12, 0.3)), 1)
    for foot in np.arange(draw.uniform(0, pitch), width, pitch).tolist():
        pen.line((foot, top, foot, height), colour, bar)
    for level in (top, top + draw.uniform(0.1, 0.2) * height):
        pen.line((0, level, width, level), colour, bar + 1)


def _shrub(draw: np.random.Generator, picture: Image.Image, high: int) -> None:
    """Foliage along the lower edge, its upper edge uneven, on some of the width."""
    width = picture.width
    noise = octaves(draw, width, high, 3, 0.7)
    away = np.linspace(-1, 1, width, dtype=np.float32) - draw.uniform(-1, 1)
    crown = np.linspace(-1.5, 3, high, dtype=np.float32)[:, None] + noise - draw.uniform(1, 4) * away**2
    picture.paste(materials.foliage(draw, width, high, noise), (0, picture.height - high), cover(crown * 3))


def tree(draw: np.random.Generator, picture: Image.Image) -> None:
    """Paint a trunk that reaches the lower edge, and a crown."""
    width, height = picture.size
    crown = int(draw.uniform(0.25, 0.6) * min(width, height))
    x, y = int(draw.uniform(-0.1, 0.9) * width), int(draw.uniform(-0.1, 0.4) * height)
    middle, fork, half = x + crown / 2, y + crown / 2, draw.uniform(0.04, 0.1) * crown
    trunk = [
        (middle - half, height),
        (middle - half / 2, fork),
        (middle + half / 2, fork),
        (middle + half, height),
    ]
    ImageDraw.Draw(picture).polygon(trunk, ink(varied(draw, (70, 55, 45), 12)))
    noise = octaves(draw, crown, crown, 4, 0.75)
    place = np.linspace(-1, 1, crown, dtype=np.float32)
    ball = 1.3 - 2.2 * (place[:, None] ** 2 + place**2)
    picture.paste(materials.foliage(draw, crown, crown, noise), (x, y), cover((ball + 0.5 * noise) * 4))


def parcel(draw: np.random.Generator, pen: ImageDraw.ImageDraw, x: float, foot: float, short: int) -> None:
    """Paint a box of three faces that stands on `foot`; its size goes by the picture's short edge, pixels."""
    wide, high = draw.uniform(0.06, 0.3, 2) * short
    deep, lift = draw.uniform((0.1, 0.1), (0.5, 0.3)) * wide
    colour, (front, aside) = dull(draw), draw.uniform(0.5, 1.0, 2)
    right, back, top = x + wide, x + wide + deep, foot - high
    pen.rectangle((x, top, right, foot), ink(colour * front))
    pen.polygon([(x, top), (x + deep, top - lift), (back, top - lift), (right, top)], ink(colour * 1.15))
    pen.polygon([(right, foot), (back, foot - lift), (back, top - lift), (right, top)], ink(colour * aside))


def can(draw: np.random.Generator, pen: ImageDraw.ImageDraw, x: float, foot: float, short: int) -> None:
    """Paint a cylinder, lit from a side, as `parcel` does a box."""
    wide, high = draw.uniform((0.04, 0.06), (0.18, 0.45)) * short
    colour, flat, top = dull(draw), 0.12 * wide, foot - high
    pen.ellipse((x, foot - flat, x + wide, foot + flat), ink(colour * 0.7))
    for k in range(int(wide)):
        light = 0.55 + 0.75 * np.sin(np.pi * (0.05 + 0.9 * (k + 0.5) / wide)) ** 1.5
        pen.line((x + k, top, x + k, foot), ink(colour * light))
    pen.ellipse((x, top - flat, x + wide, top + flat), ink(colour * 1.1))


def house(
    draw: np.random.Generator,
    picture: Image.Image,
    noise: Field,
    left: float,
    top: float,
    right: float,
    bottom: float,
) -> None:
    """Paint a house of two faces that meet at an upright edge; both run towards the horizon, on which it stands."""
    corner = left + (right - left) * draw.uniform(0.1, 0.9)
    material = materials.windows if draw.random() < 0.75 else materials.bricks
    style = int(draw.integers(1 << 62))  # both faces are built alike
    for end, light in ((left, 1.0), (right, draw.uniform(0.5, 0.85))):
        far = draw.uniform(0.05, 0.35)  # how much lower the far edge is
        x0, x1 = max(int(min(end, corner)), 0), min(int(max(end, corner)) + 1, picture.width)
        y0, y1 = max(int(top), 0), int(bottom)
        if x1 - x0 < 4 or y1 - y0 < 4:
            continue
        share = (np.arange(x0, x1, dtype=np.float32) + (0.5 - corner)) / (end - corner)  # 0 at the corner
        depth = 1 / (1 - far * share)
        along = np.tile(abs(end - corner) * 1.2 * share * depth, (y1 - y0, 1))
        level = (np.arange(y0, y1, dtype=np.float32) + (0.5 - bottom))[:, None] * depth
        face = material(np.random.default_rng(style), along, level, noise[y0:y1, x0:x1])
        shape = Image.new("L", face.size)
        roof = top + far * (bottom - top)
        corners = [(end, roof), (corner, top), (corner, bottom), (end, bottom)]
        ImageDraw.Draw(shape).polygon([(x - x0, y - y0) for x, y in corners], 255)
        picture.paste(face.point([int(level * light) for level in range(256)] * 3), (x0, y0), shape)
