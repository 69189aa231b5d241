"""What zhao2019's printed rates say about its test images: counts, chance and use."""

import itertools
import math
from fractions import Fraction

from xray_keras.audit import arithmetic, outcome
from xray_keras.audit.outcome import Cell, Outcome, Verdict
from xray_keras.audit.zhao2019.facts import PAPER, QUALITY, STUDENT, claimed
from xray_keras.papers import loader
from xray_keras.papers.printed import Interval, Printed

CHANCE = 0.05  # the customary level; the text names none


def f1_of_rows() -> Outcome:
    """Tables I and II: the F-measure of every row from its precision and recall."""
    cells, off = [], []
    for place, (recall, precision, printed) in _rows().items():
        follows = arithmetic.f1(precision.interval(), recall.interval())
        exact = 2 * precision.exact * recall.exact / (precision.exact + recall.exact)
        shown = f"{_percent(exact)} [{_percent(follows.low)}, {_percent(follows.high)}]"
        cells.append(Cell(place, str(printed), shown, follows.meets(printed.interval())))
        if exact not in printed.interval():
            off.append(f"{place} {float(exact * 100):.3f}, not {printed}")
    return outcome.of_cells(
        cells,
        where="Tables I and II",
        question="Does every F-measure follow from the printed precision and recall?",
        arithmetic="2PR/(P+R) over all P and R that print so; from P and R as printed it would print "
        "otherwise: " + ("; ".join(off) or "nowhere"),
    )


def confusion_counts() -> Outcome:
    """Tables I and II, IV.A: which counts of the test images print as each row?"""
    cells = []
    for place, printed in _rows().items():
        plain, tied = matrices(printed, ties=False), matrices(printed)
        shown = _counts(plain) or (f"only by a tie: {_counts(tied)}" if tied else "none")
        cells.append(Cell(place, " / ".join(map(str, printed)), shown, bool(tied)))
    return outcome.of_cells(
        cells,
        where="Tables I and II, IV.A",
        question="Is there a confusion matrix of the test images for every row?",
        arithmetic="TP from recall and the text images, FP from precision and F; all integers were tried, "
        "ties either way: " + "; ".join(f"{cell.place}: {cell.recomputed}" for cell in cells),
        reading="copied rows are taken to stand on the same test images",
    )


def steps_beyond_chance() -> Outcome:
    """Table II: is each step larger than chance on this many test images?"""
    table = loader.table(PAPER, "table2")
    rows = list(table.rows)
    total = _test_text() + _test_non_text()
    cells = []
    for before, after in itertools.pairwise(rows):
        chances = [_chance(one, other, total) for one in _right(before) for other in _right(after)]
        shown = f"p from {min(chances):.2g} to {max(chances):.2g}" if chances else "no counts"
        cells.append(Cell(after, f"after {before}", shown, bool(chances) and max(chances) < CHANCE))
    return outcome.of_cells(
        cells,
        where="Table II",
        question="Is each gain in accuracy larger than chance allows?",
        arithmetic=f"two shares of {total} images, normal test at {CHANCE}, for all counts that print as "
        "the rows; a paired test needs the predictions",
    )


def share_passed() -> Outcome:
    """I, IV.A, Table I: what passes the student's filter where text is as rare as printed?"""
    table = loader.table(PAPER, "table1")
    recall, precision = (table.number(STUDENT, column).exact for column in QUALITY[:2])
    false_alarms = recall * (1 - precision) / precision * Fraction(_test_text(), _test_non_text())
    shares = [claimed("images_with_text", name).exact for name in ("low", "high")]
    passed = [share * recall + (1 - share) * false_alarms for share in shares]
    true = [share * recall / all_passed for share, all_passed in zip(shares, passed, strict=True)]
    return Outcome(
        outcome.verdict(max(passed) < Fraction(1, 2)),
        "I, IV.A, Table I",
        "Does the filter spare most images, where text is as rare as printed?",
        printed=f"{claimed('images_with_text', 'low')} to {claimed('images_with_text', 'high')} hold text",
        recomputed=f"{_percent(passed[0])}% to {_percent(passed[1])}% pass",
        arithmetic=f"of non-text test images {_percent(false_alarms)}% pass, by recall, precision and the "
        f"test counts; of what passes, {_percent(true[0])}% to {_percent(true[1])}% hold text, not the "
        "printed precision",
        reading="most is more than half",
    )


def dataset_sums() -> Outcome:
    """IV.A: the counts of TextDis."""
    names = ("train_text", "train_non_text", "test_text", "test_non_text")
    counts = [int(claimed("textdis_counts", name).exact) for name in names]
    train, test = sum(counts[:2]), sum(counts[2:])
    return Outcome(
        Verdict.CANNOT_BE_CHECKED,
        "IV.A",
        "Do the four counts add up?",
        printed=" + ".join(map(str, counts)) + "; no sum is printed",
        recomputed=f"train {train}, test {test}, all {train + test}",
        arithmetic=f"text {counts[0] + counts[2]}, non-text {counts[1] + counts[3]}; text is "
        f"{_percent(Fraction(counts[0], train))}% of training and {_percent(Fraction(counts[2], test))}% "
        "of the test",
    )


def matrices(printed: tuple[Printed, Printed, Printed], *, ties: bool = True) -> list[tuple[int, list[int]]]:
    """Every TP with every FP that print as (recall, precision, F); without `ties` none on a rounding edge."""
    recall, precision, f = (number.interval() for number in printed)
    text = _test_text()
    found = []
    for tp in arithmetic.counts_printing(printed[0], text):
        fps = [
            fp
            for fp in range(
                max(0, math.ceil(tp / precision.high - tp)),
                min(_test_non_text(), math.floor(tp / precision.low - tp)) + 1,
            )
            if _inside(Fraction(tp, text), recall, ties)
            and _inside(Fraction(tp, tp + fp), precision, ties)
            and _inside(Fraction(2 * tp, tp + fp + text), f, ties)
        ]
        if fps:
            found.append((tp, fps))
    return found


def _inside(number: Fraction, interval: Interval, ties: bool) -> bool:
    return number in interval and (ties or number not in (interval.low, interval.high))


def _rows() -> dict[str, tuple[Printed, Printed, Printed]]:
    found = {}
    for name, title in (("table1", "Table I"), ("table2", "Table II")):
        table = loader.table(PAPER, name)
        for row in table.rows:
            recall, precision, f = (table.number(row, column) for column in QUALITY)
            found[f"{title}, {row}"] = (recall, precision, f)
    return found


def _right(row: str) -> list[int]:
    """Images that the row of Table II gets right, for all its counts."""
    printed = _rows()[f"Table II, {row}"]
    return [tp + _test_non_text() - fp for tp, fps in matrices(printed) for fp in fps]


def _chance(before: int, after: int, total: int) -> float:
    """Two-sided p of two independent shares, pooled normal approximation."""
    pooled = (before + after) / (2 * total)
    return math.erfc(
        abs(after - before) / total / math.sqrt(2 * pooled * (1 - pooled) / total) / math.sqrt(2)
    )


def _counts(found: list[tuple[int, list[int]]]) -> str:
    return ", ".join(
        f"TP {tp} FP {'–'.join(str(fp) for fp in sorted({fps[0], fps[-1]}))}" for tp, fps in found
    )


def _test_text() -> int:
    return int(claimed("textdis_counts", "test_text").exact)


def _test_non_text() -> int:
    return int(claimed("textdis_counts", "test_non_text").exact)


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.2f}"
