"""How convolution and pooling pass a gradient back; see `gradient_rules` for what a rule is."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import onnx

from xray_keras.export.onnx_graph import Graph, attributes

Given: TypeAlias = Iterator[tuple[str, str]]


def conv(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """y = W ∗ x: the transposed convolution with the same W, which ONNX lays out alike for both."""
    image, kernel = node.input[:2]
    window = graph.shapes[kernel][2:]
    spread = _transposed(graph, node, dy, kernel, window, group=attributes(node).get("group", 1))
    yield image, spread


def average_pool(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """Every position of a window gets its share; where padding does not count, edges share among fewer."""
    (image,) = node.input
    window = tuple(attributes(node)["kernel_shape"])
    batch, channels = graph.shapes[image][:2]
    outer = graph.shapes[node.output[0]][2:]
    shares = (1 / _counts(graph, node, window)).astype(np.float32)
    # Channels become images, so that one kernel of one channel serves them all.
    flat = reshaped(graph, graph.add("Mul", dy, graph.constant(shares)), (batch * channels, 1, *outer))
    ones = graph.constant(np.ones((1, 1, *window), np.float32))
    yield image, reshaped(graph, _transposed(graph, node, flat, ones, window), graph.shapes[image])


def max_pool(graph: Graph, node: onnx.NodeProto, dy: str) -> Given:
    """The largest of each window, the first of equals, gets all. Where it was is looked up only when it is asked."""
    (image,) = node.input
    _, places = graph.add_many("MaxPool", [image], 2, **attributes(node))
    shape = graph.shapes[image]
    flat = graph.constant(np.array([-1], np.int64))
    size = graph.constant(np.array([math.prod(shape)], np.int64))
    nothing = graph.add("ConstantOfShape", size)  # float32 zeros
    parts = (graph.add("Reshape", places, flat), graph.add("Reshape", dy, flat))
    spread = graph.add("ScatterElements", nothing, *parts, axis=0, reduction="add")
    yield image, reshaped(graph, spread, shape)


def reshaped(graph: Graph, name: str, shape: Sequence[int]) -> str:
    """`name` in another shape."""
    return graph.add("Reshape", name, graph.constant(np.array(shape, np.int64)))


def _transposed(
    graph: Graph, node: onnx.NodeProto, dy: str, kernel: str, window: Sequence[int], group: int = 1
) -> str:
    """The transposed convolution that undoes the sides of a convolution or a pooling."""
    settings = attributes(node)
    begin, end = _padding(graph, node, window)
    strides = settings.get("strides", (1, 1))
    dilations = settings.get("dilations", (1, 1))
    inner, outer = graph.shapes[node.input[0]][2:], graph.shapes[node.output[0]][2:]
    # Rows at the end that no window reached get nothing.
    unreached = [
        side + b + e - ((count - 1) * stride + (size - 1) * dilation + 1)
        for side, count, stride, size, dilation, b, e in zip(
            inner, outer, strides, window, dilations, begin, end, strict=True
        )
    ]
    return graph.add(
        "ConvTranspose",
        dy,
        kernel,
        kernel_shape=list(window),
        strides=list(strides),
        dilations=list(dilations),
        pads=[*begin, *end],
        output_padding=unreached,
        group=group,
    )


def _padding(graph: Graph, node: onnx.NodeProto, window: Sequence[int]) -> tuple[list[int], list[int]]:
    """Rows and columns added before and after the image."""
    settings: Mapping[str, Any] = attributes(node)
    if settings.get("auto_pad", b"NOTSET") != b"SAME_UPPER":
        pads = list(settings.get("pads", (0, 0, 0, 0)))
        return pads[:2], pads[2:]
    totals = [
        max((count - 1) * stride + size - side, 0)
        for side, count, stride, size in zip(
            graph.shapes[node.input[0]][2:],
            graph.shapes[node.output[0]][2:],
            settings.get("strides", (1, 1)),
            window,
            strict=True,
        )
    ]
    return [total // 2 for total in totals], [total - total // 2 for total in totals]


def _counts(graph: Graph, node: onnx.NodeProto, window: Sequence[int]) -> np.ndarray:
    """Over how many positions each output averages, (h, w)."""
    settings = attributes(node)
    begin, _ = _padding(graph, node, window)
    inner, outer = graph.shapes[node.input[0]][2:], graph.shapes[node.output[0]][2:]
    if settings.get("count_include_pad"):
        return np.full(outer, math.prod(window))
    sides = []
    for axis, stride in enumerate(settings.get("strides", (1, 1))):
        first = stride * np.arange(outer[axis]) - begin[axis]
        sides.append(np.minimum(first + window[axis], inner[axis]) - np.maximum(first, 0))
    return np.outer(*sides)
