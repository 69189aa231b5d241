"""Changes of a radiograph within a ball of ε gray levels: those that mislead a network most, and random ones.

This module runs a model. An attacker who knows network and truth climbs the loss: FGSM (Goodfellow et al., ICLR 2015,
§4) by one step along the sign of the gradient, PGD (Madry et al., ICLR 2018, §2.1) by several, each followed by a
projection into the ball. Radiographs stay gray: all channels change alike. They need not stay whole gray levels:
detectors have more than 256.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from xray_keras.training import inputs

STEPS = 10  # of PGD
_BATCH = 32

Loss = Callable[[Any, Any], Any]  # (y_true, y_pred) → (B,)
Ascent = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def fgsm(ascend: Ascent, images: np.ndarray, targets: np.ndarray, epsilon: float) -> np.ndarray:
    """Attack by one step of ε along the sign of the gradient; a pixel without gradient stays.

    Args:
        ascend: see `ascent`.
        images: float32 (N, S, S), 0–255.
        targets: float32 (N, labels).
        epsilon: gray levels, most that a pixel may change.

    Returns:
        float32 (N, S, S), 0–255.
    """
    return np.clip(images + np.float32(epsilon) * np.sign(ascend(images, targets)[1]), 0, 255)


def pgd(
    ascend: Ascent,
    images: np.ndarray,
    targets: np.ndarray,
    epsilon: float,
    *,
    steps: int = STEPS,
    step_size: float | None = None,
    seed: int = 0,
) -> np.ndarray:
    """Attack by several steps along the sign of the gradient, from a random start in the ball.

    Of all images on the way, the one with the largest loss is kept.

    Args:
        ascend, images, targets, epsilon: as in `fgsm`.
        steps: how many.
        step_size: gray levels; by default 2.5 ε / steps, with which any point of the ball can be reached from any other
            (Madry et al.).
        seed: of the start.

    Returns:
        float32 (N, S, S), 0–255.
    """
    size = np.float32(2.5 * epsilon / steps if step_size is None else step_size)
    low, high = np.maximum(images - np.float32(epsilon), 0), np.minimum(images + np.float32(epsilon), 255)
    start = np.random.default_rng(seed).uniform(-epsilon, epsilon, images.shape).astype(np.float32)
    now = np.clip(images + start, low, high)
    worst, largest = now.copy(), np.full(len(images), -np.inf, np.float32)
    for _ in range(steps + 1):
        loss, gradient = ascend(now, targets)
        larger = loss > largest
        worst[larger], largest[larger] = now[larger], loss[larger]
        now = np.clip(now + size * np.sign(gradient), low, high)
    return worst


def noise(images: np.ndarray, epsilon: float, seed: int) -> np.ndarray:
    """Every pixel ε brighter or darker, by chance: as far from the image as `fgsm` in every norm."""
    signs = np.random.default_rng(seed).choice(np.array([-1, 1], np.float32), images.shape)
    return np.clip(images + np.float32(epsilon) * signs, 0, 255)


def ascent(model: keras.Model, loss: Loss) -> Ascent:
    """What an attack climbs: (images float32 (N, S, S), targets) → loss of each image (N,), its gradient (N, S, S).

    Args:
        model: takes (B, S, S, 3), 0–255.
        loss: of (targets, output of the model), (B,).
    """

    def climb(pixels: tf.Tensor, truth: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(pixels)
            value = loss(truth, model(inputs.to_input(pixels), training=False))
        return value, tape.gradient(value, pixels)

    compiled = tf.function(climb, autograph=False, reduce_retracing=True)

    def ascend(images: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        parts = [
            compiled(
                tf.constant(images[start : start + _BATCH]), tf.constant(targets[start : start + _BATCH])
            )
            for start in range(0, len(images), _BATCH)
        ]
        values, gradients = zip(*parts, strict=True)
        return np.concatenate(values), np.concatenate(gradients)

    return ascend


def cross_entropy(targets: keras.KerasTensor, odds: keras.KerasTensor) -> Any:
    """Mean over the labels of −log p where a finding is present and −log(1 − p) where it is absent.

    In the one form whose gradient does not vanish where the network is right and sure: σ(a) − 1 is 0 in float32 from
    a = 17 on, −σ(−a) is not.

    Args:
        targets: (B, labels) float, 0 or 1.
        odds: (B, labels) float, log-odds.

    Returns:
        (B,) float, loss of each image.
    """
    return ops.mean(ops.softplus((1.0 - 2.0 * targets) * odds), axis=-1)
