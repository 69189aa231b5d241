"""Students that tell text from none the better the later their row of Table II stands."""

import numpy as np
import pandas as pd

from tests.reporting.conftest import environment
from tests.training.scene_world import scenes
from xray_keras import files
from xray_keras.datasets import manifest
from xray_keras.papers import loader
from xray_keras.reporting import runs

ROWS = list(loader.table("zhao2019", "table2").rows)
SKILL = dict(zip(ROWS, (0.8, 1.2, 1.6, 2.0), strict=True))
PICTURES = 400


def write_student(base, row, seed):
    """A student that tells text from none the better the later its row stands."""
    folder = base / "sound" / "zhao2019" / f"{row.replace(' ', '_')}-{seed}"
    config = {
        "dataset": "scene_text", "images": "all", "max_images": None, "labels": ["Text"], "split": "official",
        "scale": "demo", "seed": seed, "size": 128, "learning_rate": 1e-3, "weights": None, "precision": "float32",
    }  # fmt: skip
    files.write_json(folder / "config.json", config)
    files.write_json(
        folder / "card.json", {"paper": "zhao2019", "row": row, "source": "", "assumed": {"layers": "lost"}}
    )
    counts = {"train": 500, "validation": 100, "test": 300}
    data = {"fingerprint": "f" * 64, "images": counts, "patients": 900, "leaked_patients": 0}
    files.write_json(folder / "environment.json", environment(data))
    about = {"own": False, "found": 900, "images": 900, "left_out": {}}
    summary = {"origin": "phantom", "complete": False, "dataset": "scene_text", "images": 900, "text": 450}
    manifest.write(scenes(), base / "scene_text-all" / "manifest.csv")
    files.write_json(base / "scene_text-all" / "summary.json", {**summary, "sets": {"rendered": about}})
    pd.DataFrame({"epoch": [1, 2], "loss": [1.0, 0.5]}).to_csv(folder / "history.csv", index=False)
    rng = np.random.default_rng(seed)
    truth = np.arange(PICTURES) % 2
    odds = SKILL[row] * (2 * truth - 1) + rng.normal(0, 1.5, PICTURES)
    names = [f"rendered/{k}" for k in range(PICTURES)]
    frame = pd.DataFrame(
        {
            "image": names,
            "patient": names,
            "split": np.where(np.arange(PICTURES) < 100, "validation", "test"),
            "y_Text": truth.astype("int8"),
            "p_Text": 1 / (1 + np.exp(-odds)),
            "r00": 0.5,
        }
    )
    frame.to_parquet(folder / "predictions.parquet", index=False)
    return runs.read(folder)
