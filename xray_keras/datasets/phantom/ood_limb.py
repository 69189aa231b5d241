"""Computed radiographs of limbs: hands and forearms from tapered bones in soft tissue, by Beer–Lambert line integrals.

Linear attenuation coefficients, 1/cm, at an effective 40 keV, as a 55 kV spectrum for limbs has: mass coefficients of
Hubbell and Seltzer (NISTIR 5632) times the ICRU-44 densities, rounded.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xray_keras.datasets.ood_listing import Entry
from xray_keras.datasets.ood_rows import numbers
from xray_keras.datasets.phantom.labels import generator
from xray_keras.datasets.phantom.shapes import Array

SOFT_TISSUE = 0.285
CORTICAL_BONE = 1.28
SPONGY_BONE = 0.50
FIELD = 24.0  # cm
FIRST = 81_000_000  # numbers above those of the other phantoms
HAND_SHARE = 0.7
_FINEST = 128
# Finger → angle from the hand's axis (radians), metacarpal and phalanges (cm), radius of the bone (cm).
FINGERS = (
    (-0.75, (4.4, 3.1, 2.3), 0.52),
    (-0.17, (6.6, 4.0, 2.4, 1.8), 0.47),
    (-0.03, (6.3, 4.4, 2.8, 1.9), 0.48),
    (0.10, (5.7, 4.1, 2.6, 1.9), 0.44),
    (0.24, (5.2, 3.2, 1.9, 1.7), 0.40),
)
GAP = 0.22  # cartilage between two bones, cm
Point = tuple[float, float]


def entries(seed: int, images: int) -> list[Entry]:
    """One limb an image, each another person's."""
    return [Entry(f"{number:08d}", f"{number:08d}", "") for number in range(images)]


