"""A trial: a fault, then `make` until it succeeds, doing what its sentences say as a user would; then the numbers."""

import random
import re
import shutil
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from . import numbers, running
from .faults import KINDS
from .reference import Reference
from .stages import PAGES, STAGES
from .trial import Trial

RESUMED, NAMED, SKIPPED, WRONG = "resumed", "named", "skipped", "WRONG"
_ATTEMPTS = 6
_TEMPORARY = re.compile(r"\.\d+\.")


@dataclass(frozen=True)
class Outcome:
    """Of a trial: what was done, the verdict, and why or what was said."""

    number: int
    kind: str
    stage: str
    done: str
    verdict: str
    said: str
    seconds: float


class Wrong(Exception):
    """What must not happen."""


def planned(number: int) -> tuple[str, str]:
    """Kind and stage of a trial: kinds take turns, and within a kind its stages; everything else is drawn."""
    kind = list(KINDS)[number % len(KINDS)]
    stages = KINDS[kind].stages
    return kind, stages[number // len(KINDS) % len(stages)]


def run(number: int, seed: int, kind: str, stage: str, reference: Reference, folder: Path) -> Outcome:
    """Trial `number` of a seed, in a folder that is not there yet."""
    began, rng = time.monotonic(), random.Random(f"{seed}/{number}")
    shutil.copytree(reference.begun(stage), folder)
    said: list[str] = []
    trial = Trial(rng, reference, kind, stage, folder)
    try:
        for ended in KINDS[kind].fault(trial):
            _check_stopped(ended, trial)
        verdict = _settle(trial, said)
    except PermissionError as error:
        verdict, said = SKIPPED, [str(error)]
    except Wrong as error:
        verdict, said = WRONG, [*said, str(error)]
    except Exception:
        verdict, said = WRONG, [*said, traceback.format_exc()]
    finally:
        trial.until_the_end.close()
        shutil.rmtree(folder, ignore_errors=True)
    return Outcome(number, kind, stage, trial.done, verdict, " | ".join(said), time.monotonic() - began)


def _check_stopped(ended: running.Ended, trial: Trial) -> None:
    """What a disturbed make leaves: no traceback, nothing half-written, and no rubbish where it could tidy up."""
    _check_ended(ended)
    if "two makes" in trial.kind and ended.status != 0 and "another process" not in ended.said:
        raise Wrong(f"two makes: {_tail(ended)}")
    spoilt = [
        name for name, value in numbers.of(trial.folder).items() if trial.reference.numbers[name] != value
    ]
    if spoilt:
        raise Wrong(f"half-written: {', '.join(spoilt)}")
    left = [path.name for path in trial.folder.rglob(".*") if _TEMPORARY.match(path.name)]
    if left and trial.kind in ("SIGTERM", "Ctrl-C", "disk full"):
        raise Wrong(f"left behind: {', '.join(left)}")


def _settle(trial: Trial, said: list[str]) -> str:
    for _ in range(_ATTEMPTS):
        ended = trial.make()
        _check_ended(ended)
        if ended.status == 0:
            _compare(trial)
            return NAMED if said else RESUMED
        if not ended.sentences:
            raise Wrong(f"no sentence: {_tail(ended)}")
        sentence = ended.sentences[-1]
        if "another process" in sentence:
            time.sleep(1)
            continue
        if trial.damaged and not said and trial.damaged not in sentence:
            raise Wrong(f"{trial.damaged} is damaged, but: {sentence}")
        said.append(sentence)
        _follow(sentence, trial)
    raise Wrong(f"no end: {' | '.join(said) or _tail(ended)}")


def _follow(sentence: str, trial: Trial) -> None:
    """Do what a sentence says: delete a file or a folder, or run a verb."""
    if found := re.search(r"delete the folder (\S+?)(?=[ ,;]|$)", sentence):
        shutil.rmtree(trial.folder / found[1])
    elif found := re.match(r"(\S+) .*delete it\b", sentence):
        (trial.folder / found[1]).unlink()
    elif found := re.search(r": xray-keras (.*)$", sentence):
        ended = running.verb(trial.folder, trial.reference.command, *found[1].split())
        _check_ended(ended)
        if ended.status:
            raise Wrong(f"{sentence} | {_tail(ended)}")
    else:
        raise Wrong(f"no remedy: {sentence}")


def _compare(trial: Trial) -> None:
    found, expected = numbers.of(trial.folder), trial.reference.numbers
    pages = STAGES[trial.stage].goals == PAGES
    begun = numbers.of(trial.reference.begun(trial.stage))
    lacking = (
        set(begun) if not pages else set(expected)
    )  # what the goals make is there, or make would have failed
    absent = sorted(lacking - set(found))
    other = [name for name in found if found[name] != expected.get(name)]
    if absent or other:
        raise Wrong(
            f"absent: {', '.join(absent) or 'none'}; with other numbers: {', '.join(other) or 'none'}"
        )


def _check_ended(ended: running.Ended) -> None:
    if ended.status is None:
        raise Wrong(f"goes on for more than {running.LIMIT} s: {_tail(ended)}")
    if "Traceback" in ended.said:
        raise Wrong(_tail(ended))


def _tail(ended: running.Ended) -> str:
    return f"status {ended.status}: … {ended.said[-1200:]}"
