"""Figures of the page: series with intervals, grids of pictures, and where they are saved."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from xray_keras.reporting import drawing
from xray_keras.reporting.document import Picture
from xray_keras.reporting.gan_notes.numbers import Cell
from xray_keras.reporting.runs import Run


class Canvas(NamedTuple):
    """Where a page's figures go, and the run whose data and scale stand in their titles."""

    output: Path
    run: Run

    def save(self, figure: Figure, name: str, title: str, alt: str) -> Picture:
        """Write `<output>-<name>.png` and `.svg`, and close the figure."""
        drawing.title(figure, title, self.run)
        path = self.output.with_name(f"{self.output.name}-{name}")
        drawing.save(figure, path)
        return Picture(f"{path.name}.png", alt)


def errors(cells: Sequence[Cell]) -> tuple[np.ndarray, np.ndarray]:
    """Values (N,), NaN where there is none, and how far their intervals reach to either side, (2, N)."""
    values = np.array([np.nan if cell["value"] is None else cell["value"] for cell in cells])
    ends = np.array([cell["interval"] or (np.nan, np.nan) for cell in cells])
    return values, np.maximum(np.abs(ends - values[:, np.newaxis]).T, 0)


def series(
    panel: Axes,
    at: Sequence[float],
    cells: Mapping[str, Sequence[Cell]],
    *,
    dodge: float = 0.0,
    factor: float = 1.0,
) -> None:
    """A line a name with 95 % intervals, moved aside so that intervals do not cover each other.

    Args:
        panel: to draw on.
        at: x of the points.
        cells: name → its points.
        dodge: what each line is moved by along x. factor: what x is multiplied with for each, of a logarithmic axis.
    """
    middle = (len(cells) - 1) / 2
    for k, (name, points) in enumerate(cells.items()):
        values, reach = errors(points)
        x = np.asarray(at, float) * factor ** (k - middle) + dodge * (k - middle)
        panel.errorbar(x, values, reach, label=name, **drawing.series(k))
    panel.grid()


def bars(panel: Axes, groups: Sequence[str], cells: Mapping[str, Sequence[Cell]]) -> None:
    """Groups of bars with 95 % intervals, one colour a name."""
    width = 0.8 / len(cells)
    for k, (name, points) in enumerate(cells.items()):
        values, reach = errors(points)
        x = np.arange(len(groups)) + (k - (len(cells) - 1) / 2) * width
        hatch = "//" if k else ""
        panel.bar(
            x, values, width, color=drawing.COLOURS[k], label=name, alpha=0.85, hatch=hatch, edgecolor="white"
        )
        panel.errorbar(x, values, reach, fmt="none", ecolor="black", linewidth=1)
    panel.set_xticks(range(len(groups)), groups)
    panel.grid(axis="y")


class Tile(NamedTuple):
    """A picture: (S, S), what stands above it, whether it is framed, and whether gray levels are signed."""

    image: np.ndarray
    words: str = ""
    framed: bool = False
    signed: float | None = None


def grid(rows: Sequence[tuple[str, Sequence[Tile]]]) -> Figure:
    """Rows of pictures, each with a name at its left."""
    columns = max(1, *(len(tiles) for _, tiles in rows))
    figure, panels = plt.subplots(
        len(rows),
        columns,
        figsize=(min(drawing.WIDTH, 1.25 * columns + 1.1), 1.35 * len(rows) + 0.4),
        squeeze=False,
    )
    for (name, tiles), line in zip(rows, panels, strict=True):
        for panel in line:
            drawing.pictures_only(panel)
        for panel, tile in zip(line, tiles, strict=False):
            limits = (-tile.signed, tile.signed) if tile.signed else (0, 255)
            panel.imshow(tile.image, cmap="gray", vmin=limits[0], vmax=limits[1], interpolation="nearest")
            panel.set_title(tile.words, fontsize=8, pad=3)
            panel.spines[:].set(visible=tile.framed, color=drawing.COLOURS[1], linewidth=2)
        line[0].set_ylabel(name, fontsize=7.5)
    return figure


def legend(panel: Axes) -> None:
    """At the right of a panel, where it covers no point."""
    panel.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2)
