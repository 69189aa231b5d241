"""What happens on a node: one stage of one run, in a process of its own, its words kept beside its results.

Ray calls `run` in one of its workers. It needs the folder of the Makefile, its .venv and the data at the same paths on
every node: a shared file system.
"""

import os
import platform
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

STOPPED = 128 + 2
"""Exit status after Ctrl-C, which is no accident."""


class Ended(NamedTuple):
    """How a stage, or an attempt of it, ended.

    Attributes:
        status: exit status; 0 for success.
        node: name of the machine.
        seconds: of the last attempt.
        said: the last line of its log.
        lost: whether it was killed, so that the same command may go on, here or on another node.
        attempts: how many there were.
    """

    status: int
    node: str
    seconds: float
    said: str
    lost: bool = False
    attempts: int = 1


def run(command: Sequence[str], folder: str, environment: Mapping[str, str], log: str) -> Ended:
    """Run one attempt of a stage to its end.

    Args:
        command: program and arguments.
        folder: to run it in, that of the Makefile.
        environment: variables to set over those of the node.
        log: file to append its words to; the driver has begun it.
    """
    node, began = platform.node(), time.monotonic()
    if not Path(log).is_file():
        return Ended(2, node, 0.0, f"{node} does not see {log}; every node needs the same folders")
    with Path(log).open("a", encoding="utf-8") as words:
        print(f"=== attempt on {node}, worker {os.getpid()}", file=words, flush=True)
        try:
            # Standard input is what tells the stage that this worker lives, see `guarded`.
            with subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, **environment},
                stdin=subprocess.PIPE,
                stdout=words,
                stderr=words,
            ) as begun:
                status = begun.wait()
        except OSError as error:
            return Ended(2, node, 0.0, f"{node} cannot run {command[0]} ({error.strerror}) in {folder}")
    seconds = time.monotonic() - began
    if status < 0 or (status > 128 and status != STOPPED):
        signal = -status if status < 0 else status - 128
        return Ended(2, node, seconds, f"killed by signal {signal} on {node}", lost=True)
    last = Path(log).read_text(encoding="utf-8", errors="replace").rstrip().splitlines()[-1]
    return Ended(status, node, seconds, last.removeprefix("xray-keras: "))
