"""What a project computes where nothing disturbs it, and the folders that trials begin with."""

import json
import shutil
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from . import numbers, project, running
from .stages import GOALS, PAGES, STAGES

OTHER = {"epochs": 2}
"""Settings of the run `plain` in the folder `other`."""


class Reference:
    """An undisturbed project below a folder, and copies of it that lack what trials make anew.

    Attributes:
        command: what make calls as a verb.
        numbers: of the whole project, see `numbers.of`.
        events, seconds: of each stage, by its name.
        bytes: of the whole project.
    """

    def __init__(self, folder: Path, command: str, runs: Sequence[str] = tuple(project.EXPERIMENTS)):
        """Build the project, a few seconds a stage.

        Args:
            folder: empty. command: see above.
            runs: those that the project has; trials can be of the stages that need no other.
        """
        self._folder, self.command, whole = folder, command, project.create(folder / "whole", runs)
        log = folder / "events"
        goals = [goal for goal in GOALS if "gan" in runs or "/gan/" not in goal]
        self._make(whole, *goals, events=log)
        self.numbers = numbers.of(whole)
        self.bytes = size(whole)
        calls = [json.loads(line) for line in log.read_text().splitlines()]
        self.events: dict[str, int] = {}
        self.seconds: dict[str, float] = {}
        for name, stage in STAGES.items():
            called = [each for each in calls if tuple(each["arguments"][: len(stage.verb)]) == stage.verb]
            if not called:
                continue
            self.events[name], self.seconds[name] = called[0]["events"], called[0]["seconds"]
            begun = self.begun(name)
            shutil.copytree(whole, begun)
            for pattern in stage.lacking:
                for path in list(begun.glob(pattern)):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()

    def begun(self, stage: str) -> Path:
        """The project where a stage and what follows it has still to be done."""
        return self._folder / stage.replace(" ", "-")

    @cached_property
    def other(self) -> Path:
        """The project, complete with other settings."""
        other = shutil.copytree(self._folder / "whole", self._folder / "other")
        project.write_experiment(other, "plain", **OTHER)
        self._make(other, *PAGES)
        assert numbers.of(other) != self.numbers
        return other

    def _make(self, folder: Path, *goals: str, events: Path | None = None) -> None:
        ended = running.end(running.start(folder, self.command, *goals, events=events))
        assert ended.status == 0, ended.said


def size(folder: Path) -> int:
    """Bytes of all files below a folder, in blocks of a page, as a small disk counts them."""
    return sum(-(-path.lstat().st_size // 4096) * 4096 for path in folder.rglob("*"))
