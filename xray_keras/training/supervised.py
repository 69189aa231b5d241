"""Train one classifier: the loop of every experiment with labelled images."""

import importlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from sklearn.metrics import f1_score, roc_auc_score

from xray_keras import files
from xray_keras.losses import classification
from xray_keras.models import frozen, saved
from xray_keras.training import devices, environment, features, heads, inputs, optimizers, progress
from xray_keras.training.checkpoints import Checkpoints

Loss = Callable[[Any, Any], Any]  # (y_true, y_pred) → (B,)

_MOST_FEATURE_BYTES = 4 << 30  # above, features of frozen layers are computed anew each epoch


def build_model(config: Mapping[str, Any]) -> keras.Model:
    """The model of a resolved config, built under its precision, with its initial weights."""
    keras.config.set_dtype_policy(config["precision"])
    module = importlib.import_module(f"xray_keras.models.{config['model']}")
    options = dict(config["model_options"])
    if config["weights"] is not None:
        options["weights"] = config["weights"]
    return module.build(size=config["size"], labels=len(config["labels"]), **options)


def positive_weight(config: Mapping[str, Any], targets: np.ndarray) -> float:
    """Weight of the positives in the loss of a config, by the training targets."""
    if config["loss"] != "weighted_cross_entropy":
        return 1.0
    return classification.positive_weight(int(targets.sum()), len(targets))


def loss_function(config: Mapping[str, Any], weight: Any) -> Loss:
    """The loss of a config as a function of (y_true, y_pred); `weight` is that of the positives, number or variable."""
    if config["loss"] == "binary_cross_entropy":
        return classification.binary_cross_entropy
    return lambda y_true, y_pred: classification.softmax_cross_entropy(y_true, y_pred, weight)


def positive_probability(output: np.ndarray, labels: int) -> np.ndarray:
    """Model output → probability of each finding, (B, labels): column 1 of a two-way softmax, or the sigmoids."""
    return output[:, 1:] if labels == 1 and output.shape[1] == 2 else output


def train(run: Path, population: Path) -> None:
    """Train the run of `<run>/config.json`; publish model.keras, history.csv and environment.json.

    Goes on from the last completed epoch of an interrupted run with the same settings, and ends with the same
    numbers as an undisturbed one. Nothing is changed in the run's published files until training has ended. A network
    that sees the images in each epoch may train on several devices, see `devices`.

    Args:
        run: the run's folder.
        population: folder with the manifest and the image cache.

    Raises:
        UserError: see `inputs.open_data`; also a full disk, a damaged checkpoint.
    """
    config = files.read_json(run / "config.json")
    data = inputs.open_data(population, config)
    with files.exclusive(run):
        _train(run, population, config, data)


def _train(run: Path, population: Path, config: Mapping[str, Any], data: inputs.RunData) -> None:
    spread = devices.several(config)
    identity = {"config": config, "data": data.fingerprint, **devices.identity(spread)}
    checkpoints = Checkpoints(run, identity)
    if checkpoints.ended("model.keras"):
        return
    with devices.scope(spread):
        _fit(run, population, config, data, checkpoints, spread)


