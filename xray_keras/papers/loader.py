"""Read the printed facts of a paper: tables cell by cell, settings, claims."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from xray_keras.errors import UserError

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Printed:
    """A number as printed: the verbatim text, from which value and precision follow."""

    text: str

    @property
    def value(self) -> float:
        return float(self.text)

    @property
    def decimals(self) -> int:
        """Digits after the decimal point as printed; dropped trailing zeros cannot be known."""
        return max(0, -int(Decimal(self.text).as_tuple().exponent))


@dataclass(frozen=True)
class PrintedTable:
    """A printed table of metrics.

    Attributes:
        paper: identifier of the paper, e.g. "ali2019".
        name: e.g. "table2".
        caption: the printed caption.
        columns: the labels across the top.
        metrics: the printed metrics, in order.
        rows: model → metric → one cell a column. A model may print fewer metrics than others.
        notes: places where the print is corrected, to be shown under the table.
    """

    paper: str
    name: str
    caption: str
    columns: tuple[str, ...]
    metrics: tuple[str, ...]
    rows: Mapping[str, Mapping[str, tuple[Printed, ...]]]
    notes: tuple[str, ...]

    def cell(self, row: str, metric: str, column: str) -> Printed | None:
        """The printed cell, or None where the table has none."""
        cells = self.rows.get(row, {}).get(metric)
        return None if cells is None or column not in self.columns else cells[self.columns.index(column)]


@functools.cache
def load(paper: str) -> dict[str, Any]:
    """Everything transcribed from `paper`, as nested dictionaries (do not modify).

    Raises:
        UserError: the suite has no transcription of that paper.
    """
    path = FOLDER / f"{paper}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in FOLDER.glob("*.yaml")))
        raise UserError(f"there is no paper {paper!r} in the suite; choose one of: {known}")
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def table(paper: str, name: str) -> PrintedTable:
    """A printed table, with rows of a misprinted block added under the names whose values they hold.

    Raises:
        UserError: unknown paper or table.
        ValueError: the transcription is malformed (a row with too few or too many cells).
    """
    tables = load(paper).get("tables", {})
    if name not in tables:
        raise UserError(f"{paper} has no {name!r} in the suite; choose one of: {', '.join(sorted(tables))}")
    printed = tables[name]
    rows = {
        row: {metric: tuple(Printed(cell) for cell in cells) for metric, cells in metrics.items()}
        for row, metrics in printed["rows"].items()
    }
    notes = []
    for line in printed.get("bottom_block", []):
        cells = tuple(Printed(cell) for cell in line["cells"])
        repeated = rows.setdefault(line["row"], {}).setdefault(line["metric"], cells)
        if repeated != cells:
            raise ValueError(
                f"{paper} {name}: the {line['metric']} line of {line['row']} repeats other values"
            )
        label = f"“{line['printed_label']}”" if line["printed_label"] else "no label"
        notes.append(f"{line['metric']} of {line['row']} (printed with {label})")
    result = PrintedTable(
        paper=paper,
        name=name,
        caption=printed["caption"],
        columns=tuple(printed["columns"]),
        metrics=tuple(printed["metrics"]),
        rows=rows,
        notes=tuple(notes),
    )
    for row, metrics in rows.items():
        for metric, cells in metrics.items():
            if len(cells) != len(result.columns):
                raise ValueError(f"{paper} {name}: {row} {metric} has {len(cells)} cells")
    return result
