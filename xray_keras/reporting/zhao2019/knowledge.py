"""Table II of zhao2019: what each part of the distillation gives to the student, over several seeds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from xray_keras.errors import UserError
from xray_keras.evaluation import arms, predictions
from xray_keras.papers import loader
from xray_keras.reporting import data, provenance
from xray_keras.reporting.document import Document, Section
from xray_keras.reporting.metric_table import ours_text, signed
from xray_keras.reporting.runs import Run
from xray_keras.reporting.zhao2019 import knowledge_claims
from xray_keras.reporting.zhao2019.compared import LABEL

PAPER, TABLE = "zhao2019", "table2"
PATHS = {
    "Recall": "default/recall",
    "Precision": "default/precision",
    "F-measure": "default/f1",
    "AUC": "auc",
    "F, tuned threshold": "best_f1/f1",
}
"""Metric of the page → where `evaluation.arms` puts it; the first three are printed."""


def table2(runs: Sequence[Run], output: Path) -> None:
    """Table II with means over seeds, intervals, and a paired test of every step.

    Args:
        runs: of students, a printed row and a seed each.
        output: path without suffix.

    Raises:
        UserError: rows that were trained with different seeds, or have other test pictures.
    """
    printed = loader.table(PAPER, TABLE)
    rows = [row for row in printed.rows if any(run.card["row"] == row for run in runs)]
    pairs = [pair for pair in knowledge_claims.PAIRS if set(pair) <= set(rows)]
    evaluated = arms.evaluate(_frame(runs, rows), pairs=pairs)
    first = runs[0]
    lead = [
        data.statement(first),
        f"Short edge {first.config['size']} pixels. Mean over seeds, with 95 % intervals from 1,000 resamples of test "
        "pictures: they hold for these networks on other pictures, and what another seed changes is the standard "
        "deviation (n − 1) behind ±. A picture is called text where any of its 34 regions exceeds one half; the tuned "
        "threshold maximises F on the validation pictures.",
    ]
    sections = [
        _results(rows, evaluated),
        _steps(evaluated),
        knowledge_claims.section(evaluated),
        provenance.assumptions(list({run.card["row"]: run for run in runs}.values())),
        provenance.settings(
            runs, ("Run", "Model", "seed", "parameters", "epochs", "learning rate", "training")
        ),
    ]
    tidy = pd.DataFrame(_tidy(rows, evaluated))
    paths = Document(f"{PAPER}, Table II: {printed.caption.lower()}", lead, sections, tidy).write(output)
    print(f"Table II of {PAPER} ({first.kind}): {', '.join(str(path) for path in paths)}")


def _frame(runs: Sequence[Run], rows: Sequence[str]) -> pd.DataFrame:
    """Predictions of all networks, an arm a printed row."""
    parts = []
    for row in rows:
        seeds = set()
        for run in runs:
            if run.card["row"] != row:
                continue
            if run.config["seed"] in seeds:
                raise UserError(f"two runs of {row!r} have the seed {run.config['seed']}; name one of them")
            seeds.add(run.config["seed"])
            frame = predictions.read(run.predictions)
            columns = ["image", "patient", "split", f"y_{LABEL}", f"p_{LABEL}"]
            parts.append(frame[columns].assign(arm=row, seed=run.config["seed"]))
    return pd.concat(parts, ignore_index=True)


def _cell(evaluated: Mapping[str, Any], row: str, metric: str) -> Mapping[str, Any]:
    return evaluated["arms"][row]["labels"][LABEL][PATHS[metric]]


def _text(cell: Mapping[str, Any]) -> str:
    """ "0.912 ± 0.010 [0.890–0.931]"."""
    text = ours_text(cell, None)
    if cell["sd"] is None or cell["value"] is None:
        return text
    value, _, interval = text.partition(" ")
    return f"{value} ± {cell['sd']:.3f} {interval}".rstrip()


def _results(rows: Sequence[str], evaluated: Mapping[str, Any]) -> Section:
    printed = loader.table(PAPER, TABLE)
    lines = []
    for row in rows:
        for metric in PATHS:
            text = printed.number(row, metric).text if metric in printed.columns else "–"
            lines.append([row, metric, text, _text(_cell(evaluated, row, metric))])
    seeds = {len(evaluated["arms"][row]["seeds"]) for row in rows}
    positives = evaluated["positives"][LABEL]
    return Section(
        "The student, by what it learns from",
        f"{positives:,} of {evaluated['images']:,} test pictures have text; "
        f"{' or '.join(map(str, sorted(seeds)))} seeds a row.",
        ["Learned from", "metric", "printed", "ours"],
        lines,
    )


def _steps(evaluated: Mapping[str, Any]) -> Section:
    printed = loader.table(PAPER, TABLE)
    lines = []
    for step in evaluated["differences"]:
        for metric, path in PATHS.items():
            found = step["labels"][LABEL][path]
            said = "–"
            if metric in printed.columns:
                more, less = (printed.number(step[side], metric).value for side in ("arm", "reference"))
                said = signed(more - less)
            ends = " to ".join(signed(end) for end in found["interval"]) if found["interval"] else "–"
            value = "–" if found["difference"] is None else signed(found["difference"])
            p = "–" if found["p"] is None else f"{found['p']:.3f}"
            lines.append([f"{step['arm']} − {step['reference']}", metric, said, value, ends, p])
    return Section(
        "What does each step add?",
        "Differences of means over the same seeds on the same test pictures: intervals and two-sided p from resamples "
        "of pictures, in which all networks are resampled alike.",
        ["Step", "metric", "printed", "ours", "95 % interval", "p"],
        lines,
    )


def _tidy(rows: Sequence[str], evaluated: Mapping[str, Any]) -> list[dict[str, Any]]:
    printed = loader.table(PAPER, TABLE)
    lines = []
    for row in rows:
        for metric in PATHS:
            cell = _cell(evaluated, row, metric)
            low, high = cell["interval"] or (None, None)
            text = printed.number(row, metric).text if metric in printed.columns else None
            lines.append(
                {"row": row, "metric": metric, "printed": text, "value": cell["value"], "sd": cell["sd"],
                 "low": low, "high": high, "seeds": len(evaluated["arms"][row]["seeds"])}
            )  # fmt: skip
    return lines
