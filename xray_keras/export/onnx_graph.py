"""An ONNX graph that is being extended: what its tensors are, and new nodes and constants for it."""

from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from xray_keras.errors import UserError


class Graph:
    """A model of static shapes.

    Attributes:
        model: the model; new constants join it at once, new nodes when `finish` is called.
        shapes: tensor → its shape.
        constants: initialiser → its value.
        producers: tensor → the node that makes it.
        nodes: new nodes, in the order of computation.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        """Take over a copy of the model.

        Raises:
            UserError: a tensor's shape is not known beforehand.
        """
        self.model = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        graph = self.model.graph
        self.constants = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
        self.producers = {name: node for node in graph.node for name in node.output if name}
        self.shapes: dict[str, tuple[int, ...]] = {
            name: value.shape for name, value in self.constants.items()
        }
        for value in (*graph.input, *graph.value_info, *graph.output):
            sides = value.type.tensor_type.shape.dim
            if not all(side.HasField("dim_value") for side in sides):
                raise UserError(
                    f"the graph does not fix the shape of {value.name}; export for one size and one image"
                )
            self.shapes[value.name] = tuple(side.dim_value for side in sides)
        self.nodes: list[onnx.NodeProto] = []
        self._counted = 0

    def constant(self, value: np.ndarray) -> str:
        """A new initialiser's name; equal values share one."""
        for name, known in self.constants.items():
            same = known.dtype == value.dtype and known.shape == value.shape
            if same and known.tobytes() == value.tobytes():
                return name
        name = self._name("constant")
        self.model.graph.initializer.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        self.constants[name] = value
        self.shapes[name] = value.shape
        return name

    def add(self, op: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """A new node's first output."""
        name = output or self._name(op)
        self.nodes.append(onnx.helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name

    def add_many(self, op: str, inputs: list[str], count: int, **attributes: Any) -> list[str]:
        """The outputs of a new node that has several."""
        names = [self._name(op) for _ in range(count)]
        self.nodes.append(onnx.helper.make_node(op, inputs, names, name=names[0], **attributes))
        return names

    def finish(self) -> onnx.ModelProto:
        """The model with the new nodes at its end, checked."""
        self.model.graph.node.extend(self.nodes)
        self.nodes = []
        onnx.checker.check_model(self.model, full_check=True)
        return self.model

    def _name(self, kind: str) -> str:
        self._counted += 1
        name = f"{kind}.{self._counted}"
        return self._name(kind) if name in self.shapes else name


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """A node's settings by name."""
    return {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}


def declare(name: str, shape: tuple[int, ...], kind: int = onnx.TensorProto.FLOAT) -> onnx.ValueInfoProto:
    """An input or output of a graph."""
    return onnx.helper.make_tensor_value_info(name, kind, shape)
