"""The gradient of a classifier with respect to its image, in the same ONNX graph as the forward pass.

Runtimes for inference, ONNX Runtime Web among them, cannot differentiate; so the graph itself is differentiated,
backwards from the logits, by the rules of `gradient_rules`. It stands in a branch that runs only when it is asked
for, and reads weights and activations of the forward pass where they are: nothing is stored or computed twice.
"""

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import TensorProto

from xray_keras.errors import UserError
from xray_keras.export.gradient_rules import RULES
from xray_keras.export.onnx_graph import Graph, declare


def with_saliency(model: onnx.ModelProto) -> onnx.ModelProto:
    """Add Equation 3 of cohen2019: max(0, d Σ explained · logit / d image).

    Args:
        model: as `to_onnx.classifier` makes it.

    Returns:
        The graph with two more inputs, "explained" (1, L) float32, the weight of each logit in what is explained, and
        "explain" () bool; and one more output, "saliency" (1, S, S) float32: per gray level, of the gray image, as
        `models.explanations.saliency` gives it; zeros where `explain` is false.

    Raises:
        UserError: an operation between image and logits has no rule.
    """
    graph = Graph(model)
    gradient = _backwards(graph, "explained")
    graph.add("Relu", gradient, output="saliency.asked")
    shape = graph.shapes["image"]
    asked = onnx.helper.make_graph(graph.nodes, "gradient", [], [declare("saliency.asked", shape)])
    graph.nodes = []
    zero = onnx.numpy_helper.from_array(np.zeros(1, np.float32))
    sides = onnx.numpy_helper.from_array(np.array(shape, np.int64), "saliency.shape")
    nothing = onnx.helper.make_node("ConstantOfShape", ["saliency.shape"], ["saliency.none"], value=zero)
    unasked = onnx.helper.make_graph([nothing], "none", [], [declare("saliency.none", shape)], [sides])
    graph.add("If", "explain", output="saliency", then_branch=asked, else_branch=unasked)
    graph.model.graph.input.append(declare("explained", graph.shapes["logit"]))
    graph.model.graph.input.append(declare("explain", (), TensorProto.BOOL))
    graph.model.graph.output.append(declare("saliency", shape))
    return graph.finish()


def _backwards(graph: Graph, seed: str) -> str:
    """Lay the nodes of the backward pass; the name of the image's gradient.

    Args:
        seed: the tensor that is the gradient of the logits.
    """
    given = {"logit": [seed]}
    for node in _on_the_way(graph):
        parts = given.pop(node.output[0], [])
        if not parts:
            continue  # a size or an index: no value of a pixel passes through it
        dy = parts[0] if len(parts) == 1 else graph.add("Sum", *parts)
        if node.op_type not in RULES:
            raise UserError(
                f"{node.op_type} ({node.name}) has no gradient here; export a network of {', '.join(sorted(RULES))}"
            )
        for name, gradient in RULES[node.op_type](graph, node, dy):
            given.setdefault(name, []).append(gradient)
    parts = given["image"]
    return parts[0] if len(parts) == 1 else graph.add("Sum", *parts)


def _on_the_way(graph: Graph) -> Iterator[onnx.NodeProto]:
    """Nodes through which the image reaches the logits, last first."""
    nodes = graph.model.graph.node
    reached = {"image"}
    for node in nodes:
        if reached.intersection(node.input):
            reached.update(node.output)
    wanted = {"logit"}
    for node in reversed(nodes):
        if wanted.intersection(node.output) and reached.intersection(node.output):
            wanted.update(node.input)
            yield node
