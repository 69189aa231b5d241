"""Keras models that take pictures of any size, as ONNX graphs that do so too.

Weights are inputs of the traced function and become constants in the finished graph alone. As constants of the function
they would be copied by every pass of the conversion over it, which for 136 million of them takes minutes and gigabytes.
"""

from collections.abc import Sequence
from typing import Any

import keras
import onnx
import tensorflow as tf
import tf2onnx
from onnx import numpy_helper

from xray_keras.errors import UserError

OPSET = 18


def convert(model: keras.Model, outputs: Sequence[str] | None = None) -> onnx.ModelProto:
    """The model's forward pass for inference, with open batch, height and width.

    Args:
        model: one input (B, H, W, C) float32, sizes open where the model leaves them open → a tensor or a dictionary.
        outputs: which of the dictionary's entries the graph computes, in any order; None for all of them. What only
            the others need is left out, weights included.

    Returns:
        A graph with the input "image" float32 and an output for each of `outputs`, named by its key; the only one of
        a model without a dictionary is named by tf2onnx. Weights are named "weight0:0", "weight1:0", …

    Raises:
        UserError: the model has no such output.
    """
    known = list(model.output) if isinstance(model.output, dict) else []
    unknown = [name for name in outputs or () if name not in known]
    if unknown:
        raise UserError(
            f"{model.name} has no output {', '.join(unknown)} to convert; choose from {', '.join(known) or 'none'}"
        )
    trainable, other = model.trainable_variables, model.non_trainable_variables
    image = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name="image")
    weights = {f"weight{place}": variable for place, variable in enumerate((*trainable, *other))}
    specs = [tf.TensorSpec(weight.shape, weight.dtype, name=name) for name, weight in weights.items()]

    def call(image: tf.Tensor, *values: tf.Tensor) -> Any:
        split = len(trainable)
        result = model.stateless_call(values[:split], values[split:], image, training=False)[0]
        return result if outputs is None else {name: result[name] for name in outputs}

    signature = [image, *specs]
    traced = tf.function(call, input_signature=signature)
    converted, _ = tf2onnx.convert.from_function(traced, input_signature=signature, opset=OPSET)
    _fill_in(converted.graph, weights)
    return converted


def _fill_in(graph: onnx.GraphProto, weights: dict[str, Any]) -> None:
    """Constants in place of the inputs that are weights; none for a weight that no node takes."""
    used = {name for node in graph.node for name in node.input}
    for given in list(graph.input):
        variable = weights.get(given.name.split(":")[0])
        if variable is None:
            continue
        graph.input.remove(given)
        if given.name in used:
            values = keras.ops.convert_to_numpy(variable)
            graph.initializer.append(numpy_helper.from_array(values, given.name))
