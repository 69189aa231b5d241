"""A network for which bright regions show text, pictures with a bright region, and the table of a scan."""

import csv

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from xray_keras import cli, files
from xray_keras.textfilter.network import KIND

SHORT = 60
CARD = {
    "kind": KIND,
    "name": "Brightness",
    "short_edge": SHORT,
    "threshold": 0.5,
    "trained_on": "nothing",
    "licence": "none",
    "measured": [],
    "not_for": "anything but tests",
}


def graph(scale=1 / 255, outputs=34):
    """Mean brightness of each region, of the first `outputs` of them: 0 is black, 1 white."""
    constants = {
        "fifteen": np.array([1, 1, 15, 15], np.int64),
        "channel": np.array([1], np.int64),
        "all": np.array([1, 1, -1], np.int64),
        "flat": np.array([1, -1], np.int64),
        "scale": np.array(scale, np.float32),
        "from": np.array([0], np.int64),
        "to": np.array([outputs], np.int64),
    }
    nodes = [
        helper.make_node("Transpose", ["image"], ["first"], perm=[0, 3, 1, 2]),
        helper.make_node("ReduceMean", ["first", "channel"], ["gray"]),
        helper.make_node("Resize", ["gray", "", "", "fifteen"], ["small"], mode="linear", antialias=1),
        helper.make_node("AveragePool", ["small"], ["fine"], kernel_shape=[3, 3], strides=[3, 3]),
        helper.make_node("AveragePool", ["small"], ["coarse"], kernel_shape=[5, 5], strides=[5, 5]),
        helper.make_node("Reshape", ["fine", "flat"], ["fine_row"]),
        helper.make_node("Reshape", ["coarse", "flat"], ["coarse_row"]),
        helper.make_node("Concat", ["fine_row", "coarse_row"], ["every"], axis=1),
        helper.make_node("Slice", ["every", "from", "to", "channel"], ["levels"]),
        helper.make_node("Mul", ["levels", "scale"], ["regions"]),
    ]
    made = helper.make_graph(
        nodes,
        "brightness",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, None, None, 3])],
        [helper.make_tensor_value_info("regions", TensorProto.FLOAT, [1, outputs])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def write_network(folder, *, made=None, **card):
    """The ONNX file and its card in `folder`; `card` changes or, with None, removes entries."""
    path = folder / "network.onnx"
    onnx.save(made or graph(), path)
    content = {**CARD, "sha256": files.sha256(path), **card}
    files.write_json(
        path.with_suffix(".json"), {key: value for key, value in content.items() if value is not None}
    )
    return path


def picture(row=None, column=None, *, width=300, height=200):
    """Black, one field of the 5×5 grid white: uint8 (H, W, 3)."""
    pixels = np.zeros((height, width, 3), np.uint8)
    if row is not None:
        pixels[
            row * height // 5 : (row + 1) * height // 5, column * width // 5 : (column + 1) * width // 5
        ] = 255
    return pixels


def save(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


def run(*arguments):
    """The verb; its exit status."""
    return cli.main(["textfilter", *map(str, arguments)])


def rows(path):
    """The table as dictionaries."""
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as opened:
        return list(csv.DictReader(opened))
