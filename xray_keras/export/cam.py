"""Class activation maps as one more output of a classifier's graph: Equation 4 of cohen2019, for one matrix product."""

from collections.abc import Iterable

import numpy as np
import onnx

from xray_keras.export.gradient_rules import mean_axes
from xray_keras.export.onnx_graph import Graph, attributes, declare

_MEANS = ("ReduceMean", "GlobalAveragePool")
_POSITIONS = ({2, 3}, {1, 2})  # axes where channels come first, and where they come last
_AS_IT_IS = ("Add", "Sub", "Identity", "Reshape", "Squeeze", "Flatten")  # change no weight


def with_cam(model: onnx.ModelProto) -> onnx.ModelProto | None:
    """Add M_c(x, y) = Σ_k w_ck f_k(x, y) for every output c.

    Args:
        model: as `to_onnx.classifier` makes it.

    Returns:
        The graph with one more output, "cam" (1, L, h, w) float32, not upsampled, as `models.explanations.cam` gives
        it; None for a network that does not end in a mean over positions and a linear layer.
    """
    graph = Graph(model)
    chain = list(_linear_end(graph))
    axes = mean_axes(graph, chain[0]) if chain else set()
    if axes not in _POSITIONS:
        return None
    maps = chain[0].input[0]
    shape = graph.shapes[maps]
    if axes == _POSITIONS[1]:
        maps = graph.add("Transpose", maps, perm=[0, 3, 1, 2])
        shape = (shape[0], shape[3], *shape[1:3])
    kernel = _kernel(graph, chain[1:], shape[1])
    weights = graph.constant(kernel.T[:, :, None, None].astype(np.float32))
    graph.add("Conv", maps, weights, output="cam")
    graph.model.graph.output.append(declare("cam", (1, kernel.shape[1], *shape[2:])))
    return graph.finish()


def _linear_end(graph: Graph) -> Iterable[onnx.NodeProto]:
    """The nodes that make the logits of means over positions, first to last; nothing where others are among them."""
    found = []
    name = "logit"
    while name in graph.producers:
        node = graph.producers[name]
        found.append(node)
        if node.op_type in _MEANS:
            return reversed(found)
        if node.op_type not in (*_AS_IT_IS, "MatMul", "Gemm", "Mul", "BatchNormalization"):
            break
        name = next(each for each in node.input if each not in graph.constants)
    return ()


def _kernel(graph: Graph, chain: list[onnx.NodeProto], channels: int) -> np.ndarray:
    """The weights w (K, L) from means to logits, float64; what is added on the way does not matter."""
    weights = np.eye(channels)
    for node in chain:
        constants = [
            graph.constants[name].astype(np.float64) for name in node.input if name in graph.constants
        ]
        if node.op_type == "MatMul":
            weights = weights @ constants[0]
        elif node.op_type == "Gemm":
            settings = attributes(node)
            matrix = constants[0].T if settings.get("transB") else constants[0]
            weights = settings.get("alpha", 1.0) * weights @ matrix
        elif node.op_type == "Mul":
            weights = weights * constants[0].reshape(-1)
        elif node.op_type == "BatchNormalization":
            scale, _, _, variance = constants
            weights = weights * scale / np.sqrt(variance + attributes(node).get("epsilon", 1e-5))
    return weights
