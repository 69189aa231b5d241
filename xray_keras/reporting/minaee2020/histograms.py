"""Figures 6 to 9 of minaee2020: how the scores spread in each group of the test set."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from xray_keras.papers import loader
from xray_keras.reporting import drawing
from xray_keras.reporting.minaee2020.networks import PAPER, network, row_of
from xray_keras.reporting.minaee2020.text import GROUPS, NOTHING_PRINTED, heading, statement
from xray_keras.reporting.runs import Run

COLOURS = (drawing.COLOURS[1], drawing.COLOURS[2], drawing.COLOURS[0])  # of the groups; COVID-19 stands out


def histogram(runs: Sequence[Run], output: Path, name: str) -> None:
    """Figures 6 to 9: how the scores of one network spread in each of the three groups of the test set.

    Args:
        runs: predicted runs, of which those of the figure's network are used; one a seed.
        output: path without suffix.
        name: "figure6" to "figure9".

    Raises:
        UserError: no run is of the network; see `networks.networks`.
    """
    found = network(runs, row_of(name))
    bins = int(loader.load(PAPER)["cited"]["published_script"]["histogram_bins"])
    edges = np.linspace(0, 1, bins + 1)
    series = dict(zip(GROUPS, loader.load(PAPER)["figures"][name]["series"], strict=True))
    figure, panel = plt.subplots(figsize=(8, 4.2))
    tidy, medians = [], []
    for (group, label), colour, dash in zip(series.items(), COLOURS, drawing.DASHES, strict=False):
        scores = found.scores.p[found.scores.group == group]
        counts, _ = np.histogram(scores, edges)
        share = counts / max(len(scores), 1)
        panel.stairs(share, edges, fill=True, color=colour, alpha=0.2)
        panel.stairs(share, edges, color=colour, linestyle=dash, label=f"{label}, n = {len(scores):,}")
        tidy.append(
            pd.DataFrame(
                {"group": label, "low": edges[:-1], "high": edges[1:], "images": counts, "share": share}
            )
        )
        medians.append(f"{label} {np.median(scores):.3f}" if len(scores) else f"{label} –")
    if point := found.points[0]:
        panel.axvline(
            point.threshold, color="black", linewidth=1, label=f"threshold of Table VI, {point.threshold:.3g}"
        )
    panel.set(xlabel="score for COVID-19", ylabel="share of the group's images", xlim=(0, 1), ylim=(0, None))
    panel.legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    panel.grid()
    drawing.title(figure, f"{heading(name).split(':')[0]}, {found.row}", found.runs[0])
    drawing.write(
        figure,
        output,
        title=heading(name),
        alt=f"Histograms of {found.row}'s scores in {bins} bins; medians: {'; '.join(medians)}",
        paragraphs=[
            statement(found.runs),
            f"Median scores: {'; '.join(medians)}. {bins} equal bins, as in the authors' published script; the bars "
            "of each group add up to 1.",
            NOTHING_PRINTED,
        ],
        tidy=pd.concat(tidy),
    )
