"""TensorFlow.js on disk: a manifest of tensors, binary shards that may be quantised, and a graph of nodes."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from xray_keras.errors import Damaged, UserError, reason, shortened
from xray_keras.untrusted import shards

GRAPH = "model.json"
OLD_GRAPH = "tensorflowjs_model.pb"
MANIFEST = "weights_manifest.json"

Tensors = dict[str, np.ndarray]
Nodes = list[dict[str, Any]]

_PLAIN = {"float32": "<f4", "int32": "<i4", "bool": "u1", "float16": "<f2"}
_QUANTISED = {"uint8": "u1", "uint16": "<u2"}


def locate(source: Path) -> Path:
    """The JSON file that a folder's model begins with.

    Raises:
        UserError: the folder holds neither.
    """
    for name in (GRAPH, MANIFEST):
        if (source / name).is_file():
            return source / name
    raise UserError(
        f"{source} holds neither {GRAPH} nor {MANIFEST}; give the folder of a TensorFlow.js model"
    )


def read(path: Path) -> tuple[Tensors, Nodes | None, list[Path]]:
    """Read a model from its JSON file.

    Args:
        path: `model.json` of a graph model, or `weights_manifest.json`, beside which the older converter leaves the
            graph as `tensorflowjs_model.pb`.

    Returns:
        tensors by name (quantised ones as the float32 they stand for), the graph's nodes in the form of GraphDef's
        JSON or None where there is no graph, and the shards.

    Raises:
        UserError: no TensorFlow.js file; a shard is missing, cut or too long; an unknown type.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        manifest = content if isinstance(content, list) else content["weightsManifest"]
        groups = [(shards.places(path, group["paths"]), list(group["weights"])) for group in manifest]
    except Damaged as error:
        raise UserError(f"{path}: {error}; fetch the model again") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(f"{path} is not a TensorFlow.js model ({reason(error)}); give its {GRAPH}") from None
    nodes = None
    if isinstance(content, dict):
        nodes = (content.get("modelTopology") or {}).get("node")
        if nodes is None:
            raise UserError(f"{path} holds a layers model, not a graph; give the Keras file it was made from")
    elif (path.parent / OLD_GRAPH).is_file():
        nodes = _old_graph(path.parent / OLD_GRAPH)
    tensors: Tensors = {}
    found = []
    for files, weights in groups:
        found += files
        for name, value in _group(path, files, weights):
            if name in tensors:
                raise UserError(f"{path} lists {name} twice; give the file as it was published")
            tensors[name] = value
    return tensors, nodes, found


def _group(path: Path, files: list[Path], weights: list[dict[str, Any]]) -> list[tuple[str, np.ndarray]]:
    data = shards.joined(files)
    found = []
    start = 0
    for entry in weights:
        try:
            name, shape = str(entry["name"]), shards.sides(entry["shape"])
            stored = entry.get("quantization", {}).get("dtype", entry["dtype"])
            dtype = np.dtype((_PLAIN | _QUANTISED)[stored])
        except (KeyError, TypeError, ValueError, AttributeError, Damaged) as error:
            raise UserError(
                f"{path} describes a tensor in an unknown way ({reason(error)}): {shortened(entry)}; fetch it again"
            ) from None
        end = start + dtype.itemsize * math.prod(shape)
        if end > len(data):
            raise UserError(
                f"{(files or [path])[-1]} ends within {name}: the shards hold {len(data)} bytes, the tensors up to it "
                f"need {end}; fetch them again"
            )
        found.append((name, dequantise(np.frombuffer(data[start:end], dtype).reshape(shape), entry)))
        start = end
    if start != len(data):
        raise UserError(
            f"{path} lists tensors of {start} bytes, but its shards hold {len(data)}; fetch them again"
        )
    return found


def dequantise(stored: np.ndarray, entry: dict[str, Any]) -> np.ndarray:
    """The tensor that stored numbers stand for: stored · scale + min, or the half-precision number itself.

    Args:
        stored: any shape, of the type in the shard.
        entry: the tensor's line in the manifest.

    Returns:
        float32 (int32 and bool stay as they are), same shape.

    Raises:
        UserError: the line lacks scale or min.
    """
    if "quantization" not in entry or entry["quantization"]["dtype"] == "float16":
        return stored.astype(entry["dtype"] if entry["dtype"] != "float16" else "float32")
    try:
        scale, least = float(entry["quantization"]["scale"]), float(entry["quantization"]["min"])
    except (KeyError, TypeError, ValueError):
        raise UserError(
            f"{entry['name']} is quantised without scale and min; fetch its manifest again"
        ) from None
    value = stored * scale + least
    return np.round(value).astype(np.int32) if entry["dtype"] == "int32" else value.astype(np.float32)


def _old_graph(path: Path) -> Nodes:
    from google.protobuf import json_format
    from google.protobuf.message import DecodeError
    from tensorflow.core.framework import graph_pb2

    graph = graph_pb2.GraphDef()
    try:
        graph.ParseFromString(path.read_bytes())
    except DecodeError as error:
        raise UserError(f"{path} is not a TensorFlow graph ({error}); fetch it again") from None
    return json_format.MessageToDict(graph)["node"]
