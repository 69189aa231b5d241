"""Fake runs of minaee2020: four networks, three seeds, scores that know the disease and, on a subset, the source."""

from pathlib import Path

import numpy as np
import pandas as pd

from tests.reporting.conftest import environment
from xray_keras import files
from xray_keras.datasets import manifest
from xray_keras.evaluation import predictions
from xray_keras.reporting import runs

ROWS = {"ResNet18": 1.5, "ResNet50": 2.0, "SqueezeNet": 2.5, "Densenet-121": 1.0}  # row → skill
OTHERS = ("Edema", "Pneumonia", "Mass", "Nodule", "Fibrosis", "Effusion", "Emphysema", "Pneumothorax")
COUNTS = {  # part → group → images
    "train_val": {"covid": 8, "normal": 20, "other": 24},
    "test": {"covid": 40, "normal": 120, "other": 120},
    "probe": {"normal": 5, "other": 40},
}


def images(kind: str) -> pd.DataFrame:
    """The manifest: two images a patient, each training image of COVID-19 with a copy."""
    rows = []
    for part, groups in COUNTS.items():
        for group, n in groups.items():
            home = group == "covid" or part == "probe"
            source = "phantom" if kind == "phantom" else "covid-chestxray-dataset" if home else "nih"
            for k in range(n):
                name = f"{part}_{group}_{k:04d}.png"
                finding = {"covid": "COVID-19", "normal": "No Finding"}.get(group, OTHERS[k % len(OTHERS)])
                row = {
                    "image": name, "patient": f"{source}/{part}-{group}-{k // 2}", "path": "", "source": source,
                    "group": group, "finding": finding, "official_split": part, "copy": 0,
                    "COVID-19": int(group == "covid"),
                }  # fmt: skip
                rows.append(row)
                if part == "train_val" and group == "covid":
                    rows.append({**row, "image": f"{name}#1", "copy": 1})
    return pd.DataFrame(rows)


def scored(frame: pd.DataFrame, skill: float, seed: int, *, of_source: float = 0.0) -> pd.DataFrame:
    """Predictions of every image but a training part; `of_source` is what the positives' collection adds."""
    rng = np.random.default_rng(seed)
    patients = pd.factorize(frame["patient"])[0]
    validation = (frame["official_split"] == "train_val") & (patients % 2 == 0)
    split = frame["official_split"].where(~validation, "validation")
    used = frame[split != "train_val"]
    signal = skill * (2.0 * used["COVID-19"] - 1) + 0.4 * (used["group"] == "other")
    signal += of_source * (used["source"] == "covid-chestxray-dataset")
    p = 1 / (1 + np.exp(-signal - rng.normal(size=len(used))))
    columns = {name: used[name] for name in ("image", "patient", "group", "source")}
    return pd.DataFrame(
        {**columns, "split": split[used.index], "y_COVID-19": used["COVID-19"], "p_COVID-19": p}
    )


def write_run(
    base: Path, row: str, seed: int, frame: pd.DataFrame, scores: pd.DataFrame, kind: str
) -> runs.Run:
    folder = base / "sound" / "minaee2020" / f"{row.lower()}_{seed}"
    config = {
        "dataset": "covid_xray_5k", "images": "all", "max_images": None, "labels": ["COVID-19"], "split": "official",
        "scale": "paper" if kind == "full" else "demo", "variant": "sound", "seed": seed, "size": 64,
        "learning_rate": 1e-3, "weights": "imagenet", "precision": "float32", "model": row.lower(),
        "augmentation": "none",
    }  # fmt: skip
    files.write_json(folder / "config.json", config)
    card = {"paper": "minaee2020", "row": row, "source": "III", "assumed": {"epochs": "not printed; 100"}}
    files.write_json(folder / "card.json", card)
    parts = scores["split"].value_counts()
    train = int((frame["official_split"] == "train_val").sum() - parts["validation"])
    counted = {"train": train, "validation": int(parts["validation"]), "test": int(parts["test"])}
    data = {"fingerprint": "f" * 64, "images": counted, "patients": 1, "leaked_patients": 0}
    files.write_json(folder / "environment.json", environment(data))
    pd.DataFrame({"epoch": [1, 2], "loss": [0.6, 0.5]}).to_csv(folder / "history.csv", index=False)
    predictions.write(scores, folder / "predictions.parquet")
    return runs.read(folder)


def write_all(base: Path, kind: str, *, of_source: float = 0.0, seeds: int = 3) -> list[runs.Run]:
    """All networks with all seeds, and the folder of their population."""
    frame = images(kind)
    population = base / "covid_xray_5k-all"
    manifest.write(frame, population / "manifest.csv")
    summary = {
        "dataset": "covid_xray_5k",
        "origin": "phantom" if kind == "phantom" else "release",
        "complete": False,
    }
    if kind != "phantom":
        summary["collections"] = {"covid-chestxray-dataset": {"left_out": {"CT": 3, "lateral view": 5}}}
    files.write_json(population / "summary.json", summary)
    files.write_json(population / "population.json", {"dataset": "covid_xray_5k", "data": None})
    return [
        write_run(base, row, seed, frame, scored(frame, skill, seed, of_source=of_source), kind)
        for row, skill in ROWS.items()
        for seed in range(seeds)
    ]
