"""Readers of ONNX models."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.fuzz.reader import Files, Outside, Reader
from tests.fuzz.weights import imported, published, values


def _onnx_classifier() -> bytes:
    """The frame of a classifier, with one layer of a DenseNet-121."""
    from onnx import TensorProto, helper, numpy_helper

    nodes = [
        helper.make_node(
            "Conv", ["image", "k"], ["c"], strides=[2, 2], pads=[3, 3, 3, 3], kernel_shape=[7, 7]
        ),
        helper.make_node("BatchNormalization", ["c", "g", "b", "m", "v"], ["n"], epsilon=1e-5),
        helper.make_node("Relu", ["n"], ["r"]),
        helper.make_node("MaxPool", ["r"], ["p"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("GlobalAveragePool", ["p"], ["a"]),
        helper.make_node("Flatten", ["a"], ["f"]),
        helper.make_node("Gemm", ["f", "w", "o"], ["s"], transB=1),
        helper.make_node("Sigmoid", ["s"], ["y"]),
    ]
    stored = {
        "k": values(4, 3, 7, 7),
        **{name: values(4) for name in "gbmv"},
        "w": values(2, 4),
        "o": values(2),
    }
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 64, 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2])],
        [numpy_helper.from_array(value, name) for name, value in stored.items()],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]).SerializeToString()


def _onnx_bad(
    name: str, sound: Callable[[], bytes], **others: bytes
) -> Callable[[Outside], Mapping[str, Files]]:
    def hostile(outside: Outside) -> Mapping[str, Files]:
        import onnx

        def changed(change: Callable[[Any], None]) -> Files:
            model = onnx.ModelProto.FromString(sound())
            change(model)
            return {name: model.SerializeToString()}

        def external(place: str) -> Callable[[Any], None]:
            def change(model: Any) -> None:
                tensor = model.graph.initializer[0]
                tensor.ClearField("raw_data")
                tensor.data_location = onnx.TensorProto.EXTERNAL
                tensor.external_data.add(key="location", value=place)

            return change

        def looping(model: Any) -> None:
            body = onnx.helper.make_graph([], "b", [], [])
            node = onnx.helper.make_node("Loop", ["x", "y", "z"], ["loop"], body=body)
            model.graph.node.insert(0, node)

        def huge(model: Any) -> None:
            next(each for each in model.graph.initializer if each.dims).dims[0] = 1 << 40

        return {
            "tensors beside it": changed(external("../secret.bin")),
            "tensors anywhere": changed(external(str(outside.secret))),
            "tensors of the system": changed(external("/etc/passwd")),
            "a loop": changed(looping),
            "a tensor that claims terabytes": changed(huge),
            "an operation of its own": changed(
                lambda model: setattr(model.graph.node[0], "domain", "com.example")
            ),
        }

    return hostile


def _vgg16_onnx() -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    stored = [
        numpy_helper.from_array(values(4, 3, 3, 3), "vgg/block1_conv1/k"),
        numpy_helper.from_array(values(4), "vgg/block1_conv1/b"),
    ]
    node = helper.make_node("Conv", ["x", "vgg/block1_conv1/k", "vgg/block1_conv1/b"], ["y"])
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "xy"]
    return helper.make_model(helper.make_graph([node], "g", ends[:1], ends[1:], stored)).SerializeToString()


@cache
def _shipped() -> tuple[bytes, bytes]:
    from xray_keras.textfilter.network import SHIPPED

    return SHIPPED.read_bytes(), SHIPPED.with_suffix(".json").read_bytes()


def _network(path: Path) -> None:
    import hashlib

    from xray_keras.textfilter.network import Network

    card = path.with_suffix(".json")
    try:  # who changes one can change the other
        content = json.loads(card.read_bytes())
        content["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        card.write_text(json.dumps(content))
    except (ValueError, TypeError, RecursionError):
        pass
    Network(path)


def _network_bad(outside: Outside) -> Mapping[str, Files]:
    graph, card = _shipped()
    found = _onnx_bad("a.onnx", lambda: graph)(outside)
    return {what: {**files, "a.json": card} for what, files in found.items()}


READERS = (
    Reader(
        "import_onnx",
        lambda: [{"a.onnx": _onnx_classifier()}],
        imported,
        ("export.onnx_steps", "untrusted.onnx_models"),
        _onnx_bad("a.onnx", _onnx_classifier),
        whole=False,
        heavy=True,
    ),
    Reader(
        "text_filter",
        lambda: [dict(zip(("a.onnx", "a.json"), _shipped(), strict=True))],
        _network,
        ("textfilter.network",),
        _network_bad,
    ),
    Reader(
        "vgg16_onnx",
        lambda: [{"a.onnx": _vgg16_onnx()}],
        published("vgg16_onnx"),
        (),
        _onnx_bad("a.onnx", _vgg16_onnx),
    ),
)
