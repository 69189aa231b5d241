"""Figure 3 of cohen2019: the ROC curve of each finding, a star at its operating point."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from xray_keras.datasets.findings import title
from xray_keras.evaluation import calibration, evaluate, operating_points, predictions, thresholds
from xray_keras.reporting import data, drawing
from xray_keras.reporting.cohen2019.facts import heading
from xray_keras.reporting.runs import Run

OURS, PRINTED = "chosen on validation images", "chosen on the test images, as printed"


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
    figure, panels = plt.subplots(3, 5, figsize=(11, 7), sharex=True, sharey=True)
    curves, points = [], []
    for panel, label in zip(panels.flat, labels, strict=False):
        area = run.metrics["labels"][label]["auc"]["value"]
        panel.plot([0, 1], [0, 1], color="gray", linewidth=0.8)
        panel.set_title(title(label) + ("" if area is None else f", AUC {area:.3f}"), fontsize=9)
        panel.set(aspect="equal", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        panel.grid(alpha=0.3)
        if area is None:
            panel.text(0.5, 0.4, "no positive in test", ha="center", fontsize=8)
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
        panels.flat[-1].plot([], [], "*", **_style(kind), label=f"operating point\n{kind}")
    panels.flat[-1].legend(frameon=False, fontsize=8, loc="center")
    stars = "; ".join(
        f"{title(point['finding'])} {point['fpr']:.2f}, {point['tpr']:.2f}"
        for point in points
        if point["kind"] == OURS
    )
    figure.supxlabel("false positive rate (1 − specificity)", fontsize=9)
    figure.supylabel("true positive rate (sensitivity)", fontsize=9)
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
            "The printed figure's values are not in the paper's text.",
        ],
        tidy=pd.concat([*curves, pd.DataFrame(points)], ignore_index=True),
    )


def _star(panel: Axes, label: str, kind: str, point: thresholds.OperatingPoint) -> dict[str, Any]:
    """Draw an operating point; return it in the tidy form."""
    false, true = 1 - point.specificity, point.sensitivity
    panel.plot([false], [true], "*", clip_on=False, **_style(kind))
    return {"finding": label, "kind": kind, "fpr": false, "tpr": true, "threshold": point.threshold}


def _style(kind: str) -> dict[str, Any]:
    face = "red" if kind == OURS else "none"
    return {"markersize": 11, "color": "red", "markerfacecolor": face}
