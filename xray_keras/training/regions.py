"""Train a network that says of each region of a scene whether it holds text (zhao2019 III.A to III.D).

Teacher and MSP-Net learn hard labels, a student those or a teacher's knowledge: see `regions_step`. Where a picture has
a fixed number of views, what does not change between epochs is computed once: maps of frozen convolutions
(`scene_features`), and what the teacher knows of each view (`lessons`).
"""

import importlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from xray_keras import files
from xray_keras.datasets import region_labels
from xray_keras.errors import UserError
from xray_keras.losses import classification, distillation
from xray_keras.models import any_region, region_autoencoder, saved, text_teacher
from xray_keras.training import environment, lessons, optimizers, progress, regions_step, supervised
from xray_keras.training.checkpoints import Checkpoints
from xray_keras.training.regions_step import Learning, Options
from xray_keras.training.scene_data import SceneData, open_scenes
from xray_keras.training.scene_feed import Feed


def build_model(config: Mapping[str, Any]) -> keras.Model:
    """The network of a resolved config, built under its precision, with its initial weights.

    Raises:
        UserError: pictures of this size are too small for it.
    """
    keras.config.set_dtype_policy(config["precision"])
    module = importlib.import_module(f"xray_keras.models.{config['model']}")
    if config["size"] < module.SMALLEST:
        raise UserError(
            f"{config['row']} needs a short edge of at least {module.SMALLEST} pixels, not {config['size']}; change "
            "size in its experiment"
        )
    options = dict(config["model_options"]["network"])
    if config["weights"] is not None:
        options["weights"] = config["weights"]
    return module.build(**options)


def train(run: Path, population: Path) -> None:
    """Train the run of `<run>/config.json`; publish model.keras, history.csv and environment.json.

    Goes on from the last completed epoch of an interrupted run with the same settings, and ends with the same numbers.
    history.csv has a row an epoch, those of pre-training first: epoch, loss; with an adversary answers_loss,
    generator_loss, discriminator_loss and control (k); val_loss, of regions, val_auc and val_f1, of pictures.

    Args:
        run: the run's folder.
        population: folder with the manifest and the cache.

    Raises:
        UserError: see `open_scenes` and `lessons`; also a full disk, a damaged checkpoint.
    """
    config = files.read_json(run / "config.json")
    data = open_scenes(population, config)
    with files.exclusive(run):
        _train(run, population, config, data)


def _train(run: Path, population: Path, config: Mapping[str, Any], data: SceneData) -> None:
    checkpoints = Checkpoints(run, {"config": config, "data": data.fingerprint})
    if checkpoints.ended("model.keras"):
        return
    began = time.monotonic()
    options = Options(**config["model_options"])
    taught_by = lessons.teacher(run, config) if options.taught else None
    environment.prepare(config["seed"])
    network = build_model(config)
    feed = Feed(network, taught_by, population, data, config)
    stages = _stages(feed, options, config)
    ended = len(checkpoints.history)
    if checkpoints.resume(stages[max(0, ended - 1)]) < ended:
        ended = 0
    for epoch in range(ended, len(stages)):
        learning = stages[epoch]
        if epoch >= options.pretraining:
            learning.adjust(config, checkpoints.history[options.pretraining :])
        environment.begin_epoch(learning, epoch)
        fitted = learning.fit(
            feed.epoch(epoch),
            initial_epoch=epoch,
            epochs=epoch + 1,
            verbose=environment.verbosity(),
            shuffle=False,
        )
        scores = {name: float(fitted.history[name][0]) for name in learning.means}
        scores |= validated(feed, data, config)
        checkpoints.save(learning, scores)
        print(progress.line(run.name, epoch + 1, len(stages), scores), flush=True)
    checkpoints.write_history(run / "history.csv")
    seconds = time.monotonic() - began
    environment.write(run / "environment.json", config, data, network, seconds, text_teacher.BACKBONE)
    saved.publish(network, run / "model.keras")
    checkpoints.finish()


def _stages(feed: Feed, options: Options, config: Mapping[str, Any]) -> list[Learning]:
    """What learns in each epoch: one object a stage, each with an optimizer of its own."""
    formal: Learning
    learned = feed.trained.trainable_variables
    if options.balance:
        dimension = feed.trained.output["features"].shape[-1]
        adversary = region_autoencoder.build(dimension=dimension, widths=options.discriminator)
        pair = regions_step.FromAdversary(feed.trained, options, adversary)
        rate = config["learning_rate"] * options.discriminator_rate
        other = optimizers.build({**config, "learning_rate": rate}, feed.steps, adversary.trainable_variables)
        pair.compile_pair(optimizers.build(config, feed.steps, learned), other)
        formal = pair
    else:
        loss = regions_step.from_answers if options.soft else regions_step.from_labels
        formal = Learning(feed.trained, options, loss)
        formal.compile(optimizer=optimizers.build(config, feed.steps, learned))
    stages = [formal] * config["epochs"]
    if options.pretraining:
        before = Learning(feed.trained, options, regions_step.from_boundaries)
        rate = config["learning_rate"] * options.pretraining_rate
        before.compile(
            optimizer=optimizers.build(
                {**config, "learning_rate": rate, "schedule": "constant"}, feed.steps, learned
            )
        )
        stages = [before] * options.pretraining + stages
    return stages


def validated(feed: Feed, data: SceneData, config: Mapping[str, Any]) -> dict[str, float]:
    """val_loss, cross-entropy with the hard labels of regions, val_auc and val_f1, of whole pictures."""
    positions = data.part("validation")
    p = np.empty((len(positions), region_labels.REGIONS), np.float32)
    place = {int(position): row for row, position in enumerate(positions)}
    for group, x in feed.held_out(positions):
        p[[place[int(at)] for at in group]] = feed.trained(x, training=False)["regions"].numpy()
    labels = np.stack([data.labels(position, config["model_options"]["rule"]) for position in positions])
    loss = keras.ops.convert_to_numpy(distillation.hard_regions(labels, p))
    pictures = keras.ops.convert_to_numpy(any_region.probability(p))[:, None]
    scores = supervised.validation_scores(
        pictures, data.targets[positions], classification.binary_cross_entropy
    )
    return {**scores, "val_loss": float(loss.mean())}
