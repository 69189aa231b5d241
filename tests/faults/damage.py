"""Files that are cut, or rot."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from .running import Ended
from .stages import POPULATION, STAGES
from .trial import Fault, Trial


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

    def fault(trial: Trial) -> Iterable[Ended]:
        _spoil(trial, trial.rng.choice(_written(trial, STAGES[trial.stage].read)), how)
        return ()

    return fault


def page(trial: Trial) -> Iterable[Ended]:
    """Wrong bytes in an array of pixels or features."""
    read = [pattern for pattern in STAGES[trial.stage].read if "*" in pattern]
    arrays = [path for path in _written(trial, tuple(read)) if path.suffix == ".npy"]
    _spoil(trial, trial.rng.choice(arrays), "changed")
    return ()


def unfinished(trial: Trial) -> Iterator[Ended]:
    """A stage is killed, and what it would go on with is damaged."""
    yield trial.struck("SIGKILL", "all", late=0.4)
    trial.done += ", then "
    place = STAGES[trial.stage].verb[1]
    own = (f"{place}/checkpoints/*", f"{place}/samples/*.npy", f"{POPULATION}/*.partial.*")
    found = _written(trial, own)
    if found:
        _spoil(trial, trial.rng.choice(found), trial.rng.choice(("cut", "changed")))
    else:
        trial.done += "nothing was begun"
