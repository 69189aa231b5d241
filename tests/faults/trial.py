"""A trial on its way, and how a fault disturbs it."""

import random
import signal
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from . import running
from .reference import Reference
from .stages import STAGES

BLOWS = {"SIGKILL": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "Ctrl-C": signal.SIGINT}


@dataclass
class Trial:
    """One trial: a project on its way, and the generator that decides what happens to it.

    Attributes:
        rng: seeded.
        reference: undisturbed.
        kind: of `KINDS`.
        stage: name of the stage that is disturbed.
        folder: of the project.
        done: what has been done to it, in words.
        damaged: the damaged file, "" for none.
        until_the_end: what lasts as long as the trial.
    """

    rng: random.Random
    reference: Reference
    kind: str
    stage: str
    folder: Path
    done: str = ""
    damaged: str = ""
    until_the_end: ExitStack = field(default_factory=ExitStack)

    def make(self, planted: dict[str, object] | None = None) -> running.Ended:
        """Ask make for the goals of the stage."""
        goals = STAGES[self.stage].goals
        return running.end(running.start(self.folder, self.reference.command, *goals, planted=planted))

    def moment(self, late: float = 0.0) -> dict[str, float]:
        """At an access to a file, which a seed repeats, or after a time, which falls anywhere.

        Args:
            late: share of the stage that has passed by then.
        """
        share = self.rng.uniform(late, 1)
        if self.rng.random() < 0.6:
            return {"event": 1 + int(share * (self.reference.events[self.stage] - 1))}
        return {"seconds": share * self.reference.seconds[self.stage]}

    def struck(self, name: str, whom: str, late: float = 0.0, **more: object) -> running.Ended:
        """Make, with a signal at a random moment of the stage."""
        moment = self.moment(late)
        when = ", ".join(f"{key} {value:.3g}" for key, value in moment.items())
        self.done += f"{name} to {whom} at {when}"
        verb = STAGES[self.stage].verb
        ended = self.make({"verb": verb, "signal": BLOWS[name], "whom": whom, **moment, **more})
        self.done += f" ({'too late' if ended.status == 0 else f'make ended with {ended.status}'})"
        return ended


Fault = Callable[[Trial], Iterable[running.Ended]]
"""Disturbs a trial; gives how each make ended that was disturbed."""
