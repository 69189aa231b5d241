"""TensorFlow.js models for tests: a DenseNet-121 graph as Chester's converter wrote it, and seeded shards."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "chester-published"
TO_LAST, TO_FIRST = [0, 2, 3, 1], [0, 3, 1, 2]
Entry = dict[str, Any]


def values(entry: Entry, rng: np.random.Generator) -> np.ndarray:
    """A tensor of a manifest's shape, scaled so that signals neither die nor explode on their way."""
    name, shape = entry["name"], entry["shape"]
    if entry["dtype"] == "int32":
        return constant(name, shape)
    if name.endswith("/mul"):
        return rng.uniform(0.8, 1.2, shape)
    if name.endswith("/sub"):
        return rng.normal(0, 0.1, shape)
    if len(shape) == 4:
        return rng.standard_normal(shape, np.float32) * np.sqrt(2 / np.prod(shape[:3]))
    return rng.normal(0, 0.15 if len(shape) == 2 else 0.5, shape)


def constant(name: str, shape: list[int]) -> np.ndarray:
    """The whole numbers of Chester's graphs: paddings, axes, permutations."""
    if name == "transpose_1/perm":
        return np.array(TO_LAST)
    if name == "transpose_2/perm":
        return np.array(TO_FIRST)
    if name == "flatten/Reshape/shape":
        return np.array([-1, 1024])
    if shape == [4, 2]:
        return np.array([[0, 0], [0, 0], *[[3 if name == "Const_727" else 1] * 2] * 2])
    assert shape == [], name
    return np.array(1)


def write_shards(
    folder: Path, manifest: list[dict[str, Any]], seed: int, shard_bytes: int = 4 << 20
) -> dict[str, np.ndarray]:
    """Fill every group of a manifest; return the values before they are rounded to what is stored."""
    rng = np.random.default_rng(seed)
    full = {}
    for group in manifest:
        data = b""
        for entry in group["weights"]:
            full[entry["name"]] = value = values(entry, rng)
            data += stored(entry, value)
        for number, name in enumerate(group["paths"]):
            end = None if number + 1 == len(group["paths"]) else (number + 1) * shard_bytes
            (folder / name).write_bytes(data[number * shard_bytes : end])
    return full


def stored(entry: Entry, value: np.ndarray) -> bytes:
    """A value's bytes, quantised where the entry asks for it."""
    if "quantization" not in entry:
        return np.asarray(value).astype(entry["dtype"]).tobytes()
    how = entry["quantization"]
    if how["dtype"] == "float16":
        return value.astype("<f2").tobytes()
    levels = {"uint8": 255, "uint16": 65535}[how["dtype"]]
    how["min"], how["scale"] = float(value.min()), float(np.ptp(value) / levels) or 1.0
    return np.round((value - how["min"]) / how["scale"]).astype(how["dtype"]).tobytes()


