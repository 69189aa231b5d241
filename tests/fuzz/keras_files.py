"""Readers of what Keras writes: whole models, checkpoints, weights of keras.applications."""

import base64
import io
import itertools
import json
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tests.fuzz.hdf5_files import hdf5, hostile, leading_out
from tests.fuzz.hostile import swelling
from tests.fuzz.reader import Files, Outside, Reader
from tests.fuzz.weights import filled, imported, values


def _keras_hostile(
    name: str, sound: bytes, weights: Mapping[str, np.ndarray], outside: Outside
) -> dict[str, Files]:
    """A `.keras` archive made hostile."""
    with zipfile.ZipFile(io.BytesIO(sound)) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    config = json.loads(members["config.json"])

    def packed(changed: Mapping[str, bytes]) -> Files:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for member, content in changed.items():
                archive.writestr(member, content)
        return {name: made.getvalue()}

    def asking(**layer: Any) -> Files:
        changed = json.loads(json.dumps(config))
        changed["config"]["layers"][1] |= layer
        return packed(members | {"config.json": json.dumps(changed).encode()})

    def link() -> Files:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            for member, content in members.items():
                archive.writestr(member, content)
            shown = zipfile.ZipInfo("assets/a")
            shown.external_attr = 0o120777 << 16
            archive.writestr(shown, "../../secret.bin")
        return {name: made.getvalue()}

    huge = {"name": "huge", "units": 1 << 20, "trainable": True}
    first = config["config"]["layers"][1]["config"]["name"]
    return {
        "a Lambda layer": asking(class_name="Lambda", config=_lambda(outside, first)),
        "a Lambda layer of a module": asking(
            class_name="Lambda", module="keras.src.layers.core.lambda_layer", config=_lambda(outside, first)
        ),
        "a function of os": asking(
            module="os", class_name="mkdir", config=str(outside.canary), registered_name=None
        ),
        "a function of Keras": asking(
            module="keras.utils", class_name="function", config="get_file", registered_name="get_file"
        ),
        "words from a file": asking(
            module="keras.layers", class_name="StringLookup", config={"vocabulary": str(outside.secret)}
        ),
        "a saved graph": asking(
            module="keras.layers", class_name="TFSMLayer", config={"filepath": str(outside.folder)}
        ),
        "more weights than it holds": asking(
            class_name="Dense", config=huge, build_config={"input_shape": [None, 1 << 20]}
        ),
        "a member that climbs": packed(members | {"../canary": b"x"}),
        "a member from the root": packed(members | {str(outside.canary): b"x"}),
        "a link among its members": link(),
        "weights that swell": {name: swelling("model.weights.h5")},
        "depth": packed(members | {"config.json": b"[" * 200_000}),
        **{
            what: packed(members | {"model.weights.h5": content})
            for what, content in leading_out(weights, outside).items()
        },
    }


def _lambda(outside: Outside, name: str) -> dict[str, Any]:
    import marshal

    code = compile(
        f"lambda x: (__import__('os').mkdir({str(outside.canary)!r}), x)[1]", "x", "eval"
    ).co_consts[0]
    packed = base64.b64encode(marshal.dumps(code)).decode()
    function = {"class_name": "__lambda__", "config": {"code": packed, "defaults": None, "closure": None}}
    return {"name": name, "trainable": True, "function": function}


@cache
def _small_keras() -> tuple[bytes, bytes, bytes]:
    """A classifier as .keras and .h5, and its weights alone; far too small a DenseNet-121."""
    import keras

    image = keras.Input((8, 8, 3), name="image")
    x = keras.layers.Rescaling([1 / 255] * 3, [-0.5] * 3, name="scale")(image)
    x = keras.layers.Conv2D(4, 3, use_bias=False, name="conv1_conv")(x)
    x = keras.layers.BatchNormalization(name="conv1_bn")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(keras.layers.ReLU(name="relu")(x))
    model = keras.Model(
        image, keras.layers.Dense(2, activation="sigmoid", name="probabilities")(x), name="small"
    )
    return (
        filled(model.save, "a.keras"),
        filled(model.save, "a.h5"),
        filled(model.save_weights, "a.weights.h5"),
    )


_WEIGHTS = {
    "conv1/conv/conv1/conv/kernel:0": values(7, 7, 3, 4),
    **{
        f"conv1/bn/conv1/bn/{part}:0": values(4)
        for part in ("gamma", "beta", "moving_mean", "moving_variance")
    },
    "dense/dense/kernel:0": values(4, 2),
    "dense/dense/bias:0": values(2),
}


