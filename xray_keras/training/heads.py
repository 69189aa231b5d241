"""Train a head on features that fit in memory: a hundred epochs in seconds, where a loop over images takes hours."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from xray_keras.training import environment


def fit(
    head: keras.Model,
    features: np.ndarray,
    targets: np.ndarray,
    config: Mapping[str, Any],
    epochs: Sequence[int],
    completed: Callable[[int, float], bool],
) -> None:
    """Train `head` for the given epochs, on the batches that `inputs.epoch_of` would yield.

    One call of Keras' `fit`, and one call into TensorFlow an epoch: what takes time in a small network is neither
    arithmetic nor data, but Python between the steps.

    Args:
        head: compiled with as many `steps_per_execution` as an epoch has batches.
        features: float (N, …).
        targets: float32 (N, labels).
        config: `seed`, `batch_size`.
        epochs: consecutive, from 0 or from where an interrupted run goes on.
        completed: called after each epoch with its index and its mean training loss; True ends the training.
    """
    if not epochs:
        return
    orders = np.stack([_order(config["seed"], epoch, len(targets)) for epoch in epochs])
    x, y = tf.constant(features), tf.constant(targets)
    batches = tf.data.Dataset.from_tensor_slices(orders)
    batches = batches.flat_map(
        lambda order: tf.data.Dataset.from_tensor_slices(order).batch(config["batch_size"])
    )
    batches = batches.map(lambda rows: (tf.gather(x, rows), tf.gather(y, rows))).prefetch(2)
    head.fit(
        batches,
        steps_per_epoch=-(-len(targets) // config["batch_size"]),
        initial_epoch=epochs[0],
        epochs=epochs[-1] + 1,
        shuffle=False,
        verbose=0,
        callbacks=[Epochs(completed)],
    )


def is_told(epoch: int, epochs: int) -> bool:
    """Whether a line is due after this epoch: each tenth of the training."""
    return (epoch + 1) * 10 // epochs > epoch * 10 // epochs


def _order(seed: int, epoch: int, images: int) -> np.ndarray:
    order = np.arange(images)
    np.random.default_rng([seed, epoch]).shuffle(order)
    return order


class Epochs(keras.callbacks.Callback):
    """Random generators set before each epoch of one call of `fit`, and `completed` called after it, see `fit`."""

    def __init__(self, completed: Callable[[int, float], bool]) -> None:
        super().__init__()
        self._completed = completed

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        environment.begin_epoch(self.model, epoch)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self.model.stop_training = self._completed(epoch, float((logs or {})["loss"]))
