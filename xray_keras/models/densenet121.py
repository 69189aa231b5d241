"""CheXNet (Rajpurkar et al. 2017), the classifier of cohen2019: DenseNet-121 with one sigmoid a finding (section 2)."""

import keras

from xray_keras.models import transfer

_FROZEN_LAYERS = {
    4: 0,
    3: 53,
    2: 141,
    1: 313,
    0: 427,
}  # up to and with the transition before the trained blocks


def build(
    *,
    size: int,
    labels: int,
    weights: str,
    trained_blocks: int = 4,
    dropout: float = 0.0,
    batch_norm_momentum: float | None = None,
) -> keras.Model:
    """ImageNet backbone, global average pooling, one dense layer of sigmoids.

    Input: (B, size, size, 3) float32, 0–255. Output: (B, labels) float32 in [0, 1].

    Args:
        size: side of the input, pixels, at least 32 (published code: 224).
        labels: number of sigmoids (printed: 14).
        weights: "imagenet" or "random".
        trained_blocks: dense blocks that are trained, counted from the end: 4 trains every layer, as the paper
            does; 0 the last layer alone.
        dropout: rate before the output layer.
        batch_norm_momentum: see `transfer.build`.
    """
    return transfer.build(
        "densenet121",
        size=size,
        labels=labels,
        weights=weights,
        dropout=dropout,
        frozen_layers=_FROZEN_LAYERS[trained_blocks],
        batch_norm_momentum=batch_norm_momentum,
    )
