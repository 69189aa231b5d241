"""What can go wrong, each at a moment that a random generator chooses."""

import time
from collections.abc import Iterator
from typing import NamedTuple

from . import damage, surroundings
from .running import Ended, end, start
from .stages import STAGES
from .trial import Fault, Trial


def signalled(name: str) -> Fault:
    """A signal to the stage, or to make and the stage."""

    def fault(trial: Trial) -> Iterator[Ended]:
        whom = "all" if name == "Ctrl-C" else trial.rng.choice(("all", "stage"))
        yield trial.struck(name, whom)

    return fault


def orphaned(trial: Trial) -> Iterator[Ended]:
    """Make is killed and the stage goes on while the next make comes."""
    yield trial.struck("SIGKILL", "make")


def together(trial: Trial) -> Iterator[Ended]:
    """Two makes of one target, one a random time after the other."""
    goals = STAGES[trial.stage].goals
    first = start(trial.folder, trial.reference.command, *goals)
    wait = trial.rng.uniform(0, 0.5 + trial.reference.seconds[trial.stage])
    trial.done = f"a second make {wait:.1f} s later"
    time.sleep(wait)
    second = start(trial.folder, trial.reference.command, *goals)
    yield end(first)
    yield end(second)


class Kind(NamedTuple):
    """What is done, and the names of the stages that it is done to."""

    fault: Fault
    stages: tuple[str, ...]


_WORKING = (
    "manifest",
    "cache",
    "train",
    "train on features",
    "train a GAN",
    "predict",
    "evaluate",
    "table",
    "figure",
)
_READING = ("cache", "train", "train on features", "train a GAN", "predict", "evaluate", "table", "figure")
KINDS: dict[str, Kind] = {
    "SIGKILL": Kind(signalled("SIGKILL"), _WORKING),
    "SIGTERM": Kind(signalled("SIGTERM"), _WORKING),
    "Ctrl-C": Kind(signalled("Ctrl-C"), _WORKING),
    "make is killed, its stage is not": Kind(orphaned, _WORKING),
    "two makes of one target": Kind(together, _WORKING),
    "disk full": Kind(surroundings.full, _WORKING),
    "output cut": Kind(damage.damaged("cut"), _READING),
    "output with wrong bytes": Kind(damage.damaged("changed"), _READING),
    "cache page with wrong bytes": Kind(
        damage.page, ("train", "train on features", "train a GAN", "predict")
    ),
    "killed, and what it kept damaged": Kind(
        damage.unfinished, ("cache", "train", "train on features", "train a GAN")
    ),
    "clock jumps within a stage": Kind(surroundings.clock, _WORKING),
    "clock set back, then a setting changed": Kind(surroundings.clock_before_a_change, ("train",)),
}
"""Kinds of faults by what they are called."""
