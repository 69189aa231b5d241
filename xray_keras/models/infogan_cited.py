"""InfoGAN in the form of the repository that ali2019 cites (tdeboissiere/DeepLearningImplementations), layer for layer.

Its defaults for images other than MNIST: upsampling generator, no minibatch discrimination. Two things carry over
from Keras 1. Behind dense layers its `BatchNormalization(mode=1)` normalises each example over its features, which is
layer normalisation today. Behind convolutions `mode=2` takes the statistics of the batch also when predicting: call the
networks with `training=True` to have that. The floor of Q's log σ is in `losses.mutual_information`.
"""

import keras

from xray_keras.models.ali import channels

REDUCTION = 16  # side of the image over that of the smallest map
KERNEL = 3
DENSE = 1024
FIRST_MAP = 128  # channels
GENERATOR = (64, 32, 16, 8)
TRUNK = (64, 64, 128, 256)
RECOGNITION = 128
SLOPE = 0.2


def paint(x: keras.KerasTensor, size: int, width: float) -> keras.KerasTensor:
    """The generator: a row of codes and noise → an image (B, size, size, 1) in [−1, 1], here of 128 pixels."""
    side, first = size // REDUCTION, channels(FIRST_MAP, width)
    for number, units in enumerate((channels(DENSE, width), side * side * first), start=1):
        x = keras.layers.Dense(units, name=f"G_dense{number}")(x)  # (B, 1024) (B, 8192)
        x = _of_examples(x, f"G_dense_norm{number}")
        x = keras.layers.ReLU(name=f"G_dense_relu{number}")(x)
    x = keras.layers.Reshape((side, side, first), name="G_map")(x)  # (B, 8, 8, 128)
    for number, filters in enumerate(GENERATOR, start=1):
        # (B, 16, 16, 64) (B, 32, 32, 32) (B, 64, 64, 16) (B, 128, 128, 8)
        x = keras.layers.UpSampling2D(2, name=f"G_up{number}")(x)
        x = keras.layers.Conv2D(channels(filters, width), KERNEL, padding="same", name=f"G_conv{number}")(x)
        x = keras.layers.BatchNormalization(name=f"G_norm{number}")(x)
        x = keras.layers.ReLU(name=f"G_relu{number}")(x)
    x = keras.layers.Conv2D(1, KERNEL, padding="same", name="G_conv5")(x)
    return keras.layers.Activation("tanh", dtype="float32", name="G_tanh")(x)  # (B, 128, 128, 1)


def look(x: keras.KerasTensor, width: float) -> keras.KerasTensor:
    """The shared trunk, whose first layer has no batch-norm: an image → features (B, 1024)."""
    for number, filters in enumerate(TRUNK, start=1):
        # (B, 64, 64, 64) (B, 32, 32, 64) (B, 16, 16, 128) (B, 8, 8, 256)
        x = keras.layers.Conv2D(
            channels(filters, width), KERNEL, strides=2, padding="same", name=f"DQ_conv{number}"
        )(x)
        if number > 1:
            x = keras.layers.BatchNormalization(name=f"DQ_norm{number}")(x)
        x = keras.layers.LeakyReLU(SLOPE, name=f"DQ_relu{number}")(x)
    x = keras.layers.Flatten(name="DQ_flat")(x)  # (B, 16384)
    x = keras.layers.Dense(channels(DENSE, width), name="DQ_dense")(x)
    x = _of_examples(x, "DQ_dense_norm")
    return keras.layers.LeakyReLU(SLOPE, name="trunk")(x)


def judge(x: keras.KerasTensor) -> keras.KerasTensor:
    """The logit (B, 1) of a softmax over fake and real: the difference of its two inputs."""
    verdict = keras.layers.Dense(2, dtype="float32", name="verdict")(x)
    return verdict[:, 1:] - verdict[:, :1]


def recognise(x: keras.KerasTensor, width: float) -> keras.KerasTensor:
    """The layer (B, 128) of Q before its outputs."""
    x = keras.layers.Dense(channels(RECOGNITION, width), name="Q_dense")(x)
    x = _of_examples(x, "Q_norm")
    return keras.layers.LeakyReLU(SLOPE, name="Q_relu")(x)


def _of_examples(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return keras.layers.LayerNormalization(epsilon=1e-3, name=name)(x)
