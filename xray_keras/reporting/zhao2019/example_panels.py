"""Pictures with the regions that networks take for text, in rows and columns."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely
from matplotlib import patheffects
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle

from xray_keras.datasets import region_labels
from xray_keras.datasets.manifest import TEXT
from xray_keras.datasets.scenes.cached import CachedScenes
from xray_keras.reporting import drawing

TEACHER = "Teacher Network"
HALF = 0.5
REGIONS = [f"r{number:02d}" for number in range(region_labels.REGIONS)]
SIDES = np.repeat(region_labels.GRIDS, [side**2 for side in region_labels.GRIDS])
ACROSS = 3
FINE, COARSE = region_labels.GRIDS
_FILLED, _EDGE = (0.0, 0.447, 0.698, 0.4), drawing.COLOURS[1]
_OUTLINE = "#FFE000"
_FRAME = 4 / 3
_BLANK = 0.85  # gray where a photograph would be
_GRAY = (0.299, 0.587, 0.114)
_PALER, _CONTRAST = 0.7, 0.85


def draw(
    scenes: CachedScenes,
    frames: Mapping[str, pd.DataFrame],
    chosen: Mapping[str, str | None],
    pictures: bool,
) -> Figure:
    """Draw a block of `ACROSS` columns for pictures with text and one for those without, in each a row a network.

    Args:
        scenes: the pictures.
        frames: printed row of a network → its predictions, with the regions.
        chosen: heading → image, or None where there is none; as many with text as without.
        pictures: whether to draw pixels, or gray in their place.
    """
    rows = len(chosen) // ACROSS * len(frames)
    figure, panels = plt.subplots(rows, ACROSS, figsize=(drawing.WIDTH, 2.43 * rows + 0.8), squeeze=False)
    places = {name: position for position, name in enumerate(scenes.frame["image"])}
    for number, (name, image) in enumerate(chosen.items()):
        block, column = divmod(number, ACROSS)
        for row, (network, frame) in enumerate(frames.items(), block * len(frames)):
            panel = panels[row, column]
            drawing.pictures_only(panel)
            if column == 0:
                panel.set_ylabel(
                    "Teacher" if network == TEACHER else "Student",
                )
            if row % len(frames) == 0:
                panel.set_title(name[0].upper() + name[1:], loc="left", fontweight="bold")
            if image is None:
                panel.set(aspect=1 / _FRAME, facecolor="0.96")
                panel.text(0.5, 0.5, "none", ha="center", va="center", color="0.4")
                continue
            line = frame.loc[frame["image"] == image].iloc[0]
            _score(panel, line)
            _panel(panel, scenes, places[image], line[REGIONS].to_numpy(np.float64) > HALF, pictures)
    handles = [
        Rectangle((0, 0), 1, 1, facecolor=_FILLED, edgecolor="white", label=f"{FINE} × {FINE} region, p > ½"),
        Rectangle(
            (0, 0), 1, 1, fill=False, edgecolor=_EDGE, linewidth=2, label=f"{COARSE} × {COARSE} region, p > ½"
        ),
        Line2D([], [], color=_OUTLINE, linewidth=1.3, path_effects=_halo(), label="true outline"),
    ]
    figure.legend(handles=handles, loc="lower center", ncols=len(handles))
    return figure


def margins(figure: Figure) -> None:
    """Inches for the title above and the legend below, whatever the number of rows."""
    height = figure.get_figheight()
    figure.subplots_adjust(bottom=0.4 / height, top=1 - 0.62 / height, hspace=0.13)


def _score(panel: Axes, line: pd.Series) -> None:
    right = (line[f"p_{TEXT}"] > HALF) == (line[f"y_{TEXT}"] == 1)
    words, weight = ("right", "normal") if right else ("wrong", "bold")
    panel.set_title(f"p = {line[f'p_{TEXT}']:.2f}, {words}", loc="right", fontweight=weight)


def _halo() -> list[patheffects.AbstractPathEffect]:
    return [patheffects.Stroke(linewidth=2.6, foreground="black"), patheffects.Normal()]


def _panel(panel: Axes, scenes: CachedScenes, position: int, called: np.ndarray, picture: bool) -> None:
    """A picture or gray in its place, the regions that are called text, bool (34,), and the true outlines."""
    height, width = scenes.shape(position)
    pixels = scenes.picture(position) / 255.0 if picture else np.full((1, 1, 3), _BLANK)
    # Paler, so that the colours drawn above it are the strongest ones.
    paler = _PALER * (pixels @ _GRAY)[..., None] + (1 - _PALER) * pixels
    panel.imshow(1 - _CONTRAST * (1 - paler), extent=(0, width, height, 0), interpolation="bilinear")
    picture_edge = Rectangle((0, 0), width, height, transform=panel.transData)
    boxes = region_labels.boxes(width, height)
    for left, top, right, bottom in boxes[called & (SIDES == FINE)]:
        corner, size = (left, top), (right - left, bottom - top)
        panel.add_patch(Rectangle(corner, *size, facecolor=_FILLED, edgecolor="white", linewidth=0.6))
    # Neighbours of the coarse grid are outlined together: every cell inside is called.
    union = shapely.union_all(shapely.box(*boxes[called & (SIDES == COARSE)].T))
    for part in shapely.get_parts(union):
        for ring in (part.exterior, *part.interiors):
            panel.plot(*ring.xy, color=_EDGE, linewidth=2, clip_on=False, zorder=3)
    for polygon, ignored in scenes.text(position):
        line = Polygon(
            polygon,
            fill=False,
            edgecolor=_OUTLINE,
            linewidth=1.3,
            linestyle=":" if ignored else "-",
            zorder=4,
        )
        line.set_path_effects(_halo())
        panel.add_patch(line)
        line.set_clip_path(picture_edge)
    # One frame for all shapes, so that what stands above the pictures stands in line.
    across, down = max(width, height * _FRAME), max(height, width / _FRAME)
    panel.set(
        xlim=((width - across) / 2, (width + across) / 2), ylim=((height + down) / 2, (height - down) / 2)
    )
