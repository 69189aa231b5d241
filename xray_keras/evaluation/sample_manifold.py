"""Precision and recall of generated images by the manifolds of two samples (Kynkäänniemi et al., NeurIPS 2019, §2).

The manifold of a sample is the union of balls about its features, each as wide as the distance to the k-th nearest
other feature of the sample (k = 3, published). Precision is the share of generated images in the real manifold:
are they like real ones? Recall is the share of real images in the generated manifold: is every kind of image made?

Both depend on the sizes of the samples: a smaller one has wider balls. Compare values at equal numbers alone.
"""

from typing import NamedTuple

import numpy as np

from xray_keras.evaluation import neighbours
from xray_keras.evaluation.metrics import Cell, proportion

K = 3


class PrecisionRecall(NamedTuple):
    """Two shares in [0, 1] with their intervals."""

    precision: Cell
    recall: Cell


def estimate(
    real: np.ndarray, generated: np.ndarray, *, clusters: np.ndarray | None = None, k: int = K
) -> PrecisionRecall:
    """Both shares with Wilson's intervals, recall's at the effective number of images.

    Each interval takes the manifold as given and knows only the images that are tried against it. The bootstrap is
    not valid for the manifold itself: an image drawn twice is its own neighbour, and the balls shrink.

    Args:
        real: (N, C). generated: (M, C), both more than k.
        clusters: patient of each real image, int (N,); None where every image has its own.
        k: neighbour that gives a ball its radius.

    Raises:
        UserError: see `neighbours.pair`; too few images.
    """
    patients = np.arange(len(real)) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    precise = inside(generated, real, k).astype(np.float64)
    found = inside(real, generated, k)
    return PrecisionRecall(
        precision=proportion(precise, np.ones(len(precise))),
        recall=proportion(np.bincount(patients, found), np.bincount(patients)),
    )


def inside(queries: np.ndarray, sample: np.ndarray, k: int = K) -> np.ndarray:
    """Whether each query lies in the manifold of a sample, bool (N,); a ball's edge belongs to it.

    Raises:
        UserError: see `neighbours.nearest`.
    """
    queries, sample = neighbours.pair(queries, sample, ("the queries", "the sample"), fewest=1)
    radius = np.square(neighbours.nearest(sample, sample, k, among_themselves=True).distance[:, -1])
    # Distances between equal vectors come out within rounding of 0, a radius at 0 exactly.
    slack = 1e-12 * np.square(sample - sample.mean(axis=0)).sum(axis=1).max()
    found = np.empty(len(queries), bool)
    for part, squared in neighbours.squared_distances(queries, sample):
        found[part] = (squared <= radius + slack).any(axis=1)
    return found
