"""Curves against epochs, as PNG and SVG, with the numbers beside them as CSV."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import pandas as pd

matplotlib.use("Agg")
from matplotlib import pyplot as plt

from xray_keras import files
from xray_keras.reporting import data
from xray_keras.reporting.runs import Run

_STYLES = {"training": "--", "validation": "-"}
_NAMES = {"inception_v3": "InceptionV3", "vgg16": "VGG16"}


def draw(runs: Sequence[Run], output: Path, name: str, columns: Mapping[str, str], y_label: str) -> None:
    """Draw one panel a model; colours tell plain from augmented training, dashes training from validation.

    Args:
        runs: trained runs.
        output: path without suffix; `.png`, `.svg`, `.csv` and `.md` are written.
        name: e.g. "Figure 2".
        columns: which part of the data → column of history.csv.
        y_label: of the axes.

    Raises:
        UserError: a run has no history.
    """
    models = sorted({run.config["model"] for run in runs})
    figure, axes = plt.subplots(1, len(models), figsize=(5 * len(models), 4), sharey=True, squeeze=False)
    tidy = []
    for panel, model in zip(axes[0], models, strict=True):
        for run in (run for run in runs if run.config["model"] == model):
            augmented = run.config["augmentation"] != "none"
            for part, column in columns.items():
                history = run.history
                panel.plot(
                    history["epoch"],
                    history[column],
                    _STYLES[part],
                    marker="o",
                    markersize=3,
                    color="tab:orange" if augmented else "tab:blue",
                    label=f"{'augmented' if augmented else 'original'}, {part}",
                )
                kept = history[["epoch", column]].rename(columns={column: "value"})
                tidy.append(kept.assign(run=run.folder.name, part=part, quantity=column))
        panel.set(title=_NAMES.get(model, model), xlabel="epoch")
        panel.xaxis.get_major_locator().set_params(integer=True)
        panel.grid(alpha=0.3)
    axes[0][0].set_ylabel(y_label)
    axes[0][0].legend(frameon=False, fontsize=8)
    figure.suptitle(f"ali2019, {name} — {runs[0].kind}, {runs[0].config['scale']} scale", fontsize=10)
    figure.tight_layout()
    with files.publish(output.with_suffix(".csv")) as temporary:
        pd.concat(tidy).to_csv(temporary, index=False, lineterminator="\n")
    with files.publish(output.with_suffix(".svg")) as temporary:
        figure.savefig(temporary, metadata={"Date": None})
    files.write_text(output.with_suffix(".md"), _page(runs, output, name, y_label))
    with files.publish(output.with_suffix(".png")) as temporary:
        figure.savefig(temporary, dpi=150)
    plt.close(figure)
    print(f"{name} of ali2019 ({runs[0].kind}): {output.with_suffix('.png')}, .svg, .csv, .md")


def _page(runs: Sequence[Run], output: Path, name: str, y_label: str) -> str:
    lines = [f"# ali2019, {name}: {y_label} against epoch", data.statement(runs[0])]
    lines.append(f"![{y_label} against epoch, original and augmented images]({output.name}.png)")
    for run in runs:
        last = run.history.iloc[-1]
        numbers = ", ".join(
            f"{column} {last[column]:.3f}" for column in ("loss", "val_loss", "val_f1", "val_auc")
        )
        lines.append(f"- {run.folder.name}: after {int(last['epoch'])} epochs {numbers}")
    lines.append(
        "The printed figure's values are not in the paper's text, so there is nothing to compare cell by cell."
    )
    return "\n\n".join(lines) + "\n"
