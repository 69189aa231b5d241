"""Figure 9 of cohen2019, and the times of section 5.2: the page against Python, and against the clock."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from xray_keras.datasets.findings import title
from xray_keras.papers import loader
from xray_keras.reporting import data, drawing
from xray_keras.reporting.cohen2019.facts import PAPER, heading
from xray_keras.reporting.cohen2019.page import requests, seen_in
from xray_keras.reporting.document import Document, Section
from xray_keras.reporting.runs import Run

_STEPS = {
    "load": ("load the page and start the models", ("load",), "load"),
    "forward": ("gate and classification", ("gate", "classify"), "predict"),
    "explain": ("explanation by gradient, all findings", ("explain",), "explain"),
}


def figure9(runs: Sequence[Run], output: Path) -> None:
    """Figure 9: how far the page's scores are from Python's, a histogram a finding.

    Args, raises: as `figure1`.
    """
    run, seen = seen_in(runs)
    images = [each for each in seen["images"] if each["set"] == "chest"]
    differences = np.array([np.subtract(each["raw"], each["python"]["raw"]) for each in images])
    largest, mean = float(np.abs(differences).max()), float(np.abs(differences).mean())
    gate = max(abs(each["distance"] - each["python"]["distance"]) for each in images)
    figure = _histograms(differences, seen["labels"])
    drawing.title(figure, heading("figure9").split(":")[0], run)
    claim = loader.claims(PAPER)["preprocessing_differences"]
    drawing.write(
        figure,
        output,
        title=heading("figure9"),
        alt=f"histograms of differences for {len(seen['labels'])} findings; the largest is {largest:.1e}",
        paragraphs=[
            data.statement(run),
            f"{len(images)} radiographs {'that were given' if seen['given'] else 'of the test set'}, in "
            f"{seen['browser']} and in Python with Keras, from file to score; weights stored as {seen['storage']}. "
            f"Largest difference of any score {largest:.1e}, mean {mean:.1e}; of the gate's distance {gate:.1e}. "
            "The page scales pictures as Python does, bit for bit; what is left is the rounding of the networks.",
            f"The paper: {claim.statement}.",
        ],
        tidy=pd.DataFrame(
            [
                {"image": each["image"], "finding": label, "browser": ours, "python": theirs}
                for each in images
                for label, ours, theirs in zip(
                    seen["labels"], each["raw"], each["python"]["raw"], strict=True
                )
            ]
        ),
    )


def runtime(runs: Sequence[Run], output: Path) -> None:
    """The times of section 5.2, printed and ours.

    Args, raises: as `figure1`.
    """
    run, seen = seen_in(runs)
    claims = loader.claims(PAPER)
    printed = next(
        claim.values for claim in claims.values() if {"load", "predict", "explain"} <= set(claim.values)
    )
    rows, tidy = [], []
    for name, (text, steps, key) in _STEPS.items():
        cells = []
        for threads, times in seen["times"].items():
            median, least, most = (
                sum(times[step][part] for step in steps) for part in ("median", "least", "most")
            )
            cells.append(f"{median:.2f} [{least:.2f}–{most:.2f}]")
            tidy.append({"step": name, "threads": int(threads), "median": median, "least": least, "most": most,
                         "printed": printed[key].text})  # fmt: skip
        rows.append([text, printed[key].text, *cells])
    threads = [f"ours, {name} thread{'s' if name != '1' else ''}" for name in seen["times"]]
    document = Document(
        f"{PAPER}, section 5.2: seconds on the page, printed and ours",
        [
            data.statement(run),
            f"{seen['browser']}, headless, {seen['processors']} processors, no GPU; {run.config['size']} pixels, "
            f"{seen['bytes'] / 1e6:.0f} MB, weights stored as {seen['storage']}. The paper names neither browser nor "
            "machine, so that its seconds and ours tell no ratio; `make bench-web` times both ways in one browser.",
        ],
        [
            Section(
                "Seconds",
                "Ours: median of cold starts, each in a new profile, and their range in brackets; served from the same "
                "machine. Reading and scaling a picture took "
                f"{next(iter(seen['times'].values()))['read']['median']:.3f} s more.",
                ["Step", "printed", *threads],
                rows,
            ),
            Section("Nothing leaves the browser", requests(seen)),
        ],
        pd.DataFrame(tidy),
    )
    paths = document.write(output)
    print(f"{document.title}: {', '.join(map(str, paths))}")


def _histograms(differences: np.ndarray, labels: Sequence[str]) -> Figure:
    """One panel a finding, all on one axis; the unit is a power of ten that fits."""
    exponent = int(np.floor(np.log10(max(float(np.abs(differences).max()), 1e-12))))
    scaled = differences / 10.0**exponent
    reach = float(np.abs(scaled).max()) or 1.0
    columns = -(-len(labels) // 2)
    figure, panels = plt.subplots(
        2, columns, figsize=(min(drawing.WIDTH, 1.7 * columns), 3.8), sharex=True, sharey=True
    )
    for panel, label, values in zip(panels.flat, labels, scaled.T, strict=False):
        panel.hist(values, bins=np.linspace(-reach, reach, 16), color=drawing.COLOURS[0])
        panel.set_title(title(label).replace(" ", "\n"), fontsize=8)
        panel.grid(axis="y")
    figure.supxlabel(f"browser − Python, in units of 1e{exponent}")
    figure.supylabel("images")
    return figure
