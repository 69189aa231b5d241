"""A process that has imported TensorFlow once and forks for each verb: a stage starts in a tenth of a second.

Each verb is a process of its own, a copy of one that has imported everything and computed nothing. Faults that strike
within a stage are planted here, by the variable `faults.PLANTED`: see `strike`.
"""

import contextlib
import json
import os
import select
import signal
import socket
import sys
import threading
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

PLANTED = "XRAY_KERAS_FAULT"
"""Environment variable: JSON, see `strike`."""
COUNTED = "XRAY_KERAS_EVENTS"
"""Environment variable: a file that each stage appends its arguments, events and seconds to, as JSON."""
_EVENTS = ("open", "os.rename", "os.remove", "os.utime")


def serve(address: Path, ready: Callable[[], None]) -> None:
    """Answer clients until standard input ends, as it does where the harness dies."""
    _preload()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the processes below
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(address))
        listening.listen(64)
        ready()
        while sys.stdin not in select.select([listening, sys.stdin], [], [])[0]:
            line, _ = listening.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listening.close()
                _answer(line)
                os._exit(0)
            line.close()


def _preload() -> None:
    from xray_keras.commands.verb import import_tensorflow

    import_tensorflow()
    import xray_keras.evaluation.predict
    import xray_keras.reporting.ali2019
    import xray_keras.training.infogan
    import xray_keras.training.supervised  # noqa: F401


def _answer(line: socket.socket) -> None:
    """Run a verb in a process of its own, and say how it ended: its status, or minus the signal that killed it."""
    message, descriptors, _, _ = socket.recv_fds(line, 1 << 20, 3)
    asked = json.loads(message)
    worker = os.fork()
    if worker == 0:
        line.close()
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        sys.stdout, sys.stderr = (open(number, "w", closefd=False) for number in (1, 2))  # noqa: SIM115
        _work(asked)
    for descriptor in descriptors:
        os.close(descriptor)
    _, ended = os.waitpid(worker, 0)
    with contextlib.suppress(OSError):  # nobody waits for the answer of a stage whose make was killed
        line.send(str(os.waitstatus_to_exitcode(ended)).encode())


def _work(asked: dict[str, Any]) -> None:
    from xray_keras import cli

    began, status = time.monotonic(), 1
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which a harness in the background has not
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    sys.argv = ["xray-keras", *asked["arguments"]]
    sys.modules["__main__"] = types.ModuleType("__main__")  # pools would import the harness anew
    os.cpu_count = lambda: 1  # a pool's start would be most of a trial; tests/datasets kills pools
    sys.path[:] = [place for place in sys.path if not Path(place or ".", "tests", "faults").is_dir()]
    events = _listen(asked)
    try:
        status = cli.main(asked["arguments"])
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    if COUNTED in os.environ:
        told = {"arguments": asked["arguments"], "events": events[0], "seconds": time.monotonic() - began}
        with Path(os.environ[COUNTED]).open("a") as log:
            log.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _listen(asked: dict[str, Any]) -> list[int]:
    """Count what the verb does to files below its folder, and strike where a fault is planted."""
    counted = [0]
    planted = json.loads(os.environ.pop(PLANTED, "null"))
    if planted and asked["arguments"][: len(planted["verb"])] != planted["verb"]:
        planted = None
    here = asked["folder"]

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _EVENTS or not isinstance(arguments[0], str | os.PathLike):
            return
        place = os.path.abspath(os.fspath(arguments[0]))  # noqa: PTH100 resolve() asks the disk
        if place.startswith(here) and "/experiments" not in place:
            counted[0] += 1
            if planted and counted[0] == planted.get("event"):
                strike(planted, asked["group"])

    sys.addaudithook(hear)
    if planted and "seconds" in planted:
        threading.Timer(planted["seconds"], strike, (planted, asked["group"])).start()
    if planted and planted.get("clock"):
        _jumping(planted["clock"])
    return counted


def strike(planted: dict[str, Any], group: int) -> None:
    """Send this process the planted "signal"; with "all" make and its shell, too, as a terminal or a shutdown does.

    With "make" they alone are struck, and the stage goes on without them. The moment is "event", the n-th access to a
    file of the project, or "seconds" after the start.
    """
    if planted["whom"] in ("all", "make"):
        os.killpg(group, planted["signal"])
    if planted["whom"] in ("all", "stage"):
        os.kill(os.getpid(), planted["signal"])


def _jumping(seconds: float) -> None:
    """Let the clock jump at each second look at it."""
    real, looks = time.time, [0]

    def jumped() -> float:
        looks[0] += 1
        return real() + seconds * (looks[0] % 2)

    time.time = jumped


if __name__ == "__main__":
    serve(Path(sys.argv[1]), lambda: print("ready", flush=True))
