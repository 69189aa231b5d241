"""The drawing of one network: boxes from top to bottom, and beside each stage its output and parameters."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from xray_keras.reporting.networks import layout, pen

_NAMES, _MAPS, _SHAPES, _PARAMETERS = 0.15, 6.1, 7.08, 8.85  # where the columns are
_HEAD, _FOOT = 0.98, 0.62


def draw(network: Mapping[str, Any], heading: str) -> Figure:
    """Draw a network.

    Args:
        network: see `models.outline`.
        heading: what it is.
    """
    largest = max(max(stage["shape"][:2]) for stage in network["stages"] if len(stage["shape"]) == 3)
    slabs = {stage["name"]: pen.slab(stage["shape"], largest) for stage in network["stages"]}
    least = {name: face[0] + 0.5 * depth + 0.04 for name, (face, depth) in slabs.items()}
    placed = layout.lay_out(network, _HEAD, least)
    page = pen.Page(pen.WIDE, placed.bottom + _FOOT)
    trained = "all" if network["trained"] == network["parameters"] else f"{network['trained']:,}"
    total = f"{network['parameters']:,} parameters, {trained} of them trained"
    title(page, heading, f"Drawn from the built network at the paper's size: {total}")
    _head(page)
    for band in placed.bands:
        _band(page, band, slabs)
    for box in placed.boxes:
        page.box(box.x, box.top, box.width, box.height, box.words, pen.STYLES[box.state])
    for corners in placed.arrows:
        page.arrow(corners)
    legend(page, layout.LEFT, placed.bottom + 0.36, [network])
    return page.figure


def shape_text(shape: Sequence[int]) -> str:
    """ "56 × 56 × 64"."""
    return " × ".join(f"{side:,}" if len(shape) == 1 else str(side) for side in shape)


def counts(network: Mapping[str, Any]) -> dict[str, int]:
    """Parameters by state: "trained"; "moving", statistics beside trained ones; "frozen"."""
    frozen = sum(stage["parameters"] for stage in network["stages"] if not stage["trained"])
    trained = network["trained"]
    return {"trained": trained, "moving": network["parameters"] - trained - frozen, "frozen": frozen}


def legend(page: pen.Page, x: float, y: float, networks: Sequence[Mapping[str, Any]]) -> None:
    """What the boxes' styles mean, with the parameters of each; in a line from x at the height y."""
    sums = {key: sum(counts(network)[key] for network in networks) for key in ("trained", "moving", "frozen")}
    moving = f" and {sums['moving']:,} moving statistics" if sums["moving"] else ""
    entries = {"trained": f"trained: {sums['trained']:,} parameters{moving}"} if sums["trained"] else {}
    entries |= {"frozen": f"not trained: {sums['frozen']:,} parameters"} if sums["frozen"] else {}
    for state, text in {**entries, "none": "no parameters"}.items():
        page.box(x + 0.15, y - 0.075, 0.3, 0.15, (), pen.STYLES[state])
        page.words(x + 0.38, y, text, 8)
        x += 0.38 + pen.measured(text, 8) + 0.3


def title(page: pen.Page, heading: str, below: str) -> None:
    """What is drawn, and of what."""
    page.words(_NAMES, 0.24, heading, 11, fontweight="bold")
    page.words(_NAMES, 0.47, below, pen.SIZE, color="0.35")


def _head(page: pen.Page) -> None:
    for x, text, across in (
        (_NAMES, "stage", "left"),
        (layout.MIDDLE, "operations", "center"),
        (_SHAPES, "output", "left"),
        (_PARAMETERS, "parameters", "right"),
    ):
        page.words(x, 0.78, text, 8, across=across, color="0.35")


def _band(page: pen.Page, band: layout.Band, slabs: Mapping[str, Any]) -> None:
    """Ground, names, maps, shapes and parameters."""
    several = len(band.stages) > 1
    if several or len(band.stages[0]["operations"]) > 1:
        page.ground(layout.LEFT, band.top - 0.06, layout.RIGHT, band.bottom + 0.06)
    pitch = 0.21
    for number, stage in enumerate(band.stages):
        y = band.middle + (number - (len(band.stages) - 1) / 2) * pitch
        _names(page, stage, y, alone=not several)
        face, depth = slabs[stage["name"]]
        page.map(_MAPS, y, face, depth)
        page.words(_SHAPES, y, shape_text(stage["shape"]), 8)
        if stage["parameters"]:
            page.words(_PARAMETERS, y, f"{stage['parameters']:,}", 8, across="right")


def _names(page: pen.Page, stage: Mapping[str, Any], y: float, *, alone: bool) -> None:
    block = alone and len(stage["operations"]) > 1
    lines = [(stage["name"], pen.SIZE, {"fontweight": "bold"})]
    if stage["last"]:
        lines.append((f"to {stage['last']}", pen.SIZE, {"fontweight": "bold"}))
    if block:
        times = f", {stage['times']} times" if stage["times"] > 1 else ""
        lines.append((stage["kind"] + times, pen.SMALL, {"color": "0.35"}))
    for number, (text, size, style) in enumerate(lines):
        page.words(_NAMES, y + (number - (len(lines) - 1) / 2) * 0.16, text, size, **style)
