"""One training on several devices of a machine: DEVICES=2 gives each step's batch to two of them, in equal parts.

What is computed is what one device computes, to the last digits of float32, for networks without batch normalisation
and dropout: each device normalises by the statistics of its own part, and draws dropout masks of its own. So the number
of devices determines numbers: environment.json names it, and a training goes on only with as many as it began with.
"""

import contextlib
import os
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from xray_keras.errors import UserError
from xray_keras.training import inputs

VARIABLE = "XRAY_KERAS_DEVICES"


def asked() -> int:
    """How many devices the user asks for; 1 by default.

    Raises:
        UserError: it is no number above zero.
    """
    text = os.environ.get(VARIABLE) or "1"
    if not text.isascii() or not text.isdigit() or not int(text):
        raise UserError(f"DEVICES={text} ({VARIABLE}) is no number of devices; say DEVICES=2, for instance")
    return int(text)


def can_spread(config: Mapping[str, Any]) -> bool:
    """Whether the trainer of a resolved config uses several devices: supervised training that sees the images.

    Heads on cached features are too small to gain; adversarial pairs, arms and regions have steps of their own.
    """
    return config.get("trainer", "supervised") == "supervised" and not config.get("cache_features")


def several(config: Mapping[str, Any]) -> tf.distribute.Strategy | None:
    """What spreads a training over as many devices as are asked for, GPUs where there are any; None for one device.

    Raises:
        UserError: TensorFlow sees fewer.
    """
    wanted = asked()
    if wanted == 1 or not can_spread(config):
        return None
    kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
    found = tf.config.list_logical_devices(kind)
    if wanted > len(found):
        raise UserError(
            f"DEVICES={wanted}, but TensorFlow sees {len(found)} {kind}{'s' if len(found) > 1 else ''}; "
            f"say DEVICES={len(found)}, or JOBS= for several trainings at once"
        )
    return tf.distribute.MirroredStrategy([device.name for device in found[:wanted]])


def scope(strategy: tf.distribute.Strategy | None) -> contextlib.AbstractContextManager[Any]:
    """Where a model and its optimizer have to be made to live on all devices of a strategy."""
    return contextlib.nullcontext() if strategy is None else strategy.scope()


def identity(strategy: tf.distribute.Strategy | None) -> dict[str, int]:
    """What a training's identity holds beside settings and data: nothing for one device."""
    return {} if strategy is None else {"devices": strategy.num_replicas_in_sync}


def parts(batches: tf.data.Dataset, strategy: tf.distribute.Strategy | None) -> tf.data.Dataset:
    """Training batches (x, y) that divide equally: (x, y, weights) of as many images a device; as they are for one.

    The last batch of an epoch may hold a single image, and a device without any cannot compute a gradient. So images
    are repeated with weight 0, and the others weigh so that the mean of the devices' mean losses is that of the batch.
    """
    if strategy is None:
        return batches
    devices = strategy.num_replicas_in_sync

    def divide(x: tf.Tensor, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        images = tf.shape(x)[0]
        together = -(-images // devices) * devices
        rows = tf.range(together) % images
        weight = tf.cast(together, tf.float32) / tf.cast(images, tf.float32)
        weights = tf.where(tf.range(together) < images, weight, 0.0)
        return tf.gather(x, rows), tf.gather(y, rows), weights

    return batches.map(divide)


def outputs(
    model: keras.Model,
    images: np.ndarray,
    rows: np.ndarray,
    batch_size: int,
    strategy: tf.distribute.Strategy | None,
    verbose: int = 0,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> np.ndarray:
    """What a model that lives on the devices of `strategy` answers for rows of `images`, in their order.

    Args:
        model: to be asked. images, rows, batch_size: see `inputs.in_order`.
        strategy: None for one device. verbose, callbacks: as Keras takes them.
    """
    devices = 1 if strategy is None else strategy.num_replicas_in_sync
    # No device may be left without an image, so some are asked twice.
    asked_for = np.resize(rows, -(-len(rows) // devices) * devices)
    output = model.predict(
        inputs.in_order(images, asked_for, batch_size * devices), verbose=verbose, callbacks=list(callbacks)
    )
    return output[: len(rows)]
