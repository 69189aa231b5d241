"""Closed-form chords: how much of a parallel beam along z lies inside a body. All lengths in cm, all arrays float32.

Coordinates: x to the patient's left (the image's right), y towards the feet, z towards the back; the beam runs
along z. A body symmetric in z about z0 meets the ray at (x, y) in the interval [z0 − h, z0 + h], so that what two
bodies share along a ray is closed-form as well.
"""

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]  # float32: numpy's stubs widen a product with a Python number
FIELD_OF_VIEW = 35.0


def pixel_centres(size: int) -> Array:
    """Coordinates of ``size`` pixel centres across the field of view, (size,), the middle at 0."""
    return ((np.arange(size, dtype=np.float32) + 0.5) / size - 0.5).astype(np.float32) * np.float32(
        FIELD_OF_VIEW
    )


def half_chord(q: Array, depth: Any) -> Array:
    """Half the chord of ``q(x, y) + (z/depth)² ≤ 1``: ``depth·√(1 − q)``, and 0 beside the body."""
    return depth * np.sqrt(np.maximum(1 - q, 0))


def ellipsoid(
    x: Array, y: Array, centre: tuple[Any, Any], axes: tuple[Any, Any, Any], angle: Any = 0.0
) -> Array:
    """Half the chord of an ellipsoid.

    Args:
        x, y: coordinates of the rays.
        centre: its x and y.
        axes: semi-axes: two in the image plane, then the one along the beam.
        angle: turn of the first axis in the plane, radians, from x towards y.
    """
    dx, dy = x - centre[0], y - centre[1]
    if np.ndim(angle) or angle:
        cos, sin = np.cos(angle), np.sin(angle)
        dx, dy = dx * cos + dy * sin, dy * cos - dx * sin
    return half_chord(np.square(dx * (1 / axes[0])) + np.square(dy * (1 / axes[1])), axes[2])


def shared(half: Array, other_centre: Any, other_half: Array) -> Array:
    """Length common to the intervals [−half, half] and [other_centre ± other_half] of one ray."""
    top = np.minimum(half, other_centre + other_half)
    return np.maximum(top - np.maximum(-half, other_centre - other_half), 0)


def tube(distance: Array, radius: Any, pixel: float) -> Array:
    """Chord of a long cylinder whose axis, square to the beam, passes at ``distance`` from the ray.

    A tube thinner than the pixel is widened to it at equal cross-section, as the pixel's aperture does.
    """
    seen = np.sqrt(np.square(radius) + np.float32(pixel * pixel / 4))
    return 2 * np.square(radius / seen) * np.sqrt(np.maximum(np.square(seen) - np.square(distance), 0))


def smooth_step(t: Array) -> Array:
    """0 below 0, 1 above 1, 3t² − 2t³ between."""
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


@cache
def spline_basis(knots: int, size: int) -> Array:
    """Uniform cubic B-splines across the field of view, (size, knots); each row sums to 1."""
    span = knots - 3
    t = (np.arange(size) + 0.5)[:, None] / size * span + 1 - np.arange(knots)
    far = np.abs(t)
    near = 2 / 3 - far**2 + far**3 / 2
    weights = np.where(far < 1, near, np.where(far < 2, (2 - far) ** 3 / 6, 0))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def smooth_field(coefficients: Array, size: int) -> Array:
    """The smooth random field with these spline coefficients, (B, K, K) → (B, size, size), unit variance for N(0, 1).

    A function of position alone, hence the same picture at every size.
    """
    basis = spline_basis(coefficients.shape[-1], size)
    return 2.07 * (
        basis @ coefficients @ basis.T
    )  # 1/Σw² of a cubic B-spline, averaged over its phase, is 2.07
