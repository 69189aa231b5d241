"""Figure 4 of cohen2019: held-out radiographs, what ALI makes of them, and the error in red."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from xray_keras import npz
from xray_keras.datasets import overlays
from xray_keras.errors import UserError
from xray_keras.reporting import data, drawing
from xray_keras.reporting.cohen2019.facts import heading, of_row
from xray_keras.reporting.runs import Run

ROWS = ("input", "reconstruction", "error in red")


def figure4(runs: Sequence[Run], output: Path) -> None:
    """Figure 4: test radiographs, their reconstructions, and the pixel-wise error in red.

    Computed radiographs are drawn; of real ones the distances alone, because pictures of patients are not copied into
    a repository: the run's folder keeps them.

    Args:
        runs: trained runs; the first that is of ALI is shown.
        output: path without suffix.

    Raises:
        UserError: no run is of ALI, or it has no examples.
    """
    run = of_row(runs, "ali")
    if run is None:
        raise UserError(f"{output.name} needs a run of ALI; train cohen2019/ali first")
    examples = _read(run)
    tidy = pd.DataFrame({name: examples[name] for name in ("image", "ssim", "l1", "l2", "latent")})
    drawn = run.kind == "phantom"
    figure = _pictures(examples) if drawn else _distances(tidy)
    drawing.title(figure, heading("figure4").split(":")[0], run)
    mean = f"mean SSIM {1 - tidy['ssim'].mean():.3f}, mean L1 {tidy['l1'].mean():.3f} of the range"
    last = run.history.iloc[-1]
    paragraphs = [
        data.statement(run),
        f"{len(tidy)} test radiographs, evenly spaced among them: {mean}. Red is full where the error reaches "
        f"{overlays.FULL} of 255 gray levels. Over all validation images after {int(last['epoch'])} epochs: SSIM "
        f"{last['val_ssim']:.3f}, L1 {last['val_l1']:.3f}.",
        "The printed pictures are not in the paper's text, so there is nothing to compare one by one.",
    ]
    if not drawn:
        paragraphs.append(
            "Pictures of patients are not copied into this repository; this run's are in `reconstructions/` of its "
            "folder, one sheet an epoch."
        )
    if weight := run.config["model_options"].get("cycle", 0):
        paragraphs.append(
            f"The loss of encoder and generator holds {weight:g} times the L1 distance between image and "
            "reconstruction (ALICE, Li et al. 2017): ALI as printed has no such term."
        )
    drawing.write(
        figure,
        output,
        title=heading("figure4"),
        alt=f"Rows: {', '.join(ROWS)}; {mean}" if drawn else f"Distances of {len(tidy)} radiographs; {mean}",
        paragraphs=paragraphs,
        tidy=tidy,
    )


def _read(run: Run) -> dict[str, np.ndarray]:
    """The run's examples, see `training.ali`."""
    remedy = f"delete {run.folder / 'model.keras'} and train the run again"
    return npz.read(run.folder / "reconstructions.npz", remedy)


def _pictures(examples: dict[str, np.ndarray]) -> Figure:
    sheet = overlays.sheet(examples["input"], examples["reconstruction"])
    count = len(examples["input"])
    figure, panel = plt.subplots(figsize=(drawing.WIDTH, 0.85 * drawing.WIDTH * len(ROWS) / count + 0.9))
    panel.imshow(sheet, interpolation="nearest")
    side = sheet.shape[0] / len(ROWS)
    middles = side * (np.arange(count) + 0.5) - 0.5
    panel.set_xticks(middles, [f"SSIM\n{1 - value:.2f}" for value in examples["ssim"]])
    panel.set_yticks(side * (np.arange(len(ROWS)) + 0.5) - 0.5, ROWS)
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)
    return figure


def _distances(tidy: pd.DataFrame) -> Figure:
    figure, panel = plt.subplots(figsize=(7, 0.3 * len(tidy) + 1.4))
    places = np.arange(len(tidy))
    for distance, label, colour, height in zip(
        ("ssim", "l1"), ("1 − SSIM", "L1"), drawing.COLOURS, (-0.2, 0.2), strict=False
    ):
        panel.barh(places + height, tidy[distance], height=0.4, color=colour, label=label)
    panel.set_yticks(places, [textwrap.shorten(name, 30) for name in tidy["image"]])
    panel.invert_yaxis()
    panel.set(xlabel="distance between radiograph and reconstruction", xlim=(0, None))
    panel.legend()
    panel.grid(axis="x")
    return figure
