"""A TensorFlow graph, as TensorFlow.js stores it, read as steps."""

import base64
from pathlib import Path
from typing import Any

import numpy as np

from xray_keras.errors import UserError
from xray_keras.export.steps import Graph, Step
from xray_keras.export.tfjs import Nodes, Tensors

_SAME = ("Identity", "Transpose", "Reshape", "Squeeze")
_POOLS = {"MaxPool": "max_pool", "AvgPool": "average_pool"}
_ADD = ("Add", "AddV2", "BiasAdd")
_SIMPLE = {"Relu": "relu", "Sigmoid": "sigmoid"}


def read(nodes: Nodes, tensors: Tensors, origin: Path) -> Graph:
    """Read nodes (GraphDef's JSON) as steps.

    Raises:
        UserError: an operation that no DenseNet-121 has, or one with more than one end.
    """
    if any(node["op"] == "Conv2DBackpropInput" for node in nodes):
        raise UserError(
            f"{origin} is an autoencoder; classifiers alone are imported, train ALI with `make cohen2019`"
        )
    steps: dict[str, Step] = {}
    size = channels = 0
    for node in nodes:
        if node["op"] == "Const" and node["name"] not in tensors:
            raise UserError(f"{origin} has no tensor {node['name']}, which its graph reads; fetch it again")
        if node["op"] in ("Const", "NoOp"):
            continue
        if node["op"] == "Placeholder":
            size, channels = input_sides(node, origin)
            steps[node["name"]] = Step("input")
            continue
        inputs = [name.split(":")[0] for name in node.get("input", []) if not name.startswith("^")]
        constants = [name for name in inputs if name in tensors]
        steps |= _steps(node, [name for name in inputs if name not in tensors], constants, tensors, origin)
    read_by = {name for step in steps.values() for name in step.inputs}
    for name in sorted(read_by - steps.keys()):
        raise UserError(f"{origin} has no tensor {name}, which its graph reads; fetch it again")
    ends = [name for name in steps if name not in read_by]
    if len(ends) != 1 or not size:
        raise UserError(
            f"{origin} has {len(ends)} outputs ({', '.join(ends[:3])}); one input and one output are read"
        )
    return Graph(origin, steps, tensors, ends[0], size, channels)


def input_sides(node: dict[str, Any], origin: Path) -> tuple[int, int]:
    """Side and channels of a placeholder, (B, C, S, S) or (B, S, S, C)."""
    sides = [int(side.get("size", -1)) for side in node["attr"]["shape"]["shape"].get("dim", [])]
    if len(sides) == 4 and sides[2] == sides[3] > 3 and sides[1] in (1, 3):
        return sides[2], sides[1]
    if len(sides) == 4 and sides[1] == sides[2] > 3 and sides[3] in (1, 3):
        return sides[1], sides[3]
    raise UserError(
        f"{origin} takes an input of shape {sides}; a square image of one or three channels is read"
    )


def _steps(
    node: dict[str, Any], inputs: list[str], constants: list[str], tensors: Tensors, origin: Path
) -> dict[str, Step]:
    name, op, attributes = node["name"], node["op"], node.get("attr", {})
    if op in _SAME:
        return {name: Step("same", tuple(inputs))}
    if op in _SIMPLE:
        return {name: Step(_SIMPLE[op], tuple(inputs))}
    if op in _POOLS:
        settings = window(attributes) | {"size": _whole_numbers(attributes, "ksize")[1]}
        return {name: Step(_POOLS[op], tuple(inputs), settings=settings)}
    if op == "Mean":
        return {name: Step("average_pool", tuple(inputs), settings={"size": None})}
    if op == "ConcatV2":
        return {name: Step("concat", tuple(inputs))}
    if op == "Pad":
        return {name: Step("pad", tuple(inputs), settings={"padding": _padding(tensors[constants[0]])})}
    if op in ("Conv2D", "_FusedConv2D", "MatMul", "_FusedMatMul") and constants:
        return _layer(node, inputs, constants, attributes, origin)
    if op in (*_ADD, "Mul", "Sub") and len(constants) == 1 and len(inputs) == 1:
        settings = {"sign": -1} if op == "Sub" else {}
        return {
            name: Step(
                "affine", tuple(inputs), {"scale" if op == "Mul" else "offset": constants[0]}, settings
            )
        }
    if op.startswith("FusedBatchNorm") and len(constants) == 4:
        weights = dict(zip(("gamma", "beta", "mean", "variance"), constants, strict=True))
        return {name: Step("affine", tuple(inputs), weights, {"epsilon": attributes["epsilon"]["f"]})}
    raise UserError(f"{origin} holds {name}, an operation {op} that DenseNet-121 lacks; give a DenseNet-121")


def _layer(
    node: dict[str, Any], inputs: list[str], constants: list[str], attributes: dict[str, Any], origin: Path
) -> dict[str, Step]:
    """A convolution or a dense layer, with the summand and the activation that newer converters fuse into it."""
    kind = "conv" if "Conv2D" in node["op"] else "dense"
    weights = {"kernel": constants[0]}
    if any(attributes.get(key, {}).get("b") for key in ("transpose_a", "transpose_b")):
        raise UserError(f"{origin} transposes the matrix of {node['name']}, which is not read")
    fused = [
        base64.b64decode(text).decode()
        for text in attributes.get("fused_ops", {}).get("list", {}).get("s", [])
    ]
    if fused[:1] == ["BiasAdd"]:
        weights["bias"] = constants[1]
    settings = window(attributes) if kind == "conv" else {}
    if fused[1:] not in ([], ["Relu"], ["Sigmoid"]):
        raise UserError(f"{origin} fuses {fused} into {node['name']}, which is not read")
    if not fused[1:]:
        return {node["name"]: Step(kind, tuple(inputs), weights, settings)}
    inner = f"{node['name']}/{kind}"
    return {
        inner: Step(kind, tuple(inputs), weights, settings),
        node["name"]: Step(fused[1].lower(), (inner,)),
    }


def _whole_numbers(attributes: dict[str, Any], key: str) -> list[int]:
    return [int(number) for number in attributes[key]["list"]["i"]]


def window(attributes: dict[str, Any]) -> dict[str, Any]:
    """Stride and padding of a convolution or pooling; layouts other than NHWC never leave the converter."""
    padding = base64.b64decode(attributes["padding"]["s"]).decode()
    return {
        "stride": _whole_numbers(attributes, "strides")[1],
        "padding": 0 if padding == "VALID" else padding.lower(),
    }


def _padding(amounts: np.ndarray) -> int | str:
    """Pixels on each side, from (4, 2) amounts of which two axes are not zero."""
    sides = set(amounts[amounts.any(axis=1)].ravel().tolist())
    return sides.pop() if len(sides) == 1 else f"uneven {amounts.tolist()}"
