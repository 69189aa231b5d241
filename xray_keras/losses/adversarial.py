"""Losses of an adversarial pair on logits with smoothed targets (cohen2019 §3.1), and when the generator rests.

"Real" is an image with its encoding, "fake" a code with the image generated from it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
from keras import ops

HALT_ABOVE = 4.0  # loss of the discriminator, published code; the paper prints no threshold


class Targets(NamedTuple):
    """Smoothed targets of a batch.

    Attributes:
        real: (B, 1) float32, in the range of positive labels.
        fake: (B, 1) float32, in the range of negative labels.
    """

    real: Any
    fake: Any


def draw_targets(
    count: int, real: Sequence[float], fake: Sequence[float], seed: keras.random.SeedGenerator
) -> Targets:
    """Targets of `count` pairs, uniform in the ranges (low, high), one draw an example."""
    return Targets(
        keras.random.uniform((count, 1), *real, seed=seed), keras.random.uniform((count, 1), *fake, seed=seed)
    )


def sigmoid_cross_entropy(targets: keras.KerasTensor, logits: keras.KerasTensor) -> Any:
    """-t log σ(a) - (1 - t) log(1 - σ(a)) = log(1 + eᵃ) - t a; t may leave [0, 1], where it has no lower bound.

    Args:
        targets: (B, 1) float.
        logits: (B, 1) float.

    Returns:
        (B,) float, loss of each example.
    """
    return ops.mean(ops.softplus(logits) - targets * logits, axis=-1)


def discriminator_loss(real_logits: Any, fake_logits: Any, targets: Targets) -> Any:
    """Mean cross-entropy of real pairs, and that of fake ones, added: 2 log 2 where nothing is told apart.

    Args:
        real_logits, fake_logits: (B, 1) float, verdicts on real and on fake pairs.
        targets: see `draw_targets`.

    Returns:
        Scalar.
    """
    real = ops.mean(sigmoid_cross_entropy(targets.real, real_logits))
    return real + ops.mean(sigmoid_cross_entropy(targets.fake, fake_logits))


def generator_loss(real_logits: Any, fake_logits: Any, targets: Targets) -> Any:
    """The same with the targets exchanged: what encoder and generator minimise.

    Args and returns: as in `discriminator_loss`.
    """
    return discriminator_loss(real_logits, fake_logits, Targets(real=targets.fake, fake=targets.real))


def is_too_good(loss: Any) -> Any:
    """Whether encoder and generator rest in this step: the discriminator's loss says that they deceive it (§3.1).

    Args:
        loss: scalar, `discriminator_loss`.

    Returns:
        Scalar bool.
    """
    return loss > HALT_ABOVE
