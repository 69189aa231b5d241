"""Readers of TensorFlow.js models."""

import json
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.fuzz.reader import Files, Outside, Reader
from tests.fuzz.weights import imported, published, values


@cache
def _tfjs() -> Files:
    """A whole DenseNet-121 of one channel a layer."""
    from tests.export import tfjs_files

    model = tfjs_files.densenet(64, 2)
    for entry in model["weightsManifest"][0]["weights"]:
        if entry["dtype"] == "float32":
            entry["shape"] = [
                side if place < 2 and len(entry["shape"]) == 4 and entry["shape"][0] > 1 else 1
                for place, side in enumerate(entry["shape"])
            ]
    with tempfile.TemporaryDirectory() as folder:
        path = tfjs_files.write(Path(folder), model)
        return {each.name: each.read_bytes() for each in sorted(path.iterdir(), reverse=True)} | {
            "config.json": json.dumps(
                {"LABELS": ["A", "B"], "OP_POINT": [0.1, 0.2], "IMAGE_SCALE": 1}
            ).encode()
        }


def _tfjs_small() -> Files:
    weights = [
        {"name": "a", "shape": [2, 3], "dtype": "float32"},
        {
            "name": "b",
            "shape": [4],
            "dtype": "float32",
            "quantization": {"dtype": "uint8", "scale": 0.1, "min": -1.0},
        },
        {"name": "c", "shape": [2], "dtype": "float32", "quantization": {"dtype": "float16"}},
    ]
    nodes = [{"name": name, "op": "Const", "attr": {}} for name in "abc"]
    nodes.insert(
        0,
        {
            "name": "x",
            "op": "Placeholder",
            "attr": {"shape": {"shape": {"dim": [{"size": str(n)} for n in (1, 64, 64, 3)]}}},
        },
    )
    nodes += [
        {"name": "m", "op": "MatMul", "input": ["x", "a"], "attr": {}},
        {"name": "s", "op": "Sigmoid", "input": ["m"], "attr": {}},
    ]
    manifest = [{"paths": ["s1.bin", "s2.bin"], "weights": weights}]
    content = {"format": "graph-model", "modelTopology": {"node": nodes}, "weightsManifest": manifest}
    return {
        "model.json": json.dumps(content).encode(),
        "s1.bin": bytes(range(20)),
        "s2.bin": bytes(range(12)),
    }


def _tfjs_bad(outside: Outside) -> Mapping[str, Files]:
    small = _tfjs_small()

    def naming(*paths: Any) -> Files:
        content = json.loads(small["model.json"])
        content["weightsManifest"][0]["paths"] = list(paths)
        return {**small, "model.json": json.dumps(content).encode()}

    whole = dict(_tfjs())
    cyclic = json.loads(whole["model.json"])
    nodes = cyclic["modelTopology"]["node"]
    cyclic["modelTopology"]["node"] = [
        *nodes,
        {"name": "l1", "op": "Identity", "input": ["l2"], "attr": {}},
        {"name": "l2", "op": "Identity", "input": ["l1"], "attr": {}},
    ]
    named = json.dumps({"LABELS": str(outside.secret)}).encode()
    return {
        "a shard that climbs": naming("../secret.bin"),
        "a shard anywhere": naming(str(outside.secret)),
        "a shard of the system": naming("/etc/passwd"),
        "a shard that is a folder": naming(".."),
        "a shard a thousand times": naming(*["s1.bin"] * 1000),
        "labels from another file": {**whole, "config.json": named},
        "a graph in circles": {**whole, "model.json": json.dumps(cyclic).encode()},
        "depth": {**small, "model.json": b"[" * 200_000},
    }


def _tfjs_published() -> list[Files]:
    from tests.models import published_files

    tensors = {
        "res2a_branch2b/kernel": values(1, 1, 2, 3),
        "bn2a_branch2b/gamma": values(3),
        "fc1000/bias": values(5),
    }
    with tempfile.TemporaryDirectory() as folder:
        published_files.write_tfjs(Path(folder), tensors)
        return [{each.name: each.read_bytes() for each in sorted(Path(folder).iterdir(), reverse=True)}]


def _tfjs_published_bad(outside: Outside) -> Mapping[str, Files]:
    (sound,) = _tfjs_published()
    found = {}
    for place in ("../secret.bin", str(outside.secret), "..", "/etc/passwd"):
        content = json.loads(sound["model.json"])
        content["weightsManifest"][0]["paths"] = [place]
        found[f"a shard {place}"] = {**sound, "model.json": json.dumps(content).encode()}
    return found


READERS = (
    Reader(
        "import_tfjs",
        lambda: [_tfjs(), _tfjs_small()],
        imported,
        ("export.tfjs", "untrusted.shards"),
        _tfjs_bad,
        whole=False,
        heavy=True,
    ),
    Reader("resnet50_tfjs", _tfjs_published, published("resnet50_tfjs"), (), _tfjs_published_bad),
)
