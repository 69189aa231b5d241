"""A teacher and a student that have scored a small striped population, region by region."""

from pathlib import Path

import numpy as np
import pandas as pd

from tests.reporting.conftest import environment
from tests.training.scene_world import SHORT, Stripes, scenes
from xray_keras import files
from xray_keras.datasets import cache, manifest, outlines, region_labels
from xray_keras.reporting import runs
from xray_keras.reporting.runs import Run


def write_population(base: Path, kind: str, frame: pd.DataFrame | None = None) -> pd.DataFrame:
    folder = base / "scene_text-all"
    manifest.write(scenes() if frame is None else frame, folder / "manifest.csv")
    listed = manifest.read(folder / "manifest.csv")
    cache.build(listed, Stripes(), SHORT, folder, workers=1, progress=False)
    about = {"own": False, "found": len(listed), "images": len(listed), "left_out": {}}
    sets = dict.fromkeys(sorted(set(listed["source"])), about)
    summary = {"origin": "phantom" if kind == "phantom" else "release", "complete": False, "dataset": "scene_text",
               "images": len(listed), "text": 24, "sets": sets}  # fmt: skip
    files.write_json(folder / "summary.json", summary)
    return listed


def regions(listed: pd.DataFrame, seed: int) -> np.ndarray:
    """Probabilities of test pictures' regions: high where text is, but of one picture, whose are low, and of one
    without text, of which one region is high."""
    rng = np.random.default_rng(seed)
    found = rng.uniform(0.02, 0.3, (len(listed), region_labels.REGIONS))
    for number, row in enumerate(listed.itertuples()):
        labels = region_labels.label(outlines.from_text(row.outlines), row.width, row.height)
        found[number, labels == 1] = rng.uniform(0.6, 0.95, int(labels.sum()))
    found[listed["image"] == "40", 7] = 0.9  # no text
    found[listed["image"] == "36"] *= 0.3  # text
    return found


def write_run(base: Path, listed: pd.DataFrame, row: str, seed: int = 0) -> Run:
    folder = base / "sound" / "zhao2019" / f"{row.replace(' ', '_')}-{seed}"
    config = {
        "dataset": "scene_text", "images": "all", "max_images": None, "labels": ["Text"], "split": "official",
        "scale": "demo", "seed": seed, "size": SHORT, "learning_rate": 1e-3, "weights": None, "precision": "float32",
    }  # fmt: skip
    files.write_json(folder / "config.json", config)
    files.write_json(folder / "card.json", {"paper": "zhao2019", "row": row, "source": "", "assumed": {}})
    data = {"fingerprint": "f" * 64, "images": {"train": 27, "validation": 9, "test": 12}, "patients": 48,
            "leaked_patients": 0}  # fmt: skip
    files.write_json(folder / "environment.json", environment(data))
    pd.DataFrame({"epoch": [1], "loss": [1.0]}).to_csv(folder / "history.csv", index=False)
    test = listed[listed["official_split"] == "test"]
    found = regions(test, seed)
    frame = test[["image", "patient"]].assign(split="test", y_Text=test["Text"], p_Text=found.max(axis=1))
    columns = pd.DataFrame({f"r{number:02d}": found[:, number] for number in range(34)}, index=frame.index)
    pd.concat([frame, columns], axis=1).to_parquet(folder / "predictions.parquet", index=False)
    return runs.read(folder)
