"""The search behind `confusion`: candidates for P and TP inside bounds, and the FP that every metric then allows.

The number of positives P and the true positives TP are enumerated inside bounds that the metrics imply; every metric
is then an interval of false positives FP, in exact integer arithmetic on whole arrays. Nothing is approximated.
"""

import itertools
import math
from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np

from xray_keras.errors import UserError
from xray_keras.papers.printed import Interval, Printed

_DECIMALS = 12  # printed more finely than any fraction below 200,000 needs; more would leave 64 bits
_MOST_PAIRS = 60_000_000  # (P, TP) pairs looked at before more metrics are asked for
_CHUNK = 500_000


def bounds_of(named: Mapping[str, Printed], printing: str) -> dict[str, Interval]:
    """What each metric may be, on a grid that 64-bit arithmetic can hold."""
    grid = 10**_DECIMALS
    bounds = {}
    for name, printed in named.items():
        interval = printed.interval(printing)
        if 2 * grid % interval.low.denominator or 2 * grid % interval.high.denominator:
            # Finer than the grid: outwards, so that no matrix is lost.
            interval = Interval(
                Fraction(math.floor(interval.low * grid), grid),
                Fraction(math.ceil(interval.high * grid), grid),
            )
        bounds[name] = interval
    return bounds


def search(bounds: Mapping[str, Interval], n: int, positives: int | None) -> np.ndarray:
    """Every matrix of n cases inside the bounds, as rows (P, TP, FP from, FP to), int64 (k, 4).

    Raises:
        UserError: more candidates than can be listed.
    """
    p, first, widths = _candidates(bounds, n, positives)
    if (pairs := int(widths.sum())) > _MOST_PAIRS:
        raise UserError(
            f"{', '.join(bounds)} of {n:,} cases leave {pairs:,} candidates; give the positives, or recall with "
            "precision or F1"
        )
    return np.concatenate([np.empty((0, 4), np.int64), *_runs(bounds, n, p, first, widths)])


def exists(bounds: Mapping[str, Interval], n: int, positives: int | None) -> bool:
    """Whether `search` would find any; stops at the first."""
    return any(len(rows) for rows in _runs(bounds, n, *_candidates(bounds, n, positives)))


