"""Before any work: help, and a make that finds everything made."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from experiments._bench.lines import Line

ROOT = Path(__file__).parents[2]
MADE = "runs/phantom-demo/nih-labelled-2400/manifest.csv"  # of ali2019's networks


def lines(folder: Path) -> Iterator[Line]:
    """Whole processes, in seconds."""
    yield Line(
        "xray-keras --help",
        "",
        1,
        {
            "xray_keras": _run(sys.executable, "-m", "xray_keras", "--help"),
            "python that does nothing": _run(sys.executable, "-c", ""),
            "python that imports pandas": _run(sys.executable, "-c", "import pandas"),
            "python that imports TensorFlow": _run(sys.executable, "-c", "import tensorflow"),
        },
        rounds=3,
    )
    for name in ("Makefile", "experiments", "xray_keras", ".venv", "setup.cfg", "locks"):
        (folder / name).symlink_to(ROOT / name)
    yield Line(
        "make where everything is made",
        "",
        1,
        {
            "xray_keras, with a fresh plan of all experiments": _run("make", "-s", MADE, cwd=folder),
            "make with one empty rule": _run("make", "-s", "-f", str(_empty(folder)), cwd=folder),
        },
        rounds=3,
    )


def _empty(folder: Path) -> Path:
    path = folder / "empty.mk"
    path.write_text("nothing:\n")
    return path


def _run(*command: str, cwd: Path = ROOT) -> Callable[[], object]:
    return lambda: subprocess.run(command, cwd=cwd, check=True, capture_output=True)
