"""The laboratory's classifier: a small CNN for several findings, quick enough to be trained dozens of times."""

import keras

WIDTHS = (16, 32, 64)
"""Channels of the three convolutions; each halves the map."""


def build(*, size: int, labels: int, dropout: float) -> keras.Model:
    """Three strided convolutions with batch-norm, one sigmoid a finding on all of the last map.

    Where a finding lies tells much of what it is, and radiographs show the same place at the same pixels: the last map
    is not averaged.

    Input: (B, size, size, 3) float32, 0–255. Output: (B, labels) float32, probabilities.

    Args:
        size: side of the input, pixels.
        labels: how many findings.
        dropout: rate before the last layer.
    """
    images = keras.Input((size, size, 3), name="image")  # (B, 64, 64, 3)
    x = keras.layers.Rescaling(1 / 127.5, offset=-1, name="to_signed")(images)
    for number, width in enumerate(WIDTHS, start=1):  # (B, 32, 32, 16) (B, 16, 16, 32) (B, 8, 8, 64)
        x = keras.layers.Conv2D(width, 3, strides=2, padding="same", use_bias=False, name=f"conv{number}")(x)
        x = keras.layers.BatchNormalization(momentum=0.9, name=f"norm{number}")(x)
        x = keras.layers.ReLU(name=f"relu{number}")(x)
    x = keras.layers.Flatten(name="features")(x)  # (B, 4096)
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    x = keras.layers.Dense(labels, activation="sigmoid", dtype="float32", name="probabilities")(x)
    return keras.Model(images, x, name="small_cnn")
