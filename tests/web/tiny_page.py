"""A page for tests: the real files and runtime, tiny graphs that follow the contract, pictures of known properties."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from xray_keras.export import web_runtime

SIZE, GATE_SIZE, CAM_SIZE = 32, 64, 4
LABELS = ["Effusion", "Mass", "Pleural_Thickening"]
POINTS = {"Effusion": 0.107, "Mass": 0.6}  # the third has none
THRESHOLD = 0.2
WEB = Path(web_runtime.__file__).parents[1] / "web"


def runtime() -> Path:
    """The folder of ONNX Runtime Web's files; skips the test where they are not there."""
    found = web_runtime.place()
    if not all((found / name).is_file() for name in web_runtime.FILES):
        pytest.skip("needs ONNX Runtime Web: `make web-runtime`")
    return found


def build(folder: Path, *, gate: bool = True, cam: bool = True) -> dict[str, Any]:
    """Write a page; returns what chester.json says."""
    source = runtime()
    for name in ("runtime", "models", "samples"):
        (folder / name).mkdir(parents=True)
    for path in WEB.iterdir():
        if path.is_file():
            shutil.copyfile(path, folder / path.name)
    for name in web_runtime.FILES:
        shutil.copyfile(source / name, folder / "runtime" / name)
    onnx.save(classifier(cam=cam), folder / "models/classifier.onnx")
    for number in range(1, 5):
        Image.fromarray(radiograph(seed=number)).save(folder / f"samples/{number}.png")
    description: dict[str, Any] = {
        "note": "Not for diagnosis.",
        "classifier": {
            "file": "models/classifier.onnx",
            "bytes": (folder / "models/classifier.onnx").stat().st_size,
            "size": SIZE,
            "labels": LABELS,
            "operating_points": POINTS,
            "cam": cam,
            "about": "A linear model, made for tests.",
        },
        "gate": None,
        "samples": [
            {
                "file": f"samples/{number}.png",
                "title": f"Smooth picture {number}",
                "credit": "computed, no patient",
            }
            for number in range(1, 5)
        ],
    }
    if gate:
        onnx.save(autoencoder(), folder / "models/gate.onnx")
        description["gate"] = {
            "file": "models/gate.onnx",
            "bytes": (folder / "models/gate.onnx").stat().st_size,
            "size": GATE_SIZE,
            "threshold": THRESHOLD,
            "about": "Means of blocks, made for tests.",
        }
    describe(folder, description)
    return description


def read(folder: Path) -> dict[str, Any]:
    """chester.json."""
    return json.loads((folder / "chester.json").read_text(encoding="utf-8"))


