"""Read a table of metrics that somebody printed: columns by name, one row a model, every cell as text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from xray_keras import files
from xray_keras.datasets import text_table
from xray_keras.errors import Damaged, UserError, shortened
from xray_keras.papers.printed import Printed

_COLUMNS = {
    "accuracy": "accuracy acc",
    "recall": "recall sensitivity sens tpr",
    "precision": "precision ppv",
    "specificity": "specificity spec tnr",
    "f1": "f1 f1score fscore fmeasure f",
    "prevalence": "prevalence",
    "auc": "auc auroc rocauc",
    "n": "n cases images total",
    "positives": "positives positive npositive npos",
}
_NAMES = {synonym: name for name, synonyms in _COLUMNS.items() for synonym in synonyms.split()}
_MISSING = ("", "-", "–", "—", "na", "n/a", "nan", "none")
_COUNTS = ("n", "positives")
_COUNT = re.compile(r"[0-9]{1,12}")


@dataclass
class PrintedRows:
    """A table as read.

    Attributes:
        names: of the rows.
        cells: one dictionary a row: metric → the number as printed; what is missing is absent.
        n, positives: one number a row, None where not given.
        remarks: what had to be understood on the way, for the reader.
    """

    names: list[str]
    cells: list[dict[str, Printed]]
    n: list[int | None]
    positives: list[int | None]
    remarks: list[str] = field(default_factory=list)


def read(path: Path) -> PrintedRows:
    """Read a CSV, separated by commas, semicolons or tabs.

    Columns by name, in any order and spelling of case: a first column with the models' names, and accuracy, recall or
    sensitivity, precision or PPV, specificity, F1, prevalence, AUC, n, positives. Numbers may be fractions or
    percentages, with a point or a comma.

    Raises:
        UserError: no such file, no table, no known column, the same metric twice, a cell that is no number, or a
            column that mixes fractions and percentages; row and column are named.
    """
    frame = _frame(path)
    remarks: list[str] = []
    columns = _columns(path, frame)
    texts = {name: [cell.strip() for cell in frame[column]] for name, column in columns.items()}
    metrics = {
        name: _metric(path, columns[name], texts[name], list(frame.iloc[:, 0]), remarks)
        for name in texts
        if name not in _COUNTS
    }
    if not metrics:
        raise UserError(f"{path} has no column of a metric; known are {', '.join(_COLUMNS)}")
    rows = range(len(frame))
    return PrintedRows(
        names=[str(name).strip() for name in frame.iloc[:, 0]],
        cells=[{name: cell for name, column in metrics.items() if (cell := column[k])} for k in rows],
        n=_count(path, columns, texts, "n", len(frame)),
        positives=_count(path, columns, texts, "positives", len(frame)),
        remarks=remarks,
    )


def _frame(path: Path) -> pd.DataFrame:
    try:
        files.check_regular(path)
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"{path} is absent; name a CSV with one row a model") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not text in UTF-8; save the table as CSV") from None
    except OSError as error:
        raise files.access_error(path, error) from None
    header = text.lstrip().partition("\n")[0]
    if not header:
        raise UserError(f"{path} is empty; the first line names the columns")
    try:
        frame = text_table.cells(path, separator=max(";\t,", key=header.count)).fillna("")
    except Damaged as error:
        raise UserError(
            f"{path} cannot be read as a table: {error}; a comma inside a number needs quotes, or semicolons "
            "between the cells"
        ) from None
    if frame.empty:
        raise UserError(f"{path} has no row below its header")
    return frame


def _columns(path: Path, frame: pd.DataFrame) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in frame.columns[1:]:
        name = _NAMES.get(re.sub(r"[^a-z0-9]", "", column.lower()))
        if name in found:
            raise UserError(
                f"{path}: the columns '{shortened(found[name])}' and '{shortened(column)}' both mean {name}; keep one"
            )
        if name:
            found[name] = column
    return found


def _metric(
    path: Path, column: str, texts: Sequence[str], rows: Sequence[str], remarks: list[str]
) -> list[Printed | None]:
    """One column as printed numbers; percentages without a sign get one."""
    if any("," in text for text in texts):
        remarks.append(f"{column}: the comma is read as a decimal point")
    cells: list[Printed | None] = []
    for row, text in zip(rows, texts, strict=True):
        if text.lower() in _MISSING:
            cells.append(None)
            continue
        try:
            cells.append(_share(text.replace(",", ".")))
        except ValueError:
            raise UserError(
                f"{path}, row '{shortened(row)}', column '{shortened(column)}': '{shortened(text)}' is not a number"
            ) from None
    bare = [cell for cell in cells if cell and cell.unit != "%"]
    if any(cell.value > 1 for cell in bare):
        if small := [cell for cell in bare if 0 < cell.value < 1]:
            raise UserError(
                f"{path}: the column {column!r} mixes percentages with fractions ({small[0].text}); write all of them "
                "one way"
            )
        remarks.append(f"{column}: numbers above 1 are read as percentages")
        cells = [Printed(_as_percent(cell.text)) if cell and cell.unit != "%" else cell for cell in cells]
    whole = [cell.text for cell in cells if cell and not cell.decimals]
    if whole and len(whole) < sum(cell is not None for cell in cells):
        remarks.append(
            f"{column}: {whole[0]} is read as rounded to a whole number; where zeros were dropped, add them"
        )
    return cells


def _share(text: str) -> Printed:
    cell = Printed(text)
    if cell.unit not in ("", "%") or (cell.spread and cell.spread.unit not in ("", "%")):
        raise ValueError(f"{cell.unit} is a unit of sizes and times")
    return cell


def _as_percent(text: str) -> str:
    value, sign, spread = (part.strip() for part in text.partition("±"))
    return f"{value}% ± {spread}" if sign else f"{value}%"


def _count(
    path: Path, columns: dict[str, str], texts: dict[str, list[str]], name: str, rows: int
) -> list[int | None]:
    found: list[int | None] = []
    for text in texts.get(name, [""] * rows):
        digits = re.sub(r"[, ]", "", text)
        if text.lower() in _MISSING:
            found.append(None)
        elif _COUNT.fullmatch(digits):
            found.append(int(digits))
        else:
            raise UserError(
                f"{path}, column '{shortened(columns[name])}': '{shortened(text)}' is not a count"
            )
    return found