def _fit(
    run: Path,
    population: Path,
    config: Mapping[str, Any],
    data: inputs.RunData,
    checkpoints: Checkpoints,
    spread: tf.distribute.Strategy | None,
) -> None:
    began = time.monotonic()
    environment.prepare(config["seed"])
    model = build_model(config)
    trained, images, rows = _with_frozen_features(model, population, data, config, spread)
    training, validation = data.part("train"), data.part("validation")
    targets, held_out = data.targets[training], data.targets[validation]
    loss = loss_function(config, positive_weight(config, targets))
    steps = int(inputs.epoch_of(images, rows[training], targets, config, 0).cardinality())
    size = images[0].nbytes * (len(training) + len(validation))
    in_memory = bool(config.get("cache_features")) and size <= _MOST_FEATURE_BYTES
    trained.compile(
        optimizer=optimizers.build(config, steps),
        loss=loss,
        steps_per_execution=steps if in_memory else 1,
    )
    seen = images[rows[validation]] if in_memory else None

    def completed(epoch: int, training_loss: float) -> bool:
        """Score and keep the epoch that has just ended; whether patience is exhausted."""
        if seen is not None:
            output = trained.predict_on_batch(seen)
        else:
            output = devices.outputs(trained, images, rows[validation], config["batch_size"], spread)
        scores = validation_scores(output, held_out, loss)
        checkpoints.save(trained, {"loss": training_loss, **scores})
        optimizers.adjust(trained.optimizer, config, checkpoints.history)
        if not in_memory or heads.is_told(epoch, config["epochs"]):
            print(progress.line(run.name, epoch + 1, config["epochs"], scores), flush=True)
        return checkpoints.exhausted(config["patience"])

    done = checkpoints.resume(trained)
    optimizers.adjust(trained.optimizer, config, checkpoints.history)
    remaining = () if checkpoints.exhausted(config["patience"]) else range(done, config["epochs"])
    if in_memory:
        heads.fit(trained, images[rows[training]], targets, config, remaining, completed)
    else:
        for epoch in remaining:
            batches = devices.parts(inputs.epoch_of(images, rows[training], targets, config, epoch), spread)
            environment.begin_epoch(trained, epoch)
            fitted = trained.fit(
                batches, initial_epoch=epoch, epochs=epoch + 1, verbose=environment.verbosity(), shuffle=False
            )
            if completed(epoch, fitted.history["loss"][0]):
                break
    if config["keep"] == "best":
        checkpoints.load_best(trained)

    checkpoints.write_history(run / "history.csv")
    seconds = time.monotonic() - began
    environment.write(run / "environment.json", config, data, model, seconds, spread=spread)
    saved.publish(model, run / "model.keras")
    checkpoints.finish()


def _with_frozen_features(
    model: keras.Model,
    population: Path,
    data: inputs.RunData,
    config: Mapping[str, Any],
    spread: tf.distribute.Strategy | None,
) -> tuple[keras.Model, np.ndarray, np.ndarray]:
    """What is trained, on which array, and the row of each image in it.

    Where part of the model is frozen and images are not augmented, the frozen part's features never change: they
    are computed once (as far as memory allows), and only the rest of the model sees the epochs. With
    `cache_features` they are kept on disk, for other runs and for prediction.
    """
    if config.get("cache_features"):
        return (*features.cached(model, population, data, config), data.rows)
    cut = frozen.split(model) if config["augmentation"] == "none" else None
    if cut is None:
        return model, data.images, data.rows
    stem, head = cut
    used = data.part("train", "validation")
    if len(used) * int(np.prod(stem.output_shape[1:])) * 4 > _MOST_FEATURE_BYTES:
        return model, data.images, data.rows
    print(f"computing features of {len(used):,} images in the frozen layers", flush=True)
    batch, verbose = config["batch_size"], environment.verbosity()
    computed = devices.outputs(stem, data.images, data.rows[used], batch, spread, verbose)
    rows = np.zeros(len(data.rows), np.int64)
    rows[used] = np.arange(len(used))
    return head, computed, rows


def validation_scores(output: np.ndarray, targets: np.ndarray, loss: Loss) -> dict[str, float]:
    """Loss, AUC and F1 at 0.5, means over images and labels, of a model's output for held-out images."""
    p = positive_probability(output, targets.shape[1])
    value = float(np.mean(keras.ops.convert_to_numpy(loss(targets, output))))
    varied = [k for k in range(targets.shape[1]) if 0 < targets[:, k].sum() < len(targets)]
    auc = [roc_auc_score(targets[:, k], p[:, k]) for k in varied]
    f1 = [f1_score(targets[:, k], p[:, k] > 0.5, zero_division=0.0) for k in varied]
    return {
        "val_loss": value,
        "val_auc": float(np.mean(auc)) if varied else 0.5,
        "val_f1": float(np.mean(f1)) if varied else 0.0,
    }
