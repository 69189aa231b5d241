"""How many steps the runs of SCALE=paper take, from the settings of the experiments and NIH's printed counts."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xray_keras import experiment
from xray_keras.datasets.findings import FINDINGS
from xray_keras.datasets.label_sets import label_sets

ROOT = Path(__file__).parents[2]
TRAINING_SIDE = 0.8
"""Share of the patients, and nearly of the images, that the split leaves to training and validation."""


class Work(NamedTuple):
    """Of one run: images an epoch, epochs, steps in all, networks that it trains, one after another."""

    images: int
    epochs: int
    steps: int
    networks: int


def settings(name: str) -> dict[str, Any]:
    """Of an experiment at paper scale, patients disjoint."""
    return experiment.resolve(experiment.load(name, ROOT), scale="paper", variant="sound")


def work(name: str) -> Work:
    """How much there is to do for one run of an NIH experiment."""
    config = settings(name)
    images = round(_images(config) * TRAINING_SIDE * (1 - config["validation"]))
    whole = config["trainer"] in ("infogan", "ali")  # a last batch of few images is left out
    steps = (math.floor if whole else math.ceil)(images / config["batch_size"])
    networks = max(1, len(config["arms"]) * config["arm_seeds"])
    return Work(images, config["epochs"], steps * config["epochs"] * networks, networks)


def _images(config: Mapping[str, Any]) -> int:
    """Of the release, those that a run learns from or is tested on."""
    sets, images = label_sets()
    chosen = sets.any(axis=1) if config["images"] == "labelled" else np.ones(len(sets), bool)
    if finding := config["model_options"].get("finding"):
        chosen = sets[:, FINDINGS.index(finding)] == 1
    return int(images[chosen].sum())
