"""A TensorFlow graph run node by node, as it is written: what an imported model is held against."""

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from xray_keras.export.tfjs import Nodes, Tensors

Value = Any


def run(nodes: Nodes, tensors: Tensors, output: str, images: np.ndarray) -> np.ndarray:
    """What the node `output` gives for one input.

    Args:
        images: float32 (B, S, S, C), in the range that the graph expects; laid out as its placeholder wants.
    """
    by_name = {node["name"]: node for node in nodes}
    known: dict[str, Value] = {name: tf.constant(value) for name, value in tensors.items()}

    for node in _ordered(by_name, output):
        name, op, attributes = node["name"], node["op"], node.get("attr", {})
        if op == "Placeholder":
            sides = [int(side.get("size", -1)) for side in attributes["shape"]["shape"]["dim"]]
            first = sides[1] in (1, 3)
            known[name] = tf.constant(images.transpose(0, 3, 1, 2) if first else images)
        elif name not in known:
            inputs = [known[name.split(":")[0]] for name in node["input"] if not name.startswith("^")]
            known[name] = _OPERATIONS[op](inputs, attributes)
    return known[output].numpy()


def _ordered(by_name: dict[str, dict[str, Any]], output: str) -> list[dict[str, Any]]:
    """Nodes behind `output`, each after those it reads."""
    order: list[dict[str, Any]] = []
    seen: set[str] = set()
    waiting = [(output, False)]
    while waiting:
        name, ready = waiting.pop()
        if ready:
            order.append(by_name[name])
        elif name not in seen and by_name.get(name, {}).get("op", "Const") != "Const":
            seen.add(name)
            waiting.append((name, True))
            waiting += [(other.split(":")[0].lstrip("^"), False) for other in by_name[name].get("input", [])]
    return order


def _list(attributes: dict[str, Any], key: str) -> list[int]:
    return [int(number) for number in attributes[key]["list"]["i"]]


def _text(attributes: dict[str, Any]) -> str:
    return base64.b64decode(attributes["padding"]["s"]).decode()


def _convolution(inputs: list[Value], attributes: dict[str, Any]) -> Value:
    return tf.nn.conv2d(inputs[0], inputs[1], _list(attributes, "strides"), _text(attributes))


def _fused(
    plain: Callable[[list[Value], dict[str, Any]], Value],
) -> Callable[[list[Value], dict[str, Any]], Value]:
    def operation(inputs: list[Value], attributes: dict[str, Any]) -> Value:
        value = plain(inputs, attributes)
        for fused in attributes.get("fused_ops", {}).get("list", {}).get("s", []):
            name = base64.b64decode(fused).decode()
            value = value + inputs[2] if name == "BiasAdd" else getattr(tf.nn, name.lower())(value)
        return value

    return operation


def _pool(function: Callable) -> Callable[[list[Value], dict[str, Any]], Value]:
    return lambda inputs, attributes: function(
        inputs[0], _list(attributes, "ksize"), _list(attributes, "strides"), _text(attributes)
    )


def _dense(inputs: list[Value], attributes: dict[str, Any]) -> Value:
    return tf.linalg.matmul(inputs[0], inputs[1])


_OPERATIONS: dict[str, Callable[[list[Value], dict[str, Any]], Value]] = {
    "Add": lambda inputs, _: inputs[0] + inputs[1],
    "AddV2": lambda inputs, _: inputs[0] + inputs[1],
    "BiasAdd": lambda inputs, _: inputs[0] + inputs[1],
    "Sub": lambda inputs, _: inputs[0] - inputs[1],
    "Mul": lambda inputs, _: inputs[0] * inputs[1],
    "Identity": lambda inputs, _: inputs[0],
    "Squeeze": lambda inputs, attributes: tf.squeeze(inputs[0], _list(attributes, "squeeze_dims")),
    "Transpose": lambda inputs, _: tf.transpose(*inputs),
    "Reshape": lambda inputs, _: tf.reshape(*inputs),
    "Pad": lambda inputs, _: tf.pad(*inputs),
    "ConcatV2": lambda inputs, _: tf.concat(inputs[:-1], inputs[-1]),
    "Mean": lambda inputs, attributes: tf.reduce_mean(
        inputs[0], inputs[1], keepdims=attributes.get("keep_dims", {}).get("b", False)
    ),
    "Relu": lambda inputs, _: tf.nn.relu(inputs[0]),
    "Sigmoid": lambda inputs, _: tf.sigmoid(inputs[0]),
    "FusedBatchNormV3": lambda inputs, attributes: tf.nn.batch_normalization(
        inputs[0], inputs[3], inputs[4], inputs[2], inputs[1], attributes["epsilon"]["f"]
    ),
    "MaxPool": _pool(tf.nn.max_pool2d),
    "AvgPool": _pool(tf.nn.avg_pool2d),
    "Conv2D": _convolution,
    "_FusedConv2D": _fused(_convolution),
    "MatMul": _dense,
    "_FusedMatMul": _fused(_dense),
}
