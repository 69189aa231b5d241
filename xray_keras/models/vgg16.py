"""VGG16 as ali2019 fine-tunes it: ImageNet weights, only the last four layers trained (II.B.2, III.D)."""

import keras

from xray_keras.models import transfer

_FROZEN_LAYERS = 15  # input layer to block4_pool; the last 4 are block5_conv1, 2, 3 and block5_pool


def build(*, size: int, labels: int, weights: str, dropout: float) -> keras.Model:
    """ImageNet backbone frozen up to block4_pool, global average pooling, batch normalisation, dropout, sigmoids.

    The head between backbone and output is not printed. InceptionV3's is assumed, and batch normalisation in it: VGG16
    has none of its own, and at the printed learning rate a plain head stays behind a logistic regression.

    Input: (B, size, size, 3) float32, 0–255. Output: (B, labels) float32 in [0, 1].

    Args:
        size: side of the input, pixels, at least 32.
        labels: number of sigmoids (printed: 14).
        weights: "imagenet" or "random".
        dropout: rate before the output layer (not printed).
    """
    return transfer.build(
        "vgg16",
        size=size,
        labels=labels,
        weights=weights,
        dropout=dropout,
        frozen_layers=_FROZEN_LAYERS,
        normalised=True,
    )
