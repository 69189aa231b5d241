"""A printed table of metrics beside our values: one section a model, one line a finding."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from xray_keras.datasets.findings import title
from xray_keras.papers.loader import Printed, PrintedTable
from xray_keras.reporting.document import Section

# Printed name → where `evaluation.evaluate` puts it; the printed threshold is one half.
_AT_HALF = {"Accuracy": "accuracy", "Recall": "recall", "Precision": "precision", "F1": "f1"}
_OURS_ONLY = ("F1, tuned threshold", "Average precision")
_NOT_RUN: Mapping[str, Any] = {"value": None, "interval": None, "reason": "not run"}


@dataclass(frozen=True)
class ModelRow:
    """One model's evaluation, to stand in a table.

    Attributes:
        name: heading, e.g. the printed row.
        printed: the printed row to stand beside, or None.
        labels: finding → entry of `evaluation.evaluate`'s "labels".
    """

    name: str
    printed: str | None
    labels: Mapping[str, Mapping[str, Any]]


def value_cell(entry: Mapping[str, Any], metric: str) -> Mapping[str, Any]:
    """The evaluated cell of a printed or own metric: value, interval, reason."""
    if metric == "AUC":
        return entry["auc"]
    if metric == "Average precision":
        return entry["average_precision"]
    if metric == "F1, tuned threshold":
        return entry["operating_points"]["best_f1"]["f1"]
    return entry["operating_points"]["default"][_AT_HALF[metric]]


def tidy(printed: PrintedTable, rows: Sequence[ModelRow], *, comparable: bool) -> pd.DataFrame:
    """Every cell as a row: model, metric, finding, printed (verbatim), value, low, high, images, positives, reason.

    `difference` (ours − printed) and `covered` (whether our interval holds the printed value) are filled only where
    `comparable`: the paper's data at the paper's scale.
    """
    return pd.DataFrame(_cells(printed, rows, comparable))


def _cells(printed: PrintedTable, rows: Sequence[ModelRow], comparable: bool) -> Iterator[dict[str, Any]]:
    for row in rows:
        for metric in (*printed.metrics, *_OURS_ONLY):
            for finding in printed.columns:
                cell = printed.cell(row.printed, metric, finding) if row.printed else None
                entry = row.labels.get(finding)
                ours = value_cell(entry, metric) if entry else _NOT_RUN
                low, high = ours["interval"] or (math.nan, math.nan)
                difference = covered = None
                if comparable and cell is not None and ours["value"] is not None:
                    difference = ours["value"] - cell.value
                    covered = low <= cell.value <= high if ours["interval"] else None
                yield {
                    "model": row.name,
                    "metric": metric,
                    "finding": finding,
                    "printed": cell.text if cell else None,
                    "value": ours["value"],
                    "low": low,
                    "high": high,
                    "images": entry["images"] if entry else None,
                    "positives": entry["positives"] if entry else None,
                    "difference": difference,
                    "covered": covered,
                    "reason": ours["reason"],
                }


def section(printed: PrintedTable, row: ModelRow, *, comparable: bool) -> Section:
    """One model: a line a finding; each metric as printed, then ours with its 95 % interval."""
    columns = ["Finding", "Positive / n", "Prevalence"]
    for metric in printed.metrics:
        columns += [f"{metric}, printed", "ours"] if row.printed else [metric]
    columns += _OURS_ONLY
    lines = []
    for finding in printed.columns:
        entry = row.labels.get(finding)
        if entry is None:
            lines.append([title(finding), *["–"] * (len(columns) - 1)])
            continue
        share = entry["prevalence"]["value"]
        line = [title(finding), f"{entry['positives']:,} / {entry['images']:,}", f"{100 * share:.1f} %"]
        for metric in printed.metrics:
            cell = printed.cell(row.printed, metric, finding) if row.printed else None
            line += ([cell.text if cell else "–"] if row.printed else []) + [
                ours_text(value_cell(entry, metric), cell if comparable else None)
            ]
        line += [ours_text(value_cell(entry, metric), None) for metric in _OURS_ONLY]
        lines.append(line)
    reasons = sorted(
        {
            f"{title(finding)}, {metric}: {reason}."
            for finding in printed.columns
            if (entry := row.labels.get(finding))
            for metric in printed.metrics
            if (reason := value_cell(entry, metric)["reason"])
        }
    )
    return Section(row.name, columns=columns, rows=lines, notes=reasons)


def ours_text(cell: Mapping[str, Any], printed: Printed | None) -> str:
    """ "0.712 [0.680–0.744]"; with a comparable printed value also the difference and whether it is covered."""
    if cell["value"] is None:
        return "–"
    text = f"{cell['value']:.3f}"
    if cell["interval"]:
        low, high = cell["interval"]
        text += f" [{low:.3f}–{high:.3f}]"
        if printed:
            text += f" Δ {cell['value'] - printed.value:+.3f} {'✓' if low <= printed.value <= high else '✗'}"
    return text.replace("-", "−")


def signed(value: float | None, digits: int = 3) -> str:
    """ "+0.012", with a minus sign; "–" for None."""
    return "–" if value is None else f"{value:+.{digits}f}".replace("-", "−")
