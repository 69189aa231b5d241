"""Turns, rounds and clocks, by a clock that the calls themselves turn on."""

import gc

import pytest

from xray_keras.evaluation import stopwatch
from xray_keras.evaluation.stopwatch import Clocks, Turn


class World:
    """Calls that take so many seconds of a made-up clock, and what was called in which order."""

    def __init__(self, **seconds):
        self.time, self.called = 0.0, []
        self.calls = {name: lambda name=name: self._pass(name, seconds[name]) for name in seconds}
        self.clocks = Clocks(lambda: self.time, lambda: self.time / 2)

    def _pass(self, name, seconds):
        self.called.append(name)
        self.time += seconds

    def measure(self, **options):
        return stopwatch.measure(self.calls, clocks=self.clocks, **options)


def test_every_call_is_timed_by_both_clocks():
    turns = World(slow=2.0, fast=0.25).measure(seconds=0, rounds=3)
    assert [turn.wall for turn in turns["slow"]] == [[2.0]] * 3
    assert [turn.cpu for turn in turns["fast"]] == [[0.125]] * 3


def test_rounds_interleave_and_begin_with_another_each_time():
    world = World(a=1.0, b=1.0, c=1.0)
    world.measure(seconds=0, rounds=4)
    assert world.called[: 3 * stopwatch.WARM] == ["a", "a", "b", "b", "c", "c"]
    assert "".join(world.called[3 * stopwatch.WARM :]) == "abc" + "bca" + "cab" + "abc"


@pytest.mark.parametrize("seconds, rounds", [(0, 5), (30, 5), (31, 5), (100, 16)])
def test_no_round_begins_that_would_end_too_late_but_the_first_ones(seconds, rounds):
    turns = World(a=4.0, b=2.0).measure(seconds=seconds)
    assert {len(each) for each in turns.values()} == {rounds}


def test_fast_calls_have_fuller_turns_with_one_uncounted_before_them():
    world = World(slow=0.5, fast=0.015625, faster=0.0001)
    turns = world.measure(seconds=0, rounds=1, turn=0.125)
    assert [len(turns[name][0].wall) for name in ("slow", "fast", "faster")] == [1, 8, stopwatch.MOST]
    after = world.called[3 * stopwatch.WARM :]
    assert [after.count(name) for name in ("slow", "fast", "faster")] == [1, 9, stopwatch.MOST + 1]


def test_ratios_are_taken_within_a_round():
    slow = [Turn([8.0, 2.0, 4.0], []), Turn([9.0], [])]
    fast = [Turn([2.0], []), Turn([3.0, 3.0, 30.0], [])]
    assert stopwatch.ratios(slow, fast) == [2.0, 3.0]
    with pytest.raises(ValueError, match="zip"):
        stopwatch.ratios(slow, fast[:1])


def test_the_collector_rests_meanwhile_and_runs_afterwards():
    seen = []
    stopwatch.measure({"a": lambda: seen.append(gc.isenabled())}, seconds=0, rounds=1, turn=0)
    assert seen == [True] * stopwatch.WARM + [False] and gc.isenabled()

    def broken():
        if len(seen) > 4:
            raise RuntimeError("broken")
        seen.append(None)

    with pytest.raises(RuntimeError):
        stopwatch.measure({"a": broken}, seconds=0, turn=0)
    assert gc.isenabled()


def test_a_real_clock_counts_work_but_no_sleep_as_processor_time():
    import time

    turns = stopwatch.measure({"asleep": lambda: time.sleep(0.05)}, seconds=0, rounds=2)
    for turn in turns["asleep"]:
        assert min(turn.wall) >= 0.05 and max(turn.cpu) < 0.04
