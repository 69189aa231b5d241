"""How far pictures of a set differ from each other, and from a picture's own transforms, in pixels."""

from typing import NamedTuple

import numpy as np

from xray_keras.evaluation import bootstrap, neighbours, planted, privacy
from xray_keras.evaluation.metrics import Cell, cell

RESAMPLES, SEED = 1000, 0
TRANSFORMS = ("flipped", "cropped")


class Variety(NamedTuple):
    """Root mean square differences in [0, 1]: between two pictures, or a picture and its transform."""

    generated: Cell
    real: Cell
    transformed: Cell


def measure(generated: np.ndarray, real: np.ndarray) -> Variety:
    """Means with intervals that know the pictures drawn.

    Args:
        generated, real: uint8 (N, S, S) and (M, S, S); the first M generated ones count.
    """
    return Variety(_among(generated[: len(real)]), _among(real), _to_transforms(real))


def _among(images: np.ndarray) -> Cell:
    """Between two pictures; resampled are pictures, and one drawn twice is not compared with itself."""
    vectors = privacy.pixels(images)
    squared = np.concatenate([block for _, block in neighbours.squared_distances(vectors, vectors)])
    distance = np.sqrt(squared)
    np.fill_diagonal(distance, 0)
    drawn = bootstrap.weights(len(images), RESAMPLES, SEED).astype(np.float64)
    pairs = drawn.sum(axis=1) ** 2 - np.square(drawn).sum(axis=1)
    means = np.einsum("bi,ij,bj->b", drawn, distance, drawn, optimize=True) / pairs
    interval, reason = bootstrap.interval(means)
    return cell(distance.sum() / (len(images) * (len(images) - 1)), interval, "bootstrap", reason)


def _to_transforms(images: np.ndarray) -> Cell:
    """Between a picture and its mirror image or a crop of nine tenths of its side."""
    made = planted.copies(images, SEED)
    own = privacy.pixels(images)
    apart = [np.linalg.norm(privacy.pixels(made[name]) - own, axis=1) for name in TRANSFORMS]
    each = np.mean(apart, axis=0)
    drawn = bootstrap.weights(len(images), RESAMPLES, SEED).astype(np.float64)
    interval, reason = bootstrap.interval(drawn @ each / len(images))
    return cell(each.mean(), interval, "bootstrap", reason)
