"""The published architectures as Keras models under stable layer names, and the preprocessing they expect."""

import contextlib
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from xray_keras.errors import UserError, reason
from xray_keras.models import resnet18, squeezenet
from xray_keras.models.weight_sources import CAFFE_MEAN, CLASSES, SOURCES, TORCH_DEVIATION, TORCH_MEAN
from xray_keras.untrusted import hdf5

_APPLICATIONS = {
    "vgg16": keras.applications.VGG16,
    "inception_v3": keras.applications.InceptionV3,
    "densenet121": keras.applications.DenseNet121,
    "resnet50": keras.applications.ResNet50,
}
_OWN = {"resnet18": resnet18.build, "squeezenet": squeezenet.build}
_HEAD = re.compile(r"(fc1|fc2|predictions|conv10)/")
_NUMBERED = re.compile(
    r"(conv2d|batch_normalization|activation|zero_padding2d|max_pooling2d|average_pooling2d|concatenate)(?:_(\d+))?"
)


def build(
    architecture: str, input_shape: tuple[int | None, int | None, int], *, head: bool = False
) -> keras.Model:
    """The architecture with random weights: its convolutional base, or with `head` ImageNet's classifier."""
    if architecture in _OWN:
        return _OWN[architecture](input_shape, classes=CLASSES if head else None)
    application = _APPLICATIONS[architecture]
    images = keras.Input(input_shape, name="image")
    model = application(weights=None, include_top=head, input_tensor=images, input_shape=input_shape)
    return _renumbered(model) if architecture in ("inception_v3", "densenet121") else model


def _renumbered(model: keras.Model) -> keras.Model:
    """Layers that keras.applications leaves unnamed are numbered on from whatever the session built before."""
    numbers: dict[str, list[int]] = {}
    for layer in model.layers:
        if name := _NUMBERED.fullmatch(layer.name):
            numbers.setdefault(name[1], []).append(int(name[2] or 0))

    def rename(layer: keras.Layer) -> keras.Layer:
        config = layer.get_config()
        if name := _NUMBERED.fullmatch(layer.name):
            rank = sorted(numbers[name[1]]).index(int(name[2] or 0))
            config["name"] = f"{name[1]}_{rank}" if rank else name[1]
        return layer.__class__.from_config(config)

    return keras.models.clone_model(model, clone_function=rename)


def preprocess(architecture: str, images: Any) -> Any:
    """RGB 0–255 → what the architecture's weights expect; layers and operations that a saved model can reload."""
    kind = SOURCES[architecture].preprocessing
    if kind == "tf":
        return keras.layers.Rescaling(1 / 127.5, -1.0)(images)
    if kind == "torch":
        scale = [1 / (255 * deviation) for deviation in TORCH_DEVIATION]
        offset = [-mean / deviation for mean, deviation in zip(TORCH_MEAN, TORCH_DEVIATION, strict=True)]
        return keras.layers.Rescaling(scale, offset)(images)
    return keras.layers.Rescaling(1.0, [-mean for mean in CAFFE_MEAN])(keras.ops.flip(images, axis=-1))


def set_weights(model: keras.Model, tensors: dict[str, np.ndarray], origin: Path) -> None:
    """Put every tensor into the variable of its name; a head that `model` lacks is left out.

    Raises:
        UserError: a tensor is missing, left over, of another shape, not finite, or a negative variance; `model` is
            then unchanged.
    """
    variables = {
        f"{layer.name}/{variable.name}": variable for layer in model.layers for variable in layer.weights
    }
    for name, variable in variables.items():
        if name not in tensors:
            raise UserError(f"{origin} has no {name} for {model.name}; give a complete weight file")
        if tensors[name].shape != tuple(variable.shape):
            raise UserError(
                f"{origin} has {name} of shape {tensors[name].shape}, {model.name} needs {tuple(variable.shape)};"
                " give a weight file of this architecture"
            )
        if not np.isfinite(tensors[name]).all():
            raise UserError(f"{origin} has values in {name} that are not finite; give a sound weight file")
        if name.endswith("/moving_variance") and tensors[name].min() < 0:
            raise UserError(f"{origin} has negative variances in {name}; give a sound weight file")
    for name in tensors.keys() - variables.keys():
        if not _HEAD.match(name):
            raise UserError(
                f"{origin} has {name}, which {model.name} lacks; give a weight file of this architecture"
            )
    for name, variable in variables.items():
        variable.assign(tensors[name])


def check(architecture: str, tensors: dict[str, np.ndarray], origin: Path) -> None:
    """Refuse tensors that do not make up the architecture's base, and its head where they hold one.

    Raises:
        UserError: as `set_weights`.
    """
    with _unnoticed():
        set_weights(_smallest(architecture, has_head(tensors)), tensors, origin)


def has_head(tensors: dict[str, np.ndarray]) -> bool:
    """Whether ImageNet's classifier is among the tensors."""
    return any(_HEAD.match(name) for name in tensors)


def read_keras_h5(architecture: str, path: Path) -> dict[str, np.ndarray]:
    """Read one of keras.applications' own weight files, with or without the top.

    Raises:
        UserError: damaged, or of another architecture.
    """
    if architecture not in _APPLICATIONS:
        raise UserError(f"{path}: Keras publishes no {architecture}; give torchvision's .pth file")
    try:
        with _unnoticed():
            dimensions: list[int] = []
            with hdf5.opened(path) as opened:
                opened.visititems(lambda _, item: dimensions.append(getattr(item, "ndim", 0)))
            model = _smallest(architecture, head=2 in dimensions)  # only dense layers have matrices
            model.load_weights(path)
    except Exception as error:  # of Keras, which believes what notes in the file say of it
        raise UserError(
            f"{path} is no weight file of {architecture} ({reason(error)}); fetch it again"
        ) from error
    return {
        f"{layer.name}/{variable.name}": variable.numpy()
        for layer in model.layers
        for variable in layer.weights
    }


def _smallest(architecture: str, head: bool) -> keras.Model:
    side = SOURCES[architecture].size if head else 75  # 75 is InceptionV3's least
    return build(architecture, (side, side, 3), head=head)


@contextlib.contextmanager
def _unnoticed() -> Iterator[None]:
    """Keras draws its initialisers' seeds from Python's generator; a run's own must not depend on what is cached."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)
