"""How a graph's weights are stored: float32, or float16 at half the size."""

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

_LEAST = 256  # values: smaller constants save nothing, and their precision costs nothing


def half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store weights as float16; the network still computes in float32.

    Every weight is turned back when the graph is loaded or run, so inputs, outputs and operations stay what they are.
    Values beyond float16's largest, 65,504, are kept as they are.
    """
    stored = onnx.ModelProto()
    stored.CopyFrom(model)
    graph = stored.graph
    casts = []
    for tensor in graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32 or value.size < _LEAST or np.abs(value).max() > np.finfo(np.float16).max:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(value.astype(np.float16), f"{name}.half"))
        casts.append(onnx.helper.make_node("Cast", [tensor.name], [name], name=name, to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(stored, full_check=True)
    return stored
