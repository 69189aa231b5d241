"""Things side by side from edge to edge, which structures and plain shapes are made of."""

import itertools

import numpy as np


def columns(draw: np.random.Generator, wide: int, pitch: float, vary: float) -> list[tuple[float, float]]:
    """Left and right ends of things side by side from edge to edge, `pitch` apart, their widths varied by a share."""
    ends = np.cumsum(1 + vary * draw.uniform(-1, 1, max(round(wide / pitch), 2)))
    return list(itertools.pairwise([0.0, *(ends * (wide / ends[-1])).tolist()]))


def direction(draw: np.random.Generator) -> int:
    """One of two directions, 1 or −1."""
    return 1 if draw.random() < 0.5 else -1
