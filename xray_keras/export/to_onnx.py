"""Keras models as ONNX graphs for one image, through tf2onnx: gray levels in, everything else inside."""

import contextlib
import gc
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras
import onnx
import tensorflow as tf
import tf2onnx

from xray_keras.errors import UserError
from xray_keras.export.onnx_graph import Graph, declare
from xray_keras.losses import distances

OPSET = 18
_OUTPUT = ("Sigmoid", "Softmax")


def classifier(model: keras.Model) -> onnx.ModelProto:
    """A classifier's forward pass.

    Args:
        model: (B, S, S, 3) float32, 0–255, gray repeated three times → (B, L), sigmoids or softmax.

    Returns:
        A graph with the input "image" (1, S, S) float32, gray, 0–255, and the outputs "probability" and "logit"
        (1, L): before the sigmoid or softmax.

    Raises:
        UserError: the model does not end in sigmoids or softmax.
    """
    size = model.inputs[0].shape[1]
    converted = _convert(lambda image: {"probability": model(tf.stack([image] * 3, axis=-1))}, size)
    graph = Graph(converted)
    last = graph.producers["probability"]
    if last.op_type not in _OUTPUT:
        raise UserError(
            f"{model.name} ends in {last.op_type}, not in sigmoids or softmax; export a classifier"
        )
    name = last.input[0]
    for node in graph.model.graph.node:
        for names in (node.input, node.output):
            names[:] = ["logit" if each == name else each for each in names]
    graph.model.graph.output.append(declare("logit", graph.shapes[name]))
    return graph.finish()


def autoencoder(model: keras.Model) -> onnx.ModelProto:
    """The gate of §3: an image, its reconstruction and the distance between them, Equation 2 with 1 − SSIM.

    Args:
        model: see `models.ali.autoencoder`.

    Returns:
        A graph with the input "image" (1, 64, 64) float32, gray, 0–255, and the outputs "reconstruction" (1, 64, 64)
        float32, 0–255, and "distance" (1,).
    """

    def gate(image: tf.Tensor) -> Mapping[str, tf.Tensor]:
        pixels = image[..., None]
        made = model(pixels)["reconstruction"]
        distance = distances.ssim(pixels / 255.0, made / 255.0)
        return {"reconstruction": made[..., 0], "distance": distance}

    return _convert(gate, model.inputs[0].shape[1])


def _convert(function: Callable[[Any], Mapping[str, tf.Tensor]], size: int) -> onnx.ModelProto:
    signature = [tf.TensorSpec((1, size, size), tf.float32, name="image")]
    traced = tf.function(function, input_signature=signature)
    with _sparing_memory():
        converted, _ = tf2onnx.convert.from_function(traced, input_signature=signature, opset=OPSET)
    return renamed(converted)


@contextlib.contextmanager
def _sparing_memory() -> Iterator[None]:
    """Collect garbage often. Each optimizer of tf2onnx copies the graph with all weights, in objects that refer to each
    other, so copies pile up until Python looks: with much in memory seldom, and InceptionV3 took 8 GB.
    """
    often = gc.get_threshold()
    gc.freeze()  # what is there by now is not looked through again
    gc.collect()  # and does not count where Python weighs whether looking is worth the time
    gc.set_threshold(*often[:2], 2)
    try:
        yield
    finally:
        gc.set_threshold(*often)
        gc.unfreeze()


def renamed(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with names that count from one, so that the same model gives the same file every time."""
    graph = model.graph
    graph.name, graph.doc_string = "graph", ""
    names = {value.name: value.name for value in (*graph.input, *graph.output)}
    for number, node in enumerate(graph.node, start=1):
        node.name = f"{node.op_type}_{number}"
        for place, name in enumerate(node.output):
            names.setdefault(name, f"{node.name}:{place}" if name else "")
    used = dict.fromkeys(name for node in graph.node for name in node.input if name not in names)
    names |= {name: f"weight_{number}" for number, name in enumerate(used, start=1)}
    for node in graph.node:
        for listed in (node.input, node.output):
            listed[:] = [names[name] if name else "" for name in listed]
    for tensor in graph.initializer:
        tensor.name = names[tensor.name]
    ordered = sorted(graph.initializer, key=lambda tensor: int(tensor.name.split("_")[1]))
    del graph.initializer[:], graph.value_info[:]
    graph.initializer.extend(ordered)
    return model
