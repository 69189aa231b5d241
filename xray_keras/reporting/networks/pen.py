"""What drawings of networks are made of: boxes, arrows, maps, words, on a page measured in inches."""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Polygon
from matplotlib.path import Path as Corners
from matplotlib.text import Text
from matplotlib.textpath import TextPath

from xray_keras.reporting import drawing

WIDE = 9.0  # inches: the width of a page
SIZE, SMALL = 8.5, 7.5
PITCH = 0.135  # inches from line to line in a box
STYLES: dict[str, dict[str, Any]] = {
    "trained": {"facecolor": "#FBE0CC", "edgecolor": drawing.COLOURS[1], "linewidth": 1.6, "linestyle": "-"},
    "frozen": {
        "facecolor": "#D6E6F2",
        "edgecolor": drawing.COLOURS[0],
        "linewidth": 1.0,
        "linestyle": (0, (4, 2)),
    },
    "none": {"facecolor": "white", "edgecolor": "0.45", "linewidth": 0.8, "linestyle": "-"},
}
"""State of an operation → its box: told apart by fill, by line and, in the legend, in words."""
_SHADES = {"front": "#BFD9C9", "top": "#DCECE3", "side": "#8FB8A0"}
_LARGEST, _LEAST = 0.5, 0.05  # inches of a map's side


class Page:
    """A blank page and what is drawn on it; y runs downwards."""

    def __init__(self, width: float, height: float):
        """Make a page of so many inches."""
        self.figure: Figure = plt.figure(figsize=(width, height))
        self.axes: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, width), ylim=(height, 0))
        self.axes.axis("off")

    def words(self, x: float, y: float, text: str, size: float, *, across: str = "left", **more: Any) -> Text:
        """A line of text, centred at the height y."""
        return self.axes.text(
            x, y, text, fontsize=size, ha=across, va="center_baseline", **{"color": "0.1", **more}
        )

    def ground(self, left: float, top: float, right: float, bottom: float) -> None:
        """A pale field behind what belongs together."""
        self._field(left, top, right - left, bottom - top, facecolor="0.955", edgecolor="none", zorder=0)

    def box(
        self,
        x: float,
        top: float,
        width: float,
        height: float,
        lines: Sequence[str],
        style: Mapping[str, Any],
        *,
        size: float = SIZE,
        pitch: float = PITCH,
        bold: bool = False,
    ) -> None:
        """A box around its middle x, with lines of text around its middle.

        Args:
            x, top, width, height: where.
            lines, size, pitch: the text, points of its letters, inches from line to line.
            style: one of `STYLES`, or another.
            bold: whether the first line is.
        """
        self._field(x - width / 2, top, width, height, zorder=2, **style)
        for number, line in enumerate(lines):
            y = top + height / 2 + (number - (len(lines) - 1) / 2) * pitch
            weight = "bold" if bold and not number else "normal"
            self.words(x, y, line, size, across="center", zorder=3, fontweight=weight)

    def _field(self, left: float, top: float, width: float, height: float, **style: Any) -> None:
        rounded = FancyBboxPatch(
            (left, top), width, height, boxstyle="round,pad=0,rounding_size=0.05", **style
        )
        self.axes.add_patch(rounded)

    def arrow(self, corners: Sequence[tuple[float, float]]) -> None:
        """A path along its corners, with a head at its end."""
        self.axes.add_patch(
            FancyArrowPatch(
                path=Corners(list(corners)), arrowstyle="-|>", mutation_scale=6, shrinkA=0, shrinkB=0,
                color="0.25", linewidth=0.9, zorder=1, joinstyle="round",
            )
        )  # fmt: skip

    def map(self, x: float, middle: float, face: tuple[float, float], depth: float) -> None:
        """A slab with its left at x: height and width of its face, and how deep it goes, in inches."""
        high, wide = face
        right, up = 0.8 * depth, 0.5 * depth
        top = middle - (high - up) / 2
        front = x + wide
        bottom, back = top + high, front + right
        faces = (
            (_SHADES["top"], [(x, top), (x + right, top - up), (back, top - up), (front, top)]),
            (_SHADES["side"], [(front, top), (back, top - up), (back, bottom - up), (front, bottom)]),
            (_SHADES["front"], [(x, top), (front, top), (front, bottom), (x, bottom)]),
        )
        for colour, corners in faces:
            self.axes.add_patch(
                Polygon(
                    corners, facecolor=colour, edgecolor="0.35", linewidth=0.5, zorder=1, joinstyle="round"
                )
            )


def slab(shape: Sequence[int], largest: int) -> tuple[tuple[float, float], float]:
    """Face (height, width) and depth, inches, by which a map or a vector is drawn.

    Sides of maps go by the square root, so that 7 of 224 cells are still seen; channels and vectors by the logarithm.

    Args:
        shape: of an output without the batch: height, width and channels; rows and features; or features.
        largest: longest side of the network's maps.
    """
    if len(shape) == 3:
        high, wide = (max(_LEAST, _LARGEST * math.sqrt(side / largest)) for side in shape[:2])
        return (high, wide), 0.03 + 0.032 * math.log2(shape[2])
    high, wide = (0.04 + 0.024 * math.log2(side) for side in (shape if len(shape) == 2 else (shape[0], 1)))
    return (high, max(_LEAST, wide)), 0.03


@cache
def measured(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a line in inches."""
    path = TextPath((0, 0), text, size=size, prop=FontProperties(weight="bold" if bold else "normal"))
    return float(path.get_extents().x1) / 72 if text else 0.0


def wrapped(text: str, width: float, size: float) -> Iterator[str]:
    """Lines of words that are no wider than `width` inches, but for words that are by themselves."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}".strip()
        if line and measured(longer, size) > width:
            yield line
            line = word
        else:
            line = longer
    yield line
