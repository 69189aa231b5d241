"""`python -m xray_keras.cluster.guarded -m MODULE …` or `… SCRIPT …`: run it, and die with the process that began it.

A Ray worker may be killed at any moment, its node may go down. What it began would train on, hold the run's lock, and
stand in the way of the next attempt. So standard input is a pipe from the worker, which ends when the worker does.
"""

import os
import runpy
import signal
import sys
import threading


def main(words: list[str]) -> None:
    """Run a module or a script as Python would."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    if words[0] == "-m":
        sys.argv = words[1:]
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = words
        runpy.run_path(words[0], run_name="__main__")


def _die_with_parent() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1:])