def densenet(size: int, classes: int) -> dict[str, Any]:
    """model.json of a DenseNet-121 as PyTorch → ONNX → TensorFlow → TensorFlow.js gives it, one shard."""
    graph = _Graph()
    x = graph.node(
        "input.1",
        "Placeholder",
        [],
        {"shape": {"shape": {"dim": [{"size": str(n)} for n in (1, 3, size, size)]}}},
    )
    x = graph.add("Pad", [x, graph.constant("Const_727", [4, 2])])
    x = graph.convolution(x, 7, 3, 64, 2)
    x = graph.add("Pad", [graph.normalised(x, 64), graph.constant("Const_730", [4, 2])])
    x = graph.pool("MaxPool", x, 3, 2)
    channels = 64
    for blocks in (6, 12, 24, 16):
        maps = [x]
        for _ in range(blocks):
            x = graph.convolution(graph.normalised(graph.concat(maps), channels), 1, channels, 128, 1)
            x = graph.add("Pad", [graph.normalised(x, 128), "Const_730"])
            maps.append(graph.convolution(x, 3, 128, 32, 1))
            channels += 32
        x = graph.normalised(graph.concat(maps), channels)
        if blocks != 16:
            x = graph.pool("AvgPool", graph.convolution(x, 1, channels, channels // 2, 1), 2, 2)
            channels //= 2
    x = graph.pool("AvgPool", x, size // 32, 1)
    x = graph.add("Reshape", [x, graph.constant("flatten/Reshape/shape", [2])])
    x = graph.add("MatMul", [x, graph.constant("transpose_370", [channels, classes], "float32")])
    x = graph.add("Add", [x, graph.constant("mul_1", [classes], "float32")])
    graph.add("Sigmoid", [x])
    manifest = [{"paths": ["group1-shard1of1.bin"], "weights": graph.weights}]
    return {
        "format": "graph-model",
        "modelTopology": {"node": graph.nodes, "versions": {"producer": 38}},
        "weightsManifest": manifest,
    }


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[Entry] = []
        self.weights: list[Entry] = []
        self.numbers: dict[str, Iterator[int]] = {}

    def node(self, name: str, op: str, inputs: list[str], attributes: Entry) -> str:
        self.nodes.append({"name": name, "op": op, "input": inputs, "attr": attributes})
        return name

    def number(self, kind: str) -> str:
        found = next(self.numbers.setdefault(kind, iter(range(1000))))
        return f"{kind}_{found}" if found else kind

    def add(self, op: str, inputs: list[str], attributes: Entry | None = None) -> str:
        return self.node(self.number(op), op, inputs, attributes or {})

    def constant(self, name: str, shape: list[int], dtype: str = "int32") -> str:
        if all(entry["name"] != name for entry in self.weights):
            self.weights.append({"name": name, "shape": shape, "dtype": dtype})
            self.nodes.insert(0, {"name": name, "op": "Const", "attr": {}})
        return name

    def last(self, x: str) -> str:
        return self.add("Transpose", [x, self.constant("transpose_1/perm", [4])])

    def first(self, x: str) -> str:
        return self.add("Transpose", [x, self.constant("transpose_2/perm", [4])])

    def convolution(self, x: str, size: int, before: int, after: int, stride: int) -> str:
        kernel = self.constant(self.number("split"), [size, size, before, after], "float32")
        return self.first(self.add("Conv2D", [self.last(x), kernel], _window(stride)))

    def normalised(self, x: str, channels: int) -> str:
        name = self.number("batchnorm")
        scale = self.constant(f"{name}/mul", [1, channels, 1, 1], "float32")
        offset = self.constant(f"{name}/sub", [1, channels, 1, 1], "float32")
        x = self.node(f"{name}/mul_1", "Mul", [scale, x], {})
        return self.add("Relu", [self.node(f"{name}/add_1", "Add", [x, offset], {})])

    def pool(self, op: str, x: str, size: int, stride: int) -> str:
        ksize = {"ksize": {"list": {"i": ["1", str(size), str(size), "1"]}}}
        return self.first(self.add(op, [self.last(x)], _window(stride) | ksize))

    def concat(self, maps: list[str]) -> str:
        if len(maps) == 1:
            return maps[0]
        return self.add("ConcatV2", [*maps, self.constant("concat_4/axis", [])], {"N": {"i": str(len(maps))}})


def _window(stride: int) -> Entry:
    return {
        "strides": {"list": {"i": ["1", str(stride), str(stride), "1"]}},
        "dilations": {"list": {"i": ["1"] * 4}},
        "padding": {"s": base64.b64encode(b"VALID").decode()},
        "data_format": {"s": base64.b64encode(b"NHWC").decode()},
    }


def write(folder: Path, model: dict[str, Any], seed: int = 0) -> Path:
    """A folder with model.json and its shards."""
    write_shards(folder, model["weightsManifest"], seed)
    (folder / "model.json").write_text(json.dumps(model), encoding="utf-8")
    return folder
