"""Figures 11 and 12 of minaee2020: confusion matrices, of the scores that fill its tables."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from xray_keras.errors import UserError
from xray_keras.papers import loader
from xray_keras.papers.printed import Printed
from xray_keras.reporting import drawing
from xray_keras.reporting.minaee2020.networks import PAPER, network, row_of, wanted
from xray_keras.reporting.minaee2020.rates import sides
from xray_keras.reporting.minaee2020.text import NOTHING_PRINTED, PRINTED_VALUES, heading, rate, statement
from xray_keras.reporting.runs import Run

DARK = 0.7  # share from which on the colour map is so dark that white text has more contrast than black


def matrix(runs: Sequence[Run], output: Path, name: str) -> None:
    """Figures 11 and 12: the confusion matrix at the operating point of Table VI.

    Args:
        runs: predicted runs, of which those of the figure's network are used; one a seed.
        output: path without suffix.
        name: "figure11" or "figure12".

    Raises:
        UserError: no run is of the network, or its scores have no such point.
    """
    found = network(runs, row_of(name))
    axes_of = loader.table(PAPER, "figure11")  # the one that is in the text; both have its layout
    classes = list(axes_of.columns)
    point = found.points[0]
    if point is None:
        raise UserError(
            f"the scores in {found.runs[0].predictions} reach no sensitivity of {wanted().text} at any threshold; "
            "train the run again"
        )
    counts = np.array([[point.tn, point.fp], [point.fn, point.tp]])
    figure, panel = plt.subplots(figsize=(5, 4.2))
    shares = counts / counts.sum(axis=1, keepdims=True)
    panel.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if shares[row, column] > DARK else "black"
        text = f"{count:,}\n{100 * shares[row, column]:.1f}%"
        if name == axes_of.name:
            text += f"\nprinted: {axes_of.number(classes[row], classes[column])}"
        panel.text(column, row, text, ha="center", va="center", color=colour)
    panel.set(xticks=[0, 1], yticks=[0, 1], xticklabels=classes, yticklabels=classes)
    panel.set(xlabel="predicted", ylabel="truth")
    drawing.title(figure, f"{heading(name).split(':')[0]}, {found.row}", found.runs[0])
    (_, tp, positives), (_, tn, negatives) = sides(point)
    rates = f"sensitivity {rate(tp, positives)}, specificity {rate(tn, negatives)}"
    tidy = pd.DataFrame(
        [
            {"truth": truth, "predicted": predicted, "images": int(counts[row, column]), "printed": text}
            for row, truth in enumerate(classes)
            for column, predicted in enumerate(classes)
            for text in [axes_of.number(truth, predicted).text if name == axes_of.name else None]
        ]
    )
    drawing.write(
        figure,
        output,
        title=heading(name),
        alt=f"Confusion matrix of {found.row} at threshold {point.threshold:.3g}: {rates}",
        paragraphs=[
            statement(found.runs),
            f"Threshold {point.threshold:.3g}, that of Table VI: the highest that finds at least {wanted().text} of "
            f"the COVID-19 images; {rates}. Matrix, histogram, ROC curve and tables are of one vector of scores.",
            _printed_matrix(axes_of) if name == axes_of.name else NOTHING_PRINTED,
        ],
        tidy=tidy,
    )


def _printed_matrix(printed: loader.PrintedTable) -> str:
    cells = [[printed.number(truth, column).text for column in printed.columns] for truth in printed.rows]
    (tn, fp), (fn, tp) = ([Printed(text).value for text in row] for row in cells)
    return (
        f"Printed: {', '.join(cells[0])} (first row), {', '.join(cells[1])} (second row), that is sensitivity "
        f"{rate(int(tp), int(tp + fn))}, specificity {rate(int(tn), int(tn + fp))}: another specificity than the "
        f"printed {loader.table(PAPER, 'table6').number(row_of(printed.name), 'Specificity')} of Table VI. "
        f"{PRINTED_VALUES}"
    )
