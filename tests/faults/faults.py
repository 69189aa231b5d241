"""What can go wrong, each at a moment that a random generator chooses."""

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from . import project
from .reference import Reference, size

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

    def make(self, planted: dict[str, object] | None = None) -> project.Ended:
        """Ask make for the goals of the stage."""
        goals = project.STAGES[self.stage].goals
        return project.end(project.start(self.folder, self.reference.command, *goals, planted=planted))

    def moment(self, late: float = 0.0) -> dict[str, float]:
        """At an access to a file, which a seed repeats, or after a time, which falls anywhere.

        Args:
            late: share of the stage that has passed by then.
        """
        share = self.rng.uniform(late, 1)
        if self.rng.random() < 0.6:
            return {"event": 1 + int(share * (self.reference.events[self.stage] - 1))}
        return {"seconds": share * self.reference.seconds[self.stage]}

    def struck(self, name: str, whom: str, late: float = 0.0, **more: object) -> project.Ended:
        """Make, with a signal at a random moment of the stage."""
        moment = self.moment(late)
        when = ", ".join(f"{key} {value:.3g}" for key, value in moment.items())
        self.done += f"{name} to {whom} at {when}"
        verb = project.STAGES[self.stage].verb
        ended = self.make({"verb": verb, "signal": BLOWS[name], "whom": whom, **moment, **more})
        self.done += f" ({'too late' if ended.status == 0 else f'make ended with {ended.status}'})"
        return ended


Fault = Callable[[Trial], Iterable[project.Ended]]
"""Disturbs a trial; gives how each make ended that was disturbed."""


def signalled(name: str) -> Fault:
    """A signal to the stage, or to make and the stage."""

    def fault(trial: Trial) -> Iterator[project.Ended]:
        whom = "all" if name == "Ctrl-C" else trial.rng.choice(("all", "stage"))
        yield trial.struck(name, whom)

    return fault


def orphaned(trial: Trial) -> Iterator[project.Ended]:
    """Make is killed and the stage goes on while the next make comes."""
    yield trial.struck("SIGKILL", "make")


def together(trial: Trial) -> Iterator[project.Ended]:
    """Two makes of one target, one a random time after the other."""
    goals = project.STAGES[trial.stage].goals
    first = project.start(trial.folder, trial.reference.command, *goals)
    wait = trial.rng.uniform(0, 0.5 + trial.reference.seconds[trial.stage])
    trial.done = f"a second make {wait:.1f} s later"
    time.sleep(wait)
    second = project.start(trial.folder, trial.reference.command, *goals)
    yield project.end(first)
    yield project.end(second)


def _written(trial: Trial, patterns: tuple[str, ...]) -> list[Path]:
    found = {path for pattern in patterns for path in trial.folder.glob(pattern) if path.is_file()}
    return sorted(path for path in found if path.stat().st_size)


def _spoil(trial: Trial, path: Path, how: str) -> None:
    """Cut a file, or change bytes of it; its time stays, as on a rotting disk, or becomes now."""
    trial.damaged = str(path.relative_to(trial.folder))
    stamp, content = path.stat(), bytearray(path.read_bytes())
    if how == "cut":
        del content[trial.rng.randrange(len(content)) :]
    else:
        for place in (trial.rng.randrange(len(content)) for _ in range(trial.rng.randint(1, 4))):
            content[place] ^= trial.rng.randint(1, 255)
    path.write_bytes(content)
    kept = trial.rng.random() < 0.5
    if kept:
        os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    now = "" if kept else ", time now"
    trial.done += f"{how} {trial.damaged} ({len(content):,} of {stamp.st_size:,} B left{now})"


def damaged(how: str) -> Fault:
    """A file of those that the stage will read is cut or has wrong bytes."""

    def fault(trial: Trial) -> Iterable[project.Ended]:
        _spoil(trial, trial.rng.choice(_written(trial, project.STAGES[trial.stage].read)), how)
        return ()

    return fault


def page(trial: Trial) -> Iterable[project.Ended]:
    """Wrong bytes in an array of pixels or features."""
    read = [pattern for pattern in project.STAGES[trial.stage].read if "*" in pattern]
    arrays = [path for path in _written(trial, tuple(read)) if path.suffix == ".npy"]
    _spoil(trial, trial.rng.choice(arrays), "changed")
    return ()


