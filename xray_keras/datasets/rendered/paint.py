"""What stands on walls and boards: ink of letters, or of structures in their place, in perspective."""

import numpy as np
from PIL import Image, ImageChops

from xray_keras.datasets.rendered import boards, fonts, structures
from xray_keras.datasets.rendered.layout import Layout, Mark
from xray_keras.datasets.rendered.noise import Field
from xray_keras.datasets.rendered.things import ink

CONTRAST = (90.0, 230.0)
"""Grey levels between ink and what is behind it: least and most, where there is room."""
BUSY = 1.5
"""Standard deviations of what is behind, which the contrast is at least."""
_LUMA = np.array((0.299, 0.587, 0.114))

Inks = tuple[tuple[int, int, int], tuple[int, int, int]]


def paint(picture: Image.Image, layout: Layout, noise: Field, *, text: bool = True) -> None:
    """Lay boards, lines and structures of a layout over its scene, in place.

    Args:
        picture: mode RGB.
        noise: of the scene; where it is high, some inks are worn.
        text: whether to write what the layout says; without it nothing but the text is missing.
    """
    draws = [layout.stream(3, block.place) for block in layout.blocks]
    boarded = [
        (draw, block.board)
        for draw, block in zip(draws, layout.blocks, strict=True)
        if block.board is not None
    ]
    for draw, quad in boarded:
        if layout.scene != "wall" and draw.random() < 0.5:
            boards.posts(draw, picture, quad)  # behind all boards
    for draw, quad in boarded:
        boards.plate(draw, picture, quad)
    worn = Image.fromarray(np.clip(190 - 60 * noise, 90, 255).astype(np.uint8))
    for draw, block in zip(draws, layout.blocks, strict=True):
        if block.marks:
            inks = _inks(draw, picture, np.concatenate([mark.outline for mark in block.marks]))
            veil = worn if draw.random() < 0.6 else None
            for mark in block.marks:
                if text or not mark.written:
                    _stamp(layout.stream(4, mark.number), picture, mark, inks, veil)


def _inks(draw: np.random.Generator, picture: Image.Image, points: np.ndarray) -> Inks:
    """Colours of ink, and of a rim around it, that differ from what is behind some points (N, 2), to either side."""
    box = boards.bounds(points, picture)
    behind = np.asarray(picture.resize((24, 24), Image.Resampling.BOX, box)) @ _LUMA
    level = float(behind.mean())
    step = max(CONTRAST[0] * (CONTRAST[1] / CONTRAST[0]) ** draw.random(), BUSY * float(behind.std()))
    way = 1 if draw.random() < 0.5 else -1
    if not 5 <= level + way * step <= 250:
        way = 1 if level < 128 else -1
    vivid = 220 if draw.random() < 0.5 else 40
    first, second = (
        _tinted(min(max(level + side * step, 5), 250), vivid, draw.random(3)) for side in (way, -way)
    )
    return first, second


def _tinted(level: float, vivid: float, hue: np.ndarray) -> tuple[int, int, int]:
    """A colour of a given luminance, as far towards a hue as the range of colours lets it."""
    tint = (hue - hue @ _LUMA) * vivid
    room = min(1.0, *((255 - level) / t if t > 0 else level / -t for t in tint.tolist() if t))
    return ink(level + tint * room)


def _stamp(
    draw: np.random.Generator, picture: Image.Image, mark: Mark, inks: Inks, veil: Image.Image | None
) -> None:
    """Letters, or a structure, stretched over the mark's outline."""
    quad = mark.outline
    left, top, right, bottom = box = boards.bounds(quad, picture)
    rim = max(round(mark.rim * mark.em), 1) if mark.rim else 0
    if mark.written:
        shape = fonts.mask(mark.text, mark.face, mark.em)
    else:
        sides = np.linalg.norm(quad - np.roll(quad, -1, axis=0), axis=1)
        wide, high = ((sides[:2] + sides[2:]) / 2).round().astype(int).tolist()
        shape = structures.mask(draw, wide - 2 * rim, high - 2 * rim)
    edge = rim + 1  # an empty pixel all around, so that edges are soft
    padded = Image.new("L", (shape.width + 2 * edge, shape.height + 2 * edge))
    padded.paste(shape, (edge, edge))
    back = _back(quad - (left, top), *padded.size)
    for layer, colour in ((_grown(padded, rim), inks[1]), (padded, inks[0]))[0 if rim else 1 :]:
        cover = layer.transform(
            (right - left, bottom - top), Image.Transform.PERSPECTIVE, back, Image.Resampling.BILINEAR
        )
        picture.paste(colour, box, ImageChops.multiply(cover, veil.crop(box)) if veil else cover)


def _grown(mask: Image.Image, by: int) -> Image.Image:
    """A mask whose covered parts reach `by` pixels further on all sides; as many at its edges are empty."""
    found = np.asarray(mask)
    for axis in (0, 1):
        found = np.maximum.reduce([np.roll(found, step, axis) for step in range(-by, by + 1)])
    return Image.fromarray(found)


def _back(quad: np.ndarray, width: int, height: int) -> list[float]:
    """What Pillow wants: eight numbers that take the picture to a mask all but whose outermost pixels lie in `quad`."""
    corners = np.array([(1, 1), (width - 1, 1), (width - 1, height - 1), (1, height - 1)], np.float64)
    rows = np.zeros((4, 2, 8))
    rows[:, 0, :2] = rows[:, 1, 3:5] = quad
    rows[:, 0, 2] = rows[:, 1, 5] = 1
    rows[:, :, 6:] = -corners[:, :, None] * quad[:, None, :]
    solved: list[float] = np.linalg.solve(rows.reshape(8, 8), corners.ravel()).tolist()
    return solved
