import functools
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from xray_keras import files
from xray_keras.datasets import cache, manifest
from xray_keras.datasets.findings import FINDINGS
from xray_keras.training import supervised

SIZE = 16
CONFIG = {
    "dataset": "nih",
    "images": "labelled",
    "max_images": None,
    "split": "patient-80-20",
    "validation": 0.2,
    "share": 1.0,
    "labels": ["Mass"],
    "model": "binary_cnn",
    "model_options": {"dropout": 0.25, "l2": 1e-4},
    "weights": None,
    "size": SIZE,
    "loss": "weighted_cross_entropy",
    "learning_rate": 1e-3,
    "batch_size": 16,
    "epochs": 4,
    "augmentation": "none",
    "keep": "last",
    "patience": None,
    "schedule": "cosine",
    "optimizer": "adam",
    "seed": 3,
    "precision": "float32",
    "scale": "demo",
    "variant": "sound",
}
MADE = 80  # images of a GAN


class Bright:
    """Noise, with a bright patch where there is a mass."""

    def images(self, rows: pd.DataFrame, size: int) -> np.ndarray:
        rng = np.random.default_rng(len(rows))
        pixels = rng.integers(0, 150, (len(rows), size, size))
        pixels[:, 4:9, 4:9] += 70 * rows["Mass"].to_numpy()[:, None, None]
        return pixels.astype(np.uint8)


def pairs_of_images(images: int) -> pd.DataFrame:
    """A manifest without findings, two images a patient."""
    frame = pd.DataFrame(
        {
            "image": [f"{i // 2:08d}_{i % 2:03d}.png" for i in range(images)],
            "patient": [str(i // 2) for i in range(images)],
            "path": "",
            "follow_up": 0,
            "age": 50,
            "sex": "F",
            "view": "PA",
            "official_split": "train_val",
        }
    )
    return frame.assign(**dict.fromkeys(FINDINGS, np.int8(0)))


def write_population(base: Path) -> Path:
    """120 images of 60 patients, half of them with a mass, cached at 16 px; the same each time."""
    images = 120
    rng = np.random.default_rng(0)
    frame = pairs_of_images(images)
    frame["official_split"] = ["test" if i >= 90 else "train_val" for i in range(images)]
    frame["follow_up"] = [i % 2 for i in range(images)]
    frame["Mass"] = rng.integers(0, 2, images).astype(np.int8)
    frame["Nodule"] = (1 - frame["Mass"]).astype(np.int8)
    folder = base / "nih-labelled"
    manifest.write(frame, folder / "manifest.csv")
    cache.build(frame, Bright(), SIZE, folder, workers=1, progress=False)
    return folder


def write_run(base: Path, name: str, **changes) -> Path:
    """A run's config.json, some settings changed; its folder."""
    run = base / "sound" / "paper" / name
    files.write_json(run / "config.json", {**CONFIG, **changes})
    return run


@pytest.fixture
def population(tmp_path: Path) -> Path:
    return write_population(tmp_path)


@pytest.fixture
def make_run(tmp_path: Path):
    return functools.partial(write_run, tmp_path)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of these settings on that population, trained once for all tests, which take copies."""
    base = tmp_path_factory.mktemp("trained")
    run = write_run(base, "undisturbed")
    supervised.train(run, write_population(base))
    return run


_KILLED = """
import os, signal, sys
from pathlib import Path
from xray_keras.training import {trainer}
from xray_keras.training.checkpoints import Checkpoints

def save(self, *arguments, original=Checkpoints.save):
    original(self, *arguments)
    if len(self.history) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

Checkpoints.save = save
{trainer}.train(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def train_until_killed(trainer: str, run: Path, population: Path) -> None:
    """Train `run` in another process, which dies after its second epoch and leaves no model."""
    command = [sys.executable, "-c", _KILLED.format(trainer=trainer), run, population]
    ended = subprocess.run(command, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert not (run / "model.keras").exists()


def generate(run: Path, conditions=(), finding="Mass", images=None, **changes) -> Path:
    """A GAN's run: images with a bright patch, the brighter the more real."""
    rng = np.random.default_rng(5)
    condition = np.zeros((MADE, len(conditions)), np.int8)
    for k in range(len(conditions)):
        condition[k :: len(conditions), k] = 1
    pixels = rng.integers(0, 150, (MADE, SIZE, SIZE))
    pixels[:, 4:9, 4:9] += 70 * (condition[:, :1, None] if len(conditions) else 1)
    options = {"finding": None if conditions else finding, "conditions": list(conditions)}
    files.write_json(run / "config.json", {**CONFIG, "model_options": options, **changes})
    np.savez(
        run / "generated.npz",
        image=pixels.astype(np.uint8) if images is None else images,
        logit=rng.normal(size=MADE).astype(np.float32),
        condition=condition,
        balanced=np.arange(MADE) >= MADE // 2 if conditions else np.zeros(MADE, bool),
    )
    return run


@pytest.fixture
def gan(tmp_path: Path) -> Path:
    return generate(tmp_path / "sound" / "paper" / "gan")


@pytest.fixture
def make_arms(make_run):
    """Write a run of arms that is quickly trained, some settings changed; return its folder."""

    def make(name: str, arms: dict, **changes) -> Path:
        uses = {"model.keras": {"gan": "paper/gan"}}
        settings = {"arms": arms, "arm_seeds": 1, "uses": uses, "epochs": 2, "schedule": "constant"}
        return make_run(name, **(settings | changes))

    return make


@pytest.fixture
def tiny(monkeypatch):
    """Two labels need another network than the binary one."""

    def build(config):
        x = images = keras.Input((SIZE, SIZE, 3))
        x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(x))
        x = keras.layers.Dense(len(config["labels"]), activation="sigmoid")(x)
        return keras.Model(images, x)

    monkeypatch.setattr(supervised, "build_model", build)


def answers(run: Path) -> pd.DataFrame:
    """A run's answers by arm, seed and image."""
    return pd.read_parquet(run / "arms.parquet").set_index(["arm", "seed", "image"])
