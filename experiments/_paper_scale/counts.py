"""How much the runs of SCALE=paper have to do: from the settings of the experiments and printed counts of images."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from experiments import _steps
from xray_keras.datasets import textdis
from xray_keras.datasets.findings import FINDINGS
from xray_keras.datasets.label_sets import label_sets
from xray_keras.papers import loader
from xray_keras.papers.printed import Printed

TRAINING_SIDE = 0.8
"""Of NIH's patients, and nearly of the images, what the split leaves to training and validation."""


class Work(NamedTuple):
    """Of one run.

    Attributes:
        images: that an epoch shows.
        epochs: of each network.
        networks: that it trains, one after another.
        steps: of all networks in all epochs; none where a frozen network's features are computed once.
        forwards: batches that are only answered: validation after each epoch, or those features.
        taught: steps of them for which a teacher is asked as well.
    """

    images: int
    epochs: int
    networks: int
    steps: int
    forwards: int
    taught: int = 0


def settings(name: str) -> dict[str, Any]:
    """Of an experiment at paper scale, patients disjoint."""
    return _steps.settings(name, "paper")


def work(name: str) -> Work:
    """How much there is to do for one run of an experiment."""
    config = settings(name)
    learned, tested = _images(config)
    images = round(learned * (1 - config["validation"]) * config["share"])
    held, batch = round(learned * config["validation"]), config["batch_size"]
    networks = max(1, len(config["arms"]) * config["arm_seeds"])
    if config["cache_features"]:
        return Work(images, config["epochs"], networks, 0, math.ceil((learned + tested) / batch))
    whole = config["trainer"] in ("infogan", "ali")  # a last batch of few images is left out
    epochs = config["epochs"] + config["model_options"].get("pretraining", 0)
    steps = (math.floor if whole else math.ceil)(images / batch) * epochs * networks
    options = config["model_options"]
    taught = any(options.get(key) for key in ("soft", "balance", "pretraining"))
    forwards = math.ceil(held / batch) * epochs * networks
    return Work(images, epochs, networks, steps, forwards, steps if taught else 0)


def _images(config: Mapping[str, Any]) -> tuple[int, int]:
    """Of the release, those for training and validation, and those that a run is tested on."""
    if config["dataset"] == "covid_xray_5k":
        rows = loader.load("minaee2020")["tables"]["table1"]["rows"]
        _, augmented, others = (Printed(text).value for text in rows["Training Set"])
        tested = [Printed(text).value for text in rows["Test Set"] if text != "–"]
        return int(augmented + others), int(sum(tested))
    if config["dataset"] == "scene_text":
        printed = textdis.printed()
        return sum(printed["train_val"].values()), sum(printed["test"].values())
    sets, images = label_sets()
    chosen = sets.any(axis=1) if config["images"] == "labelled" else np.ones(len(sets), bool)
    if finding := config["model_options"].get("finding"):
        chosen = sets[:, FINDINGS.index(finding)] == 1
    whole = int(images[chosen].sum())
    return round(TRAINING_SIDE * whole), round((1 - TRAINING_SIDE) * whole)
