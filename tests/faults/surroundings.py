"""A clock that jumps, and a disk that is full."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from . import project
from .reference import size
from .running import Ended
from .trial import Trial


def clock(trial: Trial) -> Iterator[Ended]:
    """A clock that jumps while a stage works, and a kill: what was written after the jump has the other time."""
    jump = trial.rng.choice((-1, 1)) * 10 ** trial.rng.uniform(2, 6)
    yield trial.struck("SIGKILL", "all", clock=jump)
    trial.done += f", clock {jump:+,.0f} s"
    _shift(trial, jump, trial.rng.random())


def clock_before_a_change(trial: Trial) -> Iterable[Ended]:
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


def full(trial: Trial) -> Iterator[Ended]:
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
