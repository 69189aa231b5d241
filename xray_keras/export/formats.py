"""What a file of weights is, told by its content, and what it says of itself."""

import dataclasses
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import numpy as np

from xray_keras import files
from xray_keras.errors import Damaged, UserError, reason
from xray_keras.export import label_orders, tfjs, torch_states
from xray_keras.export.source import PUBLISHED_SIZE, Source
from xray_keras.untrusted import archives, hdf5

KINDS = ("tfjs", "torch", "keras", "onnx")


def recognise(path: Path) -> str:
    """The kind of a source, by its content.

    Raises:
        UserError: it is absent, or none of the kinds.
    """
    if not path.exists():
        raise UserError(f"{path} is absent; give the file or folder of the weights")
    if path.is_dir():
        tfjs.locate(path)
        return "tfjs"
    try:
        files.check_regular(path)
        with path.open("rb") as opened:
            start = opened.read(64)
    except OSError as error:
        raise files.access_error(path, error) from None
    if start.startswith(hdf5.SIGNATURE):
        return "keras"
    if start.lstrip()[:1] in (b"{", b"["):
        return "tfjs"
    if is_zipfile(path):
        try:
            with archives.opened(path) as archive:
                names = archive.namelist()
        except Damaged as error:
            raise UserError(f"{path} cannot be read ({error}); fetch it again") from None
        if "model.weights.h5" in names:
            return "keras"
        if any(name.endswith("data.pkl") for name in names):
            return "torch"
    elif start.startswith(b"\x80") or torch_states.is_safetensors(path):
        return "torch"
    elif start.startswith(b"\x08"):  # the first field of an ONNX model is its version
        return "onnx"
    raise UserError(
        f"{path} is neither a TensorFlow.js model, a PyTorch or safetensors state dictionary, a Keras file nor an ONNX "
        "file; give one of these"
    )


def read(path: Path, kind: str) -> Source:
    """Read a source of the given kind.

    Raises:
        UserError: damaged, not complete, or not a DenseNet-121 classifier.
    """
    try:
        return {"tfjs": _tfjs, "torch": _torch, "keras": _keras, "onnx": _onnx}[kind](path)
    except UserError:
        raise
    except Exception as error:  # a file that is made up can contradict itself anywhere
        raise UserError(
            f"{path} is no sound file of a DenseNet-121 ({reason(error)}); fetch it again"
        ) from None


def _tfjs(path: Path) -> Source:
    from xray_keras.export import densenet_graph, tfjs_names, tfjs_run, tfjs_steps

    model = tfjs.locate(path) if path.is_dir() else path
    tensors, nodes, shards = tfjs.read(model)
    config: dict[str, Any] = {}
    if (model.parent / "config.json").is_file():
        config = files.read_json(model.parent / "config.json")
    labels = _labels(config["LABELS"], path) if config.get("LABELS") else None
    points = np.array(config["OP_POINT"], np.float64) if config.get("OP_POINT") else None
    common: dict[str, Any] = {
        "kind": "tfjs",
        "files": [model, *shards],
        "labels": labels,
        "operating_points": points,
        "preprocessing": "chester" if config.get("IMAGE_SCALE", 1) == 1 else None,
    }
    if nodes is None:
        classifier = tfjs_names.read(tensors, model)
        return Source(classifier=classifier, size=PUBLISHED_SIZE, channels=3, **common)
    graph = tfjs_steps.read(nodes, tensors, model)
    return Source(
        classifier=densenet_graph.read(graph),
        size=graph.size,
        channels=graph.channels,
        run=lambda images: tfjs_run.run(nodes, tensors, graph.output, images),
        **common,
    )


def _torch(path: Path) -> Source:
    tensors = torch_states.load(path)
    classifier, channels, left_out, points = torch_states.read(tensors, path)
    classes = len(classifier.tensors["probabilities/bias"].value)
    labels: tuple[str, ...] | None = None
    if channels == 1 and classes == len(label_orders.TORCHXRAYVISION):
        labels = label_orders.TORCHXRAYVISION
    elif not classifier.logits and classes == len(label_orders.CHEXNET):
        labels = label_orders.CHEXNET
    return Source(
        "torch",
        [path],
        classifier,
        PUBLISHED_SIZE,
        channels,
        labels,
        "signed_1024" if channels == 1 else "imagenet",
        points,
        left_out=left_out,
    )


def _keras(path: Path) -> Source:
    from xray_keras.export import keras_files

    found = keras_files.read(path)
    card = path.with_suffix(".json")
    if not card.is_file() or not isinstance(content := files.read_json(card), dict):
        return found
    if not content.get("labels") or (content.get("model") or {}).get("sha256") != files.sha256(path):
        return found
    return dataclasses.replace(found, labels=_labels(content["labels"], card), licence=content.get("licence"))


def _labels(names: Any, origin: Path) -> tuple[str, ...]:
    """Names that a file states: a single word would be a file's name to `label_orders.parse`."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UserError(f"{origin} does not list its labels by name; say --labels, or mend it")
    return label_orders.parse(names)


def _onnx(path: Path) -> Source:
    from xray_keras.export import onnx_steps

    return onnx_steps.read(path)
