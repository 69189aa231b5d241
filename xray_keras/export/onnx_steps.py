"""An ONNX graph read as steps; constants that its own operations compute are computed first."""

from pathlib import Path
from typing import Any

import numpy as np

from xray_keras.errors import Damaged, UserError, reason
from xray_keras.export import densenet_graph
from xray_keras.export.source import Source
from xray_keras.export.steps import Graph, Step
from xray_keras.untrusted import onnx_models

_SAME = ("Identity", "Transpose", "Reshape", "Squeeze", "Flatten", "Dropout", "Cast")


def read(path: Path) -> Source:
    """Read an ONNX classifier.

    Raises:
        UserError: damaged, or not a DenseNet-121.
    """
    import onnx
    from onnx.reference import ReferenceEvaluator

    try:
        model = onnx_models.read(path)
        onnx.checker.check_model(model)
    except (Damaged, onnx.checker.ValidationError, OSError) as error:
        raise UserError(f"{path} is not a whole ONNX model ({reason(error)}); export it again") from None
    graph, first = _graph(model.graph, path)
    classifier = densenet_graph.read(graph)

    def run(images: np.ndarray) -> np.ndarray:
        laid = images.transpose(0, 3, 1, 2) if first else images
        (answer,) = ReferenceEvaluator(model).run([graph.output], {_input(model.graph).name: laid})
        return np.asarray(answer)

    stored = None if classifier.scaling is None else "none"
    return Source("onnx", [path], classifier, graph.size, graph.channels, preprocessing=stored, run=run)


def _input(graph: Any) -> Any:
    constants = {tensor.name for tensor in graph.initializer}
    return next(value for value in graph.input if value.name not in constants)


def _graph(graph: Any, path: Path) -> tuple[Graph, bool]:
    """The steps, and whether the input's channels come before its sides."""
    from onnx import numpy_helper

    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    given = _input(graph)
    sides = [dimension.dim_value for dimension in given.type.tensor_type.shape.dim]
    first = len(sides) == 4 and sides[1] in (1, 3) and sides[2] == sides[3] > 3
    if not first and not (len(sides) == 4 and sides[3] in (1, 3) and sides[1] == sides[2] > 3):
        raise UserError(
            f"{path} takes an input of shape {sides}; a square image of one or three channels is read"
        )
    steps = {given.name: Step("input")}
    kernels = set()
    for node in graph.node:
        attributes = {attribute.name: _value(attribute) for attribute in node.attribute}
        if node.op_type == "Constant":
            tensors[node.output[0]] = np.asarray(next(iter(attributes.values())))
            continue
        inputs = [name for name in node.input if name]
        constants = [name for name in inputs if name in tensors]
        step = _step(
            node, [name for name in inputs if name not in tensors], constants, attributes, tensors, path
        )
        if step.op in ("conv", "dense") and (kernel := step.weights["kernel"]) not in kernels:
            kernels.add(kernel)
            tensors[kernel] = _kernel(tensors[kernel], attributes)
        steps[node.output[0]] = step
    sizes = (sides[2], sides[1]) if first else (sides[1], sides[3])
    return Graph(path, steps, tensors, graph.output[0].name, *sizes), first


def _value(attribute: Any) -> Any:
    import onnx

    value = onnx.helper.get_attribute_value(attribute)
    return onnx.numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value


def _kernel(value: np.ndarray, attributes: dict[str, Any]) -> np.ndarray:
    """(out, in, height, width) → (height, width, in, out); a matrix as it multiplies from the right."""
    if value.ndim == 4:
        return value.transpose(2, 3, 1, 0)
    return value.T if attributes.get("transB") else value


def _step(
    node: Any,
    inputs: list[str],
    constants: list[str],
    attributes: dict[str, Any],
    tensors: dict[str, np.ndarray],
    path: Path,
) -> Step:
    op = node.op_type
    if op in _SAME:
        return Step("same", tuple(inputs[:1]))
    if op in ("Relu", "Sigmoid"):
        return Step(op.lower(), tuple(inputs))
    if op == "Concat":
        return Step("concat", tuple(inputs))
    if op in ("GlobalAveragePool", "ReduceMean"):
        return Step("average_pool", tuple(inputs), settings={"size": None})
    if op in ("MaxPool", "AveragePool"):
        window = {"size": attributes["kernel_shape"][0]} | _window(attributes)
        return Step("max_pool" if op == "MaxPool" else "average_pool", tuple(inputs), settings=window)
    if op == "Pad":
        amounts = {int(amount) for amount in tensors[constants[0]] if amount}
        padding = amounts.pop() if len(amounts) == 1 else f"uneven {sorted(amounts)}"
        return Step("pad", tuple(inputs), settings={"padding": padding})
    if op in ("Conv", "Gemm", "MatMul") and len(inputs) == 1:
        weights = dict(zip(("kernel", "bias"), constants, strict=False))
        return (
            Step("conv", tuple(inputs), weights, _window(attributes))
            if op == "Conv"
            else Step("dense", tuple(inputs), weights)
        )
    if op == "BatchNormalization":
        weights = dict(zip(("gamma", "beta", "mean", "variance"), constants, strict=True))
        return Step("affine", tuple(inputs), weights, {"epsilon": attributes.get("epsilon", 1e-5)})
    if op in ("Mul", "Add", "Sub") and len(constants) == len(inputs) == 1:
        return Step(
            "affine",
            tuple(inputs),
            {"scale" if op == "Mul" else "offset": constants[0]},
            {"sign": -1 if op == "Sub" else 1},
        )
    raise UserError(
        f"{path} holds {node.name or node.output[0]}, an operation {op} that DenseNet-121 lacks; give a DenseNet-121"
    )


def _window(attributes: dict[str, Any]) -> dict[str, Any]:
    pads = set(attributes.get("pads", [0]))
    padding: int | str = pads.pop() if len(pads) == 1 else f"uneven {attributes['pads']}"
    automatic = attributes.get("auto_pad", b"NOTSET").decode()
    if automatic.startswith("SAME"):
        padding = "same"
    return {"stride": attributes.get("strides", [1])[0], "padding": padding}
