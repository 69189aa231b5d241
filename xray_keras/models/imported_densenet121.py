"""A DenseNet-121 classifier for weights that others trained, with the preprocessing that they were trained with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import keras
import numpy as np

from xray_keras.models import backbones

EPSILON = 1e-5  # of batch normalisation in PyTorch, where most of these weights come from


@dataclass(frozen=True)
class Preprocessing:
    """How pixels become what weights expect.

    Attributes:
        text: for people.
        channels: that the backbone takes, 3 or 1.
        apply: tensor (B, S, S, 3) float32, 0–255 → (B, S, S, channels).
    """

    text: str
    channels: int
    apply: Callable[[keras.KerasTensor], keras.KerasTensor]


def _gray(images: keras.KerasTensor) -> keras.KerasTensor:
    return keras.ops.mean(images, axis=-1, keepdims=True)


def _chester(images: keras.KerasTensor) -> keras.KerasTensor:
    gray = keras.layers.Rescaling(1 / 255, name="to_unit")(_gray(images))
    return keras.layers.Concatenate(name="tile")([gray, gray, gray])


def _signed_1024(images: keras.KerasTensor) -> keras.KerasTensor:
    return keras.layers.Rescaling(2 * 1024 / 255, -1024.0, name="to_signed_1024")(_gray(images))


PREPROCESSING = {
    "none": Preprocessing("the weights take 0–255 as it is", 3, lambda images: images),
    "unit": Preprocessing("x / 255", 3, keras.layers.Rescaling(1 / 255, name="to_unit")),
    "imagenet": Preprocessing(
        "(x / 255 − mean) / deviation of ImageNet's channels",
        3,
        lambda x: backbones.preprocess("densenet121", x),
    ),
    "chester": Preprocessing("mean of the channels / 255, repeated three times", 3, _chester),
    "signed_1024": Preprocessing(
        "(2 x / 255 − 1) · 1024 of the mean of the channels, one channel", 1, _signed_1024
    ),
}


def build(
    *,
    size: int,
    labels: int,
    preprocessing: str,
    scaling: tuple[np.ndarray, np.ndarray] | None = None,
) -> tuple[keras.Model, keras.Model]:
    """The classifier with random weights, and the part of it that the weights' file describes.

    Returns:
        whole: (B, size, size, 3) float32, 0–255 → (B, labels) float32 in [0, 1].
        core: (B, size, size, 3 or 1) float32, preprocessed → the same; it shares every layer with `whole`.

    Args:
        size: side of the input, pixels.
        labels: number of sigmoids.
        preprocessing: a key of `PREPROCESSING`.
        scaling: factors and summands (channels,), which the file itself applies to its input, or None.
    """
    wanted = PREPROCESSING[preprocessing]
    shape = (size, size, wanted.channels)
    backbone = backbones.build("densenet121", shape)
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.epsilon = EPSILON
    inputs = keras.Input(shape, name="preprocessed")
    x = inputs
    if scaling is not None:
        x = keras.layers.Rescaling([*map(float, scaling[0])], [*map(float, scaling[1])], name="own_scaling")(
            x
        )
    x = backbone(x)  # (B, size / 32, size / 32, 1024)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)  # (B, 1024)
    x = keras.layers.Dense(labels, activation="sigmoid", dtype="float32", name="probabilities")(x)
    core = keras.Model(inputs, x, name="core")
    images = keras.Input((size, size, 3), name="image")
    y = wanted.apply(images)
    for layer in core.layers[1:]:
        y = layer(y)
    return keras.Model(images, y, name="densenet121"), core  # (B, labels)


def set_weights(core: keras.Model, tensors: Mapping[str, tuple[str, np.ndarray]], origin: str) -> None:
    """Put every tensor into its variable, or none.

    Args:
        core: as `build` gives it.
        tensors: "layer/variable" → the name in its file, and the value.
        origin: the file's name, for the sentence.

    Raises:
        UserError: a tensor is missing, left over, of another shape, not finite, or a negative variance.
    """
    from xray_keras.errors import UserError

    layers = [*core.get_layer("densenet121").layers, core.get_layer("probabilities")]
    variables = {f"{layer.name}/{variable.name}": variable for layer in layers for variable in layer.weights}
    for name, variable in variables.items():
        if name not in tensors:
            raise UserError(f"{origin} has no {name}; give a complete DenseNet-121 classifier")
        own, value = tensors[name]
        if value.shape != tuple(variable.shape):
            raise UserError(
                f"{origin} has {own} of shape {value.shape}, DenseNet-121 needs {tuple(variable.shape)} ({name}); give "
                "a DenseNet-121 classifier"
            )
        if not np.isfinite(value).all():
            raise UserError(f"{origin} has values in {own} that are not finite; give a sound file")
        if name.endswith("/moving_variance") and value.min() < 0:
            raise UserError(f"{origin} has negative variances in {own}; give a sound file")
    for name, (own, _) in tensors.items():
        if name not in variables:
            raise UserError(f"{origin} has {own}, which DenseNet-121 lacks; give a DenseNet-121 classifier")
    for name, variable in variables.items():
        variable.assign(tensors[name][1])
