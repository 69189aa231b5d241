"""Cross-entropies for finding classifiers, from 0/1 targets and probabilities."""

from typing import Any

import keras
from keras import ops

_EPSILON = 1e-7  # float32 log stays finite


def softmax_cross_entropy(
    y_true: keras.KerasTensor, y_pred: keras.KerasTensor, positive_weight: float = 1.0
) -> Any:
    """Cross-entropy of a two-way softmax, each image weighted by its class.

    -w log p[1] where the finding is present, -log p[0] where it is absent (ali2019 III.D: plain, or weighted by the
    ratio of positive images).

    Args:
        y_true: (B, 1) float, 0 or 1.
        y_pred: (B, 2) float, probabilities of [absent, present].
        positive_weight: w; 1 is the plain cross-entropy.

    Returns:
        (B,) float, loss of each image.
    """
    present = y_true[:, 0]
    log_p = ops.log(ops.clip(y_pred, _EPSILON, 1.0))
    return -(positive_weight * present * log_p[:, 1] + (1.0 - present) * log_p[:, 0])


def binary_cross_entropy(y_true: keras.KerasTensor, y_pred: keras.KerasTensor) -> Any:
    """Mean over labels of -y log p - (1 - y) log(1 - p) (ali2019 II.B).

    Args:
        y_true: (B, labels) float, 0 or 1.
        y_pred: (B, labels) float in [0, 1].

    Returns:
        (B,) float, loss of each image.
    """
    p = ops.clip(y_pred, _EPSILON, 1.0 - _EPSILON)
    return -ops.mean(y_true * ops.log(p) + (1.0 - y_true) * ops.log1p(-p), axis=-1)


def positive_weight(positives: int, images: int) -> float:
    """Weight that gives both classes the same total: negatives / positives.

    Raises:
        ValueError: no positive or no negative.
    """
    if not 0 < positives < images:
        raise ValueError(f"{positives} positives among {images} images cannot be balanced")
    return (images - positives) / positives
