"""The baseline of ali2019: a small CNN that answers "this finding or not" (II.A, Fig. 1)."""

import keras


def build(*, size: int, labels: int, dropout: float, l2: float) -> keras.Model:
    """The printed network: two convolutions, one dense layer, two output neurons.

    Padding "same" and ReLU are not printed and assumed; so is that beta regularises the dense layer's kernel.
    At 128 px it has 67,145,666 parameters.

    Input: (B, size, size, 3) float32, 0–255. Output: (B, 2) float32, softmax over [absent, present].

    Args:
        size: side of the input, pixels (printed: 128).
        labels: 1; the network is binary.
        dropout: rate after the second pooling, printed range 0.1–0.5 (III.D).
        l2: beta, weight of the squared norm of the dense kernel, printed range 0.001–0.1 (III.D).

    Raises:
        ValueError: more than one label.
    """
    if labels != 1:
        raise ValueError(f"binary_cnn answers for one finding, not {labels}")
    images = keras.Input((size, size, 3), name="image")  # (B, 128, 128, 3)
    x = keras.layers.Rescaling(1 / 255, name="to_unit")(images)
    x = keras.layers.Conv2D(32, 3, padding="same", activation="relu", name="conv1")(x)  # (B, 128, 128, 32)
    x = keras.layers.MaxPooling2D(2, name="pool1")(x)  # (B, 64, 64, 32)
    x = keras.layers.Conv2D(64, 4, padding="same", activation="relu", name="conv2")(x)  # (B, 64, 64, 64)
    x = keras.layers.MaxPooling2D(2, name="pool2")(x)  # (B, 32, 32, 64)
    x = keras.layers.Flatten(name="flatten")(x)  # (B, 65536)
    x = keras.layers.Dropout(dropout, name="dropout_pool")(x)
    x = keras.layers.Dense(
        1024, activation="relu", kernel_regularizer=keras.regularizers.L2(l2), name="dense"
    )(x)
    x = keras.layers.Dropout(0.5, name="dropout_dense")(x)
    x = keras.layers.Dense(2, activation="softmax", dtype="float32", name="probabilities")(x)  # (B, 2)
    return keras.Model(images, x, name="binary_cnn")
