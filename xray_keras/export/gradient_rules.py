"""How each ONNX operation passes a gradient back: one rule an operation that tf2onnx makes of the suite's classifiers.

A rule gets the graph, the node and the gradient of its output, and yields (input, gradient) for every input that is
computed from the image. Weights are the initialisers of the forward pass: no rule stores another copy.
"""

import math
from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
import onnx

from xray_keras.errors import UserError
from xray_keras.export.gradient_windows import Given, average_pool, conv, max_pool, reshaped
from xray_keras.export.onnx_graph import Graph, attributes

Rule: TypeAlias = Callable[[Graph, onnx.NodeProto, str], Given]


def mean(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """A mean over some axes: each position gets an equal share."""
    image = node.input[0]
    shape, reduced = graph.shapes[image], graph.shapes[node.output[0]]
    axes = mean_axes(graph, node)
    kept = tuple(1 if axis in axes else side for axis, side in enumerate(shape))
    share = np.array(math.prod(reduced) / math.prod(shape), np.float32)
    shares = graph.add("Mul", reshaped(graph, dy, kept), graph.constant(share))
    yield image, graph.add("Expand", shares, graph.constant(np.array(shape, np.int64)))


def relu(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """Nothing passes where the output is zero."""
    yield node.input[0], graph.add("Mul", dy, graph.add("Sign", node.output[0]))


def add(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """Each summand gets all."""
    for each in _computed(graph, node):
        yield each, _unbroadcast(graph, dy, node, each)


def subtract(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """What is subtracted gets it with the other sign."""
    for each in _computed(graph, node):
        signed = dy if each == node.input[0] else graph.add("Neg", dy)
        yield each, _unbroadcast(graph, signed, node, each)


def multiply(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """Each factor gets the other times dy."""
    first, second = node.input
    for each, other in ((first, second), (second, first)):
        if each not in graph.constants:
            yield each, _unbroadcast(graph, graph.add("Mul", dy, other), node, each)


def normalise(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """Batch normalisation with stored statistics is a factor a channel."""
    image, scale, _, _, variance = node.input
    epsilon = attributes(node).get("epsilon", 1e-5)
    factor = graph.constants[scale] / np.sqrt(graph.constants[variance] + np.float32(epsilon))
    shaped = factor.reshape(-1, *[1] * (len(graph.shapes[image]) - 2)).astype(np.float32)
    yield image, graph.add("Mul", dy, graph.constant(shaped))


def matmul(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """x @ W, W constant: dy @ Wᵀ."""
    vector, kernel = node.input
    yield vector, graph.add("Gemm", dy, kernel, transB=1)


def gemm(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """x @ W + b, W perhaps stored transposed."""
    vector, kernel = node.input[:2]
    settings = attributes(node)
    if settings.get("transA"):
        raise UserError(
            "the graph multiplies by a transposed matrix, which has no rule here; export another model"
        )
    flipped = 0 if settings.get("transB") else 1
    yield vector, graph.add("Gemm", dy, kernel, alpha=settings.get("alpha", 1.0), transB=flipped)


def concat(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """Each part gets its slice."""
    axis = attributes(node)["axis"]
    sizes = np.array([graph.shapes[name][axis] for name in node.input], np.int64)
    parts = graph.add_many("Split", [dy, graph.constant(sizes)], len(sizes), axis=axis)
    yield from zip(node.input, parts, strict=True)


def transpose(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """Back to the former order."""
    order = np.argsort(attributes(node)["perm"])
    yield node.input[0], graph.add("Transpose", dy, perm=order.tolist())


def reshape(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """Back to the former shape: Reshape, Flatten, Squeeze, Unsqueeze, Identity."""
    yield node.input[0], reshaped(graph, dy, graph.shapes[node.input[0]])


def pad(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """What was added is cut off: negative padding."""
    image, amounts = node.input[:2]
    yield image, graph.add("Pad", dy, graph.constant(-graph.constants[amounts]))


def reverse(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """Reversed channels, as networks from Caffe want them: reversed again."""
    image, lengths = node.input
    yield image, graph.add("ReverseSequence", dy, lengths, **attributes(node))


def _computed(graph: Graph, node: onnx.NodeProto) -> Iterator[str]:
    return (name for name in node.input if name not in graph.constants)


def mean_axes(graph: Graph, node: onnx.NodeProto) -> set[int]:
    """Over which a mean is taken."""
    rank = len(graph.shapes[node.input[0]])
    if node.op_type == "GlobalAveragePool":
        return set(range(2, rank))
    return {int(axis) % rank for axis in graph.constants[node.input[1]]}


def _unbroadcast(graph: Graph, dy: str, node: onnx.NodeProto, name: str) -> str:
    """The gradient of an input that was repeated to the shape of the output: summed over the repetitions."""
    shape, full = graph.shapes[name], graph.shapes[node.output[0]]
    if shape == full:
        return dy
    padded = (1,) * (len(full) - len(shape)) + shape
    axes = [axis for axis, (own, whole) in enumerate(zip(padded, full, strict=True)) if own != whole]
    summed = graph.add("ReduceSum", dy, graph.constant(np.array(axes, np.int64)), keepdims=1)
    return reshaped(graph, summed, shape)


RULES: dict[str, Rule] = {
    "Add": add,
    "AveragePool": average_pool,
    "BatchNormalization": normalise,
    "Concat": concat,
    "Conv": conv,
    "Flatten": reshape,
    "Gemm": gemm,
    "GlobalAveragePool": mean,
    "Identity": reshape,
    "MatMul": matmul,
    "MaxPool": max_pool,
    "Mul": multiply,
    "Pad": pad,
    "ReduceMean": mean,
    "Relu": relu,
    "Reshape": reshape,
    "ReverseSequence": reverse,
    "Squeeze": reshape,
    "Sub": subtract,
    "Transpose": transpose,
    "Unsqueeze": reshape,
}
"""By operation."""
