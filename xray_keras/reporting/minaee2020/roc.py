"""Figure 10 of minaee2020: the ROC curves."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from xray_keras.evaluation import thresholds
from xray_keras.papers import loader
from xray_keras.reporting import drawing
from xray_keras.reporting.minaee2020.networks import PAPER, Network, networks
from xray_keras.reporting.minaee2020.text import area_text, heading, spread, statement
from xray_keras.reporting.runs import Run


def figure10(runs: Sequence[Run], output: Path) -> None:
    """Figure 10: the ROC curve of each network with its AUC, and the printed operating points.

    Args:
        runs: predicted runs, one a seed; networks without a run are left out.
        output: path without suffix.

    Raises:
        UserError: see `networks.networks`.
    """
    found = networks(runs)
    figure, (panel, zoom) = plt.subplots(1, 2, figsize=(drawing.WIDTH, 5))
    tidy, lines = [], []
    for each, colour, dash in zip(found, drawing.COLOURS, drawing.DASHES, strict=False):
        curve, printed = _curves(each)
        area, seeds = area_text(each.areas[0]), spread([one.value for one in each.areas], "{:.3f}")
        for axes in (panel, zoom):
            axes.plot(curve["fpr"], curve["tpr"], dash, color=colour, label=f"{each.row}, AUC {area}")
            axes.plot(printed["fpr"], printed["tpr"], "x", color=colour, markersize=6, markeredgewidth=1.4)
        tidy += [curve, printed]
        lines.append(
            f"{each.row}: AUC {area}" + (f"; over {len(each.areas)} seeds {seeds}" if seeds != "–" else "")
        )
    panel.plot([], [], "x", color="black", label="operating points printed in Tables II to V")
    panel.plot([0, 1], [0, 1], color="gray", linewidth=0.8)
    panel.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), ylabel="true positive rate (sensitivity)")
    zoom.set(xlim=(-0.003, 0.303), ylim=(0.697, 1.003))
    panel.legend(loc="lower right")
    for axes, what in ((panel, "whole"), (zoom, "upper left corner")):
        axes.set_title(what)
        axes.set(xlabel="false positive rate (1 − specificity)", aspect="equal")
        axes.grid()
    drawing.title(figure, heading("figure10").split(":")[0], runs[0])
    drawing.write(
        figure,
        output,
        title=heading("figure10"),
        alt=f"ROC curves, whole and the upper left corner. {'. '.join(lines)}",
        paragraphs=[
            statement(runs),
            "\n".join(f"- {line}" for line in lines),
            "Brackets hold DeLong's 95 % interval by patient. The printed AUCs are not in the paper's text; crosses "
            "are its printed operating points, on its own images.",
        ],
        tidy=pd.concat(tidy),
    )


def _curves(found: Network) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The corners of our curve, and the printed points: model, kind, fpr, tpr."""
    false, true = thresholds.roc(found.scores.y, found.scores.p)
    printed = loader.table(PAPER, loader.load(PAPER)["settings"]["networks"]["operating_points"][found.row])
    pairs = [[printed.number(row, column).value for column in printed.columns] for row in printed.rows]
    sensitivity, specificity = np.array(pairs).T
    model = {"model": found.row}
    return (
        pd.DataFrame({**model, "kind": "ours", "fpr": false, "tpr": true}),
        pd.DataFrame({**model, "kind": "printed", "fpr": 1 - specificity, "tpr": sensitivity}),
    )
