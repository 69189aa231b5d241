"""Losses of zhao2019 (III.D) by which a student learns from a teacher, region by region, and BEGAN's control of k.

The discriminator D is an autoencoder of region features; it reconstructs well what it takes for the teacher's. When D
is optimised the features are constants, when the student is optimised D is: the trainer sees to both.
"""

from typing import Any

import keras
from keras import ops

from xray_keras.losses import classification


def activation_boundary(teacher: keras.KerasTensor, student: keras.KerasTensor, margin: float = 1.0) -> Any:
    """Equation 1: what it costs a student's neuron to be on the wrong side of the teacher's boundary.

    It shall exceed `margin` where the teacher's is active, and stay below −`margin` elsewhere; beyond that it costs
    nothing.

    The indicator is 1 where the teacher is positive, as Heo et al. (2018, arXiv 1811.03233) define it; printed is the
    opposite, which would teach the student the teacher's inactive neurons. The margin is that of their code.

    Args:
        teacher, student: (B, M, d) float, mapped features of M regions before any ReLU.
        margin: u; not printed.

    Returns:
        (B,) float, at least 0: mean over regions of the squared norm, a sum over d.
    """
    short = ops.where(teacher > 0, margin - student, margin + student)
    return ops.mean(ops.sum(ops.square(ops.relu(short)), axis=-1), axis=-1)


def soft_regions(soft: keras.KerasTensor, predicted: keras.KerasTensor) -> Any:
    """Equation 3: cross-entropy of the student's regions with the teacher's probabilities for targets.

    Args:
        soft: (B, M) float in [0, 1], the teacher's probability of text in each region.
        predicted: (B, M) float in [0, 1], the student's.

    Returns:
        (B,) float, mean over regions; smallest where both agree, but then 0 only if the teacher is certain.
    """
    return classification.binary_cross_entropy(soft, predicted)


def hard_regions(labels: keras.KerasTensor, predicted: keras.KerasTensor) -> Any:
    """The same with region labels for targets, over those regions that have one.

    Args:
        labels: (B, M) float, 1 text, 0 none, NaN not to be learned from.
        predicted: (B, M) float in [0, 1].

    Returns:
        (B,) float, mean over labelled regions; 0 for an image without any.
    """
    known = ops.logical_not(ops.isnan(labels))
    # NaN times 0 is NaN, in gradients too: what is unknown is replaced before anything is computed from it.
    each = classification.binary_cross_entropy(ops.where(known, labels, 0.0)[..., None], predicted[..., None])
    weights = ops.cast(known, each.dtype)
    return ops.sum(weights * each, axis=-1) / ops.maximum(ops.sum(weights, axis=-1), 1.0)


def reconstruction(autoencoded: keras.KerasTensor, features: keras.KerasTensor) -> Any:
    """|D(x) − x|, also Equation 5 where x is the student's.

    Printed is a sum over regions only. Here it is the mean over elements as well, as in BEGAN (Berthelot et al. 2017,
    arXiv 1703.10717), so that it does not grow with d.

    Args:
        autoencoded: (B, M, d) float, D's reconstruction.
        features: (B, M, d) float, what it was given.

    Returns:
        (B,) float, at least 0.
    """
    return ops.mean(ops.abs(autoencoded - features), axis=(-2, -1))


def discriminator(real: keras.KerasTensor, fake: keras.KerasTensor, k: keras.KerasTensor | float) -> Any:
    """Equation 4: reconstruct the teacher's features well and, as far as k goes, the student's badly.

    Args:
        real, fake: (B,) float, `reconstruction` of the teacher's and of the student's features.
        k: scalar in [0, 1].

    Returns:
        (B,) float, of either sign.
    """
    return real - k * fake


def next_k(
    k: keras.KerasTensor | float,
    real: keras.KerasTensor,
    fake: keras.KerasTensor,
    rate: float = 1e-3,
    ratio: float = 0.75,
) -> Any:
    """Equation 6: k rises while the student's features are reconstructed better than `ratio` times the teacher's.

    It is clipped to [0, 1] as in BEGAN; no clipping is printed, and a negative k would reward D for the student.

    Args:
        k: scalar in [0, 1], at first 0.
        real, fake: (B,) float, as in `discriminator`; their means count.
        rate: f_k.
        ratio: n, BEGAN's γ.

    Returns:
        Scalar float in [0, 1].
    """
    return ops.clip(k + rate * (ratio * ops.mean(real) - ops.mean(fake)), 0.0, 1.0)


def student(soft: keras.KerasTensor, generator: keras.KerasTensor, balance: float = 0.2) -> Any:
    """Equation 2: soft labels, and features that D reconstructs as it does the teacher's.

    Args:
        soft: (B,) float, `soft_regions`.
        generator: (B,) float, `reconstruction` of the student's features.
        balance: b.

    Returns:
        (B,) float, at least 0.
    """
    return soft + balance * generator
