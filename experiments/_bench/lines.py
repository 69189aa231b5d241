"""What is measured: one task, done by the suite and by peers, in turns."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xray_keras.evaluation import stopwatch


@dataclass(frozen=True)
class Line:
    """A task and who does it.

    Attributes:
        task: what is done, e.g. "decode a 1024 × 1024 PNG and resize it to 224".
        unit: of what a call does `work` of, e.g. "images"; "" where a call is told in seconds.
        work: units a call.
        calls: contender → one call; the first is the suite, the others are peers.
        seconds: to spend on it, the rounds' minimum aside.
        rounds: at least so many.
        remark: what a reader must know of it.
    """

    task: str
    unit: str
    work: int
    calls: Mapping[str, Callable[[], object]]
    seconds: float = 4.0
    rounds: int = 5
    remark: str = ""


@dataclass(frozen=True)
class Contender:
    """What one contender took: seconds of wall and of processor a call, medians; and its ratio to the suite.

    Attributes:
        wall, low, high: median, least and largest median of a round, seconds a call.
        cpu: median of a call, seconds, of all threads of the process; 0 where others do the work.
        ratio, ratio_low, ratio_high: times as long as the suite: median and range over the rounds; 1 for the suite.
        calls: counted.
    """

    name: str
    wall: float
    low: float
    high: float
    cpu: float
    ratio: float
    ratio_low: float
    ratio_high: float
    calls: int


def measure(line: Line) -> list[Contender]:
    """Time all contenders of a line in turns, the suite's own first."""
    turns = stopwatch.measure(line.calls, seconds=line.seconds, rounds=line.rounds)
    ours = next(iter(turns.values()))
    return [_contender(name, taken, ours) for name, taken in turns.items()]


def _contender(name: str, taken: Sequence[stopwatch.Turn], ours: Sequence[stopwatch.Turn]) -> Contender:
    rounds = [statistics.median(turn.wall) for turn in taken]
    ratios = stopwatch.ratios(taken, ours)
    return Contender(
        name=name,
        wall=statistics.median(rounds),
        low=min(rounds),
        high=max(rounds),
        cpu=statistics.median(second for turn in taken for second in turn.cpu),
        ratio=statistics.median(ratios),
        ratio_low=min(ratios),
        ratio_high=max(ratios),
        calls=sum(len(turn.wall) for turn in taken),
    )
