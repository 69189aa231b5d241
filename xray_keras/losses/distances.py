"""Distances between an image and its reconstruction (cohen2019 §3, Equation 2, and §3.2), one number an image."""

from typing import Any

import keras
import tensorflow as tf
from keras import ops


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


def ssim(images: tf.Tensor, others: tf.Tensor) -> Any:
    """1 − SSIM (Wang et al. 2004): Gaussian window of 11×11 pixels, σ 1.5, K₁ 0.01, K₂ 0.03, range 1.

    Args:
        images, others: (B, S, S, 1) float in [0, 1], S at least 11.

    Returns:
        (B,) float in [0, 2]; 0 for equal images.
    """
    return 1.0 - tf.image.ssim(
        images, others, max_val=1.0, filter_size=11, filter_sigma=1.5, k1=0.01, k2=0.03
    )


def latent(codes: keras.KerasTensor) -> Any:
    """Euclidean distance of a code to the centre of the Gaussian: (B, L) float → (B,) float (§3)."""
    return ops.sqrt(ops.sum(ops.square(codes), axis=-1))