def describe(folder: Path, description: dict[str, Any]) -> None:
    """Write chester.json anew: files, lengths and version as they are."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "chester.json")
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    description["files"] = {name: path.stat().st_size for name, path in names.items()}
    digest = hashlib.sha256()
    for name, path in names.items():
        digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    description["version"] = digest.hexdigest()[:16]
    (folder / "chester.json").write_text(json.dumps(description), encoding="utf-8")


def weights() -> tuple[np.ndarray, np.ndarray]:
    """Of the classifier: float32 (SIZE², labels), a disc each, and (labels,)."""
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE
    centres = [(0.3, 0.3), (0.5, 0.7), (0.75, 0.4)]
    discs = [np.exp(-((y - a) ** 2 + (x - b) ** 2) / 0.02) for a, b in centres]
    kernel = np.stack([disc / disc.sum() for disc in discs], axis=-1).reshape(SIZE**2, len(LABELS))
    return (kernel * [12, 8, -6]).astype(np.float32), np.float32([-5, -4, 2])


def probabilities(pixels: np.ndarray) -> np.ndarray:
    """What the classifier says of uint8 (SIZE, SIZE), in numpy: float64 (labels,)."""
    kernel, bias = weights()
    return 1 / (1 + np.exp(-(pixels.reshape(-1) / 255.0 @ kernel + bias)))


def classifier(*, cam: bool = True) -> onnx.ModelProto:
    """A linear model of gray levels with the inputs and outputs of an exported classifier."""
    kernel, bias = weights()
    constants = {
        "kernel": kernel / np.float32(255),
        "bias": bias,
        "flat": np.array([1, SIZE**2]),
        "square": np.array([1, SIZE, SIZE]),
        "planes": np.array([1, 1, SIZE, SIZE]),
        "zeros": np.zeros((1, SIZE, SIZE), np.float32),
        "nothing": np.float32(0),
        "each": kernel.sum(axis=0).reshape(1, -1, 1, 1).astype(np.float32),
    }
    node = helper.make_node
    block = SIZE // CAM_SIZE
    gradient = [
        node("MatMul", ["explained", "turned"], ["flat_gradient"]),
        node("Reshape", ["flat_gradient", "square"], ["gradient"]),
        node("Max", ["gradient", "nothing"], ["explaining"]),
    ]
    nodes = [
        node("Reshape", ["image", "flat"], ["values"]),
        node("MatMul", ["values", "kernel"], ["product"]),
        node("Add", ["product", "bias"], ["logit"]),
        node("Sigmoid", ["logit"], ["probability"]),
        node("Transpose", ["kernel"], ["turned"], perm=[1, 0]),
        node(
            "If",
            ["explain"],
            ["saliency"],
            then_branch=helper.make_graph(gradient, "then", [], [_value("explaining", [1, SIZE, SIZE])]),
            else_branch=helper.make_graph(
                [node("Identity", ["zeros"], ["idle"])], "else", [], [_value("idle", [1, SIZE, SIZE])]
            ),
        ),
    ]
    outputs = [_value("probability", [1, len(LABELS)]), _value("saliency", [1, SIZE, SIZE])]
    if cam:
        nodes += [
            node("Reshape", ["image", "planes"], ["plane"]),
            node("AveragePool", ["plane"], ["pooled"], kernel_shape=[block] * 2, strides=[block] * 2),
            node("Mul", ["pooled", "each"], ["cam"]),
        ]
        outputs.append(_value("cam", [1, len(LABELS), CAM_SIZE, CAM_SIZE]))
    inputs = [
        _value("image", [1, SIZE, SIZE]),
        _value("explained", [1, len(LABELS)]),
        helper.make_tensor_value_info("explain", TensorProto.BOOL, []),
    ]
    return _model(nodes, inputs, outputs, constants)


def autoencoder() -> onnx.ModelProto:
    """Means of blocks of 8 pixels in place of an autoencoder: smooth pictures are redrawn well, noise is not."""
    node = helper.make_node
    constants = {
        "planes": np.array([1, 1, GATE_SIZE, GATE_SIZE]),
        "square": np.array([1, GATE_SIZE, GATE_SIZE]),
        "eight": np.float32([1, 1, 8, 8]),
        "scale": np.float32(64),
    }
    nodes = [
        node("Reshape", ["image", "planes"], ["plane"]),
        node("AveragePool", ["plane"], ["small"], kernel_shape=[8, 8], strides=[8, 8]),
        node("Resize", ["small", "", "eight"], ["large"], mode="linear"),
        node("Reshape", ["large", "square"], ["reconstruction"]),
        node("Sub", ["image", "reconstruction"], ["difference"]),
        node("Abs", ["difference"], ["error"]),
        node("ReduceMean", ["error"], ["mean"], axes=[1, 2], keepdims=0),
        node("Div", ["mean", "scale"], ["distance"]),
    ]
    side = [1, GATE_SIZE, GATE_SIZE]
    return _model(
        nodes, [_value("image", side)], [_value("reconstruction", side), _value("distance", [1])], constants
    )


def radiograph(height: int = 512, width: int = 512, seed: int = 0) -> np.ndarray:
    """A smooth picture, uint8, which the gate accepts: two dark lungs in a bright body."""
    y, x = np.mgrid[:height, :width]
    y, x = y / height, x / width
    lungs = sum(np.exp(-(((y - 0.5) / 0.3) ** 2 + ((x - centre) / 0.13) ** 2)) for centre in (0.3, 0.7))
    body = np.exp(-(((x - 0.5) / 0.55) ** 4))
    shift = np.random.default_rng(seed).uniform(-15, 15)
    return np.clip(225 * body - 150 * lungs + shift, 0, 255).astype(np.uint8)


def noise(side: int = 256, seed: int = 0) -> np.ndarray:
    """A picture that the gate refuses: blocks of noise, uint8."""
    blocks = np.random.default_rng(seed).integers(0, 256, (64, 64), np.uint8)
    return np.kron(blocks, np.ones((side // 64, side // 64), np.uint8))


def _value(name: str, shape: list[int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def _model(
    nodes: list[onnx.NodeProto],
    inputs: list[onnx.ValueInfoProto],
    outputs: list[onnx.ValueInfoProto],
    constants: dict[str, np.ndarray],
) -> onnx.ModelProto:
    stored = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model
