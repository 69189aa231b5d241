"""A small project that make can build in seconds: two classifiers and a GAN on a few phantoms, a table and a figure."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

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
    shutil.copytree(ROOT / "locks", folder / "locks")
    for name in ("setup.cfg", "Makefile"):
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
