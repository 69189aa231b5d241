"""A paper's table from anyone's predictions, whatever framework made them."""

from pathlib import Path
from typing import Any, NamedTuple

from xray_keras.errors import UserError, counted
from xray_keras.evaluation import evaluate, predictions
from xray_keras.papers import loader
from xray_keras.reporting.document import Document
from xray_keras.reporting.metric_table import ModelRow, section, tidy


class Scored(NamedTuple):
    """What was found, see `evaluation.evaluate`, and the files that say so."""

    result: dict[str, Any]
    written: list[Path]


def score(path: Path, paper: str, table: str, row: str | None, output: Path | None) -> Scored:
    """Evaluate predictions and write the table beside the printed one.

    Args:
        path: CSV or parquet, see `evaluation.predictions`.
        paper, table: e.g. "ali2019", "table2".
        row: printed row to stand beside; None for every printed row that has all metrics.
        output: path without suffix; None for `<predictions>-<table>` beside the predictions.

    Raises:
        UserError: bad predictions, or an unknown paper, table, row or label; a table that has no column a finding.
    """
    printed = loader.table(paper, table)
    if "" in printed.metrics:
        raise UserError(
            f"{paper} {table} does not print metrics finding by finding, so predictions cannot fill it; choose one of "
            f"{', '.join(_fillable())}"
        )
    full = [name for name, metrics in printed.rows.items() if set(metrics) == set(printed.metrics)]
    if row is not None and row not in full:
        raise UserError(f"{paper} {table} has no row {row!r}; choose one of {', '.join(full)}")
    frame = predictions.read(path)
    predictions.check_labels(frame, printed.columns, str(path))
    result = evaluate.evaluate(frame)
    rows = [
        ModelRow(f"{path.name} beside {name}", name, result["labels"]) for name in ([row] if row else full)
    ]
    size = result["test"]
    patients = (
        f" of {counted(size['patients'], 'patient')}"
        if size["patients"] is not None
        else ", patients not given"
    )
    lead = [
        f"Data: **predictions of {path.name}**, n = {counted(size['images'], 'test image')}{patients}. What data they "
        "are of is not known here, so no difference to the printed values is drawn.",
        *shared(result),
        _mean(result),
    ]
    target = output or path.with_name(f"{path.stem}-{table}")
    name = f"{paper}, {table}: {printed.caption.lower()}, from {path.name}"
    sections = [section(printed, each, comparable=False) for each in rows]
    document = Document(name, lead, sections, tidy(printed, rows, comparable=False))
    return Scored(result, document.write(target))


def describe(found: Scored) -> str:
    """Two lines for people."""
    return f"{_mean(found.result)}\nWritten: {', '.join(str(path) for path in found.written)}"


def shared(result: dict[str, Any]) -> list[str]:
    """A sentence where patients are on both sides, of `evaluation.evaluate`; else none."""
    count = result["shared_patients"]
    if not count:
        return []
    are = "is" if count == 1 else "are"
    return [
        f"{counted(count, 'patient')} {are} in both validation and test: thresholds were chosen on patients who are "
        "tested."
    ]


def as_json(found: Scored) -> dict[str, Any]:
    """The result with "written", the files, before it."""
    return {"written": [str(path) for path in found.written], **found.result}


def _mean(result: dict[str, Any]) -> str:
    mean = result["mean"]["auc"]
    if mean["value"] is None:
        return "No finding has both positive and negative images, so there is no AUC."
    return f"Mean AUC over {counted(len(mean['labels']), 'finding')}: {mean['value']:.3f}."


def _fillable() -> list[str]:
    """Tables of the suite that print metrics finding by finding."""
    named = [
        (paper, name)
        for paper in loader.names()
        for name, entry in loader.load(paper)["tables"].items()
        if entry.get("kind") != "text"
    ]
    return [f"{paper} {name}" for paper, name in named if "" not in loader.table(paper, name).metrics]
