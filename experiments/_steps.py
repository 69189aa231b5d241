"""Steps of any network of the suite, warm and on random images: what they cost does not depend on what is shown."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from xray_keras import experiment
from xray_keras.datasets import region_labels
from xray_keras.training import ali, infogan, optimizers, regions, regions_step, siamese, supervised

ROOT = Path(__file__).parents[1]
_GRAY = ("ali", "siamese")
_LANDSCAPE = 4 / 3  # of a scene, whose short edge is the size


def settings(name: str, scale: str) -> dict[str, Any]:
    """Of an experiment, patients disjoint, with random weights instead of published ones, which cost the same."""
    config = experiment.resolve(experiment.load(name, ROOT), scale=scale, variant="sound")
    return config | {"weights": "random" if config["weights"] else None}


def training(config: Mapping[str, Any]) -> Callable[[], object]:
    """One call is one step of the run's own trainer on a batch, the forward and the backward pass and the update.

    A student learns from hard labels: what a teacher says is another network's forward pass.

    Args:
        config: see `settings`.
    """
    model = _BUILD[config["trainer"]](config)
    shown = iter(tf.data.Dataset.from_tensors(_batch(config)).repeat())
    model.make_train_function()
    return lambda: model.train_function(shown)


def forward(config: Mapping[str, Any]) -> Callable[[], object]:
    """One call is what a classifier answers for a batch, compiled: of validation, prediction and frozen networks."""
    model = _BUILD[config["trainer"]](config)
    network = getattr(model, "network", model)
    answer = tf.function(lambda images: network(images, training=False))
    images, _ = _batch(config)
    return lambda: answer(images)


def _classifier(config: Mapping[str, Any]) -> keras.Model:
    model = supervised.build_model(config)
    optimizer = optimizers.build(config, 1, model.trainable_variables)
    model.compile(optimizer=optimizer, loss=supervised.loss_function(config, 1.0))
    return model


def _regions(config: Mapping[str, Any]) -> keras.Model:
    options = regions_step.Options(**config["model_options"])
    learning = regions_step.Learning(regions.build_model(config), options, regions_step.from_labels)
    learning.compile(optimizer=optimizers.build(config, 1, learning.network.trainable_variables))
    return learning


_BUILD: Mapping[str, Callable[[Mapping[str, Any]], keras.Model]] = {
    "supervised": _classifier,
    "arms": _classifier,
    "infogan": lambda config: infogan.build_model(config, np.zeros((config["batch_size"], 0), np.float32), 1),
    "ali": lambda config: ali.build_model(config, 1),
    "siamese": lambda config: siamese.build_model(config, 1),
    "regions": _regions,
}


def _batch(config: Mapping[str, Any]) -> tuple[tf.Tensor, tf.Tensor]:
    rng = np.random.default_rng(0)
    count, side = config["batch_size"], config["size"]
    wide = round(side * _LANDSCAPE) if config["trainer"] == "regions" else side
    channels = 1 if config["trainer"] in _GRAY else 3
    outputs = region_labels.REGIONS if config["trainer"] == "regions" else len(config["labels"])
    images = rng.uniform(0, 255, (count, side, wide, channels)).astype(np.float32)
    targets = rng.integers(0, 2, (count, outputs)).astype(np.float32)
    if config["trainer"] == "siamese":
        targets = np.repeat(np.arange(count // 2), 2)  # two images a patient
    return tf.constant(images), tf.constant(targets)