def radiographs(seed: int, rows: pd.DataFrame, size: int) -> npt.NDArray[np.uint8]:
    """Radiographs of manifest rows, uint8 (B, size, size), bone bright.

    Raises:
        UserError: a row is no image of this phantom.
    """
    found = np.empty((len(rows), size, size), np.uint8)
    fine = size * -(-_FINEST // size)
    for row, number in enumerate(numbers(rows)):
        draw = generator(seed, FIRST + number, 0, 1)
        x, y = _rays(draw, fine)
        integral = _hand(draw, x, y) if draw.random() < HAND_SHARE else _forearm(draw, x, y)
        block = fine // size
        exposure = np.exp(-integral).reshape(size, block, size, block).mean(axis=(1, 3))
        quanta = np.exp(draw.uniform(np.log(5e5), np.log(4e6))) * (FIELD / size) ** 2
        noise = generator(seed, FIRST + number, 1, 4).standard_normal((size, size))
        density = -np.log(exposure) + noise / np.sqrt(quanta * exposure)
        typical = float(np.median(integral[integral > 0.1]))  # of the limb, as automatic exposure measures it
        middle, contrast = typical * draw.uniform(0.9, 1.3), draw.uniform(1.8, 2.8) / max(typical, 0.5)
        found[row] = np.rint(255 / (1 + np.exp((middle - density) * contrast)))
    return found


def _rays(draw: np.random.Generator, size: int) -> tuple[Array, Array]:
    """Where the rays pass in the limb's own coordinates, y towards the fingertips: turned, moved, left or right."""
    axis = ((np.arange(size) + 0.5) / size - 0.5) * FIELD * draw.uniform(0.85, 1.15)
    turn = draw.normal(0, 0.35) + np.pi * (draw.random() < 0.1)
    across, up = axis[None, :], -axis[:, None]
    x = across * np.cos(turn) + up * np.sin(turn) + draw.uniform(-1.5, 1.5)
    y = up * np.cos(turn) - across * np.sin(turn) + draw.uniform(-1.5, 1.5)
    return (x if draw.random() < 0.5 else -x), y


def _hand(draw: np.random.Generator, x: Array, y: Array) -> Array:
    """Line integral through a hand laid flat: five fingers with their metacarpals, wrist bones, two long bones."""
    size = draw.uniform(0.75, 1.1)  # to an adult's
    spread = draw.uniform(0.7, 1.7)
    thick = size * draw.uniform(0.85, 1.2)
    flesh, bones = np.zeros_like(x), np.zeros_like(x)
    wrist = (0.0, -4.5 * size)
    for finger, (angle, lengths, radius) in enumerate(FINGERS):
        turn = angle * spread + draw.normal(0, 0.04)
        base = (wrist[0] + size * (finger - 2) * 0.95, wrist[1] + size * (1.4 if finger else 0.2))
        for part, length in enumerate(lengths):
            tip = (
                base[0] + size * length * np.sin(turn),
                base[1] + size * length * np.cos(turn),
            )
            around = size * (1.5 if part == 0 else 0.95 - 0.07 * part) * (1.15 if finger == 0 else 1)
            flesh = np.maximum(flesh, _tube(x, y, base, tip, around, around * 0.92) * thick)
            bones += _bone(x, y, base, tip, size * radius * (1 - 0.12 * part), size * GAP)
            base = tip
            turn += draw.normal(0, 0.07)
    for row in range(2):
        for place in range(4):
            centre = (size * (place - 1.5) * 1.15, wrist[1] + size * (0.9 - 1.3 * row))
            axes = size * draw.uniform(0.5, 0.72, 3)
            bones += (SPONGY_BONE - SOFT_TISSUE) * 2.2 * _ball(x, y, centre, axes)
    below = wrist[1] - size * 1.4
    flesh = np.maximum(flesh, _tube(x, y, (0, wrist[1]), (0, below - 20), size * 2.6, size * 2.9) * thick)
    for side in (-1.1, 1.2):
        bones += _bone(x, y, (size * side, below), (size * side * 0.9, below - 20), size * 0.95, 0)
    return SOFT_TISSUE * flesh + bones


def _forearm(draw: np.random.Generator, x: Array, y: Array) -> Array:
    """Line integral through a tapering limb with one or two long bones that end in a joint."""
    size = draw.uniform(0.75, 1.2)
    joint, bend = draw.uniform(-3, 3), draw.normal(0, 0.35)
    far = (30 * np.sin(bend), joint + 30 * np.cos(bend))
    flesh = np.maximum(
        _tube(x, y, (0, joint), (0, joint - 30), size * 3.4, size * 4.6),
        _tube(x, y, (0, joint), far, size * 3.4, size * 2.4),
    )
    bones = _bone(x, y, (0, joint - 0.2), (0, joint - 30), size * 1.15, 0)
    bones += (
        0.8
        * (SPONGY_BONE - SOFT_TISSUE)
        * 2
        * _ball(x, y, (0.0, joint - 0.6), size * np.array([2.1, 1.0, 1.2]))
    )
    for side in (-0.9, 0.9) if draw.random() < 0.7 else (0.0,):
        start = (size * side * 1.1, joint + 0.5)
        end = (far[0] + size * side * 1.5, far[1])
        bones += _bone(x, y, start, end, size * 0.8, 0)
    return SOFT_TISSUE * flesh + bones


def _along(x: Array, y: Array, start: Point, end: Point) -> tuple[Array, Array]:
    """Place along the segment, 0 … 1, and squared distance from it, cm²."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    place = np.clip(((x - start[0]) * dx + (y - start[1]) * dy) / (dx * dx + dy * dy), 0, 1)
    return place, np.square(x - start[0] - place * dx) + np.square(y - start[1] - place * dy)


def _tube(x: Array, y: Array, start: Point, end: Point, first: Any, last: Any) -> Array:
    """Chord of a cone with round ends, radius `first` at its start and `last` at its end."""
    place, away = _along(x, y, start, end)
    return 2 * np.sqrt(np.maximum(np.square(first + (last - first) * place) - away, 0))


def _bone(x: Array, y: Array, start: Point, end: Point, radius: float, gap: float) -> Array:
    """Line integral, beyond soft tissue, of a hollow bone that is thin in the middle and spongy at the ends."""
    place, away = _along(x, y, start, end)
    length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    ends = np.clip(1 - 4 * np.minimum(place, 1 - place) * length / max(6 * radius, 1e-3), 0, 1)
    outer = radius * (0.72 + 0.38 * ends)
    inner = outer * (0.62 + 0.3 * ends)
    inside = (place * length > gap) & ((1 - place) * length > gap)
    shell = np.sqrt(np.maximum(np.square(outer) - away, 0)) - np.sqrt(np.maximum(np.square(inner) - away, 0))
    core = np.sqrt(np.maximum(np.square(inner) - away, 0))
    whole = (CORTICAL_BONE - SOFT_TISSUE) * shell + (SPONGY_BONE - SOFT_TISSUE) * core
    return 2 * whole * inside


def _ball(x: Array, y: Array, centre: Point, axes: npt.NDArray[np.float64]) -> Array:
    """Half the chord of an ellipsoid with these semi-axes, the last along the beam."""
    q = np.square((x - centre[0]) / axes[0]) + np.square((y - centre[1]) / axes[1])
    return axes[2] * np.sqrt(np.maximum(1 - q, 0))
