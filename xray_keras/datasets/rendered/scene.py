"""Scenes without a word in them, which both kinds of rendered picture share: walls, streets, nature, rooms, blur."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from xray_keras.datasets.rendered import materials, things
from xray_keras.datasets.rendered.layout import Layout
from xray_keras.datasets.rendered.noise import Field, cover, octaves, ramp, shaded, varied


def scene(layout: Layout) -> tuple[Image.Image, Field]:
    """The background of a layout, mode RGB, and the noise that roughens it, float32 (height, width), unit variance."""
    draw = layout.stream(2)
    noise = octaves(draw, layout.width, layout.height, draw.uniform(2, 5), draw.uniform(0.6, 0.85))
    return _SCENES[layout.scene](draw, layout, noise), noise


def _ground(plane: np.ndarray, width: int, height: int) -> tuple[Field, Field]:
    """Coordinates on a plane of the pixels of a picture, float32 (height, width) each."""
    back = np.linalg.inv(plane).astype(np.float32)
    x = np.arange(width, dtype=np.float32) + 0.5
    y = np.arange(height, dtype=np.float32)[:, None] + 0.5
    across, along, depth = (row[0] * x + (row[1] * y + row[2]) for row in back)
    return across / depth, along / depth


def _any(draw: np.random.Generator, x: Field, y: Field, noise: Field) -> Image.Image:
    return materials.WALLS[draw.integers(len(materials.WALLS))](draw, x, y, noise)


def _wall(draw: np.random.Generator, layout: Layout, noise: Field) -> Image.Image:
    """A front seen at an angle, in some another material below, and what stands before it."""
    width, height = layout.width, layout.height
    x, y = _ground(layout.wall, width, height)
    picture = _any(draw, x, y, noise)
    if draw.random() < 0.4:
        edge = draw.uniform(0.15, 0.45) * height
        rows = np.flatnonzero((y > edge).any(axis=1))
        if len(rows):
            lower = slice(rows[0], height)
            plinth = _any(draw, x[lower], y[lower], noise[::-1][lower])
            picture.paste(plinth, (0, int(rows[0])), cover(y[lower] - edge + 0.5))
    things.clutter(draw, picture)
    return picture


def _street(draw: np.random.Generator, layout: Layout, noise: Field) -> Image.Image:
    """Houses before the sky, and the road."""
    width, height = layout.width, layout.height
    horizon = int(draw.uniform(0.5, 0.85) * height)
    picture = Image.new("RGB", (width, height))
    picture.paste(materials.sky(draw, width, horizon, noise[:horizon]))
    near = np.arange(height - horizon, dtype=np.float32)[:, None]
    road = shaded(varied(draw, (120, 118, 115), 22), 0.25)
    picture.paste(ramp(road, noise[horizon:] * 0.6 + 0.1 * height / (near + 3)), (0, horizon))
    left = draw.uniform(-0.3, 0.05) * width
    while left < width:
        wide, top = draw.uniform(0.2, 0.55) * width, draw.uniform(-0.2, 0.75) * horizon
        things.house(draw, picture, noise, left, top, left + wide, horizon)
        left += wide * draw.uniform(0.95, 1.5)
    if draw.random() < 0.5:
        _lane(draw, picture, horizon)
    things.clutter(draw, picture)
    return picture


def _lane(draw: np.random.Generator, picture: Image.Image, horizon: int) -> None:
    """Dashes on a road, which shrink towards the horizon."""
    width, height = picture.size
    start, end = draw.uniform(0.2, 0.8, 2) * width
    pen = ImageDraw.Draw(picture)
    for near in (0.1, 0.35, 0.6, 0.85):
        share = np.array((near, near + 0.13))
        top, bottom = horizon + (height - horizon) * share**1.6
        far, close = end + (start - end) * share**1.6
        thin, thick = 0.012 * width * share + 0.5
        pen.polygon(
            [(far - thin, top), (far + thin, top), (close + thick, bottom), (close - thick, bottom)],
            (205, 205, 200),
        )


def _nature(draw: np.random.Generator, layout: Layout, noise: Field) -> Image.Image:
    """Sky, ridges that pale with distance, foliage or grass before them, trees."""
    width, height = layout.width, layout.height
    horizon = int(draw.uniform(0.15, 0.6) * height)
    picture = materials.sky(draw, width, height, noise)
    pen = ImageDraw.Draw(picture)
    green = varied(draw, (70, 95, 60))
    for k in range(draw.integers(1, 4)):
        knots = np.linspace(0, width, int(draw.integers(3, 7)) + 4 * k)
        ridge = np.interp(np.arange(width), knots, draw.normal(0, 1, len(knots)))
        level = horizon + (0.05 * ridge + 0.08 * (k - 1)) * height + (0.6 + k) * noise[k * 5]
        haze = 0.6 - 0.2 * k
        points = np.stack([np.arange(width), level], axis=1).ravel().tolist()
        colour = things.ink(green * (1 - haze) + haze * np.array((175, 190, 205)))
        pen.polygon([*points, width, height, 0, height], colour)
    top = int(horizon + draw.uniform(0.02, 0.2) * height)
    edge = np.linspace(0, 8, height - top, dtype=np.float32)[:, None] + noise[top:]
    picture.paste(materials.foliage(draw, width, height - top, noise[top:]), (0, top), cover(edge * 2))
    for _ in range(draw.integers(3)):
        things.tree(draw, picture)
    return picture


def _indoor(draw: np.random.Generator, layout: Layout, noise: Field) -> Image.Image:
    """A wall, a table or a floor, parcels and cans on it."""
    width, height = layout.width, layout.height
    edge = int(draw.uniform(0.5, 0.8) * height)
    picture = Image.new("RGB", (width, height))
    wall = materials.plaster if draw.random() < 0.7 else _any
    picture.paste(wall(draw, *_ground(layout.wall, width, edge), noise[:edge]))
    depth = 0.4 / (np.arange(height - edge, dtype=np.float32)[:, None] / height + 0.25)
    x = (np.arange(width, dtype=np.float32) - width / 2) * depth
    table = materials.planks if draw.random() < 0.6 else materials.bricks
    picture.paste(table(draw, x, np.tile(depth * height, (1, width)), noise[edge:]), (0, edge))
    pen = ImageDraw.Draw(picture)
    feet = np.sort(
        edge + draw.uniform(0.02, 0.8, int(draw.integers(1, 7))) * (height - edge)
    )  # the near ones last
    for foot in feet.tolist():
        thing = things.parcel if draw.random() < 0.5 else things.can
        thing(draw, pen, draw.uniform(-0.05, 0.95) * width, foot, min(width, height))
    return picture


def _blurred(draw: np.random.Generator, layout: Layout, noise: Field) -> Image.Image:
    """A background far out of focus, with discs of light, and a sharp thing or two before it."""
    width, height = layout.width // 4, layout.height // 4
    colours = [varied(draw, things.dull(draw), 10) for _ in range(draw.integers(3, 6))]
    small = ramp(colours, octaves(draw, width, height, draw.uniform(1.5, 4), 0.4))
    pen = ImageDraw.Draw(small)
    for _ in range(draw.integers(25)):
        x, y, r = draw.uniform((0, 0, 1 + 0.01 * width), (width, height, 1 + 0.05 * width))
        pen.ellipse((x - r, y - r, x + r, y + r), things.ink(varied(draw, (220, 200, 160), 35)))
    size = (layout.width, layout.height)
    picture = small.filter(ImageFilter.BoxBlur(1)).resize(size, Image.Resampling.BICUBIC)
    things.clutter(draw, picture)
    return picture


_SCENES: dict[str, Callable[[np.random.Generator, Layout, Field], Image.Image]] = {
    "wall": _wall,
    "street": _street,
    "nature": _nature,
    "indoor": _indoor,
    "blurred": _blurred,
}
