"""Score a run's held-out images and foreign ones: how unlike the training images are they? This module runs a model.

An ALI run scores by latent distance and by how badly it reconstructs an image (cohen2019 §3, Equation 2); a classifier
by detectors on its penultimate features (`detectors`), fitted on its own training images.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd

from xray_keras import files, npz
from xray_keras.datasets import cache, manifest
from xray_keras.errors import UserError
from xray_keras.evaluation import detectors, ood
from xray_keras.models import penultimate, saved
from xray_keras.training import ali_watch, environment, features, inputs, supervised

SCORES, THRESHOLDS, EXAMPLES = "ood.parquet", "ood.json", "ood_examples.npz"
EXAMPLES_EACH = 4  # pictures of a set that are kept beside their reconstructions
UNKNOWN = -1  # pneumonia, where the set does not say
DISTANCES = ("latent", "l1", "l2", "ssim")  # of an ALI run, in the order of Figure 5
_CHUNK = 1024  # images whose reconstructions are in memory at once

Columns = dict[str, np.ndarray]


class Images(NamedTuple):
    """Images to score: their columns of ood.parquet, the cache (M, S, S) uint8, and the row of each in it (N,)."""

    frame: pd.DataFrame
    pixels: np.ndarray
    rows: np.ndarray


Scorer = Callable[[Images], Columns]


def write(run: Path, population: Path, others: Path) -> None:
    """Write `<run>/ood.parquet` and `<run>/ood.json`; an ALI run also `<run>/ood_examples.npz`.

    ood.parquet is described in `ood`; a classifier adds ``p_<label>`` of each label. ood.json holds "thresholds":
    detector → the score that 95 % of the held-out validation images do not exceed. ood_examples.npz holds "image",
    "set" (N,) str, "input" and "reconstruction" (N, S, S) uint8: a few pictures a set.

    Args:
        run: a trained run: config.json and model.keras.
        population: folder with the manifest and the image cache that it was trained on.
        others: folder with the manifest of the foreign images, and their cache at the run's size.

    Raises:
        UserError: the model is absent or damaged, a population or its cache is absent, or no image is held out.
    """
    config = files.read_json(run / "config.json")
    data = inputs.open_data(population, config)
    sides = (_held_out(data), _foreign(others, config["size"]))
    environment.prepare(config["seed"])
    model = saved.load(run / "model.keras")
    reconstructs = config.get("trainer") == "ali"
    score = (
        _by_reconstruction(model, config) if reconstructs else _by_features(model, config, data, population)
    )
    frame = pd.concat([side.frame.assign(**score(side)) for side in sides], ignore_index=True)
    ood.check(frame, f"the scores of {run}")
    validation = ood.chest(frame, "validation")
    if validation.empty:
        raise UserError(f"{run} holds no validation image out to choose a cut-off on; use more images")
    chosen = {name: ood.cut_off(validation[f"s_{name}"].to_numpy()) for name in ood.detectors(frame)}
    if reconstructs:
        _write_examples(run / EXAMPLES, model, config, sides)
    files.write_json(
        run / THRESHOLDS,
        {"share_passed": ood.KEPT, "split": "validation", "images": len(validation), "thresholds": chosen},
    )
    with files.publish(run / SCORES) as temporary:
        frame.to_parquet(temporary, index=False)


def _held_out(data: inputs.RunData) -> Images:
    chosen = data.part("validation", "test")
    frame = data.frame.iloc[chosen][["image", "patient"]].reset_index(drop=True)
    frame = frame.assign(set=ood.CHEST, split=data.split[chosen], group=ood.CHEST, pneumonia=np.int8(UNKNOWN))
    return Images(frame, data.images, data.rows[chosen])


def _foreign(others: Path, size: int) -> Images:
    listed = manifest.read(others / "manifest.csv")
    array = cache.path(others, manifest.fingerprint(listed), size)
    pixels = cache.load(array)
    rows = np.flatnonzero(~listed["image"].isin(cache.unreadable(array)))
    used = listed.iloc[rows].reset_index(drop=True)
    known = (used["group"] == ood.ACCEPT).to_numpy()
    frame = pd.DataFrame(
        {
            "image": used["image"],
            "patient": used["patient"],
            "set": used["source"],
            "split": "test",
            "group": used["group"],
            "pneumonia": np.where(known, used["Pneumonia"], UNKNOWN).astype(np.int8),
        }
    )
    return Images(frame, pixels, rows)


def _by_features(
    model: keras.Model, config: Mapping[str, Any], data: inputs.RunData, population: Path
) -> Scorer:
    """Detectors on penultimate features, and the probability of each label.

    Where training kept the features of a frozen part, they are what the run's own images are scored from.
    """
    whole = penultimate.with_features(model)
    own, own_pixels = whole, data.images
    if config.get("cache_features"):
        head, own_pixels = features.cached(model, population, data, config)
        own = penultimate.with_features(head)
    labels = config["labels"]

    def outputs(scorer: keras.Model, pixels: np.ndarray, rows: np.ndarray) -> Columns:
        batches = inputs.in_order(pixels, rows, config["batch_size"])
        return scorer.predict(batches, verbose=environment.verbosity())

    training = outputs(own, own_pixels, data.rows[data.part("train")])["features"]
    fitted = {name: detector.fit(training) for name, detector in detectors.DETECTORS.items()}

    def score(images: Images) -> Columns:
        if images.pixels is data.images:
            found = outputs(own, own_pixels, images.rows)
        else:
            found = outputs(whole, images.pixels, images.rows)
        p = supervised.positive_probability(found["probabilities"], len(labels)).astype(np.float64)
        columns = {f"s_{name}": detector.score(found["features"]) for name, detector in fitted.items()}
        return columns | {f"p_{label}": p[:, k] for k, label in enumerate(labels)}

    return score


def _by_reconstruction(model: keras.Model, config: Mapping[str, Any]) -> Scorer:
    """The four distances of §3.2."""

    def score(images: Images) -> Columns:
        parts = [
            ali_watch.reconstruct(
                model, images.pixels[images.rows[start : start + _CHUNK]], config["batch_size"]
            )
            for start in range(0, len(images.rows), _CHUNK)
        ]
        return {f"s_{name}": np.concatenate([part[name] for part in parts]) for name in DISTANCES}

    return score


def _write_examples(
    path: Path, model: keras.Model, config: Mapping[str, Any], sides: tuple[Images, ...]
) -> None:
    """A few test images of each set, evenly spaced in its order, beside their reconstructions."""
    found: dict[str, list[np.ndarray]] = {name: [] for name in ("image", "set", "input", "reconstruction")}
    for images in sides:
        for name in images.frame["set"].unique():
            places = np.flatnonzero((images.frame["set"] == name) & (images.frame["split"] == "test"))
            if not len(places):
                continue
            chosen = places[np.linspace(0, len(places) - 1, min(EXAMPLES_EACH, len(places))).astype(int)]
            pixels = images.pixels[images.rows[chosen]]
            made = ali_watch.reconstruct(model, pixels, config["batch_size"])["reconstruction"]
            found["image"].append(images.frame["image"].iloc[chosen].to_numpy(str))
            found["set"].append(np.full(len(chosen), name))
            found["input"].append(pixels)
            found["reconstruction"].append(made)
    npz.write(path, {name: np.concatenate(parts) for name, parts in found.items()})
