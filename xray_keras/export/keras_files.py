"""DenseNet-121 classifiers that Keras saved: a whole model, .keras or .h5, or the weights alone in an .h5 file."""

import re
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import h5py
import keras
import numpy as np

from xray_keras.errors import Damaged, UserError, reason
from xray_keras.export.classifier import Classifier, Tensor, normalisation
from xray_keras.export.source import PUBLISHED_SIZE, Source
from xray_keras.models import keras_archives
from xray_keras.models.description import leaves
from xray_keras.untrusted import hdf5

_APPLICATIONS_EPSILON = 1.001e-5  # of batch normalisation in keras.applications' DenseNet
_LAYER = re.compile(
    r"(?:^|/)(conv1[/_]conv|conv1[/_]bn|conv\d_block\d+_\d_(?:conv|bn)|pool\d_(?:conv|bn)|bn)$"
)
_NORMALISATION = ("gamma", "beta", "moving_mean", "moving_variance")


def read(path: Path) -> Source:
    """Read a classifier whose layers are named as in keras.applications.

    Raises:
        UserError: damaged; asks for code of its own; other layers than a DenseNet-121's.
    """
    if not is_zipfile(path):
        try:
            with hdf5.opened(path) as opened:
                alone = None if "model_config" in opened.attrs else _arrays(opened)
        except (Damaged, OSError) as error:
            raise UserError(f"{path} is no whole HDF5 file ({reason(error)}); fetch it again") from None
        if alone is not None:
            return _weights_alone(alone, path)
    try:
        model = keras_archives.load(path)
    except (Damaged, OSError) as error:
        raise UserError(
            f"{path} cannot be loaded ({reason(error)}); give a model without code of its own"
        ) from None
    return _whole(model, path)


def _whole(model: keras.Model, path: Path) -> Source:
    shape = model.input_shape
    if not isinstance(shape, tuple) or len(shape) != 4 or shape[3] not in (1, 3):
        raise UserError(f"{path} takes an input of shape {shape}; a classifier of one image is read")
    tensors: dict[str, Tensor] = {}
    scaling = None
    dense = None
    for layer in leaves(model):
        known = _LAYER.search(layer.name)
        name = known[1].replace("/", "_") if known else layer.name
        own = {
            variable.name: Tensor(f"{layer.name}/{variable.name}", np.asarray(variable))
            for variable in layer.weights
        }
        if isinstance(layer, keras.layers.Rescaling):
            if scaling is not None or tensors:
                raise UserError(
                    f"{path} scales its input in {layer.name} as well; give a DenseNet-121 classifier"
                )
            scaling = _vector(layer.scale, shape[3]), _vector(layer.offset, shape[3])
        elif isinstance(layer, keras.layers.Dense) and dense is None:
            dense = layer
            bias = own.get("bias", Tensor("no bias", np.zeros(layer.units, np.float32)))
            tensors |= {"probabilities/kernel": own["kernel"], "probabilities/bias": bias}
        elif isinstance(layer, keras.layers.BatchNormalization) and known and set(own) == set(_NORMALISATION):
            tensors |= normalisation(name, (own[part] for part in _NORMALISATION), layer.epsilon)
        elif own and known:
            tensors |= {f"{name}/{variable}": tensor for variable, tensor in own.items()}
        elif own:
            raise UserError(
                f"{path} has {next(iter(own.values())).name}, which DenseNet-121 has no place for; give a DenseNet-121"
            )
    if dense is None:
        raise UserError(f"{path} has no dense layer; give a DenseNet-121 with its classifier")
    logits = dense.activation is keras.activations.linear and not _ends_in_sigmoid(model)
    size = shape[1] or PUBLISHED_SIZE
    return Source(
        "keras",
        [path],
        Classifier(tensors, scaling, logits, len(tensors)),
        size,
        shape[3],
        preprocessing=None if scaling is None else "none",
        run=lambda images: np.asarray(model(images, training=False)),
    )


def _ends_in_sigmoid(model: keras.Model) -> bool:
    last = list(leaves(model))[-1]
    return isinstance(last, keras.layers.Activation) and last.activation is keras.activations.sigmoid


def _vector(value: Any, channels: int) -> np.ndarray:
    return np.broadcast_to(np.asarray(value, np.float64).reshape(-1), channels)


def _arrays(opened: h5py.File) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}

    def collect(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = np.asarray(item, np.float32)

    opened.visititems(collect)
    return found


def _weights_alone(found: dict[str, np.ndarray], path: Path) -> Source:
    tensors: dict[str, Tensor] = {}
    parts: dict[str, dict[str, Tensor]] = {}
    for name, value in found.items():
        layer, _, variable = name.rpartition("/")
        parts.setdefault(layer, {})[variable.partition(":")[0]] = Tensor(name, value)
    for layer, own in parts.items():
        known = _LAYER.search(layer)
        if known is None and set(own) == {"kernel", "bias"} and own["kernel"].value.ndim == 2:
            tensors |= {f"probabilities/{variable}": tensor for variable, tensor in own.items()}
        elif known is None:
            raise UserError(
                f"{path} has {next(iter(own.values())).name}, which DenseNet-121 of keras.applications lacks; save the "
                "whole model as .keras"
            )
        elif set(own) == set(_NORMALISATION):
            name = known[1].replace("/", "_")
            tensors |= normalisation(name, (own[part] for part in _NORMALISATION), _APPLICATIONS_EPSILON)
        else:
            tensors |= {
                f"{known[1].replace('/', '_')}/{variable}": tensor for variable, tensor in own.items()
            }
    if "conv1_conv/kernel" not in tensors or "probabilities/kernel" not in tensors:
        raise UserError(f"{path} holds no DenseNet-121 with a dense layer; give a DenseNet-121 classifier")
    channels = tensors["conv1_conv/kernel"].value.shape[2]
    return Source("keras", [path], Classifier(tensors, None, False, len(tensors)), PUBLISHED_SIZE, channels)