def _candidates(
    bounds: Mapping[str, Interval], n: int, positives: int | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each possible P, its first TP, and how many TP follow."""
    low, high = (positives, positives) if positives is not None else _positives_range(bounds, n)
    for name in ("prevalence", "accuracy"):
        if bound := bounds.get(name):
            least, most = (int(end[0]) for end in _range(bound, np.array([n]), np.array([n])))
            if name == "prevalence":
                low, high = max(low, least), min(high, most)
            elif most < least:  # no count of n cases prints so
                high = low - 1
    p = np.arange(low, high + 1, dtype=np.int64)
    first, last = _true_positives(bounds, n, p)
    return p, first, np.maximum(last - first + 1, 0)


def _runs(
    bounds: Mapping[str, Interval], n: int, p: np.ndarray, first: np.ndarray, widths: np.ndarray
) -> Iterator[np.ndarray]:
    """The candidates that satisfy every metric, a chunk at a time."""
    total = np.cumsum(widths)
    start = 0
    while start < len(p):
        done = total[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(total, done + _CHUNK)))
        part = slice(start, stop)
        offsets = np.arange(total[stop - 1] - done) - np.repeat(
            total[part] - widths[part] - done, widths[part]
        )
        tp = np.repeat(first[part], widths[part]) + offsets
        yield _false_positives(bounds, n, np.repeat(p[part], widths[part]), tp)
        start = stop


def _positives_range(bounds: Mapping[str, Interval], n: int) -> tuple[int, int]:
    """Least and largest P, from accuracy with two of recall, precision and F1.

    The errors are P·(1 − 2r + r/p), and 2·P·r·(1/f − 1): linear in r, in 1/p and in 1/f, so extremes lie at corners.
    """
    recall, precision, f1, accuracy = (bounds.get(name) for name in ("recall", "precision", "f1", "accuracy"))
    if not accuracy:
        return 0, n
    rates = []  # errors for one positive
    if recall and precision and precision.low > 0 and recall.low > 0:
        rates.append(
            [1 - 2 * r + r / p for r in (recall.low, recall.high) for p in (precision.low, precision.high)]
        )
    if recall and f1 and f1.low > 0 and recall.low > 0:
        rates.append([2 * r * (1 / f - 1) for r in (recall.low, recall.high) for f in (f1.low, f1.high)])
    low, high = Fraction(0), Fraction(n)
    errors = n * (1 - accuracy.high), n * (1 - accuracy.low)
    for corners in rates:
        if min(corners) > 0:
            low, high = max(low, errors[0] / max(corners)), min(high, errors[1] / min(corners))
    return max(0, math.ceil(low)), min(n, math.floor(high))


def _true_positives(bounds: Mapping[str, Interval], n: int, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and last TP for each P: exactly from recall, and in floating point, outwards, from pairs of others.

    Given P, a metric's bound v is a line a·TP + b·FP = c. Two metrics bound a quadrilateral in the plane of TP and FP,
    whose extremes in TP lie at corners as long as the lines do not turn parallel in between.
    """
    first, last = _range(bounds.get("recall"), p, p)
    lines = {
        "accuracy": lambda v: (1.0, -1.0, v * n - n + p),
        "precision": lambda v: (1 - v, -v, 0.0 * p),
        "specificity": lambda v: (0.0, 1.0, (1 - v) * (n - p)),
        "f1": lambda v: (2 - v, -v, v * p),
    }
    given = [name for name in lines if name in bounds]
    for one, other in itertools.combinations(given, 2):
        corners, slopes = [], []
        for v, w in itertools.product(_ends(bounds[one]), _ends(bounds[other])):
            (a, b, c), (d, e, f) = lines[one](v), lines[other](w)
            slopes.append(a * e - d * b)
            if slopes[-1]:
                corners.append((c * e - f * b) / slopes[-1])
        if min(slopes) > 1e-9 or max(slopes) < -1e-9:
            reach = np.stack(corners)
            margin = 1 + 1e-9 * n / min(map(abs, slopes))
            first = np.maximum(
                first, np.floor(np.clip(reach.min(axis=0) - margin, 0, n + 1)).astype(np.int64)
            )
            last = np.minimum(last, np.ceil(np.clip(reach.max(axis=0) + margin, -1, n)).astype(np.int64))
    return first, last


def _ends(bound: Interval) -> tuple[float, float]:
    return max(0.0, float(bound.low)), min(1.0, float(bound.high))


def _false_positives(bounds: Mapping[str, Interval], n: int, p: np.ndarray, tp: np.ndarray) -> np.ndarray:
    """For each (P, TP) the FP that every metric allows; rows with none are dropped."""
    low, high = np.zeros_like(p), n - p
    negatives = n - p
    if bound := bounds.get("accuracy"):  # (TP + TN) / n, TN = negatives − FP
        right, most = _range(bound, np.full_like(p, n), np.full_like(p, n))
        low, high = np.maximum(low, tp + negatives - most), np.minimum(high, tp + negatives - right)
    if bound := bounds.get("specificity"):  # TN / negatives
        right, most = _range(bound, negatives, negatives)
        low, high = np.maximum(low, negatives - most), np.minimum(high, negatives - right)
    for name, top, rest in (("precision", tp, tp), ("f1", 2 * tp, tp + p)):  # top / (rest + FP)
        if bound := bounds.get(name):
            least, most = _denominators(bound, top)
            low, high = np.maximum(low, least - rest), np.minimum(high, most - rest)
    kept = low <= high
    return np.stack([p[kept], tp[kept], low[kept], high[kept]], axis=1)


def _range(
    bound: Interval | None, denominators: np.ndarray, most: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """First and last k in 0…most with k / denominator inside `bound`; 0/0 is 0."""
    if bound is None:
        return np.zeros_like(most), most
    first = np.maximum(-(-bound.low.numerator * denominators // bound.low.denominator), 0)
    last = (bound.high.numerator * denominators - (not bound.closed)) // bound.high.denominator
    undefined = denominators == 0
    zero = 0 if Fraction(0) in bound else -1
    return np.where(undefined, 0, first), np.where(undefined, zero, np.minimum(last, most))


def _denominators(bound: Interval, top: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest m with top / m inside `bound`; 0/m is 0 for every m, also for m = 0."""
    nothing, everything = (0, np.iinfo(np.int64).max // 2) if Fraction(0) in bound else (1, 0)
    if bound.high <= 0:
        return np.where(top == 0, nothing, 1), np.where(top == 0, everything, 0)
    inverse = bound.high.denominator * top
    least = -(-inverse // bound.high.numerator) if bound.closed else inverse // bound.high.numerator + 1
    most = np.full_like(top, np.iinfo(np.int64).max // 2)
    if bound.low > 0:
        most = bound.low.denominator * top // bound.low.numerator
    return np.where(top == 0, nothing, least), np.where(top == 0, everything, most)
