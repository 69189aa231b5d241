"""Figures 1 and 2 of cohen2019: the page as a real browser shows it, and what its gate refuses."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

from xray_keras import files
from xray_keras.reporting import data, drawing
from xray_keras.reporting.cohen2019.facts import heading
from xray_keras.reporting.foreign import named
from xray_keras.reporting.runs import Run

_DPI = 150  # of `drawing.write`
_WIDEST = 360  # pixels of a photograph in Figure 2: as many as the PNG shows
_KEPT = (
    "Pictures of patients are not copied into this repository; this run's are in `browser/` of its folder."
)


def figure1(runs: Sequence[Run], output: Path) -> None:
    """Figure 1: the page with a bundled sample, a computed radiograph, examined and explained.

    Args:
        runs: the classifier's run, seen in a browser (`export.browse`).
        output: path without suffix.

    Raises:
        UserError: the run has not been seen in a browser.
    """
    run, seen = seen_in(runs)
    with Image.open(run.folder / "browser" / "page.png") as opened:
        pixels = np.asarray(opened.convert("RGB"))
    figure = plt.figure(figsize=(pixels.shape[1] / _DPI, pixels.shape[0] / _DPI))
    panel = figure.add_axes((0, 0, 1, 1))
    panel.imshow(pixels, interpolation="none")
    panel.axis("off")
    drawing.write(
        figure,
        output,
        title=heading("figure1"),
        alt="the page: a list of images, the radiograph with its saliency in red, the gate's verdict, fourteen scores",
        paragraphs=[
            data.statement(run),
            f"Photographed in {seen['browser']}, headless. The radiograph is a sample that comes with the page: "
            "computed, of no patient.",
            requests(seen),
        ],
        tidy=pd.DataFrame(
            [{"width": pixels.shape[1], "height": pixels.shape[0], "browser": seen["browser"]}]
        ),
    )


def figure2(runs: Sequence[Run], output: Path) -> None:
    """Figure 2: pictures that the gate accepts and refuses, the error of their reconstruction in red.

    Computed and foreign pictures are drawn; where the run knows real radiographs, the distances alone.

    Args, raises: as `figure1`.
    """
    run, seen = seen_in(runs)
    numbers = _one_each(seen["images"])
    chosen = [seen["images"][number] for number in numbers]
    drawn = run.kind == "phantom"
    shots = [run.folder / "browser" / f"{number + 1}.png" for number in numbers]
    figure = _pictures(chosen, shots, seen["threshold"]) if drawn else _bars(chosen, seen["threshold"])
    drawing.title(figure, heading("figure2").split(":")[0], run)
    refused = sum(each["refused"] for each in chosen)
    drawing.write(
        figure,
        output,
        title=heading("figure2"),
        alt=f"{len(chosen)} pictures, {refused} refused",
        paragraphs=[
            data.statement(run),
            f"As the page shows them in {seen['browser']}. A picture is refused where 1 − SSIM between it and its "
            f"reconstruction exceeds {seen['threshold']:.3f}, which 95 % of the validation radiographs do not.",
            *([] if drawn else [_KEPT]),
            *(f"{named(name)}: {credit}" for name, credit in seen["credits"].items()),
        ],
        tidy=pd.DataFrame(
            [{key: each[key] for key in ("set", "image", "distance", "refused")} for each in chosen]
        ),
    )


def seen_in(runs: Sequence[Run]) -> tuple[Run, Mapping[str, Any]]:
    """The classifier's run, and what was seen on its page: its `browser.json`."""
    return runs[0], files.read_json(runs[0].folder / "browser.json")


def requests(seen: Mapping[str, Any]) -> str:
    """A sentence on the addresses that the page asked."""
    foreign = ", ".join(seen["foreign_origins"]) or "none"
    return (
        f"Requests while {len(seen['images'])} pictures were examined, once the page was ready: "
        f"{seen['requests_while_examining']}. Other origins that were asked since it was opened: {foreign}."
    )


def _one_each(images: Sequence[Mapping[str, Any]]) -> list[int]:
    """Two chests, and one picture of each foreign set."""
    chests = [number for number, each in enumerate(images) if each["set"] == "chest"]
    return chests[:2] + [number for number, each in enumerate(images) if each["set"] != "chest"]


def _verdict(image: Mapping[str, Any], threshold: float) -> str:
    return f"{'refused' if image['refused'] else 'accepted'}: {image['distance']:.2f} of {threshold:.2f}"


def _pictures(chosen: Sequence[Mapping[str, Any]], shots: Sequence[Path], threshold: float) -> Figure:
    figure, panels = plt.subplots(
        2, -(-len(chosen) // 2), figsize=(min(drawing.WIDTH, 2.7 * -(-len(chosen) // 2)), 6.7)
    )
    for panel in panels.flat:
        panel.axis("off")
    for panel, image, shot in zip(panels.flat, chosen, shots, strict=False):
        with Image.open(shot) as opened:
            picture = opened.convert("RGB")
            picture.thumbnail((_WIDEST, _WIDEST))
            panel.imshow(np.asarray(picture), interpolation="none")
        panel.set_title(f"{named(image['set'])}\n{_verdict(image, threshold)}")
    return figure


def _bars(chosen: Sequence[Mapping[str, Any]], threshold: float) -> Figure:
    figure, panel = plt.subplots(figsize=(7, 0.45 * len(chosen) + 1.4))
    colours = [drawing.COLOURS[1] if each["refused"] else drawing.COLOURS[0] for each in chosen]
    panel.barh(range(len(chosen)), [each["distance"] for each in chosen], color=colours)
    panel.set_yticks(
        range(len(chosen)),
        [f"{named(each['set'])}: {_verdict(each, threshold)}" for each in chosen],
    )
    panel.axvline(threshold, color="black", linestyle="--", linewidth=1)
    panel.invert_yaxis()
    panel.set(xlabel="1 − SSIM; dashed: accepted up to here")
    return figure
