"""The patient-clustered bootstrap: whole patients are drawn with replacement, 95 % percentile interval.

A resample is a row of weights, how often each patient was drawn, so nothing is ever copied: counts
are one matrix product, and rankings are sorted once. The same weights serve every label and both
models of a comparison, which keeps all differences paired.
"""

import numpy as np

from xray_keras.evaluation.intervals import LEVEL, Interval

# Elements of one float64 work array: 16 MB, about the last-level cache.
_CHUNK = 2_000_000


def weights(clusters: int, resamples: int, seed: int) -> np.ndarray:
    """Multinomial weights, uint16 (B, G): each row sums to G = `clusters`; fixed by `seed`."""
    rng = np.random.default_rng(seed)
    drawn = np.empty((resamples, clusters), np.uint16)
    for row in drawn:
        row[:] = np.bincount(rng.integers(clusters, size=clusters), minlength=clusters)
    return drawn


def totals(weights: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Sum of per-cluster `counts` (G, K) in each resample, float64 (B, K)."""
    step = max(1, _CHUNK // len(counts))
    parts = [weights[i : i + step].astype(np.float64) @ counts for i in range(0, len(weights), step)]
    return np.concatenate(parts)


def ranking(
    y: np.ndarray, score: np.ndarray, clusters: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """AUC and average precision of each resample, (B,) and (B,); NaN where a class was not drawn.

    Ties count one half in the AUC; in average precision tied images enter together, the step
    function sum((R_k − R_{k−1})·P_k) without interpolation.

    Args:
        y: truth (N,), 0 or 1. score: (N,). clusters: (N,), columns of `weights` (B, G).
    """
    truth = y == 1
    rising, falling = np.argsort(score[~truth]), np.argsort(-score[truth])
    negative, positive = score[~truth][rising], score[truth][falling]
    of_negative, of_positive = clusters[~truth][rising], clusters[truth][falling]
    below = np.searchsorted(negative, positive, "left")
    up_to = np.searchsorted(negative, positive, "right")
    last_tie = np.searchsorted(-positive, -positive, "right") - 1
    areas, precisions = np.full((2, len(weights)), np.nan)
    if not len(positive) or not len(negative):
        return areas, precisions
    step = max(1, _CHUNK // len(y))
    for start in range(0, len(weights), step):
        part = slice(start, start + step)
        drawn = np.take(weights[part], of_positive, axis=1).astype(np.float64)  # (b, m)
        rank = np.zeros((len(drawn), len(negative) + 1))  # (b, n + 1): weight of the negatives before
        np.cumsum(np.take(weights[part], of_negative, axis=1), axis=1, out=rank[:, 1:])
        m, n = drawn.sum(axis=1), rank[:, -1]
        outranked = np.take(rank, below, axis=1)
        hits = np.take(np.cumsum(drawn, axis=1), last_tie, axis=1)
        called = hits + n[:, np.newaxis] - outranked
        # A positive that was not drawn has weight 0, so its precision, perhaps 0/0, is irrelevant.
        summed = np.einsum("bi,bi->b", drawn, hits / np.maximum(called, 1))
        wins = np.einsum("bi,bi->b", drawn, outranked + np.take(rank, up_to, axis=1)) / 2
        both = (m > 0) & (n > 0)
        areas[part][both] = wins[both] / (m * n)[both]
        precisions[part][both] = summed[both] / m[both]
    return areas, precisions


def interval(samples: np.ndarray) -> tuple[Interval | None, str | None]:
    """Percentile interval of samples (B,), or None, and a remark on what is missing, or None.

    Resamples in which the statistic is undefined (NaN) are left out, which the remark counts; with
    fewer than half left, or with all of them equal, there is no honest interval.
    """
    defined = samples[~np.isnan(samples)]
    missing = len(samples) - len(defined)
    remark = f"undefined in {missing} of {len(samples)} resamples" if missing else None
    if 2 * len(defined) < len(samples):
        return None, remark
    if defined.min() == defined.max():
        return None, "the same in every resample"
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return (float(low), float(high)), remark


def p_value(samples: np.ndarray) -> float | None:
    """Two-sided p of "the difference is zero" from resampled differences (B,), at least 2/(B + 1).

    Twice the smaller share of resamples on either side of zero, each counted with one more so that
    p is never 0 (Davison & Hinkley 1997, §4.2): about the level at which `interval` would end at 0.
    None where fewer than half of the resamples are defined, as in `interval`.
    """
    defined = samples[~np.isnan(samples)]
    if 2 * len(defined) < len(samples):
        return None
    smaller = min(int((defined <= 0).sum()), int((defined >= 0).sum()))
    return min(1.0, 2 * (1 + smaller) / (1 + len(defined)))
