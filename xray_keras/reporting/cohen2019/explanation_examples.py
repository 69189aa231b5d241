"""Figure 8 of cohen2019: saliency maps and class activation maps over radiographs."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from xray_keras import npz
from xray_keras.datasets.findings import title
from xray_keras.errors import UserError
from xray_keras.papers import loader
from xray_keras.reporting import data, drawing
from xray_keras.reporting.cohen2019.facts import PAPER, heading
from xray_keras.reporting.runs import Run

COLUMNS = {
    "saliency_all": "saliency, all outputs",
    "cam_all": "CAM, all outputs",
    "saliency": "saliency, finding",
    "cam": "CAM, finding",
    "grad_cam": "Grad-CAM, finding",
}
FULL = 99.5
"""Percentile of a map from which on it is drawn as red as it gets: single pixels would hide the rest of a gradient."""
OPACITY = 0.7  # of that red


def figure8(runs: Sequence[Run], output: Path) -> None:
    """Figure 8: images, red where a map is high and transparent where it is not, the true region outlined.

    Computed radiographs are drawn with their maps; of real ones the maps alone, because pictures of patients are not
    copied into a repository: the picture with radiographs is written into the run's folder.

    Args:
        runs: an explained run of the classifier (`evaluation.explain`).
        output: path without suffix.

    Raises:
        UserError: the run has not been explained, or no held-out image has a finding.
    """
    run = runs[0]
    examples = _read(run)
    finding = title(str(examples["finding"]))
    drawn = run.kind == "phantom"
    if not drawn:
        shown = _draw(examples, radiographs=True)
        drawing.title(shown, f"{PAPER}, Figure 8: {finding}", run)
        drawing.picture(shown, run.folder / "figure8.png")
    figure = _draw(examples, radiographs=drawn)
    drawing.title(figure, f"{PAPER}, Figure 8: {finding}", run)
    tidy = pd.DataFrame(
        {
            "image": examples["names"],
            "finding": str(examples["finding"]),
            "probability": examples["probabilities"],
            "region": examples["truth"].mean(axis=(1, 2)),
            **{
                f"{name}_{at}": np.percentile(examples[name], at, axis=(1, 2))
                for name in COLUMNS
                for at in (0, FULL)
            },
        }
    )
    paragraphs = [
        data.statement(run),
        f"{finding} in {len(tidy)} held-out image{'s' * (len(tidy) > 1)}, one a patient: of those that have it, "
        "the ones with the highest probability, which flatters the network. The two maps on the left explain all "
        f"outputs at once, as the caption says; the others {finding} alone; the text names "
        f"{', '.join(loader.load(PAPER)['settings']['explanation']['figure8_text'])}. A map is transparent at "
        f"its minimum and as red as it gets from its {FULL:g}th percentile. Class activation maps "
        "are upsampled bilinearly."
        + (
            " The outline is where the finding is."
            if examples["truth"].any()
            else " Where it is, is not known."
        ),
    ]
    if not drawn:
        paragraphs.append(
            "Pictures of patients are not copied into this repository; `figure8.png` in the run's folder has them."
        )
    paragraphs.append("The printed figure's images are not in the paper's text.")
    names = "; ".join(f"{row.image} {row.probability:.2f}" for row in tidy.itertuples())
    drawing.write(
        figure,
        output,
        title=heading("figure8"),
        alt=f"{finding}; columns: input, {', '.join(COLUMNS.values())}; probabilities: {names}",
        paragraphs=paragraphs,
        tidy=tidy,
    )


def _read(run: Run) -> dict[str, np.ndarray]:
    """The arrays of `evaluation.explain`."""
    examples = npz.read(run.folder / "explanation_examples.npz", f"run `xray-keras explain {run.folder}`")
    if not len(examples["images"]):
        raise UserError(f"no held-out image of {run.folder} has a finding; use more images")
    return examples


def _draw(examples: dict[str, np.ndarray], radiographs: bool) -> Figure:
    count = len(examples["images"])
    figure, panels = plt.subplots(
        count, 1 + len(COLUMNS), figsize=(drawing.WIDTH, 1.55 * count + 0.8), squeeze=False
    )
    for k, image in enumerate(examples["images"]):
        background = image if radiographs else np.full_like(image, 255)
        for panel, name in zip(panels[k], ("", *COLUMNS), strict=True):
            panel.imshow(background, cmap="gray", vmin=0, vmax=255)
            drawing.pictures_only(panel, frame=True)
            if name:
                _overlay(panel, examples[name][k])
            if examples["truth"][k].any():
                panel.contour(examples["truth"][k], [0.5], colors=drawing.COLOURS[0], linewidths=1)
        panels[k][0].set_ylabel(f"probability {examples['probabilities'][k]:.2f}")
    for panel, name in zip(panels[0], ("input" if radiographs else "region", *COLUMNS.values()), strict=True):
        panel.set_title(name.replace(", ", ",\n"))
    return figure


def _overlay(panel: Axes, values: np.ndarray) -> None:
    """Red, the more opaque the higher."""
    colours = np.empty((*values.shape, 4))
    colours[..., :3] = to_rgb("red")
    low, high = values.min(), np.percentile(values, FULL)
    colours[..., 3] = OPACITY * np.clip((values - low) / (high - low), 0, 1) if high > low else 0
    panel.imshow(colours)
