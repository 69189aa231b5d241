"""KID of generated images against epochs and against the number of training images."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from xray_keras.reporting import drawing
from xray_keras.reporting.ali2019.gans import Quality, distance, learned
from xray_keras.reporting.runs import Run


def epochs(runs: Sequence[Run], found: Mapping[Path, Quality], output: Path) -> tuple[Path, str]:
    """Draw `<output>-epochs`: a line a run; return its path without suffix and what it shows in words."""
    figure, panel = plt.subplots(figsize=(8, 4.2))
    alt = []
    for run, style in zip(runs, map(drawing.series, range(len(runs))), strict=True):
        curve = [point for point in found[run.folder]["curve"] if point["kernel"]["value"] is not None]
        at = np.array([point["epoch"] for point in curve])
        values = np.array([point["kernel"]["value"] for point in curve])
        panel.plot(at, values, label=learned(run), **style)
        ends = np.array([point["kernel"]["interval"] or [np.nan, np.nan] for point in curve])
        panel.fill_between(at, ends[:, 0], ends[:, 1], color=style["color"], alpha=0.12, linewidth=0)
        alt.append(
            f"{learned(run)}: {distance(curve[0]['kernel'])} after epoch {at[0]}, "
            f"{distance(curve[-1]['kernel'])} after epoch {at[-1]}."
        )
    _spans(panel, [found[run.folder] for run in runs])
    _finish(panel, "epoch")
    drawing.title(figure, "KID of samples after each epoch", runs[0])
    path = output.with_name(f"{output.name}-epochs")
    drawing.save(figure, path)
    return path, "KID against epochs, a line a run. " + " ".join(alt)


def images(runs: Sequence[Run], found: Mapping[Path, Quality], output: Path) -> tuple[Path, str]:
    """Draw `<output>-images`: a point a run, those of one finding joined; return its path and what it shows."""
    figure, panel = plt.subplots(figsize=(8, 4.2))
    alt: list[str] = []
    groups: dict[str, list[Quality]] = {}
    for run in runs:
        groups.setdefault(learned(run).split(", ")[0], []).append(found[run.folder])
    for (name, group), style in zip(groups.items(), map(drawing.series, range(len(groups))), strict=True):
        group = sorted(group, key=lambda each: each["training"]["images"])
        at = np.array([each["training"]["images"] for each in group])
        cells = [each["generated"]["kernel"] for each in group]
        values = np.array([np.nan if cell["value"] is None else cell["value"] for cell in cells])
        ends = np.array([cell["interval"] or [np.nan, np.nan] for cell in cells])
        errors = np.maximum(np.abs(ends - values[:, np.newaxis]).T, 0)
        panel.errorbar(at, values, errors, label=name, **style)
        alt += [f"{name}, {n:,} images: {distance(cell)}." for n, cell in zip(at, cells, strict=True)]
    _spans(panel, [found[run.folder] for run in runs])
    _finish(panel, "training images")
    drawing.title(figure, "KID of generated images", runs[0])
    path = output.with_name(f"{output.name}-images")
    drawing.save(figure, path)
    return path, "KID against the number of training images, a point a run. " + " ".join(alt)


def _finish(panel: Axes, counted: str) -> None:
    panel.set(xlabel=counted, ylabel="KID against test images", xscale="log")
    panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    panel.xaxis.set_major_formatter("{x:,.0f}")
    panel.xaxis.set_minor_locator(NullLocator())
    panel.legend(loc="upper left", bbox_to_anchor=(1.01, 1))
    panel.grid()


def _spans(panel: Axes, found: Sequence[Quality]) -> None:
    """From the least to the largest value of each yardstick among the runs."""
    for name, colour, words in (
        ("training", "black", "training images"),
        ("blurred", "gray", "blurred ones"),
    ):
        values = [
            value for each in found if (value := each["yardsticks"][name]["kernel"]["value"]) is not None
        ]
        if values:
            panel.axhspan(min(values), max(values), color=colour, alpha=0.4, label=words)