def _keras_seeds() -> list[Files]:
    archive, legacy, _ = _small_keras()
    card = json.dumps(
        {"labels": ["Mass", "Nodule"], "model": {"sha256": "0"}, "operating_points": {"Mass": 0.3}}
    ).encode()
    return [{"a.keras": archive, "a.json": card}, {"a.h5": legacy}, {"a.h5": hdf5(_WEIGHTS)}]


def _keras_bad(outside: Outside) -> Mapping[str, Files]:
    archive, _, _ = _small_keras()
    found = _keras_hostile("a.keras", archive, {"layers/conv2d/vars/0": values(3, 3, 3, 4)}, outside)
    found |= {f"{what} (.h5)": {"a.h5": content} for what, content in leading_out(_WEIGHTS, outside).items()}
    config = {
        "class_name": "Sequential",
        "config": {
            "name": "s",
            "layers": [
                {"class_name": "InputLayer", "config": {"batch_shape": [None, 8, 8, 3], "name": "i"}},
                {"class_name": "Lambda", "config": _lambda(outside, "l")},
            ],
        },
    }
    found["a Lambda layer (.h5)"] = {"a.h5": hdf5(_WEIGHTS, notes={"model_config": json.dumps(config)})}
    return found


_READ = itertools.count(1)


def _forget() -> None:
    """Keras keeps the names of all layers ever built; to forget them takes longer than to read a file."""
    import keras

    if next(_READ) % 50 == 0:
        keras.backend.clear_session()


def _ran(path: Path) -> None:

    _forget()
    found = imported(path)
    if found.run is not None and found.size <= 64:
        from xray_keras.errors import UserError

        try:
            found.run(np.zeros((1, found.size, found.size, found.channels), np.float32))
        except Exception as error:  # as import_weights.compare says
            raise UserError(f"{path} cannot be run") from error


def _classifier(path: Path) -> None:

    from xray_keras.evaluation import examine

    _forget()
    examine.load_classifier(path)


def _classifier_bad(outside: Outside) -> Mapping[str, Files]:
    card = {"a.json": _keras_seeds()[0]["a.json"]}
    archive, _, _ = _small_keras()
    return {
        what: {**files, **card}
        for what, files in _keras_hostile(
            "a.keras", archive, {"layers/conv2d/vars/0": values(3, 3, 3, 4)}, outside
        ).items()
    }


@cache
def _checkpoint_model() -> Any:
    import keras

    return keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(2, name="d"), keras.layers.BatchNormalization(name="b")]
    )


def _checkpoint(path: Path) -> None:
    from xray_keras.training import checkpoints

    checkpoints._load(_checkpoint_model(), path)


def _checkpoint_seeds() -> list[Files]:
    return [{"epoch1.weights.h5": filled(_checkpoint_model().save_weights, "a.weights.h5")}]


def _checkpoint_bad(outside: Outside) -> Mapping[str, Files]:
    arrays = {"layers/dense/vars/0": values(3, 2), "layers/dense/vars/1": values(2)}
    return {what: {"epoch1.weights.h5": content} for what, content in leading_out(arrays, outside).items()}


def _keras_h5(path: Path) -> None:
    from xray_keras.models import backbones

    backbones.read_keras_h5("vgg16", path)


_APPLICATION = {
    "block1_conv1/block1_conv1/kernel:0": values(3, 3, 3, 4),
    "block1_conv1/block1_conv1/bias:0": values(4),
}
_APPLICATION_NOTES = {"layer_names": [b"block1_conv1"], "keras_version": b"2.0", "backend": b"tensorflow"}


READERS = (
    Reader(
        "import_keras",
        _keras_seeds,
        _ran,
        ("export.keras_files", "models.keras_archives", "untrusted.hdf5", "export.formats"),
        _keras_bad,
        heavy=True,
    ),
    Reader(
        "classifier", lambda: _keras_seeds()[:1], _classifier, ("models.saved",), _classifier_bad, heavy=True
    ),
    Reader(
        "checkpoint", _checkpoint_seeds, _checkpoint, ("training.checkpoints",), _checkpoint_bad, heavy=True
    ),
    Reader(
        "keras_h5",
        lambda: [{"a.h5": hdf5(_APPLICATION, notes=_APPLICATION_NOTES)}],
        _keras_h5,
        ("models.backbones",),
        hostile("a.h5", _APPLICATION),
        whole=False,
        heavy=True,
    ),
)
