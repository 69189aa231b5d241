"""InceptionV3 as ali2019 fine-tunes it: every layer trained from ImageNet weights (II.B.1)."""

import keras

from xray_keras.models import transfer


def build(
    *, size: int, labels: int, weights: str, dropout: float, batch_norm_momentum: float | None = None
) -> keras.Model:
    """ImageNet backbone, one global pooling layer, dropout, one dense layer of sigmoids; all layers trained.

    Average pooling is assumed; the paper prints "one global pooling layer".

    Input: (B, size, size, 3) float32, 0–255. Output: (B, labels) float32 in [0, 1].

    Args:
        size: side of the input, pixels, at least 75.
        labels: number of sigmoids (printed: 14).
        weights: "imagenet" or "random".
        dropout: rate before the output layer (not printed).
        batch_norm_momentum: see `transfer.build`; IV.A names these statistics as what holds InceptionV3 back.
    """
    return transfer.build(
        "inception_v3",
        size=size,
        labels=labels,
        weights=weights,
        dropout=dropout,
        batch_norm_momentum=batch_norm_momentum,
    )
