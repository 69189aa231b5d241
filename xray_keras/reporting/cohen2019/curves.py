"""Figure 3 of cohen2019: the ROC curve of each finding, a star at its operating point."""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from xray_keras.datasets.findings import title
from xray_keras.evaluation import calibration, evaluate, operating_points, predictions, thresholds
from xray_keras.papers import loader
from xray_keras.reporting import data, drawing
from xray_keras.reporting.cohen2019.facts import PAPER, heading
from xray_keras.reporting.runs import Run

OURS, PRINTED = "chosen on validation images", "chosen on the test images, as printed"
_LINE = 20  # letters of the legend


def figure3(runs: Sequence[Run], output: Path) -> None:
    """Figure 3: one panel a finding: the ROC curve on test images, and two operating points of highest TPR − FPR.

    The full star is chosen on validation images and stored with the model; the open one on the test images
    themselves, as the paper's caption has it, which flatters it.

    Args:
        runs: an evaluated run of the classifier.
        output: path without suffix.
    """
    run = runs[0]
    frame = predictions.read(run.predictions)
    stored = calibration.read(run.folder)
    test = predictions.rows(frame, "test")
    labels = predictions.labels(frame)
    figure, panels = plt.subplots(3, 5, figsize=(drawing.WIDTH, 6), sharex=True, sharey=True)
    curves, points = [], []
    for panel, label in zip(panels.flat, labels, strict=False):
        area = run.metrics["labels"][label]["auc"]["value"]
        panel.plot([0, 1], [0, 1], color="gray", linewidth=0.8)
        panel.set_title(title(label))
        panel.text(0.98, 0.05, _areas(run, label, area), ha="right", fontsize=7.5, linespacing=1.2)
        panel.set(aspect="equal", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        panel.grid()
        if area is None:
            continue
        y, p = evaluate.arrays(test, label)
        false, true = thresholds.roc(y, p)
        panel.plot(false, true, color=drawing.COLOURS[0])
        curves.append(pd.DataFrame({"finding": label, "kind": "curve", "fpr": false, "tpr": true}))
        for kind, threshold in ((OURS, stored[label]), (PRINTED, operating_points.youden(y, p).value)):
            points.append(_star(panel, label, kind, thresholds.at(y, p, threshold)))
    for panel in panels.flat[len(labels) :]:
        panel.axis("off")
    for kind in (OURS, PRINTED):
        panels.flat[-1].plot(
            [], [], "*", **_style(kind), label=textwrap.fill(f"operating point {kind}", _LINE)
        )
    panels.flat[-1].legend(loc="center")
    stars = "; ".join(
        f"{title(point['finding'])} {point['fpr']:.2f}, {point['tpr']:.2f}"
        for point in points
        if point["kind"] == OURS
    )
    figure.supxlabel("false positive rate (1 − specificity)")
    figure.supylabel("true positive rate (sensitivity)")
    drawing.title(figure, heading("figure3").split(":")[0], run)
    drawing.write(
        figure,
        output,
        title=heading("figure3"),
        alt=f"ROC curves of the findings, a red star at each operating point (false, true positive rate): {stars}",
        paragraphs=[
            data.statement(run),
            "The operating point of a finding is the threshold with the highest TPR − FPR. The full star is chosen on "
            "validation images, stored in the run's `operating_points.json` and shown where it falls among the test "
            "images; the open star is chosen on the curve that it lies on, which flatters it. Equation 1 of the paper "
            "scales scores so that the full star stands at one half; no AUC changes.",
            "The printed figure's values are not in the paper's text; below each AUC stands the one that Table 1 "
            "prints for the network, on its own images.",
        ],
        tidy=pd.concat([*curves, pd.DataFrame(points)], ignore_index=True),
    )


def _areas(run: Run, label: str, area: float | None) -> str:
    """Our AUC, and the one that Table 1 prints for the same network."""
    table = loader.table(PAPER, "table1")
    printed = table.cell(title(label), "", run.card["row"])
    ours = "no positive in test" if area is None else f"AUC {area:.3f}"
    return ours if printed is None else f"{ours}\nprinted {printed.text.split(' ')[0]}"


def _star(panel: Axes, label: str, kind: str, point: thresholds.OperatingPoint) -> dict[str, Any]:
    """Draw an operating point; return it in the tidy form."""
    false, true = 1 - point.specificity, point.sensitivity
    panel.plot([false], [true], "*", clip_on=False, **_style(kind))
    return {"finding": label, "kind": kind, "fpr": false, "tpr": true, "threshold": point.threshold}


def _style(kind: str) -> dict[str, Any]:
    face = drawing.RED if kind == OURS else "none"
    return {"markersize": 11, "color": drawing.RED, "markerfacecolor": face}
