"""What `make … ENGINE=ray` calls: runs make once more, and does its stages on a Ray cluster.

python -m xray_keras.cluster --xray "PYTHON -m xray_keras" [--cpus N …] -- make -k GOAL …
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from xray_keras.cluster import ask
from xray_keras.cluster.desk import Desk
from xray_keras.cluster.engine import Engine
from xray_keras.cluster.stages import Resources, number
from xray_keras.errors import UserError

_MAKES_OWN = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")  # the make that called is not the parent in its sense


def main(words: Sequence[str] | None = None) -> int:
    """Exit status: 0; 2 where a stage or make failed, each stage in one sentence; 130 after Ctrl-C."""
    arguments = _parser().parse_args(words)
    try:
        return _main(arguments)
    except UserError as error:
        print(f"xray-keras: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "xray-keras: stopped; the same command goes on after the last completed epochs", file=sys.stderr
        )
        return 130


def _main(arguments: argparse.Namespace) -> int:
    asked = Resources(
        number(arguments.cpus, "CPUS"), number(arguments.gpus, "GPUS"), number(arguments.memory, "MEMORY")
    )
    retries = number(arguments.retries, "RETRIES")
    command = shlex.split(arguments.xray)
    engine = Engine(arguments.address, command, int(retries or 0))
    print(engine.told, flush=True)
    desk = Desk(engine.run, command, asked)
    try:
        with tempfile.TemporaryDirectory(prefix="xray-keras-") as folder:
            server = desk.serve(Path(folder) / "desk")
            status = _make(arguments.make, Path(folder) / "desk")
            server.shutdown()
    finally:
        engine.close()
    for failure in desk.failures:
        print(f"xray-keras: {failure.words}: {failure.said}; its log is {failure.log}", file=sys.stderr)
    return 2 if status or desk.failures else 0


def _make(command: Sequence[str], socket: Path) -> int:
    environment = {name: value for name, value in os.environ.items() if name not in _MAKES_OWN}
    asking = f"XRAY={shlex.quote(sys.executable)} -m {ask.__name__}"
    return subprocess.run(
        [*command, asking], env=environment | {ask.DESK: str(socket)}, check=False
    ).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("xray_keras.cluster", description=__doc__)
    parser.add_argument("--xray", default=f"{shlex.quote(sys.executable)} -m xray_keras", help="runs a stage")
    parser.add_argument("--address", default="", help="of the cluster; default: the one here, or a new one")
    for name, what in (("cpus", "processors"), ("gpus", "GPUs"), ("memory", "gigabytes")):
        parser.add_argument(f"--{name}", default="", help=f"{what} a task; default: by the run's scale")
    parser.add_argument("--retries", default="3", help="of a stage whose process or node died; default: 3")
    parser.add_argument("make", nargs="+", help="behind --: make and what it is asked for")
    return parser


if __name__ == "__main__":
    sys.exit(main())
