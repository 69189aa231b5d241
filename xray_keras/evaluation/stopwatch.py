"""How long calls take, measured in turns: what else the machine does meanwhile meets all of them alike."""

import gc
import statistics
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)

WARM = 2
"""Calls of each before any is counted; the first may compile."""
MOST = 20
"""Calls of a turn at most."""


class Clocks(NamedTuple):
    """Where the time is read, in seconds: `wall` as a watch shows it, `cpu` of all threads of this process."""

    wall: Callable[[], float] = time.perf_counter
    cpu: Callable[[], float] = time.process_time


class Turn(NamedTuple):
    """Calls of one kind in a row, seconds each."""

    wall: list[float]
    cpu: list[float]


def measure(
    calls: Mapping[Key, Callable[[], object]],
    *,
    seconds: float,
    rounds: int = 5,
    turn: float = 0.1,
    clocks: Clocks | None = None,
) -> dict[Key, list[Turn]]:
    """Call all in turns, round after round, each round from another one on, until the time is spent.

    Where a turn has several calls, one that is not counted precedes them, so that none finds the caches as another kind
    of call has left them.

    Args:
        calls: what is measured; a call ends when its result is there.
        seconds: for all rounds together; a round that would probably end later is not begun.
        rounds: at least so many are made, however long they take.
        turn: seconds that a turn should fill with calls; never more than `MOST` calls, and at least one.
        clocks: the machine's by default.

    Returns:
        A turn a round, of each call.
    """
    now = clocks or Clocks()
    counts = {}
    for key, call in calls.items():
        warm = [_timed(call, now)[0] for _ in range(WARM)]
        counts[key] = max(1, min(MOST, int(turn / max(warm[-1], 1e-9))))
    turns: dict[Key, list[Turn]] = {key: [] for key in calls}
    order = list(calls)
    gc.collect()
    collecting = gc.isenabled()
    gc.disable()
    try:
        begin = now.wall()
        done = 0
        while done < rounds or (now.wall() - begin) * (done + 1) / done <= seconds:
            first = done % len(order)
            for key in order[first:] + order[:first]:
                if counts[key] > 1:
                    calls[key]()
                each = [_timed(calls[key], now) for _ in range(counts[key])]
                turns[key].append(Turn([wall for wall, _ in each], [cpu for _, cpu in each]))
            done += 1
    finally:
        if collecting:
            gc.enable()
    return turns


def ratios(slow: Sequence[Turn], fast: Sequence[Turn]) -> list[float]:
    """Of each round, how many times as long the one takes as the other: medians of the turns' wall times."""
    return [
        statistics.median(one.wall) / statistics.median(other.wall)
        for one, other in zip(slow, fast, strict=True)
    ]


def _timed(call: Callable[[], object], now: Clocks) -> tuple[float, float]:
    wall, cpu = now.wall(), now.cpu()
    call()
    return now.wall() - wall, now.cpu() - cpu
