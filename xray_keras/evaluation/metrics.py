"""Metrics of one label from the counts of its decisions, and the cells that carry them.

Counts are kept per patient, int64 (G, 4) in the order of `COUNTS`: their sum gives the metric, their
spread the design effect, and their product with resampling weights the bootstrap.
"""

from typing import TypedDict

import numpy as np

from xray_keras.evaluation import bootstrap, intervals

COUNTS = ("tp", "fp", "fn", "tn")

# Each metric is a ratio of two sums of the counts.
_RATIOS = {
    "accuracy": ((1, 0, 0, 1), (1, 1, 1, 1)),
    "recall": ((1, 0, 0, 0), (1, 0, 1, 0)),
    "precision": ((1, 0, 0, 0), (1, 1, 0, 0)),
    "f1": ((2, 0, 0, 0), (2, 1, 1, 0)),
    "specificity": ((0, 0, 0, 1), (0, 1, 0, 1)),
}
METRICS = tuple(_RATIOS)
_NUMERATORS = np.array([numerator for numerator, _ in _RATIOS.values()]).T  # (4, 5)
_DENOMINATORS = np.array([denominator for _, denominator in _RATIOS.values()]).T


class Cell(TypedDict):
    """One number of a table, ready for JSON.

    value: in [0, 1], or None where the metric is undefined.
    interval: its 95 % interval [low, high], or None where there is none.
    method: "delong", "newcombe", "wilson" or "bootstrap", how the interval was made; None without one.
    reason: why value, interval or some resamples are missing, or which convention applies; else None.
    """

    value: float | None
    interval: list[float] | None
    method: str | None
    reason: str | None


def cell(
    value: float | None,
    interval: intervals.Interval | None = None,
    method: str | None = None,
    reason: str | None = None,
) -> Cell:
    """A `Cell` of plain Python numbers; `method` is dropped where there is no interval."""
    return Cell(
        value=None if value is None else float(value),
        interval=None if interval is None else [float(end) for end in interval],
        method=None if interval is None else method,
        reason=reason,
    )


def counts(y: np.ndarray, p: np.ndarray, threshold: float, clusters: np.ndarray) -> np.ndarray:
    """Decisions ``p > threshold`` counted per cluster, int64 (G, 4) in the order of `COUNTS`.

    Args:
        y: truth, 0 or 1 (N,). p: probability (N,). clusters: int in 0 … G−1 (N,).
    """
    truth = y == 1
    outcome = np.where(p > threshold, np.where(truth, 0, 1), np.where(truth, 2, 3))
    groups = int(clusters.max()) + 1
    return np.bincount(clusters * 4 + outcome, minlength=4 * groups).reshape(groups, 4)


def ratios(totals: np.ndarray) -> np.ndarray:
    """`METRICS` (…, 5) of summed counts (…, 4); NaN where undefined.

    Recall and F1 need a positive image, specificity a negative one. Precision is 0 where nothing is
    called positive although there are positives to find, as ali2019 prints it (Table II, Hernia).
    """
    numerators, denominators = totals @ _NUMERATORS, totals @ _DENOMINATORS
    values = np.full(numerators.shape, np.nan)
    np.divide(numerators, denominators, out=values, where=denominators > 0)
    positives = denominators[..., METRICS.index("recall")] > 0
    values[..., METRICS.index("f1")][~positives] = np.nan
    precision = values[..., METRICS.index("precision")]
    precision[positives & np.isnan(precision)] = 0.0
    return values


def at_threshold(counted: np.ndarray, resampled: np.ndarray) -> dict[str, Cell]:
    """`METRICS` as cells.

    Proportions carry Wilson's interval at the effective number of images (`intervals.design_effect`),
    F1, which is none, the patient-clustered bootstrap's. All take the threshold as given: that it was
    tuned on a finite validation set is not in them.

    Args:
        counted: per patient (G, 4). resampled: metrics of each resample (B, 5), by `ratios`.
    """
    cells = {}
    values = ratios(counted.sum(axis=0)[np.newaxis])[0]
    for k, name in enumerate(METRICS):
        reason = _undefined(name, counted.sum(axis=0))
        if reason is not None:
            cells[name] = cell(None if np.isnan(values[k]) else values[k], reason=reason)
        elif name == "f1":
            interval, reason = bootstrap.interval(resampled[:, k])
            cells[name] = cell(values[k], interval, "bootstrap", reason)
        else:
            cells[name] = proportion(counted @ _NUMERATORS[:, k], counted @ _DENOMINATORS[:, k])
    return cells


def proportion(hits: np.ndarray, trials: np.ndarray) -> Cell:
    """sum(hits) / sum(trials) of per-patient counts (G,), with Wilson's interval at the effective number."""
    effect = intervals.design_effect(hits, trials)
    return cell(
        hits.sum() / trials.sum(), intervals.wilson(hits.sum() / effect, trials.sum() / effect), "wilson"
    )


def one_class(y: np.ndarray, split: str) -> str | None:
    """The reason why nothing can be ranked in `split`, or None when both classes are there."""
    positives = int((y == 1).sum())
    if 0 < positives < len(y):
        return None
    return f"no {'negative' if positives else 'positive'} in {split}"


def _undefined(metric: str, totals: np.ndarray) -> str | None:
    tp, fp, fn, tn = totals
    if metric in ("recall", "precision", "f1") and tp + fn == 0:
        return "no positive in test"
    if metric == "specificity" and fp + tn == 0:
        return "no negative in test"
    if metric == "precision" and tp + fp == 0:
        return "nothing called positive; 0 by convention"
    return None
