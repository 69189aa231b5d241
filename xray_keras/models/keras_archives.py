"""Keras' own files from anybody, loaded after a look at what they ask for.

A `.keras` archive has three members, settings among them; an `.h5` file has the settings in a note. Both name classes
that Keras then imports and builds. Of these, layers of plain networks alone are let through: none runs code of the
file, and none reads another file, which Keras' own safe mode does not promise of all of its layers. A model may not
have more weights than its file holds, or maps that no memory does.
"""

import io
import json
import math
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import keras

from xray_keras.errors import Damaged, reason, shortened
from xray_keras.untrusted import archives, hdf5

_CONFIG, _METADATA, _WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_MOST_CONFIG = 1 << 23
"""Bytes: DenseNet-121's settings have a tenth of it."""
_MOST_LAYERS = 5000
_MOST_SIDES = 1 << 28
"""Values that one layer may give for one picture."""
_SPARE = 10_000
"""Values that a model may have besides those in its file: states of generators."""

_LAYERS = {
    *(
        "Activation",
        "Add",
        "AveragePooling2D",
        "BatchNormalization",
        "Concatenate",
        "Conv2D",
        "Conv2DTranspose",
        "Cropping2D",
    ),
    *("Dense", "DepthwiseConv2D", "Dropout", "ELU", "Flatten", "GaussianNoise", "GlobalAveragePooling2D"),
    *(
        "GlobalMaxPooling2D",
        "InputLayer",
        "LayerNormalization",
        "LeakyReLU",
        "MaxPooling2D",
        "Multiply",
        "PReLU",
    ),
    *(
        "Permute",
        "ReLU",
        "Rescaling",
        "Reshape",
        "SeparableConv2D",
        "Softmax",
        "SpatialDropout2D",
        "Subtract",
    ),
    *("UnitNormalization", "UpSampling2D", "ZeroPadding2D", "Functional", "Model", "Sequential"),
}
_PARTS = {
    *(
        "Constant",
        "GlorotNormal",
        "GlorotUniform",
        "HeNormal",
        "HeUniform",
        "LecunNormal",
        "LecunUniform",
        "Ones",
    ),
    *("Orthogonal", "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "Zeros"),
    *("L1", "L2", "L1L2", "DTypePolicy", "Policy", "__keras_tensor__", "__tensor__"),
    *("__ellipsis__", "__slice__"),  # of maps that are cut
}
_OPERATIONS = "keras.src.ops."


def load(path: Path, own: Sequence[type[keras.Layer]] = ()) -> keras.Model:
    """A model, not compiled.

    Args:
        path: a `.keras` archive, or an `.h5` file of a whole model. own: further layers that it may name.

    Raises:
        Damaged: no such file, cut, or it asks for anything that the module's text does not let through.
        OSError: it cannot be opened.
    """
    if path.suffix == ".keras":  # by which Keras decides; a file can be both
        if not zipfile.is_zipfile(path):
            raise Damaged("it is damaged, or no Keras file")
        held = _archive(path, own)
    else:
        held = _legacy(path, own)
    try:
        with _at_most(held):
            model = keras.saving.load_model(
                path, compile=False, safe_mode=True, custom_objects={layer.__name__: layer for layer in own}
            )
    except Damaged:
        raise
    except Exception as error:  # Keras raises whatever its parsers do
        raise Damaged(reason(error)) from None
    if not isinstance(model, keras.Model):
        raise Damaged("it holds no model")
    for shape in _maps(model):
        if math.prod(side or 1 for side in shape) > _MOST_SIDES:
            raise Damaged(f"it gives maps of {shortened(shape)} values")
    return model


def _archive(path: Path, own: Sequence[type]) -> int:
    """Look through an archive; how many values it holds."""
    with archives.opened(path) as archive:
        names = archive.namelist()
        if sorted(names) != [_CONFIG, _METADATA, _WEIGHTS]:
            others = [name for name in names if name not in (_CONFIG, _METADATA, _WEIGHTS)]
            told = f"it holds {shortened(others[0])}" if others else "it lacks a part"
            raise Damaged(f"{told}; a model has {_CONFIG}, {_METADATA} and {_WEIGHTS}")
        if archive.getinfo(_CONFIG).file_size > _MOST_CONFIG:
            raise Damaged(f"its {_CONFIG} is too long")
        try:
            settings, weights = archive.read(_CONFIG), archive.read(_WEIGHTS)
        except Exception as error:  # of zip and zlib
            raise Damaged(reason(error)) from None
    _check_settings(settings, own)
    with hdf5.opened(io.BytesIO(weights)) as opened:
        return _held(opened)


def _legacy(path: Path, own: Sequence[type]) -> int:
    with hdf5.opened(path) as opened:
        settings = opened.attrs.get("model_config")
        if not isinstance(settings, str | bytes) or len(settings) > _MOST_CONFIG:
            raise Damaged("it holds no settings of a model")
        _check_settings(settings, own)
        return _held(opened)


def _held(opened: h5py.File) -> int:
    found = [0]
    opened.visititems(lambda _, each: found.append(getattr(each, "size", 0)))
    return sum(found)


def _check_settings(settings: str | bytes, own: Sequence[type]) -> None:
    try:
        waiting = [json.loads(settings)]
    except (ValueError, RecursionError) as error:
        raise Damaged(f"its settings are no JSON: {reason(error)}") from None
    known = _LAYERS | _PARTS | {layer.__name__ for layer in own}
    layers = 0
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if "class_name" in part:
                _check_class(part, known)
                layers += part["class_name"] in _LAYERS
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    if layers > _MOST_LAYERS:
        raise Damaged(f"it has {layers:,} layers")


def _check_class(part: dict[str, Any], known: set[str]) -> None:
    name, module = part["class_name"], part.get("module")
    operation = isinstance(module, str) and module.startswith(_OPERATIONS)
    if not isinstance(name, str) or not (name in known or (operation and name.isidentifier())):
        raise Damaged(f"it asks for {shortened(name)}, which plain networks have no use for")
    if module is not None and not str(module).startswith(("keras.", "xray_keras.")) and module != "keras":
        raise Damaged(f"it asks for {shortened(name)} of {shortened(module)}, not of Keras")


def _maps(model: keras.Model) -> Iterator[tuple[int | None, ...]]:
    """Shapes of all that a model's layers give."""
    for operation in getattr(model, "operations", []):
        if isinstance(operation, keras.Model):
            yield from _maps(operation)
        for node in operation._inbound_nodes:
            yield from (tuple(each.shape) for each in node.output_tensors)


@contextmanager
def _at_most(values: int) -> Iterator[None]:
    """Refuse a layer that makes more weights than are left: settings are small, and may ask for all of the memory."""
    original = keras.layers.Layer.add_weight
    left = [values + _SPARE]

    def counted(self: keras.Layer, shape: Any = None, *arguments: Any, **options: Any) -> Any:
        left[0] -= math.prod(shape) if isinstance(shape, tuple | list) else 1
        if left[0] < 0:
            raise Damaged(f"its layer {shortened(self.name)} wants more weights than the file holds")
        return original(self, shape, *arguments, **options)

    keras.layers.Layer.add_weight = counted
    try:
        yield
    finally:
        keras.layers.Layer.add_weight = original
