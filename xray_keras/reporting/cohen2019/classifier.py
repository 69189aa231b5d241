"""Table 1 of cohen2019: the AUC of each finding, as three papers print it and as our runs give it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xray_keras.datasets.findings import FINDINGS, title
from xray_keras.evaluation import evaluate, half_draws, predictions
from xray_keras.papers import loader
from xray_keras.reporting import data, paired, provenance
from xray_keras.reporting.cohen2019.facts import PAPER, heading
from xray_keras.reporting.document import Document, Section
from xray_keras.reporting.metric_table import ours_text
from xray_keras.reporting.runs import Run

COLUMNS = ("Run", "px", "parameters", "epochs", "learning rate", "initial weights", "precision", "training")


class Column(NamedTuple):
    """One of our runs in the table: its printed row or our name, its test rows' metrics, and its predictions."""

    name: str
    metrics: Mapping[str, Any]
    frame: pd.DataFrame


def table1(runs: Sequence[Run], output: Path) -> None:
    """Table 1: printed AUCs and ours, with the printed spread (over random halves) and DeLong's interval beside it.

    Args:
        runs: evaluated runs of the classifiers.
        output: path without suffix.
    """
    printed = loader.table(PAPER, "table1")
    ordered = sorted(runs, key=lambda run: run.card["row"] not in printed.columns)
    columns = [Column(run.card["row"], run.metrics, predictions.read(run.predictions)) for run in ordered]
    cells = tidy(printed, columns, comparable=all(run.kind == "full" for run in runs))
    sections = [
        _section(printed, columns, cells),
        *paired.sections(
            columns[-1].name,
            {column.name: column.frame for column in columns},
            question="Does fine-tuning beat the last layer alone?",
            lead="Not asked by the paper, on the same test images",
            better="fine-tuning is better",
            worse="the last layer alone is better",
        ),
        provenance.assumptions(ordered),
        provenance.settings(ordered, COLUMNS),
    ]
    lead = [
        data.statement(ordered[0]),
        "The paper reuses published weights. "
        f"{loader.load(PAPER)['cited']['chexnet_lists']['official_test_in_training']} images of the release's official "
        "test list are in those weights' training list: `xray-keras leaks` counts such images for any weights.",
    ]
    paths = Document(heading("table1"), lead, sections, cells).write(output)
    print(f"{heading('table1')} ({runs[0].kind}): {', '.join(map(str, paths))}")


def tidy(printed: loader.PrintedTable, columns: Sequence[Column], *, comparable: bool) -> pd.DataFrame:
    """Every AUC of ours as a row; the mean over findings is the finding "mean".

    Columns: model, finding, printed (verbatim), value, low, high, spread, draws, images, positives, `difference` to the
    printed value where `comparable`, reason.
    """
    lines = []
    for column in columns:
        test = predictions.rows(column.frame, "test")
        for finding in FINDINGS:
            entry = column.metrics["labels"][finding]
            y, p = evaluate.arrays(test, finding)
            spread = half_draws.spread(y, p, **_rule())
            cell = entry["auc"]
            text = None
            if column.name in printed.columns:
                text = printed.number(title(finding), column.name).text
            lines.append(
                {
                    "model": column.name,
                    "finding": finding,
                    "printed": text,
                    **_interval(cell),
                    "spread": spread.deviation if spread else None,
                    "draws": spread.draws if spread else 0,
                    "images": entry["images"],
                    "positives": entry["positives"],
                    "difference": _difference(printed, column.name, finding, cell["value"])
                    if comparable
                    else None,
                    "reason": cell["reason"],
                }
            )
        mean = column.metrics["mean"]["auc"]
        known = column.name in printed.columns
        lines.append({"model": column.name, "finding": "mean", **_interval(mean), "images": len(test),
                      "printed": _printed_mean(printed, column.name) if known else None,
                      "reason": f"mean over {len(mean['labels'])} of {len(FINDINGS)} findings"})  # fmt: skip
    return pd.DataFrame(lines).astype({"images": "Int64", "positives": "Int64", "draws": "Int64"})


def _rule() -> dict[str, Any]:
    """Number and share of the random parts, as the caption prints them."""
    said = loader.claims(PAPER)["spread_rule"].values
    return {"draws": int(said["splits"].value), "share": said["share"].value}


def _interval(cell: Mapping[str, Any]) -> dict[str, float | None]:
    low, high = cell["interval"] or (None, None)
    return {"value": cell["value"], "low": low, "high": high}


def _difference(printed: loader.PrintedTable, name: str, finding: str, value: float | None) -> float | None:
    if value is None or name not in printed.columns:
        return None
    return value - printed.number(title(finding), name).value


def _section(printed: loader.PrintedTable, columns: Sequence[Column], cells: pd.DataFrame) -> Section:
    """A line a finding: three printed columns, then each run's AUC ± spread [interval]; last the means."""
    first = columns[0].metrics["labels"]
    lines = []
    for finding in (*FINDINGS, "mean"):
        if finding == "mean":
            line = ["Mean", "–", *(_printed_mean(printed, name) for name in printed.columns)]
        else:
            entry = first[finding]
            line = [title(finding), f"{entry['positives']:,} / {entry['images']:,}"]
            line += [printed.number(title(finding), name).text for name in printed.columns]
        for column in columns:
            row = cells[(cells["model"] == column.name) & (cells["finding"] == finding)].iloc[0]
            line.append(_ours(row))
        lines.append(line)
    heads = ["Finding", "Positive / n", *(f"{name}, printed" for name in printed.columns)]
    rule = _rule()
    return Section(
        "AUC by finding",
        f"Ours: AUC ± the printed rule's spread, a standard deviation over {rule['draws']} random draws of "
        f"{rule['share']:g} of the test set, and in brackets DeLong's 95 % interval by patient (a bootstrap by patient "
        "for the mean). The spread is no measure of what other patients would give. The network over the first printed "
        "column was a ResNet-50, see the audit.",
        [*heads, *(f"ours, {column.name}" for column in columns)],
        lines,
        sorted(
            {
                f"{title(row['finding'])}: {row['reason']}."
                for row in cells.to_dict("records")
                if isinstance(row["reason"], str)
            }
        ),
    )


def _printed_mean(printed: loader.PrintedTable, name: str) -> str:
    return f"{np.mean([printed.number(finding, name).value for finding in printed.rows]):.4f}"


def _ours(row: pd.Series) -> str:
    if pd.isna(row["value"]):
        return "–"
    interval = None if pd.isna(row["low"]) else (row["low"], row["high"])
    text = ours_text({"value": row["value"], "interval": interval}, None)
    value, _, rest = text.partition(" ")
    return text if pd.isna(row["spread"]) else f"{value} ± {row['spread']:.3f} {rest}"
