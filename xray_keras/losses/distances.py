"""Distances between an image and its reconstruction (cohen2019 §3, Equation 2, and §3.2), one number an image."""

from typing import Any

import keras
import numpy as np
from keras import ops

_WINDOW, _SIGMA = 11, 1.5
_C1, _C2 = 0.01**2, 0.03**2


def l1(images: keras.KerasTensor, others: keras.KerasTensor) -> Any:
    """Mean absolute difference of the pixels.

    Args:
        images, others: (B, S, S, 1) float in [0, 1].

    Returns:
        (B,) float in [0, 1].
    """
    return ops.mean(ops.abs(images - others), axis=(1, 2, 3))


def l2(images: keras.KerasTensor, others: keras.KerasTensor) -> Any:
    """Root of the mean squared difference of the pixels; arguments and range as in `l1`."""
    return ops.sqrt(ops.mean(ops.square(images - others), axis=(1, 2, 3)))


def ssim(images: keras.KerasTensor, others: keras.KerasTensor) -> Any:
    """1 − SSIM (Wang et al. 2004): Gaussian window of 11×11 pixels, σ 1.5, K₁ 0.01, K₂ 0.03, range 1.

    `tf.image.ssim`, of operations that every exporter knows, for the browser computes the same graph.

    Args:
        images, others: (B, S, S, 1) float in [0, 1], S at least 11.

    Returns:
        (B,) float in [0, 2]; 0 for equal images.
    """
    # About the middle of the range, where differences of squares lose the fewest digits.
    x, y = images - 0.5, others - 0.5
    mean_x, mean_y = _smooth(x), _smooth(y)
    covariance = _smooth(x * y) - mean_x * mean_y
    variances = _smooth(ops.square(x) + ops.square(y)) - ops.square(mean_x) - ops.square(mean_y)
    structure = (2 * covariance + _C2) / (variances + _C2)
    mean_x, mean_y = mean_x + 0.5, mean_y + 0.5
    luminance = (2 * mean_x * mean_y + _C1) / (ops.square(mean_x) + ops.square(mean_y) + _C1)
    return 1.0 - ops.mean(luminance * structure, axis=(1, 2, 3))


def _smooth(images: keras.KerasTensor) -> Any:
    """Means under the Gaussian window, (B, S − 10, S − 10, 1)."""
    offsets = np.arange(_WINDOW) - _WINDOW // 2
    weights = np.exp(-(offsets**2) / (2 * _SIGMA**2)).astype(np.float32)
    column = ops.reshape(ops.convert_to_tensor(weights / weights.sum()), (_WINDOW, 1, 1, 1))
    row = ops.reshape(column, (1, _WINDOW, 1, 1))
    return ops.conv(ops.conv(images, column, padding="valid"), row, padding="valid")


def latent(codes: keras.KerasTensor) -> Any:
    """Euclidean distance of a code to the centre of the Gaussian: (B, L) float → (B,) float (§3)."""
    return ops.sqrt(ops.sum(ops.square(codes), axis=-1))
