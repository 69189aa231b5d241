"""A small project that make can build in seconds: two classifiers and a GAN on a few phantoms, a table and a figure."""

import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from . import server

ROOT = Path(__file__).parents[2]
POPULATION = "runs/phantom-demo/nih-all-160"
RUNS = "runs/phantom-demo/sound/ali2019"
LIMIT = 150
"""Seconds that a make may take: ten times what the longest takes on a busy core."""

_EXPERIMENT = """
from xray_keras.experiment import Experiment

EXPERIMENT = Experiment(
    row={row!r}, artefacts={artefacts!r}, source="–", trainer={trainer!r}, labels={labels!r}, model={model!r},
    model_options={options!r}, weights={weights!r}, size={size}, loss={loss!r}, learning_rate=1e-3, batch_size=32,
    epochs={epochs}, images="all", max_images=160, validation=0.3, keep={keep!r}, cache_features={cached},
    variants={{"sound": {{"split": "patient-80-20"}}}},
)
"""
_COMMON = {"labels": ("Effusion",), "trainer": "supervised", "weights": None, "keep": "last", "cached": False}
_GAN = {"finding": None, "width": 0.05, "generated": 32}
EXPERIMENTS: dict[str, dict[str, Any]] = {
    "plain": _COMMON | {
        "row": "BaselineModel", "artefacts": ("table2", "figure2"), "model": "binary_cnn", "size": 16, "epochs": 3,
        "options": {"dropout": 0.25, "l2": 1e-5}, "loss": "weighted_cross_entropy", "keep": "best",
    },
    "frozen": _COMMON | {
        "row": "PretrainedVGG16", "artefacts": ("table2", "figure2"), "model": "deep_covid", "size": 32, "epochs": 4,
        "options": {"architecture": "squeezenet"}, "loss": "cross_entropy", "weights": "random", "cached": True,
    },
    "gan": _COMMON | {
        "row": "InfoGAN", "artefacts": (), "model": "infogan", "size": 16, "epochs": 2, "labels": (),
        "options": _GAN, "loss": "adversarial", "trainer": "infogan",
    },
}  # fmt: skip
PAGES = ("ali2019-table2", "ali2019-figure2")
_EVALUATED = ("metrics.json", "operating_points.json")
_PREDICTED = ("predictions.parquet", *_EVALUATED)
_MADE = ("model.keras", "history.csv", "environment.json", "checkpoints", *_PREDICTED)


@dataclasses.dataclass(frozen=True)
class Stage:
    """One verb of the chain.

    Attributes:
        verb: how its arguments begin.
        goals: what make is asked for in a trial: what the verb makes, and what is made from that.
        lacking: what a trial begins without, of a project that is complete: patterns below its folder.
        read: what the verbs of the goals read of what is there: patterns.
    """

    verb: tuple[str, ...]
    goals: tuple[str, ...]
    lacking: tuple[str, ...]
    read: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return " ".join((self.verb[0], *(Path(word).name for word in self.verb[1:2])))


def _run(name: str, *files: str) -> tuple[str, ...]:
    return tuple(f"{RUNS}/{name}/{file}" for file in files)


_SHOWN = ("reports",)
_CACHED = (f"{POPULATION}/16.cached",)
_TRAINED = {name: (*_run(name, *_MADE), *_SHOWN) for name in ("plain", "frozen")}
_PIXELS = tuple(f"{POPULATION}/{name}" for name in ("manifest.csv", "*-{}.npy", "*-{}.json"))
STAGES = {
    "manifest": Stage(
        ("manifest", POPULATION), _CACHED, (f"{POPULATION}/[!p]*",),
    ),
    "cache": Stage(
        ("cache", POPULATION, "--size", "16"), _CACHED,
        (f"{POPULATION}/16.cached", f"{POPULATION}/*-16.*"), (f"{POPULATION}/manifest.csv",),
    ),
    "train": Stage(
        ("train", f"{RUNS}/plain"), PAGES, _TRAINED["plain"], tuple(name.format(16) for name in _PIXELS),
    ),
    "train on features": Stage(
        ("train", f"{RUNS}/frozen"), PAGES, (*_TRAINED["frozen"], f"{POPULATION}/features*"),
        tuple(name.format(32) for name in _PIXELS),
    ),
    "train a GAN": Stage(
        ("train", f"{RUNS}/gan"), _run("gan", "model.keras"),
        _run("gan", *_MADE, "*.keras", "*.npz", "samples", "traversals", "layers.json"),
        tuple(name.format(16) for name in _PIXELS),
    ),
    "predict": Stage(
        ("train", f"{RUNS}/frozen"), PAGES, (*_run("frozen", *_PREDICTED), *_SHOWN),
        (*_run("frozen", "model.keras", "checkpoints/state.json"), f"{POPULATION}/features*", f"{POPULATION}/*-32.npy"),
    ),
    "evaluate": Stage(
        ("evaluate", f"{RUNS}/plain"), PAGES, (*_run("plain", *_EVALUATED), *_SHOWN),
        _run("plain", "predictions.parquet"),
    ),
    "table": Stage(
        ("table",), PAGES, _SHOWN,
        (*_run("plain", "metrics.json", "predictions.parquet", "environment.json", "history.csv"),
         f"{POPULATION}/summary.json"),
    ),
    "figure": Stage(("figure",), PAGES, _SHOWN, _run("frozen", "history.csv", "environment.json")),
}  # fmt: skip
GOALS = (*PAGES, f"{RUNS}/gan/model.keras")


@dataclasses.dataclass(frozen=True)
class Ended:
    """How a make ended: its status, or minus a signal; None where it went on for ever."""

    status: int | None
    said: str

    @property
    def sentences(self) -> list[str]:
        """What verbs said when they refused."""
        return re.findall(r"^xray-keras: (.*)$", self.said, re.M)


class Server:
    """The server of `server.py`, as long as the block lasts."""

    def __init__(self, folder: Path):
        self._address = folder / "socket"

    def __enter__(self) -> "Server":
        command = [sys.executable, "-m", "tests.faults.server", str(self._address)]
        threads = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), "1")
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | threads,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def command(self) -> str:
        """What stands for `python -m xray_keras` in the Makefile."""
        return f"{sys.executable} -I -S {Path(__file__).with_name('client.py')} {self._address}"


def create(folder: Path, runs: Iterable[str]) -> Path:
    """A project of some runs, of which nothing is made yet."""
    (folder / ".venv").mkdir(parents=True)
    for name in ("setup.cfg", "constraints.txt", "Makefile"):
        shutil.copy(ROOT / name, folder)
    (folder / ".venv" / "installed-cpu").touch()
    for name in runs:
        write_experiment(folder, name)
    return folder


def write_experiment(folder: Path, name: str, **changes: Any) -> None:
    """Write (or rewrite) an experiment's file."""
    path = folder / "experiments" / "ali2019" / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_EXPERIMENT.format(**{**EXPERIMENTS[name], **changes}))


def start(
    folder: Path, command: str, *goals: str, planted: dict[str, Any] | None = None, events: Path | None = None
) -> subprocess.Popen[str]:
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


def _start(folder: Path, command: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background ignores it
        errors="replace",
    )


def end(process: subprocess.Popen[str], limit: float = LIMIT) -> Ended:
    """Wait for a make."""
    try:
        said, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        said, _ = process.communicate()
        return Ended(None, said)
    return Ended(process.returncode, said)
