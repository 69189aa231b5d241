"""Pairs of a picture with text and one without that are alike in what should not matter."""

import numpy as np
from scipy.optimize import linear_sum_assignment

SAME_ASPECT = 0.02
"""Difference of the logarithms of width over height, so two per cent, up to which aspects count as equal."""
ALIKE = 0.2
"""Difference of two scores, in their standard deviation: Austin's caliper (2011, Pharmaceutical Statistics 10:150)."""


def match(truth: np.ndarray, distance: np.ndarray, most: float) -> np.ndarray:
    """The pairs with the smallest sum of distances, no picture twice, none further apart than `most`.

    Args:
        truth: 0 or 1 (N,).
        distance: float64 (positives, negatives), in the order of `truth`.
        most: distance, in its unit.

    Returns:
        int64 (P, 2): position of a positive and of its negative.
    """
    positives, negatives = np.flatnonzero(truth == 1), np.flatnonzero(truth != 1)
    near = distance <= most
    # A pair too many costs more than all allowed ones together, so that as many as possible are allowed.
    costs = np.where(near, distance, most * (1 + min(distance.shape, default=0)) + 1)
    one, other = linear_sum_assignment(costs)
    kept = near[one, other]
    return np.stack([positives[one[kept]], negatives[other[kept]]], axis=1)


def like_pictures(truth: np.ndarray, aspect: np.ndarray, fineness: np.ndarray) -> np.ndarray:
    """Pairs of the same aspect that are equally fine, see `match`.

    Args:
        truth: 0 or 1 (N,).
        aspect: logarithm of width over height (N,).
        fineness: float (N,).
    """
    distance = _differences(truth, fineness)
    distance[_differences(truth, aspect) > SAME_ASPECT] = np.inf
    return match(truth, distance, ALIKE * float(fineness.std()))


def like_scores(truth: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Pairs that a score hardly tells apart, see `match`.

    Args:
        truth: 0 or 1 (N,).
        score: float (N,), best unbounded, as log-odds are.
    """
    return match(truth, _differences(truth, score), ALIKE * float(score.std()))


def _differences(truth: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.abs(values[truth == 1][:, None] - values[truth != 1])
