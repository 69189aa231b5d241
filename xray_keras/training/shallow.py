"""Classifiers that are no network, on small images: what generated images teach should not depend on who learns.

Each label has a classifier of its own, on pixels averaged to a small square and standardised by the training images.
Settings are scikit-learn's, but for those stated here.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SIDE = 16  # pixels
_NEIGHBOURS = 25
_PENALTY = 0.01  # inverse weight of the squared coefficients: neighbouring pixels tell much the same


def _nearest_neighbours(images: int, seed: int) -> KNeighborsClassifier:
    return KNeighborsClassifier(min(_NEIGHBOURS, images))


# Each takes the number of training images and a seed.
_MAKERS: dict[str, Callable[[int, int], Any]] = {
    "logistic_regression": lambda images, seed: LogisticRegression(C=_PENALTY, max_iter=2000),
    "random_forest": lambda images, seed: RandomForestClassifier(min_samples_leaf=3, random_state=seed),
    "nearest_neighbours": _nearest_neighbours,
}
CLASSIFIERS = tuple(_MAKERS)


def pooled(images: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Means over the cells of a square grid, pixels on a border divided by area: uint8 (N, S, S) → float32 (N, side²).

    Images smaller than the grid stay as they are: (N, S²).
    """
    size = images.shape[1]
    side = min(side, size)
    ends = np.arange(side + 1) * size / side
    pixels = np.arange(size)
    # Share of each cell that a pixel covers, (side, size).
    cover = np.minimum(ends[1:, None], pixels + 1) - np.maximum(ends[:-1, None], pixels)
    cover = (np.clip(cover, 0, None) * side / size).astype(np.float32)
    return (cover @ images.astype(np.float32) @ cover.T).reshape(len(images), -1)


def probabilities(
    classifier: str, images: np.ndarray, targets: np.ndarray, queries: np.ndarray, seed: int
) -> np.ndarray:
    """What a classifier that learned from `images` says about `queries`.

    A label that all training images share, present or absent, is answered so for every query.

    Args:
        classifier: one of `CLASSIFIERS`.
        images: uint8 (N, S, S). targets: 0 or 1, (N, labels).
        queries: uint8 (M, S, S).
        seed: of the random forest.

    Returns:
        float32 (M, labels) in [0, 1].
    """
    seen, asked = pooled(images), pooled(queries)
    answers = np.empty((len(asked), targets.shape[1]), np.float32)
    for k, target in enumerate(targets.T):
        if target.min() == target.max():
            answers[:, k] = target[0]
            continue
        fitted = make_pipeline(StandardScaler(), _MAKERS[classifier](len(seen), seed)).fit(seen, target == 1)
        answers[:, k] = fitted.predict_proba(asked)[:, 1]
    return answers
