"""Which regions of a picture hold text (zhao2019 III.D, IV.A): areas of outlines over areas of regions.

A picture is cut into 5 × 5 and into 3 × 3 equal rectangles, 34 regions, by exact fractions of its sides. Areas are
exact (shapely); text outside the picture does not count, text under two outlines counts once.

- "area", the paper's rule: text covers at least 0.01 of the region.
- "msp_net", MSP-Net's as the paper tells it: text covers more than 0.05, and the text line is higher than half of the
  region. Read here as one condition of the same lines: those higher than half of the region cover more than 0.05 of
  it. A line's height is its own, not that of its part in the region, and does not depend on its slant: the narrowest
  strip that holds what the picture shows of the outline. So an upright line is as high as it is wide, and a bent one
  as its bow.
"""

from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple

import numpy as np
import shapely

from xray_keras.datasets.outlines import Outline, clipped, shapes
from xray_keras.errors import UserError
from xray_keras.papers import loader

GRIDS = (5, 3)
"""Regions a side, of each grid (III.A)."""
_SIDES = np.repeat(GRIDS, [side * side for side in GRIDS])
REGIONS = len(_SIDES)
Rule = Literal["area", "msp_net"]

_ROUNDING = 1e-9
"""A share or ratio this near to a threshold equals it, lest a flip or a resize decide."""

_ROWS, _COLUMNS = np.concatenate([np.divmod(np.arange(side * side), side) for side in GRIDS], axis=1)
_STEPS = np.stack([_COLUMNS, _ROWS, _COLUMNS + 1, _ROWS + 1], axis=1)


class Thresholds(NamedTuple):
    """Printed thresholds (III.D): shares of a region's area, and of its height."""

    area: float
    msp_net_area: float
    msp_net_height: float


@cache
def thresholds() -> Thresholds:
    """The thresholds as the paper prints them."""
    claims = loader.claims("zhao2019")
    theirs = claims["mspnet_label_rule"].values
    return Thresholds(
        claims["own_label_rule"].values["area"].value, theirs["area"].value, 1 / theirs["half"].value
    )


def boxes(width: float, height: float) -> np.ndarray:
    """The regions of a picture.

    Args:
        width, height: of the picture, pixels.

    Returns:
        float64 (34, 4): left, top, right, bottom; 5 × 5 row by row, then 3 × 3.
    """
    return _STEPS * np.array([width, height, width, height], np.float64) / _SIDES[:, None]


def shares(outlines: Sequence[Outline], width: float, height: float) -> np.ndarray:
    """How much of each region the readable text covers, ignored text left aside.

    Args:
        outlines: in pixels of the picture; they may cross themselves or leave it, see `outlines.shapes`.
        width, height: of the picture, pixels.

    Returns:
        float64 (34,), 0 … 1 but for rounding, in the order of `boxes`.
    """
    return _covered(shapes([outline.polygon for outline in outlines if not outline.ignored]), width, height)


def label(outlines: Sequence[Outline], width: float, height: float, rule: Rule = "area") -> np.ndarray:
    """The hard labels of the regions.

    Args:
        outlines: see `shares`; none for a picture without text.
        width, height: of the picture, pixels.
        rule: see the module.

    Returns:
        float32 (34,), in the order of `boxes`: 1 text, 0 none, NaN where only ignored text would make it 1: nothing can
        be learned from that region.

    Raises:
        UserError: there is no such rule.
    """
    rules = {"area": _by_area, "msp_net": _by_msp_net}
    if rule not in rules:
        raise UserError(f"there is no rule {rule!r} for the labels of regions; choose {' or '.join(rules)}")
    decide = rules[rule]
    readable = [outline.polygon for outline in outlines if not outline.ignored]
    text = decide(shapes(readable), width, height)
    labels = text.astype(np.float32)
    if len(readable) < len(outlines):
        every = decide(shapes([outline.polygon for outline in outlines]), width, height)
        labels[every & ~text] = np.nan
    return labels


def _by_area(texts: np.ndarray, width: float, height: float) -> np.ndarray:
    return _covered(texts, width, height) >= thresholds().area - _ROUNDING


def _by_msp_net(texts: np.ndarray, width: float, height: float) -> np.ndarray:
    texts = clipped(texts, width, height)
    heights = np.array([_line_height(text) for text in texts])
    covered = np.zeros(REGIONS)
    for side in GRIDS:
        grid = np.equal(_SIDES, side)
        high = heights * side / height > thresholds().msp_net_height + _ROUNDING
        covered[grid] = _covered(texts[high], width, height)[grid]
    return covered > thresholds().msp_net_area + _ROUNDING


def _covered(texts: np.ndarray, width: float, height: float) -> np.ndarray:
    """Share of each region that the union of the shapes covers: float64 (34,)."""
    covered = np.zeros(REGIONS)
    if texts.size:
        regions = shapely.box(*boxes(width, height).T)
        union = shapely.union_all(texts)
        met = shapely.intersects(union, regions)
        covered[met] = shapely.area(shapely.intersection(union, regions[met]))
        covered /= shapely.area(regions)
    return covered


def _line_height(text: shapely.Geometry) -> float:
    """Width of the narrowest strip around a shape, pixels: one of its sides lies along an edge of the convex hull.

    Not the short side of the smallest rectangle, which the remnant of a line, a triangle, has three of.
    """
    corners = shapely.get_coordinates(shapely.convex_hull(text))
    edges = np.diff(corners, axis=0)
    normals = np.stack([-edges[:, 1], edges[:, 0]]) / np.hypot(*edges.T)
    return float(np.ptp(corners @ normals, axis=0).min())