def unfinished(trial: Trial) -> Iterator[project.Ended]:
    """A stage is killed, and what it would go on with is damaged."""
    yield trial.struck("SIGKILL", "all", late=0.4)
    trial.done += ", then "
    place = project.STAGES[trial.stage].verb[1]
    own = (f"{place}/checkpoints/*", f"{place}/samples/*.npy", f"{project.POPULATION}/*.partial.*")
    found = _written(trial, own)
    if found:
        _spoil(trial, trial.rng.choice(found), trial.rng.choice(("cut", "changed")))
    else:
        trial.done += "nothing was begun"


def clock(trial: Trial) -> Iterator[project.Ended]:
    """A clock that jumps while a stage works, and a kill: what was written after the jump has the other time."""
    jump = trial.rng.choice((-1, 1)) * 10 ** trial.rng.uniform(2, 6)
    yield trial.struck("SIGKILL", "all", clock=jump)
    trial.done += f", clock {jump:+,.0f} s"
    _shift(trial, jump, trial.rng.random())


def clock_before_a_change(trial: Trial) -> Iterable[project.Ended]:
    """All was made while the clock was ahead; it is set right, and then a setting changes."""
    shutil.rmtree(trial.folder)
    shutil.copytree(trial.reference.other, trial.folder)
    jump = 10 ** trial.rng.uniform(2, 6)
    trial.done = f"made with other settings, clock {jump:+,.0f} s"
    _shift(trial, jump, trial.rng.random() * 0.5)
    project.write_experiment(trial.folder, "plain")
    return ()


def _shift(trial: Trial, seconds: float, share: float) -> None:
    """Move the times of all files but the first `share`, in the order in which they were written."""
    paths = [path for path in trial.folder.rglob("*") if path.is_file() and "experiments" not in path.parts]
    paths.sort(key=lambda path: path.stat().st_mtime_ns)
    for path in paths[int(share * len(paths)) :]:
        stamp = path.stat().st_mtime_ns + int(seconds * 1e9)
        os.utime(path, ns=(stamp, stamp))


def full(trial: Trial) -> Iterator[project.Ended]:
    """A disk that is full before the work is done; then there is space again."""
    needed = size(trial.folder)
    room = int(needed + trial.rng.random() * 0.7 * max(trial.reference.bytes - needed, 1 << 16))
    trial.done = f"a disk of {room / 1e6:.1f} MB, {needed / 1e6:.1f} MB of it full"
    trial.until_the_end.enter_context(disk(trial.folder, room))
    ended = trial.make()
    trial.done += f", {'; '.join(ended.sentences) or f'make ended with status {ended.status}'}"
    yield ended
    if ended.status != 0 and not re.search("disk is full|MB free|No space left", ended.said):
        raise AssertionError(f"a full disk, and not a word of it: {ended.said[-1000:]}")
    subprocess.run(["mount", "-o", "remount,size=512m", trial.folder], check=True)


@contextmanager
def disk(folder: Path, room: int) -> Iterator[None]:
    """A small disk in the place of a folder, with what that held, while the block lasts.

    Raises:
        PermissionError: this user must not mount one.
    """
    aside = folder.rename(folder.with_name(f"{folder.name}-aside"))
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", folder]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        raise PermissionError(mounted.stderr.strip())
    try:
        shutil.copytree(aside, folder, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        shutil.rmtree(aside)


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
    "disk full": Kind(full, _WORKING),
    "output cut": Kind(damaged("cut"), _READING),
    "output with wrong bytes": Kind(damaged("changed"), _READING),
    "cache page with wrong bytes": Kind(page, ("train", "train on features", "train a GAN", "predict")),
    "killed, and what it kept damaged": Kind(
        unfinished, ("cache", "train", "train on features", "train a GAN")
    ),
    "clock jumps within a stage": Kind(clock, _WORKING),
    "clock set back, then a setting changed": Kind(clock_before_a_change, ("train",)),
}
"""Kinds of faults by what they are called."""
