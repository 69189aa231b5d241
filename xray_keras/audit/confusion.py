"""Which integer confusion matrices print as a given row of metrics? All of them, or the proof that none does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from xray_keras.audit.confusion_search import bounds_of, exists, search
from xray_keras.errors import UserError
from xray_keras.papers.printed import ROUNDED, TRUNCATED, Printed

METRICS = ("accuracy", "recall", "precision", "specificity", "f1", "prevalence")
EITHER = "either"
_SYNONYMS = {"sensitivity": "recall", "ppv": "precision"}


class Matrix(NamedTuple):
    """A confusion matrix: counts of true and false positives and negatives."""

    tp: int
    fp: int
    fn: int
    tn: int


@dataclass(frozen=True)
class Solutions:
    """All confusion matrices of n cases that print as asked, as runs of FP.

    Attributes:
        n: cases.
        positives, tp, fp_low, fp_high: int64 (k,); each entry stands for every FP from fp_low to fp_high.
        conflict: where there is none: the fewest of the metrics that already exclude every matrix.
    """

    n: int
    positives: np.ndarray
    tp: np.ndarray
    fp_low: np.ndarray
    fp_high: np.ndarray
    conflict: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return int((self.fp_high - self.fp_low + 1).sum())

    def __iter__(self) -> Iterator[Matrix]:
        runs = zip(self.positives, self.tp, self.fp_low, self.fp_high, strict=True)
        for positives, tp, low, high in runs:
            for fp in range(low, high + 1):
                yield Matrix(int(tp), fp, int(positives - tp), int(self.n - positives - fp))


def solve(
    metrics: Mapping[str, str],
    n: int,
    positives: int | None = None,
    printing: str = ROUNDED,
) -> Solutions:
    """All integer confusion matrices of `n` cases whose metrics print as given.

    A ratio 0/0 counts as 0, as scikit-learn and most papers print it.

    Args:
        metrics: name → verbatim printed text ("0.71113", "97.5%"): accuracy, recall or sensitivity, precision or
            ppv, specificity, f1, prevalence; any of them, at least one.
        n: number of cases, at most 200,000.
        positives: number of positive cases where known.
        printing: "rounded" (ties either way), "truncated", or "either" for both.

    Returns:
        the matrices; where there is none, `conflict` names metrics that cannot hold together.

    Raises:
        UserError: an unknown metric or printing, a text that is no number, an impossible n or positives, or metrics
            so few that there are more candidates than can be looked at.
    """
    named, modes = _checked(metrics, n, positives, printing)
    found = [search(bounds_of(named, mode), n, positives) for mode in modes]
    merged = np.unique(np.concatenate(found), axis=0) if len(found) > 1 else found[0]
    if len(merged):
        return _solutions(n, _disjoint(merged))
    return _solutions(n, merged, _conflict(named, n, positives, modes))


def possible(
    metrics: Mapping[str, str], n: int, positives: int | None = None, printing: str = ROUNDED
) -> bool:
    """Whether any matrix prints so: `solve` without the list, faster, and for any number of matrices.

    Arguments and errors are those of `solve`.
    """
    named, modes = _checked(metrics, n, positives, printing)
    return _possible(named, n, positives, modes)


def conflict(
    metrics: Mapping[str, str], n: int, positives: int | None = None, printing: str = ROUNDED
) -> tuple[str, ...]:
    """The fewest metrics that already exclude every matrix, none of which can be spared; () where a matrix exists.

    Arguments and errors are those of `solve`.
    """
    named, modes = _checked(metrics, n, positives, printing)
    return () if _possible(named, n, positives, modes) else _conflict(named, n, positives, modes)


def _checked(
    metrics: Mapping[str, str], n: int, positives: int | None, printing: str
) -> tuple[dict[str, Printed], tuple[str, ...]]:
    if not 1 <= n <= 200_000:
        raise UserError(f"n = {n:,}: the solver takes 1 to 200,000 cases")
    if positives is not None and not 0 <= positives <= n:
        raise UserError(f"{positives:,} positives among {n:,} cases are impossible")
    modes = {ROUNDED: (ROUNDED,), TRUNCATED: (TRUNCATED,), EITHER: (ROUNDED, TRUNCATED)}
    if printing not in modes:
        raise UserError(f"printing {printing!r} is unknown; choose {', '.join(modes)}")
    return _named(metrics), modes[printing]


def _possible(
    named: Mapping[str, Printed], n: int, positives: int | None, printings: tuple[str, ...]
) -> bool:
    return any(exists(bounds_of(named, mode), n, positives) for mode in printings)


def _named(metrics: Mapping[str, str]) -> dict[str, Printed]:
    named: dict[str, Printed] = {}
    for name, text in metrics.items():
        key = _SYNONYMS.get(name, name)
        if key not in METRICS:
            raise UserError(
                f"the metric {name!r} is unknown; choose from {', '.join((*METRICS, *_SYNONYMS))}"
            )
        try:
            named[key] = Printed(text)
        except ValueError as error:
            raise UserError(f"{name}: {error}") from None
    if not named:
        raise UserError("the solver needs at least one metric")
    return named


def _solutions(n: int, rows: np.ndarray, conflict: tuple[str, ...] = ()) -> Solutions:
    positives, tp, low, high = rows.T
    return Solutions(n, positives, tp, low, high, conflict)


def _disjoint(rows: np.ndarray) -> np.ndarray:
    """Sorted rows (P, TP, from, to), at most two of a (P, TP): join those that overlap or touch."""
    follows = (rows[1:, :2] == rows[:-1, :2]).all(axis=1) & (rows[1:, 2] <= rows[:-1, 3] + 1)
    joined = rows.copy()
    joined[:-1, 3] = np.where(follows, np.maximum(rows[:-1, 3], rows[1:, 3]), rows[:-1, 3])
    return joined[np.concatenate([[True], ~follows])]


def _conflict(
    named: Mapping[str, Printed], n: int, positives: int | None, printings: tuple[str, ...]
) -> tuple[str, ...]:
    """Drop metrics as long as the rest still excludes every matrix: none of those left can be spared."""
    left = dict(named)
    for name in named:
        rest = {other: printed for other, printed in left.items() if other != name}
        if rest and not _possible(rest, n, positives, printings):
            left = rest
    return tuple(left)
