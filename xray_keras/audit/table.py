"""Is a printed table possible? What a reviewer can know from the numbers alone, one row a model."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from xray_keras.audit import arithmetic, confusion, half_widths
from xray_keras.audit.table_file import PrintedRows, read
from xray_keras.errors import UserError, counted
from xray_keras.papers.printed import ROUNDED, TRUNCATED, Printed


@dataclass(frozen=True)
class RowAudit:
    """What one row allows.

    Attributes:
        name: of the row.
        problems: what is impossible, and why; empty where nothing is.
        findings: what follows from the numbers.
    """

    name: str
    problems: tuple[str, ...]
    findings: tuple[str, ...]


@dataclass(frozen=True)
class TableAudit:
    """All rows, and how the file was understood."""

    rows: tuple[RowAudit, ...]
    remarks: tuple[str, ...]

    @property
    def possible(self) -> bool:
        return not any(row.problems for row in self.rows)


def audit(
    path: Path, n: int | None = None, positives: int | None = None, printing: str = confusion.EITHER
) -> TableAudit:
    """Check every row of a CSV (see `table_file.read`).

    Args:
        path: the CSV.
        n: test cases of every row, where no column says it.
        positives: positive cases of every row, where no column says it.
        printing: "rounded", "truncated", or "either".

    Raises:
        UserError: a file that cannot be read as a table, an impossible n or positives.
    """
    if printing not in (ROUNDED, TRUNCATED, confusion.EITHER):
        raise UserError(
            f"printing {printing!r} is unknown; choose {ROUNDED}, {TRUNCATED} or {confusion.EITHER}"
        )
    table = read(path)
    rows = tuple(
        _row(table, k, _first(table.n[k], n), _first(table.positives[k], positives), printing)
        for k in range(len(table.names))
    )
    return TableAudit(rows, tuple(table.remarks))


def _first(own: int | None, common: int | None) -> int | None:
    return common if own is None else own


def _row(table: PrintedRows, k: int, n: int | None, positives: int | None, printing: str) -> RowAudit:
    cells = table.cells[k]
    modes = (ROUNDED, TRUNCATED) if printing == confusion.EITHER else (printing,)
    outside = [
        f"{name} {cell} lies outside 0 to 1" for name, cell in cells.items() if not 0 <= cell.exact <= 1
    ]
    if outside:
        return RowAudit(table.names[k], tuple(outside), ())
    problems = [*_identity(cells, modes), *_auc(cells)]
    findings: list[str] = []
    metrics = {
        name: cell.text.split("±")[0].strip() for name, cell in cells.items() if name in confusion.METRICS
    }
    if n is None:
        problems += _grim(cells, positives, modes)
        findings.append("n is not given: only identities between the metrics were checked")
    elif metrics:
        found, text = _matrices(metrics, n, positives, printing)
        if not found:
            problems.append(text)
        else:
            findings.append(f"{'the other metrics alone fit' if problems else 'consistent'}: {text}")
    findings += half_widths.findings(cells, n, positives, modes)
    return RowAudit(table.names[k], tuple(problems), tuple(findings))


def _identity(cells: dict[str, Printed], modes: tuple[str, ...]) -> list[str]:
    """F1 = 2PR/(P+R), whatever n."""
    if not {"precision", "recall", "f1"} <= set(cells):
        return []
    ranges = [
        arithmetic.f1(cells["precision"].interval(mode), cells["recall"].interval(mode)) for mode in modes
    ]
    if any(found.meets(cells["f1"].interval(mode)) for found, mode in zip(ranges, modes, strict=True)):
        return []
    return [
        f"F1 {cells['f1']} is not 2PR/(P+R): precision {cells['precision']} and recall {cells['recall']} give "
        f"{ranges[0]}"
    ]


def _auc(cells: dict[str, Printed]) -> list[str]:
    """The area under a curve through the operating point."""
    if not {"auc", "recall", "specificity"} <= set(cells):
        return []
    sensitivity, specificity, auc = (cells[name].interval() for name in ("recall", "specificity", "auc"))
    low = arithmetic.auc_bounds(float(sensitivity.low), float(specificity.low))[0]
    high = arithmetic.auc_bounds(float(sensitivity.high), float(specificity.high))[1]
    if auc.high >= Fraction(low) and auc.low <= Fraction(high):
        return []
    return [
        f"AUC {cells['auc']} is impossible: a curve through recall {cells['recall']} at specificity "
        f"{cells['specificity']} has an area between {low:.4f} and {high:.4f}"
    ]


def _grim(cells: dict[str, Printed], positives: int | None, modes: tuple[str, ...]) -> list[str]:
    """Recall against the number of positives, where n is unknown."""
    if positives is None or "recall" not in cells:
        return []
    if any(arithmetic.counts_printing(cells["recall"], positives, mode) for mode in modes):
        return []
    return [f"no count of {counted(positives, 'positive')} prints as recall {cells['recall']}"]


def _matrices(metrics: dict[str, str], n: int, positives: int | None, printing: str) -> tuple[bool, str]:
    """Whether a matrix of n cases exists, and the sentence."""
    among = counted(n, "case") + ("" if positives is None else f" with {counted(positives, 'positive')}")
    if excluded := confusion.conflict(metrics, n, positives, printing):
        words = ", ".join(f"{name} {metrics[name]}" for name in excluded)
        together = " together" if len(excluded) > 1 else ""
        return False, f"no confusion matrix of {among} prints {words}{together}"
    try:
        solutions = confusion.solve(metrics, n, positives, printing)
    except UserError:
        return True, f"too many confusion matrices of {among} to count"
    if solutions.count == 1:
        tp, fp, fn, tn = next(iter(solutions))
        return True, f"exactly one confusion matrix of {among}, TP {tp:,}, FP {fp:,}, FN {fn:,}, TN {tn:,}"
    found = f"{solutions.count:,} confusion matrices of {among}"
    if positives is not None:
        return True, found
    low, high = int(solutions.positives.min()), int(solutions.positives.max())
    return True, f"{found}, {counted(high, 'positive') if low == high else f'{low:,} to {high:,} positives'}"
