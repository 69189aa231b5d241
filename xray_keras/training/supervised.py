"""Train one classifier: the loop of every experiment with labelled images."""

import importlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from sklearn.metrics import f1_score, roc_auc_score

from xray_keras import files
from xray_keras.losses import classification
from xray_keras.models import saved
from xray_keras.training import devices, environment, features, heads, inputs, optimizers, progress
from xray_keras.training.checkpoints import Checkpoints

Loss = Callable[[Any, Any], Any]  # (y_true, y_pred) → (B,)


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
        spread = devices.several(config)
        checkpoints = Checkpoints(
            run, {"config": config, "data": data.fingerprint, **devices.identity(spread)}
        )
        if checkpoints.ended("model.keras"):
            return
        with devices.scope(spread):
            _train(Training(population, config, data, checkpoints, spread))


class Training:
    """One run under way: a compiled model that goes on after its last completed epoch.

    Attributes:
        config, data: of the run. targets: float32 (N, labels), of the training part.
        model: what is published; trained: the part of it that learns, see `features.of_frozen_part`.
        images, rows: what `trained` sees, and the row in it of each image.
        in_memory: whether that is few enough features to hold in memory.
        spread: over several devices, in whose scope this is made; None for one.
        done: epochs completed.
    """

    def __init__(
        self,
        population: Path,
        config: Mapping[str, Any],
        data: inputs.RunData,
        checkpoints: Checkpoints,
        spread: tf.distribute.Strategy | None = None,
    ):
        """Build the model of a run with initial weights of its seed, or with those of its last epoch."""
        self._began = time.monotonic()
        self.config, self.data, self._checkpoints, self.spread = config, data, checkpoints, spread
        environment.prepare(config["seed"])
        self.model = build_model(config)
        self.trained, self.images, self.rows = features.of_frozen_part(
            self.model, population, data, config, spread
        )
        training, self._validation = data.part("train"), data.part("validation")
        self.targets = data.targets[training]
        self._loss = loss_function(config, positive_weight(config, self.targets))
        steps = -(-len(self.draw(0).order) // config["batch_size"])
        size = self.images[0].nbytes * (len(training) + len(self._validation))
        self.in_memory = bool(config.get("cache_features")) and size <= features.MOST_BYTES
        self.trained.compile(
            optimizer=optimizers.build(config, steps, self.trained.trainable_variables),
            loss=self._loss,
            steps_per_execution=steps if self.in_memory else 1,
        )
        self.done = checkpoints.resume(self.trained)
        optimizers.adjust(self.trained.optimizer, config, checkpoints.history)

    @property
    def remaining(self) -> range:
        """The epochs that are still to train."""
        over = self._checkpoints.exhausted(self.config["patience"])
        return range(self.done, self.done if over else self.config["epochs"])

    def draw(self, epoch: int) -> inputs.Draw:
        """What an epoch shows of the training part."""
        return inputs.draw(self.targets, self.images.shape[1], self.config, epoch)

    def held_out(self) -> np.ndarray:
        """Rows in `images` of the validation part."""
        return self.rows[self._validation]

    def completed(self, epoch: int, training_loss: float, output: np.ndarray) -> bool:
        """Score and keep the epoch that has just ended; whether patience is exhausted.

        Args:
            epoch: its index. training_loss: its mean.
            output: what `trained` says of `held_out`.
        """
        config, history = self.config, self._checkpoints.history
        scores = validation_scores(output, self.data.targets[self._validation], self._loss)
        self._checkpoints.save(self.trained, {"loss": training_loss, **scores})
        self.done = epoch + 1
        optimizers.adjust(self.trained.optimizer, config, history)
        if not self.in_memory or heads.is_told(epoch, config["epochs"]):
            print(progress.line(self._checkpoints.run.name, self.done, config["epochs"], scores), flush=True)
        return self._checkpoints.exhausted(config["patience"])

    def publish(self, together: Sequence[str] = ()) -> None:
        """Write what a run leaves; `together` names the runs that were trained in one pass, this one among them."""
        run = self._checkpoints.run
        if self.config["keep"] == "best":
            self._checkpoints.load_best(self.trained)
        self._checkpoints.write_history(run / "history.csv")
        seconds = time.monotonic() - self._began
        environment.write(
            run / "environment.json",
            self.config,
            self.data,
            self.model,
            seconds,
            together=together,
            spread=self.spread,
        )
        saved.publish(self.model, run / "model.keras")
        self._checkpoints.finish()


def _train(training: Training) -> None:
    config, trained, images = training.config, training.trained, training.images
    rows = training.rows[training.data.part("train")]
    if training.in_memory:
        seen = images[training.held_out()]
        heads.fit(
            trained,
            images[rows],
            training.targets,
            config,
            training.remaining,
            lambda epoch, loss: training.completed(epoch, loss, trained.predict_on_batch(seen)),
        )
    else:
        for epoch in training.remaining:
            batches = inputs.batches_of(
                images, rows, training.targets, training.draw(epoch), config["batch_size"]
            )
            environment.begin_epoch(trained, epoch)
            fitted = trained.fit(
                devices.parts(batches, training.spread),
                initial_epoch=epoch,
                epochs=epoch + 1,
                verbose=environment.verbosity(),
                shuffle=False,
            )
            output = devices.outputs(
                trained, images, training.held_out(), config["batch_size"], training.spread
            )
            if training.completed(epoch, fitted.history["loss"][0], output):
                break
    training.publish()


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
