"""Curves against epochs, as PNG and SVG, with the numbers beside them as CSV."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from xray_keras.papers import loader
from xray_keras.reporting import data, drawing
from xray_keras.reporting.runs import Run

PAPER = "ali2019"
_PARTS = {"training": ("--", "s"), "validation": ("-", "o")}
_NAMES = {"inception_v3": "InceptionV3", "vgg16": "VGG16"}


def draw(
    runs: Sequence[Run],
    output: Path,
    name: str,
    columns: Mapping[str, str],
    y_label: str,
    printed: str | None = None,
) -> None:
    """Draw one panel a model; colours tell plain from augmented training, dashes and markers training from validation.

    Args:
        runs: trained runs.
        output: path without suffix; `.png`, `.svg`, `.csv` and `.md` are written.
        name: e.g. "Figure 2".
        columns: which part of the data → column of history.csv.
        y_label: of the axes.
        printed: metric of Table II whose printed mean over findings is drawn across the panels; None for none.

    Raises:
        UserError: a run has no history.
    """
    models = sorted({run.config["model"] for run in runs})
    figure, axes = plt.subplots(
        1, len(models), figsize=(drawing.WIDTH / 2 * len(models), 3.8), sharey=True, squeeze=False
    )
    tidy, lines = [], []
    for panel, model in zip(axes[0], models, strict=True):
        for run in (run for run in runs if run.config["model"] == model):
            augmented = run.config["augmentation"] != "none"
            for part, column in columns.items():
                history = run.history
                dash, marker = _PARTS[part]
                panel.plot(
                    history["epoch"],
                    history[column],
                    dash,
                    marker=marker,
                    color=drawing.COLOURS[int(augmented)],
                    label=f"{'augmented' if augmented else 'original'}, {part}",
                )
                kept = history[["epoch", column]].rename(columns={column: "value"})
                tidy.append(kept.assign(run=run.folder.name, part=part, quantity=column))
            lines.append(_line(run))
        if printed:
            row = next(run.card["row"] for run in runs if run.config["model"] == model)
            mean = _mean(row, printed)
            panel.axhline(mean, color="black", linestyle=":", label=f"printed in Table II, mean: {mean:.3f}")
            told = {"value": [mean], "run": row, "part": "printed", "quantity": printed}
            tidy.append(pd.DataFrame({"epoch": [None], **told}))
        panel.set(title=_NAMES.get(model, model), xlabel="epoch")
        panel.xaxis.get_major_locator().set_params(integer=True)
        panel.grid()
        panel.legend()
    axes[0][0].set_ylabel(y_label)
    drawing.title(figure, f"{PAPER}, {name}", runs[0])
    drawing.write(
        figure,
        output,
        title=f"{PAPER}, {name}: {y_label} against epoch",
        alt=f"{y_label} against epoch, original and augmented images, a panel a model. {'. '.join(lines)}",
        paragraphs=[
            data.statement(runs[0]),
            "\n".join(f"- {line}" for line in lines),
            "The printed figure's values are not in the paper's text, so there is nothing to compare cell by cell."
            + (
                f" The dotted line is the mean of the {printed} that Table II prints for each finding, on the paper's "
                "own test set, where the curves are of validation images."
                if printed
                else ""
            ),
        ],
        tidy=pd.concat(tidy),
    )


def _line(run: Run) -> str:
    last = run.history.iloc[-1]
    numbers = ", ".join(
        f"{column} {last[column]:.3f}" for column in ("loss", "val_loss", "val_f1", "val_auc")
    )
    return f"{run.folder.name}: after {int(last['epoch'])} epochs {numbers}"


def _mean(row: str, metric: str) -> float:
    """Of a printed row over the findings."""
    table = loader.table(PAPER, "table2")
    return float(np.mean([table.number(row, finding, metric).value for finding in table.columns]))
