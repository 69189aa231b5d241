"""How every figure of the suite looks, and its files: PNG and SVG, its numbers as CSV, a page with what is seen."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
import pandas as pd
from cycler import cycler

# Nothing is shown on a screen here; a notebook, which says where its figures go, keeps its word.
if "MPLBACKEND" not in os.environ:
    matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from xray_keras import files
from xray_keras.reporting.document import WARNING
from xray_keras.reporting.runs import Run

# Okabe & Ito (2008): told apart by readers with any colour vision; dashes and markers tell them apart without colour.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
DASHES = ("-", "--", "-.", ":")
MARKERS = "osD^v"
RED = "#C00000"
"""Of what papers print red: errors, operating points and cut-offs, never to be told from a series by colour alone."""
WIDTH = 9.0
"""Inches that no figure exceeds, so that its letters are as large on a page as another's."""

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters on every machine
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.labelsize": 9,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "figure.titlesize": 10,
    "figure.labelsize": 9,
    "figure.facecolor": "white",
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=COLOURS),
    "grid.color": "0.85",
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.4,
    "lines.markersize": 4,
    "errorbar.capsize": 2,
    "hatch.linewidth": 0.8,
    "svg.fonttype": "path",
}
plt.style.use(STYLE)


def series(k: int) -> dict[str, Any]:
    """Colour, dash and marker of the k-th of several series; together they differ for up to sixteen."""
    return {
        "color": COLOURS[k % len(COLOURS)],
        "linestyle": DASHES[(k + k // len(COLOURS)) % len(DASHES)],
        "marker": MARKERS[k % len(MARKERS)],
    }


def pictures_only(panel: Axes, *, frame: bool = False) -> None:
    """Of a panel that shows a picture: no ticks, and a frame or none."""
    panel.set(xticks=[], yticks=[])
    panel.spines[:].set_visible(frame)


def title(figure: Figure, text: str, run: Run) -> None:
    """Write above the figure what it shows and on which data and scale, so that a copied picture still says so."""
    figure.suptitle(f"{text} — {run.kind}, {run.config['scale']} scale")
    figure.tight_layout()


def write(
    figure: Figure, output: Path, *, title: str, alt: str, paragraphs: Sequence[str], tidy: pd.DataFrame
) -> None:
    """Write `<output>.csv`, `.md`, `.svg` and `.png`, the last as make's mark, and close the figure.

    Args:
        figure: drawn and laid out.
        output: path without suffix.
        title: of the page.
        alt: what a reader who does not see the figure must know of it.
        paragraphs: of the page: the first stands above the figure and says on which data it stands, the others below.
        tidy: every drawn number, one a row.

    Raises:
        UserError: a file cannot be written.
    """
    with files.publish(output.with_suffix(".csv")) as temporary:
        tidy.to_csv(temporary, index=False, lineterminator="\n")
    lead, *others = paragraphs
    page = [f"# {title}", lead, f"![{alt}]({output.name}.png)", *others, f"*{WARNING}*"]
    files.write_text(output.with_suffix(".md"), "\n\n".join(page) + "\n")
    save(figure, output)
    print(f"{title}: {output.with_suffix('.png')}, .svg, .csv, .md")


def save(figure: Figure, output: Path) -> None:
    """Write `<output>.svg` and `.png`, the same bytes for the same figure, and close it.

    Raises:
        UserError: a file cannot be written.
    """
    # Ids in an SVG are random without a fixed salt.
    with (
        plt.rc_context({"svg.hashsalt": output.name}),
        files.publish(output.with_suffix(".svg")) as temporary,
    ):
        figure.savefig(temporary, metadata={"Date": None})
    picture(figure, output.with_suffix(".png"))


def picture(figure: Figure, path: Path) -> None:
    """Write a PNG alone, and close the figure.

    Of pictures that stay in a run's folder, where an SVG would hold the same pixels once more.

    Raises:
        UserError: the file cannot be written.
    """
    with files.publish(path) as temporary:
        figure.savefig(temporary, dpi=150, metadata={"Software": None})
    plt.close(figure)
