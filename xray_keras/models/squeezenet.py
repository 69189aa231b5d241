"""SqueezeNet 1.1 (Iandola et al., 2016, Table 1 and Fig. 1, with the cheaper layout of the authors' 1.1 release).

Against 1.0 the first convolution is 3×3 with 64 filters, and the poolings come two fire modules earlier.
"""

import keras

_FIRES = (
    16,
    16,
    32,
    32,
    48,
    48,
    64,
    64,
)  # squeeze filters of fire2 … fire9; each side expands to four times as many
_POOLED_AFTER = (3, 5)


def build(input_shape: tuple[int | None, int | None, int], *, classes: int | None = None) -> keras.Model:
    """Convolutional base, or with `classes` the whole classifier.

    Input: (B, H, W, 3) float32, preprocessed, H and W at least 32. Output: fire9, (B, h, w, 512) float32, non-negative
    (h = 13 at 224 and 227); with `classes`, (B, classes) probabilities.

    Args:
        input_shape: (H, W, 3), pixels.
        classes: filters of conv10; None leaves the head off.
    """
    images = keras.Input(input_shape, name="image")
    x = keras.layers.Conv2D(64, 3, strides=2, activation="relu", name="conv1")(
        images
    )  # (B, 113, 113, 64) at 227
    x = keras.layers.MaxPooling2D(3, strides=2, name="pool1")(x)  # (B, 56, 56, 64)
    for number, squeeze in enumerate(_FIRES, start=2):
        x = _fire(x, squeeze, f"fire{number}")
        if number in _POOLED_AFTER:
            x = keras.layers.MaxPooling2D(3, strides=2, name=f"pool{number}")(x)
    # (B, 13, 13, 512)
    if classes is not None:
        x = keras.layers.Dropout(0.5, name="drop9")(x)
        x = keras.layers.Conv2D(classes, 1, activation="relu", name="conv10")(x)  # (B, 13, 13, classes)
        x = keras.layers.GlobalAveragePooling2D(name="pool10")(x)
        x = keras.layers.Softmax(dtype="float32", name="probabilities")(x)
    return keras.Model(images, x, name="squeezenet")


def _fire(x: keras.KerasTensor, squeeze: int, name: str) -> keras.KerasTensor:
    """Squeeze by 1×1 convolutions, expand by 1×1 and 3×3 side by side (Fig. 1)."""
    x = keras.layers.Conv2D(squeeze, 1, activation="relu", name=f"{name}_squeeze1x1")(x)
    one = keras.layers.Conv2D(4 * squeeze, 1, activation="relu", name=f"{name}_expand1x1")(x)
    three = keras.layers.Conv2D(4 * squeeze, 3, padding="same", activation="relu", name=f"{name}_expand3x3")(
        x
    )
    return keras.layers.Concatenate(name=f"{name}_concat")([one, three])
