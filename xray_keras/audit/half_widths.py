"""What stands behind ± in somebody's table: does it follow from the rate and the cases, by the normal approximation?"""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from xray_keras.audit.arithmetic import counts_printing, normal_half_width
from xray_keras.errors import counted
from xray_keras.papers.printed import Interval, Printed

_Z = 1.96
_SHARES = ("accuracy", "prevalence", "recall", "specificity")


def findings(
    cells: Mapping[str, Printed], n: int | None, positives: int | None, modes: tuple[str, ...]
) -> Iterator[str]:
    """A sentence for each cell with a ±. None is a problem: a ± may be another spread, as that of repeated runs.

    Args:
        cells: metric → the number as printed.
        n, positives: test cases, and those of them that are positive, where known.
        modes: how numbers may have been shortened, see `Printed.interval`.
    """
    for metric, cell in cells.items():
        if cell.spread is None:
            continue
        cases = _cases(metric, n, positives)
        if not cases:
            needs = ", which takes n and positives" if metric in _SHARES else ""
            yield f"{metric} {cell}: the ± was read off and not checked{needs}"
            continue
        rule = f"{_Z}·√(p(1 − p)/n) of {counted(cases, 'case')}"
        widths = {mode: _widths(cell, cases, mode) for mode in modes}
        if any(width and width.meets(cell.spread.interval(mode)) for mode, width in widths.items()):
            yield f"{metric} {cell}: the ± follows from {rule}"
        else:
            unit = 100 if cell.spread.unit == "%" else 1
            gives = unit * normal_half_width(cell.value, cases, _Z)
            yield (
                f"{metric} {cell}: the ± does not follow from {rule}, which gives {gives:.4g}"
                f"{cell.spread.unit}; it is another spread, or wrong"
            )


def _cases(metric: str, n: int | None, positives: int | None) -> int | None:
    """How many cases the metric is a share of; None where that is unknown, or the metric is no such share."""
    if metric == "specificity":
        return None if n is None or positives is None else n - positives
    return {"accuracy": n, "prevalence": n, "recall": positives}.get(metric)


def _widths(cell: Printed, cases: int, mode: str) -> Interval | None:
    """From the least to the largest half-width of the counts that print so: it grows towards a share of one half."""
    counts = counts_printing(cell, cases, mode)
    if not counts:
        return None
    middle = min(max(cases // 2, counts[0]), counts[-1])
    found = [normal_half_width(count / cases, cases, _Z) for count in (counts[0], middle, counts[-1])]
    return Interval(Fraction(min(found)), Fraction(max(found)))
