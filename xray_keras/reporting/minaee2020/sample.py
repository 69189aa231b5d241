"""Figure 2 of minaee2020: sample images, from the manifest."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt

from xray_keras import experiment, files
from xray_keras.datasets import populations
from xray_keras.datasets.findings import title
from xray_keras.reporting import drawing
from xray_keras.reporting.minaee2020.text import GROUPS, heading, images, statement
from xray_keras.reporting.runs import Run

ROWS = {0: "covid", 1: "normal", 2: "other", 3: "other"}
COLUMNS = 4
SIDE = 256  # pixels of a drawn radiograph


def figure2(runs: Sequence[Run], output: Path) -> None:
    """Figure 2: four radiographs of COVID-19, four normal, eight with another disease.

    Computed radiographs are drawn; of real ones only the names are written, because pictures of patients are not
    copied into a repository.

    Args:
        runs: trained runs; of the first one's images some are shown.
        output: path without suffix.
    """
    run = runs[0]
    chosen = _sample(images(run))
    drawn = run.kind == "phantom"
    figure, axes = plt.subplots(len(ROWS), COLUMNS, figsize=(8, 8.8 if drawn else 5))
    for panel in axes.flat:
        drawing.pictures_only(panel, frame=not drawn)
    if drawn:
        for place, pixels in enumerate(_pixels(run, chosen)):
            panel = axes[chosen["row"][place], chosen["column"][place]]
            panel.imshow(pixels, cmap="gray", vmin=0, vmax=255)
            panel.set_title(title(chosen["finding"][place]), pad=3)
    else:
        for row in chosen.to_dict("records"):
            name = textwrap.fill(row["image"], 24, max_lines=6, placeholder="…")
            text = f"{title(row['finding'])}\n\n{name}"
            axes[row["row"], row["column"]].text(0.5, 0.5, text, ha="center", va="center", fontsize=7)
    drawing.title(figure, heading("figure2").split(":")[0], run)
    names = "\n".join(
        f"- row {row + 1}, {GROUPS[group]}: {_listed(chosen[chosen['row'] == row])}"
        for row, group in ROWS.items()
    )
    what = "Computed radiographs" if drawn else "Names of radiographs"
    why = [] if drawn else ["Pictures of patients are not copied into this repository; the names find them."]
    drawing.write(
        figure,
        output,
        title=heading("figure2"),
        alt=f"{what}, four by four: COVID-19 in row 1, normal in row 2, other diseases in rows 3 and 4",
        paragraphs=[statement(runs), *why, names],
        tidy=chosen[["row", "column", "image", "group", "finding", "source"]],
    )


def _sample(frame: pd.DataFrame) -> pd.DataFrame:
    """Up to sixteen originals of as many patients, with the places they take; other diseases are of different kinds."""
    originals = frame[(frame["copy"] == 0) & (frame["official_split"] != "probe")].drop_duplicates("patient")
    parts = []
    for group in dict.fromkeys(ROWS.values()):
        rows = [row for row, name in ROWS.items() if name == group]
        candidates = originals[originals["group"] == group]
        # One of each finding before a second one of any.
        turn = candidates.groupby("finding").cumcount()
        taken = candidates.loc[turn.sort_values(kind="stable").index].head(COLUMNS * len(rows))
        places = np.arange(len(taken))
        parts.append(taken.assign(row=np.take(rows, places // COLUMNS), column=places % COLUMNS))
    return pd.concat(parts, ignore_index=True)


def _pixels(run: Run, rows: pd.DataFrame) -> np.ndarray:
    """Radiographs of the rows, uint8 (N, SIDE, SIDE)."""
    population = experiment.population_folder(run.folder, run.config)
    return populations.source(files.read_json(population / "population.json")).images(rows, SIDE)


def _listed(rows: pd.DataFrame) -> str:
    pairs = zip(rows["image"], rows["finding"], strict=True)
    return ", ".join(f"`{image}` ({title(finding)})" for image, finding in pairs)
