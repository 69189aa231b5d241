"""A figure as PNG and SVG, with its numbers as CSV and a page that says what is seen."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
import pandas as pd

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from xray_keras import files
from xray_keras.reporting.document import WARNING
from xray_keras.reporting.runs import Run

# Okabe & Ito (2008): told apart by readers with any colour vision; dashes tell them apart without colour.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
DASHES = ("-", "--", "-.", ":")


def title(figure: Figure, text: str, run: Run) -> None:
    """Write above the figure what it shows and on which data and scale, so that a copied picture still says so."""
    figure.suptitle(f"{text} — {run.kind}, {run.config['scale']} scale", fontsize=10)
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
    with files.publish(output.with_suffix(".png")) as temporary:
        figure.savefig(temporary, dpi=150, metadata={"Software": None})
    plt.close(figure)
