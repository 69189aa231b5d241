"""Numbers of the page in words, and as lines of its CSV."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from xray_keras.reporting.document import Section
from xray_keras.reporting.metric_table import ours_text, signed
from xray_keras.reporting.verdicts import Cell

COLUMNS = ("section", "of", "share", "metric", "value", "low", "high", "p", "n")
"""Of the CSV; `of` is an arm, a generator, a method or an attack."""


class Answer(NamedTuple):
    """A line of the summary."""

    question: str
    answer: str
    number: str


class Part(NamedTuple):
    """What one topic adds to the page: sections, lines of the CSV, lines of the summary."""

    sections: list[Section]
    tidy: list[dict[str, Any]]
    answers: list[Answer]


def line(
    section: str,
    of: str,
    metric: str,
    cell: Cell,
    *,
    share: str | float | None = None,
    p: float | None = None,
    n: int | None = None,
) -> dict[str, Any]:
    """One number of the CSV."""
    low, high = cell["interval"] or (None, None)
    return dict(zip(COLUMNS, (section, of, share, metric, cell["value"], low, high, p, n), strict=True))


def plain(value: float | None) -> Cell:
    """A number without an interval."""
    return {"value": value, "interval": None}


def of_row(row: pd.Series, name: str) -> Cell:
    """The cell of a curve's point, see `evaluation.points.with_ends`."""
    value, *ends = (
        None if row[key] != row[key] else float(row[key]) for key in (name, f"{name}_low", f"{name}_high")
    )
    return {"value": value, "interval": ends if None not in ends else None}


def as_cell(entry: Mapping[str, Any]) -> Cell:
    """A difference of `evaluation.comparisons` as a cell."""
    return {"value": entry["difference"], "interval": entry["interval"]}


def text(cell: Cell) -> str:
    """ "0.712 [0.680–0.744]"."""
    return ours_text(cell, None)


def plus(cell: Cell) -> str:
    """ "+0.012 [−0.003 to +0.027]"."""
    if cell["value"] is None:
        return "–"
    ends = f" [{' to '.join(signed(end) for end in cell['interval'])}]" if cell["interval"] else ""
    return signed(cell["value"]) + ends


def chance(p: float | None) -> str:
    """ "0.012", "< 0.001", or a dash."""
    return "–" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def percent(cell: Cell) -> str:
    """ "12.5 % [8.0–18.9]"."""
    if cell["value"] is None:
        return "–"
    ends = "–".join(f"{100 * end:.1f}" for end in cell["interval"]) if cell["interval"] else ""
    return f"{100 * cell['value']:.1f} %" + (f" [{ends}]" if ends else "")


def spread(cell: Cell) -> str:
    """The standard deviation over seeds."""
    return "–" if cell["sd"] is None else f"{cell['sd']:.3f}"
