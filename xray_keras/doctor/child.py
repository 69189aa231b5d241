"""Programs asked something in a process of their own, so that a crash or a hang of theirs is only a finding."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import NamedTuple

LATE, CRASHED = "no answer", "it crashed"


class Answer(NamedTuple):
    """What a program printed; `failure` says in a few words why it gave no answer, "" where it did."""

    printed: str
    failure: str = ""


def ask(command: Sequence[str], seconds: float, environment: Mapping[str, str] | None = None) -> Answer:
    """Run a program without input, at most `seconds`; `environment` replaces this process's own."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        return Answer("", f"{LATE} within {seconds:g} s")
    except OSError as error:
        return Answer("", f"it cannot be started ({error.strerror})")
    if done.returncode < 0:
        return Answer(done.stdout, f"{CRASHED} ({_signal(-done.returncode)})")
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        return Answer(done.stdout, lines[-1] if lines else f"exit status {done.returncode}")
    return Answer(done.stdout)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
