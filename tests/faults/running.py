"""Make and verbs as processes in a project's folder, and how they end."""

import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

from . import server

LIMIT = 900
"""Seconds after which a make is said to hang; the longest takes ten where nobody else wants the core."""


class Running(NamedTuple):
    """A process, and the file that it writes to."""

    process: "subprocess.Popen[bytes]"
    said: IO[str]


@dataclass(frozen=True)
class Ended:
    """How a make ended: its status, or minus a signal; None where it went on for ever."""

    status: int | None
    said: str

    @property
    def sentences(self) -> list[str]:
        """What verbs said when they refused."""
        return re.findall(r"^xray-keras: (.*)$", self.said, re.M)


def start(
    folder: Path, command: str, *goals: str, planted: dict[str, Any] | None = None, events: Path | None = None
) -> Running:
    """Start make in a session of its own, a fault planted in one of its stages or none."""
    environment = _environment()
    if planted:
        environment[server.PLANTED] = json.dumps(planted)
    if events:
        environment[server.COUNTED] = str(events)
    return _start(folder, ["make", "JOBS=1", f"XRAY={command}", *goals], environment)


def verb(folder: Path, command: str, *arguments: str) -> Ended:
    """Run a verb as a user would by hand."""
    return end(_start(folder, [*command.split(), *arguments], _environment()))


def _environment() -> dict[str, str]:
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "XRAY_"))
    }
    return {**kept, "XRAY_KERAS_DETERMINISTIC": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def _start(folder: Path, command: list[str], environment: dict[str, str]) -> Running:
    said = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 a pipe would stay open as long as an orphan
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=said,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background ignores it
    )
    return Running(process, said)


def end(running: Running, limit: float = LIMIT) -> Ended:
    """Wait for a make."""
    status = None
    with contextlib.suppress(subprocess.TimeoutExpired):
        status = running.process.wait(limit)
    if status is None:
        os.killpg(running.process.pid, signal.SIGKILL)
        running.process.wait()
    with running.said as said:
        said.seek(0)
        return Ended(status, said.read())
