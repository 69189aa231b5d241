"""Table II of ali2019: every metric of every finding and model, printed and ours."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from xray_keras.evaluation import predictions
from xray_keras.papers import loader
from xray_keras.reporting import data, paired, provenance
from xray_keras.reporting.ali2019 import areas, claims
from xray_keras.reporting.document import Document
from xray_keras.reporting.metric_table import ModelRow, section, tidy
from xray_keras.reporting.runs import Run

BASELINE, TRANSFER = "BaselineModel", ("PretrainedInceptionV3", "PretrainedVGG16")
COLUMNS = ("Run", "px", "parameters", "epochs", "learning rate", "initial weights", "precision", "training")


def table2(runs: Sequence[Run], output: Path) -> None:
    """Table II: the printed cells beside ours, the shifted AUC rows set right, the paper's comparisons recomputed.

    Args:
        runs: evaluated runs; those of one printed row are joined, whatever their number.
        output: path without suffix.

    Raises:
        UserError: two runs of a row predict the same finding, or on different images.
    """
    printed = loader.table("ali2019", "table2")
    groups = _by_row(runs)
    comparable = all(run.kind == "full" for run in runs)
    rows = [
        ModelRow(name, name if name in printed.rows else None, _labels(group))
        for name, group in groups.items()
    ]
    sections = [section(printed, row, comparable=comparable) for row in rows]
    merged = {name: _predictions(group) for name, group in groups.items()}
    means = areas.means(printed, merged)
    sections.insert(0, areas.means_section(means))
    sections += [
        claims.section(printed, rows, comparable=comparable),
        *paired.sections(
            BASELINE,
            merged,
            question="Does transfer beat the binary CNNs?",
            lead="The paper's first claim, on the same test images",
            better="transfer is better",
            worse="the binary CNNs are better",
        ),
        areas.against_wang(printed, rows),
        provenance.assumptions(group[0] for group in groups.values()),
        provenance.settings(runs, COLUMNS),
    ]
    lead = [data.statement(runs[0]), _legend(comparable)]
    name = f"ali2019, Table II: {printed.caption.lower()}"
    cells = pd.concat([means, tidy(printed, rows, comparable=comparable)], ignore_index=True)
    paths = Document(name, lead, sections, cells).write(output)
    print(f"Table II of ali2019 ({runs[0].kind}): {', '.join(str(path) for path in paths)}")
    print("Next: `make figure2 figure3` for the curves, `make table2 DATA=/my/datasets` for your radiographs")


def _by_row(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Runs by printed row, the printed rows first and in their order."""
    order = [BASELINE, *TRANSFER]
    groups: dict[str, list[Run]] = {}
    for run in sorted(
        runs, key=lambda run: (order.index(row) if (row := run.card["row"]) in order else len(order), row)
    ):
        groups.setdefault(run.card["row"], []).append(run)
    return groups


def _labels(group: Sequence[Run]) -> dict[str, Mapping[str, Any]]:
    return {label: entry for run in group for label, entry in run.metrics["labels"].items()}


def _predictions(group: Sequence[Run]) -> pd.DataFrame:
    sources = [str(run.predictions) for run in group]
    return predictions.merge([predictions.read(run.predictions) for run in group], sources)


def _legend(comparable: bool) -> str:
    text = (
        "Brackets hold 95 % intervals. Decisions at p > 0.5 as printed; the tuned threshold maximises F1 on the "
        "validation images. "
    )
    if comparable:
        return (
            text + "Δ is ours − printed; ✓ where our interval covers the printed value, ✗ where it does not."
        )
    return (
        text
        + "Printed values are the paper's, on its own data: they stand beside ours for orientation, without a "
        "difference."
    )
