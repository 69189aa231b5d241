"""Adversarial examples: how little must a radiograph be changed to change what a classifier says of it?

This module runs a model. Changes that are sought, by FGSM and PGD, stand beside random ones of the same size.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from xray_keras import files, npz
from xray_keras.errors import UserError
from xray_keras.evaluation import metrics, operating_points, perturbations, points, predictions
from xray_keras.models import log_odds, saved
from xray_keras.training import environment, inputs, supervised

CURVES, EXAMPLES = "attacks.parquet", "attacks.npz"
EPSILONS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)  # gray levels
FGSM, PGD, NOISE = "fgsm", "pgd", "noise"
MOST = 400  # images that are attacked
SHOWN, SHOWN_AT = 3, 4.0  # examples that are kept, and their ε
_BATCH = 32


def write(run: Path, population: Path) -> None:
    """Write `<run>/attacks.parquet` and `<run>/attacks.npz`.

    attacks.parquet has a row an attack ("fgsm", "pgd", "noise") and ε, columns: `attack`, `epsilon`; `auc`, `auc_low`,
    `auc_high`, mean of the labels; `accuracy` …, share of the decisions on all images and labels that are right, at the
    thresholds that are best on validation images (Youden): at one half a rare finding is never seen, attacked or not;
    `flips` …, share that differs from those without attack; how many `images` of how many `patients`. Intervals are of
    95 % over patients, NaN where there is none.

    attacks.npz has the right decisions that PGD with ε = 4 changes most, each of another patient: `image`, `label` str
    (n,), `truth` int8 (n,), `threshold`, `before` and `after` float64 (n,), probabilities of the label; `original`
    uint8, `perturbation` and `attacked` float32 (n, S, S); `epsilon`.

    Args:
        run: a trained classifier: config.json and model.keras.
        population: folder with the manifest and the image cache that it was trained on.

    Raises:
        UserError: the model is absent, damaged or no classifier, or the population has changed since.
    """
    config = files.read_json(run / "config.json")
    if not config["labels"]:
        raise UserError(f"{run} predicts no label, so there is nothing to attack; name a classifier's run")
    data = inputs.open_data(population, config)
    environment.prepare(config["seed"])
    model = saved.load(run / "model.keras")
    held = data.part("test")
    chosen = held[np.linspace(0, len(held) - 1, min(MOST, len(held))).round().astype(int)]
    original, targets = data.images[data.rows[chosen]], data.targets[chosen]
    frame = data.frame.iloc[chosen].reset_index(drop=True)
    images, number = original.astype(np.float32), len(config["labels"])
    thresholds = _thresholds(model, data)
    clean = probabilities(model, images, number)
    ascend = perturbations.ascent(
        log_odds.margins(log_odds.in_float32(model), number), perturbations.cross_entropy
    )
    rows = []
    for attack in (FGSM, PGD, NOISE):
        for epsilon in EPSILONS:
            attacked = _attacked(attack, ascend, images, targets, epsilon, config["seed"])
            p = probabilities(model, attacked, number)
            rows.append(
                {"attack": attack, "epsilon": epsilon, **_numbers(frame, targets, thresholds, clean, p)}
            )
            if (attack, epsilon) == (PGD, SHOWN_AT):
                examples = _examples(frame, config["labels"], targets, thresholds, clean, p)
                row = examples.pop("row")
                examples |= {
                    "epsilon": np.float32(epsilon),
                    "original": original[row],
                    "perturbation": attacked[row] - original[row],
                    "attacked": attacked[row],
                }
    npz.write(run / EXAMPLES, examples)
    with files.publish(run / CURVES) as temporary:
        pd.DataFrame(rows).to_parquet(temporary, index=False)
    print(f"{run.name}: {len(chosen)} images attacked in {len(rows)} ways")


def probabilities(model: keras.Model, images: np.ndarray, labels: int) -> np.ndarray:
    """Of each label, float64 (N, labels), from float32 images (N, S, S), 0–255."""
    parts = [
        model.predict_on_batch(inputs.to_input(images[start : start + _BATCH]))
        for start in range(0, len(images), _BATCH)
    ]
    return supervised.positive_probability(np.concatenate(parts), labels).astype(np.float64)


def _attacked(
    attack: str,
    ascend: perturbations.Ascent,
    images: np.ndarray,
    targets: np.ndarray,
    epsilon: float,
    seed: int,
) -> np.ndarray:
    if not epsilon:
        return images
    if attack == NOISE:
        return perturbations.noise(images, epsilon, seed)
    if attack == FGSM:
        return perturbations.fgsm(ascend, images, targets, epsilon)
    return perturbations.pgd(ascend, images, targets, epsilon, seed=seed)


def _thresholds(model: keras.Model, data: inputs.RunData) -> np.ndarray:
    """Of the labels, float64 (L,)."""
    tuning = data.part("validation")
    truth = data.targets[tuning]
    p = probabilities(model, data.images[data.rows[tuning]].astype(np.float32), truth.shape[1])
    return np.array([operating_points.youden(*pair).value for pair in zip(truth.T, p.T, strict=True)])


def _numbers(
    frame: pd.DataFrame, targets: np.ndarray, thresholds: np.ndarray, clean: np.ndarray, p: np.ndarray
) -> dict[str, Any]:
    """The row of attacks.parquet for probabilities p (N, L) where they were `clean`."""
    clusters = predictions.clusters(frame)
    decided, trials = p > thresholds, p.shape[1] * np.bincount(clusters)
    right = np.bincount(clusters, (decided == (targets == 1)).sum(axis=1))
    flipped = np.bincount(clusters, (decided != (clean > thresholds)).sum(axis=1))
    return {
        **points.with_ends("auc", points.diagnosed(frame, targets, p)["auc"]),
        **points.with_ends("accuracy", metrics.proportion(right, trials)),
        **points.with_ends("flips", metrics.proportion(flipped, trials)),
        "images": len(frame),
        "patients": int(clusters.max()) + 1,
    }


def _examples(
    frame: pd.DataFrame,
    labels: Sequence[str],
    targets: np.ndarray,
    thresholds: np.ndarray,
    clean: np.ndarray,
    p: np.ndarray,
) -> dict[str, Any]:
    """Which right decisions changed most: their rows of the frame, "row", and what attacks.npz says of each."""
    right = (clean > thresholds) == (targets == 1)
    change = np.where(right, np.abs(p - clean), -1)
    label = change.argmax(axis=1)
    order = np.argsort(-change.max(axis=1), kind="stable")
    order = order[change.max(axis=1)[order] >= 0]
    row = order[~frame["patient"].iloc[order].duplicated().to_numpy()][:SHOWN]
    label = label[row]
    return {
        "row": row,
        "image": frame["image"].to_numpy(str)[row],
        "label": np.array(labels)[label],
        "truth": targets[row, label].astype(np.int8),
        "threshold": thresholds[label],
        "before": clean[row, label],
        "after": p[row, label],
    }
