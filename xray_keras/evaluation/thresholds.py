"""Sensitivity and specificity along the scores, as minaee2020 prints them; positive means ``p > threshold``.

Intervals here count images, as the paper's do: that images of one patient resemble each other is not in them.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy import stats

from xray_keras.errors import UserError
from xray_keras.evaluation.intervals import LEVEL, Interval, Z


class OperatingPoint(NamedTuple):
    """A threshold in [0, 1] and the counts of its decisions."""

    threshold: float
    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def positives(self) -> int:
        return self.tp + self.fn

    @property
    def negatives(self) -> int:
        return self.fp + self.tn

    @property
    def sensitivity(self) -> float:
        """TP / (TP + FN), Equation 2."""
        return self.tp / self.positives

    @property
    def specificity(self) -> float:
        """TN / (TN + FP), Equation 2."""
        return self.tn / self.negatives


def at(y: np.ndarray, p: np.ndarray, threshold: float) -> OperatingPoint:
    """The decisions ``p > threshold``.

    Args:
        y: truth, 0 or 1 (N,). p: score in [0, 1] (N,).

    Raises:
        UserError: only one class is present.
    """
    truth, called = _truth(y), np.asarray(p) > threshold
    tp, fp = int((called & truth).sum()), int((called & ~truth).sum())
    positives = int(truth.sum())
    return OperatingPoint(float(threshold), tp, fp, positives - tp, len(truth) - positives - fp)


def steps(y: np.ndarray, p: np.ndarray) -> list[OperatingPoint]:
    """Every sensitivity that the scores reach, lowest first, each at its best specificity.

    A step finds one more positive than the step before, or several where their scores are equal. The threshold lies
    halfway between that positive's score and the next lower score of any image, so that rounding moves none. A
    positive that scores 0 is found by no threshold in [0, 1] and has no step.

    Args, Raises: as in `at`.
    """
    truth = _truth(y)
    levels, level = np.unique(np.asarray(p, dtype=np.float64), return_inverse=True)
    new = np.bincount(level, weights=truth) > 0
    points = []
    for k in np.flatnonzero(new & (levels > 0))[::-1]:
        below, above = (levels[k - 1] if k else 0.0), levels[k]
        middle = (below + above) / 2
        points.append(at(truth, p, middle if middle < above else below))
    return points


def at_sensitivity(y: np.ndarray, p: np.ndarray, wanted: float) -> OperatingPoint | None:
    """The step with the highest threshold whose sensitivity is at least `wanted`; None where no step has it."""
    reached = (point for point in steps(y, p) if point.tp >= wanted * point.positives - 1e-9)
    return next(reached, None)


def roc(y: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ROC curve's corners from (0, 0) to (1, 1), one a distinct score: 1 − specificity and sensitivity (K,) each.

    The area under the straight lines between them is the AUC of `intervals.auc`.
    """
    truth = _truth(y)
    _, level = np.unique(np.asarray(p, dtype=np.float64), return_inverse=True)
    rates = []
    for chosen in (~truth, truth):
        above = np.cumsum(np.bincount(level, weights=chosen)[::-1])
        rates.append(np.concatenate([[0.0], above / chosen.sum()]))
    return rates[0], rates[1]


def normal_half_width(share: float, n: int, z: float = Z) -> float:
    """z·√(share(1 − share)/n), Equation 3 of minaee2020: its interval may leave [0, 1] and is empty at 0 and 1."""
    return z * math.sqrt(share * (1 - share) / n)


def clopper_pearson(hits: int, n: int) -> Interval:
    """The exact 95 % interval of hits/n (Clopper & Pearson 1934, Biometrika 26:404)."""
    interval = stats.binomtest(hits, n).proportion_ci(LEVEL, method="exact")
    return float(interval.low), float(interval.high)


def _truth(y: np.ndarray) -> np.ndarray:
    truth = np.asarray(y) == 1
    if not 0 < truth.sum() < len(truth):
        raise UserError(
            f"the predictions hold no {'negative' if truth.any() else 'positive'} image; sensitivity and specificity "
            "need both, so predict more images"
        )
    return truth
