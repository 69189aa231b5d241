"""95 % intervals of an AUC (DeLong) and of a proportion (Wilson), both aware of patients.

Images of one patient resemble each other, so n images carry less information than n patients would.
Each function takes `clusters`; when every image has a cluster of its own, the results are exactly
DeLong's and Wilson's.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit, ndtr, ndtri

LEVEL = 0.95
Z = float(ndtri(0.5 + LEVEL / 2))

Interval = tuple[float, float]


class Auc(NamedTuple):
    """An AUC in [0, 1], its interval, and the interval's method ("delong" or "newcombe")."""

    value: float
    interval: Interval
    method: str


class Difference(NamedTuple):
    """Difference of two paired AUCs in [-1, 1], its interval and its two-sided p."""

    value: float
    interval: Interval
    p: float


def auc_covariance(y: np.ndarray, scores: np.ndarray, clusters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """AUCs of k score vectors on the same images, and the covariance of these k estimates.

    An image's placement is the share of the opposite class that it outranks (ties count one half); it
    comes from two binary searches an image, O(N log N) as the midranks of Sun & Xu (2014, IEEE Signal
    Processing Letters 21:1389) and with the same result. The covariance is that of DeLong, DeLong &
    Clarke-Pearson (1988, Biometrics 44:837) on the placements' sums over clusters, the extension of
    Obuchowski (1997, Biometrics 53:567).

    Args:
        y: truth, 0 or 1 (N,), both present.
        scores: (k, N), larger is more positive.
        clusters: patient of each image, int (N,).

    Returns:
        AUCs (k,) and covariance (k, k); NaN where only one patient has positives, or negatives.
    """
    truth = y == 1
    m, n = int(truth.sum()), int((~truth).sum())
    groups = int(clusters.max()) + 1
    aucs = np.empty(len(scores))
    of_positives, of_negatives = np.zeros((2, len(scores), groups))
    for k, score in enumerate(scores):
        positive, negative = score[truth], score[~truth]
        outranked = _midranks(negative, positive) / n
        aucs[k] = outranked.mean()
        of_positives[k] = np.bincount(clusters[truth], outranked - aucs[k], groups) / m
        losing = 1 - _midranks(positive, negative) / m
        of_negatives[k] = np.bincount(clusters[~truth], losing - aucs[k], groups) / n
    cross = of_positives @ of_negatives.T
    covariance = (
        _unbiased(np.unique(clusters[truth]).size) * of_positives @ of_positives.T
        + _unbiased(np.unique(clusters[~truth]).size) * of_negatives @ of_negatives.T
        + _unbiased(np.unique(clusters).size) * (cross + cross.T)
    )
    return aucs, covariance


def auc(y: np.ndarray, score: np.ndarray, clusters: np.ndarray) -> Auc:
    """AUC with its interval, symmetric on the logit scale.

    The logit keeps the interval inside (0, 1) and covers better than the plain one when the AUC is
    high and positives are few (Pepe 2003, §5.2), as for Hernia. Where DeLong's variance is zero (perfect
    separation, constant scores) or needs a second patient, Newcombe's interval is given instead.

    Args: as in `auc_covariance`, with one score vector (N,).
    """
    values, covariance = auc_covariance(y, score[np.newaxis], clusters)
    value, variance = float(values[0]), float(covariance[0, 0])
    if variance > 0 and 0 < value < 1:
        half = Z * np.sqrt(variance) / (value * (1 - value))
        return Auc(value, (float(expit(logit(value) - half)), float(expit(logit(value) + half))), "delong")
    truth = y == 1
    return Auc(
        value, newcombe(value, np.unique(clusters[truth]).size, np.unique(clusters[~truth]).size), "newcombe"
    )


def newcombe(value: float, m: int, n: int) -> Interval:
    """Interval of an AUC by its value and the numbers of positives and negatives alone.

    Inverts |value − θ| = z·sqrt(V(θ)) with V of Hanley & McNeil under exponential scores, both class
    sizes replaced by their mean: method 5 of Newcombe (2006, Statistics in Medicine 25:559). Unlike
    DeLong's it has width when the classes separate perfectly. `auc` calls it with the numbers of
    patients, the cautious choice where their correlation cannot be estimated.
    """
    mean_size = (m + n) / 2 - 1

    def excess(theta: float) -> float:
        spread = 1 + mean_size * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        return (value - theta) ** 2 - Z**2 * theta * (1 - theta) * spread / (m * n)

    # At 0 and 1 the value itself is a root, not the one meant: stay off it.
    low = 0.0 if value == 0 else brentq(excess, 0.0, min(value, 1 - 1e-9))
    high = 1.0 if value == 1 else brentq(excess, max(value, 1e-9), 1.0)
    return float(low), float(high)


def auc_difference(y: np.ndarray, a: np.ndarray, b: np.ndarray, clusters: np.ndarray) -> Difference:
    """Paired DeLong test of AUC(a) − AUC(b), two-sided, with the variance of `auc_covariance`.

    The interval is plain (a difference has no natural logit) and clipped to [-1, 1]. Two scores that
    rank every pair alike give difference 0, interval (0, 0) and p = 1. Where the variance is zero
    with a difference, or undefined, p and the ends are NaN.
    """
    values, covariance = auc_covariance(y, np.stack([a, b]), clusters)
    value = float(values[0] - values[1])
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    # Subtracting equal variances leaves rounding of either sign.
    if variance <= 1e-14 * (covariance[0, 0] + covariance[1, 1]):
        return (
            Difference(0.0, (0.0, 0.0), 1.0)
            if abs(value) < 1e-12
            else Difference(value, (np.nan, np.nan), np.nan)
        )
    error = np.sqrt(variance)
    interval = (max(-1.0, float(value - Z * error)), min(1.0, float(value + Z * error)))
    return Difference(value, interval, float(2 * ndtr(-abs(value) / error)))


def wilson(hits: float, trials: float) -> Interval:
    """Wilson's score interval of `hits` / `trials`, without continuity correction (1927, JASA 22:209).

    It ignores that images of one patient are correlated; pass `trials` and `hits` divided by
    `design_effect` to account for it. `trials` > 0 need not be whole.
    """
    share = hits / trials
    centre = share + Z**2 / (2 * trials)
    half = Z * np.sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    scale = 1 + Z**2 / trials
    # The ends are exact at no hit and at all hits; rounding must not leave [0, 1].
    low = 0.0 if hits == 0 else float((centre - half) / scale)
    high = 1.0 if hits == trials else float((centre + half) / scale)
    return low, high


def design_effect(hits: np.ndarray, trials: np.ndarray) -> float:
    """Factor >= 1 by which clustering inflates the variance of sum(hits) / sum(trials).

    Linearised variance of the ratio between clusters over the binomial one (Rao & Scott 1992,
    Biometrics 48:577). Where all trials agree, the correlation cannot be estimated: then each
    cluster counts as one trial.

    Args:
        hits, trials: per cluster (G,), hits <= trials, sum(trials) > 0.
    """
    total = trials.sum()
    share = hits.sum() / total
    if share in (0, 1):
        return float(total / np.count_nonzero(trials))
    return max(1.0, float(np.square(hits - share * trials).sum() / (total * share * (1 - share))))


def _midranks(reference: np.ndarray, values: np.ndarray) -> np.ndarray:
    """How many of `reference` each of `values` exceeds, a tie counting one half."""
    ordered = np.sort(reference)
    return (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / 2


def _unbiased(size: int) -> float:
    return size / (size - 1) if size > 1 else np.nan
