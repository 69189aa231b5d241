"""A paper's table from anyone's predictions, whatever framework made them."""

from pathlib import Path

from xray_keras.errors import UserError
from xray_keras.evaluation import evaluate, predictions
from xray_keras.papers import loader
from xray_keras.reporting.document import Document
from xray_keras.reporting.metric_table import ModelRow, section, tidy


def score(path: Path, paper: str, table: str, row: str | None, output: Path | None) -> None:
    """Evaluate predictions and write the table beside the printed one.

    Args:
        path: CSV or parquet, see `evaluation.predictions`.
        paper, table: e.g. "ali2019", "table2".
        row: printed row to stand beside; None for every printed row that has all metrics.
        output: path without suffix; None for `<predictions>-<table>` beside the predictions.

    Raises:
        UserError: bad predictions, or an unknown paper, table, row or label.
    """
    printed = loader.table(paper, table)
    full = [name for name, metrics in printed.rows.items() if set(metrics) == set(printed.metrics)]
    if row is not None and row not in full:
        raise UserError(f"{paper} {table} has no row {row!r}; choose one of {', '.join(full)}")
    frame = predictions.read(path)
    predictions.check_labels(frame, printed.columns, str(path))
    result = evaluate.evaluate(frame)
    rows = [
        ModelRow(f"{path.name} beside {name}", name, result["labels"]) for name in ([row] if row else full)
    ]
    mean = result["mean"]["auc"]
    size = result["test"]
    patients = (
        f" of {size['patients']:,} patients" if size["patients"] is not None else ", patients not given"
    )
    lead = [
        f"Data: **predictions of {path.name}**, n = {size['images']:,} test images{patients}. What data they are of "
        "is not known here, so no difference to the printed values is drawn.",
        f"Mean AUC over {len(mean['labels'])} findings: {mean['value']:.3f}."
        if mean["value"] is not None
        else "No finding has both positive and negative images, so there is no AUC.",
    ]
    target = output or path.with_name(f"{path.stem}-{table}")
    name = f"{paper}, {table}: {printed.caption.lower()}, from {path.name}"
    sections = [section(printed, each, comparable=False) for each in rows]
    written = Document(name, lead, sections, tidy(printed, rows, comparable=False)).write(target)
    print("\n".join([lead[1], f"Written: {', '.join(str(path) for path in written)}"]))
