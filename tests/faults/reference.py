"""What a project computes where nothing disturbs it, and the folders that trials begin with."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from . import numbers, project

OTHER = {"epochs": 2}
"""Settings of the run `plain` in the folder `other`."""


class Reference:
    """An undisturbed project below a folder, and copies of it that lack what trials make anew.

    Attributes:
        numbers: of the whole project, see `numbers.of`.
        events, seconds: of each stage, by its name.
        bytes: of the whole project.
    """

    def __init__(self, folder: Path, command: str, stages: Iterable[str] = project.STAGES):
        """Build the project, a few seconds a stage."""
        self.folder, whole = folder, project.create(folder / "whole")
        log = folder / "events"
        self._make(whole, command, *project.GOALS, events=log)
        self.numbers = numbers.of(whole)
        self.bytes = size(whole)
        calls = [json.loads(line) for line in log.read_text().splitlines()]
        self.events: dict[str, int] = {}
        self.seconds: dict[str, float] = {}
        for name in stages:
            stage = project.STAGES[name]
            (call,) = [each for each in calls if tuple(each["arguments"][: len(stage.verb)]) == stage.verb]
            self.events[name], self.seconds[name] = call["events"], call["seconds"]
            begun = self.begun(name)
            shutil.copytree(whole, begun)
            for pattern in stage.lacking:
                for path in list(begun.glob(pattern)):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        other = shutil.copytree(whole, folder / "other")
        project.write_experiment(other, "plain", **OTHER)
        self._make(other, command, *project.PAGES)
        assert numbers.of(other) != self.numbers

    def begun(self, stage: str) -> Path:
        """The project where a stage and what follows it has still to be done."""
        return self.folder / stage.replace(" ", "-")

    @property
    def other(self) -> Path:
        """The project, complete with other settings."""
        return self.folder / "other"

    def _make(self, folder: Path, command: str, *goals: str, events: Path | None = None) -> None:
        ended = project.end(project.start(folder, command, *goals, events=events))
        assert ended.status == 0, ended.said


def size(folder: Path) -> int:
    """Bytes of all files below a folder, in blocks of a page, as a small disk counts them."""
    return sum(-(-path.lstat().st_size // 4096) * 4096 for path in folder.rglob("*"))
