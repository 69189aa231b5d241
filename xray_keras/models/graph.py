"""A functional model as a list of what is computed from what, models inside it taken apart, with shapes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import keras

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Node:
    """One layer, or one operation that is no layer.

    Attributes:
        name: the layer's.
        kind: its class' name, e.g. "Conv2D" or "Flip".
        layer: None of an operation that is no layer.
        sources: positions of the nodes that it takes.
        constants: what else it is called with, e.g. the index of a "GetItem".
        shape: of its output, without the batch; None where a side stays open.
    """

    name: str
    kind: str
    layer: keras.Layer | None
    sources: tuple[int, ...]
    constants: tuple[Any, ...]
    shape: Shape


def nodes(model: keras.Model, shape: Shape | None = None) -> tuple[list[Node], dict[str, int]]:
    """Layers and operations in an order in which they can be computed, and the position of each output.

    Edges are read off the model's configuration, from which a saved model is rebuilt.

    Args:
        model: functional, of layers called once and with one output each; functional models may be layers of it.
        shape: of the input, without the batch, where the model leaves sides open and all shapes are to be known.

    Returns:
        The nodes; and name of an output, "" of a single one → its node's position.

    Raises:
        ValueError: a layer is called twice or has several outputs, or `shape` is given to a model with several inputs.
    """
    shapes = [tuple(tensor.shape[1:]) for tensor in model.inputs]
    if shape is not None:
        if len(shapes) != 1:
            raise ValueError(f"{model.name} has {len(shapes)} inputs, so one shape says too little")
        shapes = [tuple(shape)]
    found: list[Node] = []
    return found, dict(_walk(model, shapes, (), found))


def _walk(
    model: keras.Model, shapes: Sequence[Shape], given: Sequence[int], found: list[Node]
) -> Iterator[tuple[str, int]]:
    """Append the nodes of a model to `found`; yield each output's name and position.

    Args:
        model: functional.
        shapes: of its inputs.
        given: positions of what it takes as a part of another model; none where it is the whole.
        found: nodes so far.
    """
    described = model.get_config()
    place: dict[str, int] = {}
    if given:
        inputs = [layer for _, layer in _tensors(described["input_layers"])]
        place = dict(zip(inputs, given, strict=True))
    operations = {operation.name: operation for operation in model.operations}
    sizes = _shapes(model, shapes)
    for entry in described["layers"]:
        name, calls = entry["name"], entry["inbound_nodes"]
        if name in place:
            continue
        if len(calls) > 1:
            raise ValueError(f"{model.name}: {name} is called {len(calls)} times, so it is no single node")
        sources, constants = _arguments(calls[0]["args"]) if calls else ([], [])
        taken = tuple(place[source] for source in sources)
        operation = operations[name]
        if entry["class_name"] == "Functional":
            outputs = list(_walk(operation, [found[position].shape for position in taken], taken, found))
            if len(outputs) != 1:
                raise ValueError(f"{model.name}: the model {name} in it has {len(outputs)} outputs, not one")
            place[name] = outputs[0][1]
            continue
        layer = operation if isinstance(operation, keras.Layer) else None
        found.append(Node(name, entry["class_name"], layer, taken, tuple(constants), sizes[name]))
        place[name] = len(found) - 1
    for key, layer_name in _tensors(described["output_layers"]):
        yield key, place[layer_name]


def _shapes(model: keras.Model, inputs: Sequence[Shape]) -> dict[str, Shape]:
    """Output shape of each layer and operation but for models: Keras passes empty inputs through the graph."""
    operations = [operation for operation in model.operations if not isinstance(operation, keras.Model)]
    for operation in operations:
        if isinstance(operation.output, list | tuple | dict):
            raise ValueError(f"{model.name}: {operation.name} has several outputs, so it is no single node")
    probe = keras.Model(model.inputs, [operation.output for operation in operations])
    found = probe([keras.Input(shape) for shape in inputs])
    return {
        operation.name: tuple(tensor.shape[1:]) for operation, tensor in zip(operations, found, strict=True)
    }


def _tensors(described: Any) -> Iterator[tuple[str, str]]:
    """Inputs or outputs of a configuration: their name, "" of a single one, and the layer's."""
    if isinstance(described, dict):
        yield from ((key, tensor[0]) for key, tensor in described.items())
    elif isinstance(described[0], str):
        yield "", described[0]
    else:
        yield from ((str(number), tensor[0]) for number, tensor in enumerate(described))


def _arguments(described: Any) -> tuple[list[str], list[Any]]:
    """What a layer is called with: the layers whose output it takes, and all else."""
    sources, constants = [], []
    for value in described:
        if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
            sources.append(value["config"]["keras_history"][0])
        elif isinstance(value, list | tuple):
            inner = _arguments(value)
            sources += inner[0]
            constants += inner[1]
        elif not isinstance(value, dict):
            constants.append(value)
    return sources, constants
