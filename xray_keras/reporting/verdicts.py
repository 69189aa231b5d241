"""What an interval decides: a sentence holds, does not, or is not shown."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Cell = Mapping[str, Any]
"""A `metrics.Cell`."""

HOLDS, FAILS, OPEN = "holds here", "does not hold here", "not shown"


class Verdict(NamedTuple):
    """One of the three, and the numbers that say so."""

    word: str
    numbers: str


def above(cell: Cell, at: float = 0.0) -> str:
    """Whether something exceeds `at`: the whole interval lies above it, or below it."""
    if cell["value"] is None or cell["interval"] is None:
        return OPEN
    low, high = cell["interval"]
    return HOLDS if low > at else FAILS if high < at else OPEN


def below(cell: Cell, at: float = 0.0) -> str:
    """Whether something lies below `at`."""
    return {HOLDS: FAILS, FAILS: HOLDS, OPEN: OPEN}[above(cell, at)]


def apart(one: Cell, other: Cell) -> str:
    """Whether one number exceeds another: their intervals do not overlap."""
    if not one["interval"] or not other["interval"]:
        return OPEN
    (low, high), (least, most) = one["interval"], other["interval"]
    return HOLDS if low > most else FAILS if high < least else OPEN


def every(words: Iterable[str]) -> str:
    """Of several conditions: all hold; one does not; else not shown."""
    found = set(words)
    return FAILS if FAILS in found else HOLDS if found == {HOLDS} else OPEN


def majority(words: Iterable[str]) -> str:
    """Of several cases: more than half agree, and none says the opposite."""
    found = list(words)
    for word, opposite in ((HOLDS, FAILS), (FAILS, HOLDS)):
        if 2 * found.count(word) > len(found) and opposite not in found:
            return word
    return OPEN


def reading(word: str, yes: str, no: str) -> str:
    """The verdict in words."""
    return {HOLDS: yes, FAILS: no, OPEN: "not shown"}[word]
