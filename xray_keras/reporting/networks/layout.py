"""Where the operations of a network stand when it is drawn from top to bottom, and how arrows run between them.

Inches from the upper left corner, downwards. An operation stands as far down as what takes it allows, so that a
shortcut's projection stands beside the last convolution of its block. What takes nothing from the row above stands in a
column of its own at the right.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xray_keras.reporting.networks import pen

MIDDLE, WIDTH = 3.1, 2.8  # of the column of boxes
SIDE, SIDE_WIDTH = 5.24, 1.26  # of the boxes at its right
LEFT, RIGHT = 1.56, 5.95  # of the ground below the boxes of a stage
_LANE = 0.13  # between boxes and the first arrow that passes them
_BETWEEN = 0.08  # boxes that stand in one row
_PAD, _INDENT = 0.08, 0.12
_GAP, _STAGE_GAP = 0.12, 0.19
_JOINTS = ("Add", "Concatenate")


@dataclass(frozen=True)
class Box:
    """An operation: `words` in lines, its state "trained", "frozen" or "none", and its place."""

    name: str
    words: tuple[str, ...]
    state: str
    x: float
    top: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def middle(self) -> float:
        return self.top + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Band:
    """Stages that stand beside each other, mostly one, and the rows that they take."""

    stages: tuple[Mapping[str, Any], ...]
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(frozen=True)
class Layout:
    """A network's boxes, its arrows as corners of their paths, its bands, and where they end."""

    boxes: tuple[Box, ...]
    arrows: tuple[tuple[tuple[float, float], ...], ...]
    bands: tuple[Band, ...]
    bottom: float


def lay_out(network: Mapping[str, Any], top: float, least: Mapping[str, float]) -> Layout:
    """Place everything.

    Args:
        network: see `models.outline`.
        top: where the first box begins.
        least: name of a stage → least height of what is drawn beside it.

    Raises:
        ValueError: more than one operation of a row takes nothing from the row above.
    """
    operations = {each["name"]: each for stage in network["stages"] for each in stage["operations"]}
    stage_of = {each["name"]: stage["name"] for stage in network["stages"] for each in stage["operations"]}
    levels = _levels(operations)
    boxes: dict[str, Box] = {}
    y, before = top, ""
    for level in sorted(set(levels.values())):
        names = [name for name in operations if levels[name] == level]
        first = stage_of[names[0]]
        if before:
            y += _STAGE_GAP if first != before else _GAP
        tall = least.get(first, 0.0) if first != before else 0.0
        placed = list(_row(operations, levels, level, names))
        height = max(box.height for box in placed)
        # What is drawn beside a stage of one row may be higher than its box.
        alone = sum(stage_of[name] == first for name in operations) == sum(
            stage_of[name] == first for name in names
        )
        room = max(height, tall) if alone else height
        for box in placed:
            boxes[box.name] = _moved(box, y + (room - box.height) / 2)
        y, before = y + room, stage_of[names[-1]]
    bands = tuple(_bands(network["stages"], boxes))
    return Layout(tuple(boxes.values()), tuple(_arrows(operations, levels, boxes)), bands, y)


def _levels(operations: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Row of each operation, from 0; each in the row above the first that takes it."""
    from_end = dict.fromkeys(operations, 0)
    for name, each in reversed(list(operations.items())):
        for source in each["inputs"]:
            from_end[source] = max(from_end[source], from_end[name] + 1)
    rows = max(from_end.values())
    return {name: rows - distance for name, distance in from_end.items()}


def _row(
    operations: Mapping[str, Mapping[str, Any]], levels: Mapping[str, int], level: int, names: Sequence[str]
) -> Iterator[Box]:
    """Boxes of a row, at the top."""
    beside = [
        name
        for name in names
        if level and all(levels[source] < level - 1 for source in operations[name]["inputs"])
    ]
    if len(beside) > 1:
        raise ValueError(
            f"{' and '.join(beside)} would stand on each other: none takes anything from the row above"
        )
    inner = [name for name in names if name not in beside]
    width = (WIDTH - (len(inner) - 1) * _BETWEEN) / max(1, len(inner))
    for number, name in enumerate(inner):
        x = MIDDLE + (number - (len(inner) - 1) / 2) * (width + _BETWEEN)
        yield _box(operations[name], x, width)
    for name in beside:
        yield _box(operations[name], SIDE, SIDE_WIDTH)


def _box(operation: Mapping[str, Any], x: float, widest: float) -> Box:
    words = tuple(pen.wrapped(operation["text"], widest - _INDENT, pen.SIZE))
    narrow = max(pen.measured(line, pen.SIZE) for line in words) + 2 * _INDENT
    width = min(widest, narrow) if operation["kind"] in _JOINTS else widest
    state = "trained" if operation["trained"] else "frozen" if operation["parameters"] else "none"
    return Box(operation["name"], words, state, x, 0.0, width, pen.PITCH * len(words) + _PAD)


def _moved(box: Box, top: float) -> Box:
    return Box(box.name, box.words, box.state, box.x, top, box.width, box.height)


def _bands(stages: Sequence[Mapping[str, Any]], boxes: Mapping[str, Box]) -> Iterator[Band]:
    """Stages with rows in common in one band, from top to bottom."""
    spans = []
    for stage in stages:
        own = [boxes[each["name"]] for each in stage["operations"]]
        spans.append((min(box.top for box in own), max(box.bottom for box in own), own[0].x, stage))
    gathered: list[tuple[float, float, list[Mapping[str, Any]]]] = []
    # Of stages beside each other the left one comes first.
    for top, bottom, _, stage in sorted(spans, key=lambda span: (round(span[1], 1), span[2])):
        if gathered and top < gathered[-1][1]:
            above = gathered.pop()
            gathered.append((above[0], max(above[1], bottom), [*above[2], stage]))
        else:
            gathered.append((top, bottom, [stage]))
    for top, bottom, together in gathered:
        yield Band(tuple(together), top, bottom)


def _arrows(
    operations: Mapping[str, Mapping[str, Any]], levels: Mapping[str, int], boxes: Mapping[str, Box]
) -> Iterator[tuple[tuple[float, float], ...]]:
    passing: list[tuple[float, float, int]] = []  # ends of the arrows that pass boxes, and their lane
    for name, each in operations.items():
        end = boxes[name]
        for source in each["inputs"]:
            start = boxes[source]
            if levels[name] - levels[source] == 1:
                yield tuple(_next(start, end))
                continue
            fork = start.bottom + 0.4 * _GAP
            if end.x == SIDE:
                yield ((start.x, start.bottom), (start.x, fork), (SIDE, fork), (SIDE, end.top))
                continue
            taken = {lane for low, high, lane in passing if low < end.middle and fork < high}
            lane = next(number for number in range(len(taken) + 1) if number not in taken)
            passing.append((fork, end.middle, lane))
            x = MIDDLE + WIDTH / 2 + _LANE * (lane + 1)
            yield (
                (start.x, start.bottom), (start.x, fork), (x, fork), (x, end.middle), (end.right, end.middle)
            )  # fmt: skip


def _next(start: Box, end: Box) -> Iterator[tuple[float, float]]:
    """From a box to one in the next row."""
    yield start.x, start.bottom
    if start.x == SIDE:
        yield SIDE, end.middle
        yield end.right, end.middle
        return
    reach = max(0.0, end.width / 2 - _INDENT)
    x = min(max(start.x, end.x - reach), end.x + reach) if end.x == MIDDLE else end.x
    if x != start.x:
        between = (start.bottom + end.top) / 2
        yield start.x, between
        yield x, between
    yield x, end.top
