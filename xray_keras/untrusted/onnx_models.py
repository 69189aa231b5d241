"""ONNX models from anywhere, parsed and looked through before anything else touches them.

Refused are tensors that lie in other files, or are longer or shorter than their sides say, functions and graphs within
nodes, which plain networks have no use for and which let a small file compute for ever, and operations of others than
ONNX itself.
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xray_keras.errors import Damaged, reason, shortened

if TYPE_CHECKING:
    import onnx

MOST_BYTES = (1 << 31) - 1
"""Of a model without other files: Protocol Buffers read no more."""
_MOST_RANK = 16
_MOST_NODES = 100_000
_OWN = ("", "ai.onnx")


def read(path: Path) -> "onnx.ModelProto":
    """See `parsed`.

    Raises:
        Damaged: as `parsed`.
        OSError: it cannot be read.
    """
    if path.stat().st_size > MOST_BYTES:
        raise Damaged(f"it has more than {MOST_BYTES:,} bytes")
    return parsed(path.read_bytes())


def parsed(content: bytes) -> "onnx.ModelProto":
    """A model whose tensors are all there.

    Raises:
        Damaged: it is none, or holds what the module's text names.
    """
    import onnx

    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except Exception as error:  # of Protocol Buffers, of which there are several
        raise Damaged(reason(error)) from None
    if not model.graph.node and not model.graph.initializer:
        raise Damaged("it holds no graph")
    if model.functions or model.training_info or model.graph.sparse_initializer:
        raise Damaged("it holds functions, training or sparse tensors, which networks here have no use for")
    if len(model.graph.node) > _MOST_NODES:
        raise Damaged(f"it has {len(model.graph.node):,} operations")
    for node in model.graph.node:
        if node.domain not in _OWN:
            raise Damaged(
                f"its operation {shortened(node.op_type)} is of {shortened(node.domain)}, not of ONNX"
            )
    for tensor in tensors(model.graph):
        _check(tensor)
    return model


def check_operations(model: "onnx.ModelProto", known: Sequence[str]) -> None:
    """Refuse a model with others than these.

    Raises:
        Damaged: it has one.
    """
    for node in model.graph.node:
        if node.op_type not in known:
            raise Damaged(
                f"it holds an operation {shortened(node.op_type)}, for which such a network has no use"
            )


def tensors(graph: "onnx.GraphProto") -> Iterator["onnx.TensorProto"]:
    """Those of a graph: initialisers, and values of nodes' settings.

    Raises:
        Damaged: a setting holds a graph or a sparse tensor.
    """
    yield from graph.initializer
    for node in graph.node:
        for setting in node.attribute:
            if (
                setting.HasField("g")
                or setting.graphs
                or setting.HasField("sparse_tensor")
                or setting.sparse_tensors
                or setting.ref_attr_name
            ):
                raise Damaged(f"its operation {shortened(node.op_type)} holds a graph or a sparse tensor")
            if setting.HasField("t"):
                yield setting.t
            yield from setting.tensors


def _check(tensor: "onnx.TensorProto") -> None:
    """That a tensor lies in the file, whole."""
    import onnx
    from onnx import helper

    name = shortened(tensor.name)
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        raise Damaged(f"its tensor {name} lies in another file; save the model as one file")
    if len(tensor.dims) > _MOST_RANK or any(side < 0 for side in tensor.dims):
        raise Damaged(f"its tensor {name} has impossible sides")
    count = math.prod(tensor.dims)
    if tensor.data_type == onnx.TensorProto.STRING:
        held, size = len(tensor.string_data), 1
    elif tensor.HasField("raw_data"):
        held, size = len(tensor.raw_data), _SIZES.get(tensor.data_type, 0)
    elif tensor.data_type in _SIZES:
        held, size = len(getattr(tensor, helper.tensor_dtype_to_field(tensor.data_type))), 1
    else:
        held, size = 0, 0
    if not size:
        raise Damaged(f"its tensor {name} is of the unknown type {tensor.data_type}")
    if held != count * size:
        raise Damaged(f"its tensor {name} is cut, or its sides are wrong")


# TensorProto's types: float, uint8, int8, uint16, int16, int32, int64, bool, float16, double, uint32, uint64, bfloat16
_SIZES = {1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}
