"""The arithmetic that ties printed numbers together, on every number that could have been printed so.

Inputs are intervals (`Printed.interval()`), so a tolerance is never chosen: it follows from the printed decimals.
"""

import itertools
import math
from fractions import Fraction

from scipy import stats

from xray_keras.papers.printed import ROUNDED, Interval, Printed


def f1(precision: Interval, recall: Interval) -> Interval:
    """F1 = 2PR/(P+R), which grows with both; 0 where both are 0, as printed tables have it."""

    def harmonic(p: Fraction, r: Fraction) -> Fraction:
        p, r = max(p, Fraction(0)), max(r, Fraction(0))
        return 2 * p * r / (p + r) if p + r else Fraction(0)

    return Interval(harmonic(precision.low, recall.low), harmonic(precision.high, recall.high))


def ratio(numerator: Interval, denominator: Interval) -> Interval:
    """Quotient of two positive numbers."""
    return Interval(numerator.low / denominator.high, numerator.high / denominator.low)


def auc_bounds(sensitivity: float, specificity: float) -> tuple[float, float]:
    """Least and largest area under any ROC curve through one operating point (a step to either side of it)."""
    return sensitivity * specificity, 1 - (1 - specificity) * (1 - sensitivity)


def auc_bounds_of_points(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Least and largest area under any ROC curve through several points (sensitivity, specificity).

    A ROC curve never falls, so between two points it stays inside the rectangle they span.
    """
    corners = sorted(
        {(0.0, 0.0), (1.0, 1.0)} | {(1 - specificity, sensitivity) for sensitivity, specificity in points}
    )
    widths = [(x1 - x0, y0, y1) for (x0, y0), (x1, y1) in itertools.pairwise(corners)]
    return sum(width * low for width, low, _ in widths), sum(width * high for width, _, high in widths)


def counts_printing(printed: Printed, n: int, printing: str = ROUNDED) -> range:
    """GRIM: every k for which k of n prints as `printed` (empty where none does).

    Brown & Heathers (2017), "The GRIM test", Social Psychological and Personality Science 8:363.
    """
    interval = printed.interval(printing)
    first = max(0, math.ceil(interval.low * n))
    last = min(n, math.floor(interval.high * n))
    while last >= first and Fraction(last, n) not in interval:
        last -= 1
    return range(first, last + 1)


def normal_half_width(share: float, n: int, z: float) -> float:
    """z·√(p(1−p)/n), the half-width that most papers print."""
    return z * math.sqrt(share * (1 - share) / n)


def wilson(count: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of count/n."""
    interval = stats.binomtest(count, n).proportion_ci(level, method="wilson")
    return float(interval.low), float(interval.high)


def clopper_pearson(count: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of count/n."""
    interval = stats.binomtest(count, n).proportion_ci(level, method="exact")
    return float(interval.low), float(interval.high)
