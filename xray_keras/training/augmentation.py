"""Geometric augmentation as flat affine maps, drawn by numpy so that an epoch can be repeated exactly.

ali2019 III.B shifts images left and right and zooms in and out, "weighted" by class; how is not printed. Assumed here:
an image is shown up to four times an epoch, in proportion to the square root of how much rarer its rarest finding
is than the most common one, and each showing is transformed with probability one half.
"""

import numpy as np

from xray_keras.errors import UserError

OPERATIONS = ("shift", "zoom", "flip", "rotation")
_SHIFT = 0.1  # of the width
_ZOOM = 0.1  # of the scale
_ROTATION = 5.0  # degrees
_MOST_SHOWINGS = 4
_IDENTITY = np.array([1, 0, 0, 0, 1, 0, 0, 0], np.float32)


def parse(augmentation: str) -> tuple[str, ...]:
    """Operations of "none" or of names joined by "+", e.g. "shift+zoom".

    Raises:
        UserError: an unknown operation.
    """
    operations = () if augmentation == "none" else tuple(augmentation.split("+"))
    unknown = [operation for operation in operations if operation not in OPERATIONS]
    if unknown:
        raise UserError(
            f"augmentation {unknown[0]!r} is unknown; join some of {', '.join(OPERATIONS)} by +, or say none"
        )
    return operations


def showings(labels: np.ndarray) -> np.ndarray:
    """How often each image is shown in an epoch: int64 (N,), 1 to 4, from 0/1 labels (N, findings)."""
    counts = labels.sum(axis=0)
    present = labels.astype(bool)
    rarest = np.where(present, counts, counts.max()).min(axis=1)
    ratio = np.sqrt(counts.max() / np.maximum(rarest, 1))
    return np.clip(np.round(ratio), 1, _MOST_SHOWINGS).astype(np.int64)


def transforms(rng: np.random.Generator, count: int, size: int, operations: tuple[str, ...]) -> np.ndarray:
    """Affine maps from output to input pixels, float32 (count, 8), half of them (at random) the identity.

    Row [a, b, c, d, e, f, 0, 0]: x = a·x' + b·y' + c, y = d·x' + e·y' + f, pixels from the upper left corner.
    """
    angle = rng.uniform(-1, 1, count) * np.deg2rad(_ROTATION) * ("rotation" in operations)
    scale = 1 + rng.uniform(-1, 1, count) * _ZOOM * ("zoom" in operations)
    shift = rng.uniform(-1, 1, count) * _SHIFT * size * ("shift" in operations)
    mirror = np.where(rng.random(count) < 0.5, -1, 1) if "flip" in operations else np.ones(count)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    centre = (size - 1) / 2
    a, b, d, e = cos * mirror, -sin, sin * mirror, cos
    c = centre - a * centre - b * centre + shift
    f = centre - d * centre - e * centre
    zero = np.zeros(count)
    maps = np.stack([a, b, c, d, e, f, zero, zero], axis=1).astype(np.float32)
    return np.where(rng.random((count, 1)) < 0.5, maps, _IDENTITY)
