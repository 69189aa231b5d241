"""Many cases for many readers in processes of their own; what went wrong is kept."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz import catalogue, worker
from tests.fuzz.reader import Outside

ROOT = Path(__file__).parents[2]
_KEPT = 3  # files of one kind of failure
_MOST_DEATHS = 200


@dataclass
class Tally:
    """Of a reader: how many cases ended how, and each failure's number and reason."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[int, str]] = field(default_factory=list)


def run(names: Sequence[str], mutations: int, seed: int) -> dict[str, Tally]:
    """Give each reader its sound files, those that it must refuse, and so many mutations.

    Args:
        names: of `catalogue.READERS`. mutations: for each. seed: decides every one.
    """
    jobs = [(name, 0, mutations) for name in names]
    found = {name: Tally() for name in names}
    environment = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "TF_ENABLE_ONEDNN_OPTS": "0"}
    while jobs:
        with tempfile.TemporaryDirectory(prefix="xray_keras-fuzz-") as folder:
            command = [sys.executable, "-m", "tests.fuzz.worker", folder, str(seed), json.dumps(jobs)]
            with (
                tempfile.TemporaryFile() as said,
                subprocess.Popen(
                    command,
                    cwd=ROOT,
                    stdout=subprocess.PIPE,
                    stderr=said,
                    text=True,
                    env=os.environ | environment,
                ) as process,
            ):
                assert process.stdout is not None
                for line in process.stdout:
                    name, number, came, why = json.loads(line)
                    if came == worker.OVER:
                        jobs = jobs[1:]
                    else:
                        _count(found[name], number, came, why)
                        jobs = [(name, number + 1, mutations), *jobs[1:]]
                process.wait()
                said.seek(0)
                last = said.read()[-600:].decode(errors="replace")
            if jobs:
                name, number, _ = jobs[0]
                _count(found[name], number, worker.WRONG, _death(process.returncode, last))
                stuck = len(found[name].wrong) > _MOST_DEATHS  # of its own making, it seems
                jobs = jobs[1:] if stuck else [(name, number + 1, mutations), *jobs[1:]]
    return found


def _count(tally: Tally, number: int, came: str, why: str) -> None:
    tally.counts[came] += 1
    if came == worker.WRONG:
        tally.wrong.append((number, why))


def _death(code: int, said: str) -> str:
    if code == -signal.SIGPROF or code == -signal.SIGALRM:
        return "it did not end in time"
    if code < 0:
        return f"the process died of {signal.Signals(-code).name}"
    return f"the process ended with {code}: {said}"


def keep(found: dict[str, Tally], seed: int, folder: Path) -> list[str]:
    """Write the files of failures below a folder, a few of each kind; a line for people about each kind."""
    lines = []
    for name, tally in found.items():
        kinds: dict[str, list[tuple[int, str]]] = {}
        for number, why in tally.wrong:
            kinds.setdefault(why.partition(": ")[0], []).append((number, why))
        with tempfile.TemporaryDirectory() as outside:
            cases = worker.Cases(catalogue.find(name), Outside(Path(outside)), seed) if kinds else None
            for alike in kinds.values():
                for number, _ in alike[:_KEPT]:
                    kept = folder / f"{name}-{seed}-{number}"
                    kept.mkdir(parents=True, exist_ok=True)
                    worker.lay(cases[number][0], kept)  # type: ignore[index]
                number, why = alike[0]
                again = f"python -m tests.fuzz --only {name} --seed {seed} --case {number}"
                lines.append(
                    f"{name}: {why} ({len(alike)} times; {again}; {folder / f'{name}-{seed}-{number}'})"
                )
    return lines
