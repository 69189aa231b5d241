"""What the networks of zhao2019 share: 34 regions a picture, their order, and the classifier of their features."""

import keras

from xray_keras.models.adaptive_pooling import AdaptiveAveragePooling

GRIDS = (5, 3)
REGIONS = sum(grid * grid for grid in GRIDS)
"""5×5 row by row, then 3×3 row by row."""


def pool(maps: keras.KerasTensor, grid: int, name: str) -> keras.KerasTensor:
    """A map (B, H, W, C) of any size → (B, grid, grid, C) float32, mean of each region.

    Maximum or mean is not printed.
    """
    return AdaptiveAveragePooling(grid, dtype="float32", name=name)(maps)


def rows(pooled: keras.KerasTensor) -> keras.KerasTensor:
    """(B, n, n, C) → (B, n², C), regions row by row."""
    _, height, width, channels = pooled.shape
    return keras.layers.Reshape((height * width, channels), name=f"rows{height}")(pooled)


def classify(features: keras.KerasTensor) -> keras.KerasTensor:
    """Region features (B, M, d), of either sign → probability of text (B, M) float32.

    A ReLU stands before the last layer: none is printed, but activation boundaries are boundaries of a ReLU, and
    without it two layers without a bend between them would be one.
    """
    x = keras.layers.ReLU(dtype="float32", name="active")(features)
    x = keras.layers.Dense(2, dtype="float32", name="classes")(x)  # (B, M, 2), [none, text]
    return keras.layers.Softmax(dtype="float32", name="probabilities")(x)[..., 1]
