"""How much an image tells of the codes that made it: the variational bound of InfoGAN (Chen et al. 2016, §5), in nats.

L_I = H(c) + E log Q(c|x), never above the mutual information of codes and images, and equal to it where Q is the true
posterior. Training minimises the surprises −log Q(c|x); H(c) is constant, see `models.infogan_latent.Latent.entropy`.
"""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

FLOOR = -16.0  # of log σ, in the repository that ali2019 cites
_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


def categorical(codes: keras.KerasTensor, logits: keras.KerasTensor, ways: Sequence[int]) -> Any:
    """Cross-entropy of each categorical code: −log of the softmax at the category that was drawn.

    Args:
        codes: (B, sum of ways) float, one-hot within each code.
        logits: (B, sum of ways) float, Q's outputs.
        ways: number of categories of each code.

    Returns:
        (B, codes) float, at least 0; log of `ways` where Q knows nothing.
    """
    ends = [sum(ways[: number + 1]) for number in range(len(ways))]
    found = [
        -ops.sum(codes[:, end - way : end] * ops.log_softmax(logits[:, end - way : end], axis=-1), axis=-1)
        for end, way in zip(ends, ways, strict=True)
    ]
    return ops.stack(found, axis=-1)


def gaussian(
    codes: keras.KerasTensor, mean: keras.KerasTensor, log_sigma: keras.KerasTensor | None = None
) -> Any:
    """Negative log-density of each continuous code: ½ log 2π + log σ + ½ ((c − μ) / σ)².

    The cited repository leaves out ½ log 2π and takes the mean over codes, not their sum. With σ 1 the part of a code
    uniform on [−1, 1] in the bound stays below log 2 − ½ log 2π, which is negative, however well Q guesses.

    Args:
        codes: (B, codes) float, drawn.
        mean: (B, codes) float, Q's guess.
        log_sigma: (B, codes) float, how sure Q is, floored at `FLOOR`; None for σ 1.

    Returns:
        (B, codes) float, of either sign.
    """
    if log_sigma is None:
        return _HALF_LOG_2PI + 0.5 * ops.square(codes - mean)
    log_sigma = ops.maximum(log_sigma, FLOOR)
    return _HALF_LOG_2PI + log_sigma + 0.5 * ops.square((codes - mean) * ops.exp(-log_sigma))


def bound(entropy: float, *surprises: keras.KerasTensor) -> Any:
    """L_I: H(c) less the mean over the batch of the sum over codes of their surprise.

    Args:
        entropy: H(c) of the codes whose surprises are given, nats.
        surprises: (B, codes) float each, from `categorical` and `gaussian`.

    Returns:
        Scalar, nats; negative where Q does worse than the prior.
    """
    return entropy - sum(ops.mean(ops.sum(surprise, axis=-1)) for surprise in surprises)
