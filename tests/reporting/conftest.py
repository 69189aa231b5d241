from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from xray_keras import files
from xray_keras.datasets.findings import FINDINGS
from xray_keras.evaluation import evaluate, predictions
from xray_keras.reporting import runs

IMAGES = 160


def truth() -> pd.DataFrame:
    """160 images of 80 patients, validation and test; no hernia in the test images."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "image": [f"{i // 2:08d}_{i % 2:03d}.png" for i in range(IMAGES)],
            "patient": [str(i // 2) for i in range(IMAGES)],
            "split": ["validation" if i < 60 else "test" for i in range(IMAGES)],
        }
    )
    for finding in FINDINGS:
        frame[f"y_{finding}"] = rng.integers(0, 2, IMAGES)
    frame.loc[frame["split"] == "test", "y_Hernia"] = 0
    return frame


def scores(frame: pd.DataFrame, labels: tuple[str, ...], skill: float, seed: int) -> pd.DataFrame:
    """Predictions of some labels, the better the higher `skill`."""
    rng = np.random.default_rng(seed)
    kept = frame[["image", "patient", "split", *(f"y_{label}" for label in labels)]].copy()
    for label in labels:
        noise = rng.normal(size=IMAGES)
        kept[f"p_{label}"] = 1 / (1 + np.exp(-noise - skill * (2 * frame[f"y_{label}"] - 1)))
    return kept


def environment(data: dict) -> dict:
    """What a run notes of itself, on some data."""
    return {"versions": {"keras": "3"}, "device": "CPU", "data": data, "parameters": 10, "seconds": 1.0}


def write_run(folder: Path, row: str, frame: pd.DataFrame, *, kind: str = "phantom", **config) -> runs.Run:
    labels = [name[2:] for name in frame if name.startswith("y_")]
    settings = {
        "dataset": "nih", "images": "labelled", "max_images": None, "labels": labels, "split": "patient-80-20",
        "scale": "paper" if kind == "full" else "demo", "seed": 0, "size": 64, "learning_rate": 1e-4,
        "weights": None, "precision": "float32", "model": "vgg16", "augmentation": "none",
    }  # fmt: skip
    files.write_json(folder / "config.json", {**settings, **config})
    files.write_json(
        folder / "card.json", {"paper": "ali2019", "row": row, "source": "", "assumed": {"epochs": "x"}}
    )
    data = {
        "fingerprint": "f" * 64, "images": {"train": 500, "validation": 60, "test": 100},
        "patients": 330, "leaked_patients": 7 if config.get("split") == "image-80-20" else 0,
    }  # fmt: skip
    files.write_json(folder / "environment.json", environment(data))
    origin = "phantom" if kind == "phantom" else "release"
    summary = {"origin": origin, "complete": kind == "full", "images": 660}
    files.write_json(folder.parents[2] / "nih-labelled" / "summary.json", summary)
    history = pd.DataFrame({"epoch": [1, 2], "loss": [0.6, 0.5], "val_loss": [0.6, 0.55], "val_auc": 0.6})
    history.assign(val_f1=[0.2, 0.3]).to_csv(folder / "history.csv", index=False)
    predictions.write(frame, folder / "predictions.parquet")
    files.write_json(folder / "metrics.json", evaluate.evaluate(frame, resamples=50))
    return runs.read(folder)


@pytest.fixture(scope="session")
def make_runs(tmp_path_factory):
    """Fourteen weak binary runs and two strong transfer runs of the same images."""

    def make(kind: str = "phantom", **config) -> list[runs.Run]:
        base = tmp_path_factory.mktemp("runs") / "sound" / "ali2019"
        frame = truth()
        found = [
            write_run(
                base / f"baseline_{k}", "BaselineModel", scores(frame, (label,), 0.1, k), kind=kind, **config
            )
            for k, label in enumerate(FINDINGS)
        ]
        for row, seed in (("PretrainedInceptionV3", 50), ("PretrainedVGG16", 51)):
            found.append(write_run(base / row, row, scores(frame, FINDINGS, 1.0, seed), kind=kind, **config))
        return found

    return make


@pytest.fixture(scope="session")
def sixteen(make_runs) -> list[runs.Run]:
    return make_runs()
