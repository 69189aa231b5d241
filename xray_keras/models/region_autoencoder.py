"""The discriminator of zhao2019 (III.C, Figure 4): an autoencoder of region features, after BEGAN.

No layer of it is printed. Like BEGAN's (Berthelot et al. 2017, arXiv 1703.10717) it narrows to a code and widens again,
has ELUs but for the code and the last layer, and no normalisation; widths are assumed.
"""

from collections.abc import Sequence

import keras

WIDTHS = (512, 128)


def build(*, dimension: int, widths: Sequence[int] = WIDTHS) -> keras.Model:
    """D: each region's feature on its own → its reconstruction.

    Input: (B, M, dimension) float32, of either sign, any number M of regions. Output: the same shape, float32.

    Args:
        dimension: d of the region features.
        widths: of the encoder's layers, the code's last; the decoder mirrors them.
    """
    features = keras.Input((None, dimension), name="features")
    *outer, code = widths
    x = features
    for number, width in enumerate(outer, start=1):
        x = keras.layers.Dense(width, activation="elu", name=f"encode{number}")(x)
    x = keras.layers.Dense(code, name="code")(x)  # (B, 34, 128)
    for number, width in reversed(list(enumerate(outer, start=1))):
        x = keras.layers.Dense(width, activation="elu", name=f"decode{number}")(x)
    x = keras.layers.Dense(dimension, dtype="float32", name="reconstruction")(x)
    return keras.Model(features, x, name="region_autoencoder")
