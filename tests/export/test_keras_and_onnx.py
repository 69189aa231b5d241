"""Keras and ONNX files of a classifier: what goes in answers as what comes out."""

import json
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest

from tests.export import classifiers
from xray_keras.errors import UserError
from xray_keras.export import formats, import_weights, keras_files, onnx_steps
from xray_keras.export.source import Source


def imported(found: Source, path: Path, preprocessing: str | None = None) -> np.ndarray:
    """Answers of the imported model to 0–255; `compare` has held it against the source."""
    model, core, chosen = import_weights.build(path, found, 14, preprocessing)
    assert import_weights.compare(path, found, chosen, core) is not None
    return np.asarray(model(255 * classifiers.images(), training=False))


def answers(images: np.ndarray) -> np.ndarray:
    return np.asarray(classifiers.original()[0](images, training=False))


@pytest.mark.parametrize("suffix", ["keras", "h5"])
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5:UserWarning")
def test_a_whole_model_answers_alike(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{suffix}"
    classifiers.original()[0].save(path)
    assert formats.recognise(path) == "keras"
    found = formats.read(path, "keras")
    assert (found.size, found.preprocessing, found.labels) == (classifiers.SIZE, None, None)
    np.testing.assert_allclose(
        imported(found, path, "unit"), answers(classifiers.images()), rtol=0, atol=1e-5
    )


def test_scaling_inside_the_file_is_kept(tmp_path: Path) -> None:
    core = classifiers.original()[0]
    images = keras.Input((classifiers.SIZE, classifiers.SIZE, 3))
    y = keras.layers.Rescaling([1 / 255, 1 / 200, 1 / 300], [0.1, 0, -0.1])(images)
    for layer in core.layers[1:]:
        y = layer(y)
    keras.Model(images, y).save(tmp_path / "x.keras")
    found = formats.read(tmp_path / "x.keras", "keras")
    assert found.preprocessing == "none"
    scaled = classifiers.images() * [1, 255 / 200, 255 / 300] + [0.1, 0, -0.1]
    np.testing.assert_allclose(imported(found, tmp_path / "x.keras"), answers(scaled), rtol=0, atol=1e-5)


def test_weights_alone_are_read(tmp_path: Path) -> None:
    """As CheXNet-Keras publishes them; batch normalisation under the epsilon of keras.applications."""
    _, tensors = classifiers.original()
    with h5py.File(tmp_path / "x.h5", "w") as opened:
        for name, value in tensors.items():
            layer, variable = name.split("/")
            layer = layer.replace("conv1_", "conv1/") if layer in ("conv1_conv", "conv1_bn") else layer
            layer = "predictions" if layer == "probabilities" else layer
            opened[f"{layer}/{layer}/{variable}:0"] = value
    found = keras_files.read(tmp_path / "x.h5").classifier.tensors
    assert found.keys() == tensors.keys()
    for name, value in tensors.items():
        moved = 1e-8 if name.endswith("variance") else 0
        np.testing.assert_allclose(found[name].value, value + moved, rtol=1e-7, err_msg=name)
    with h5py.File(tmp_path / "x.h5", "a") as opened:
        opened["dense_7/dense_7/gamma:0"] = np.zeros(3)
    with pytest.raises(UserError, match="has dense_7/dense_7/gamma:0, which DenseNet-121"):
        keras_files.read(tmp_path / "x.h5")


def _model(*layers: Any, side: int = 32) -> keras.Model:
    return keras.Sequential([keras.Input((side, side, 3)), *layers])


def _head() -> list[keras.Layer]:
    return [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(14, "sigmoid")]


def test_other_models_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.keras"
    for layers, sentence in (
        ([keras.layers.Conv2D(4, 3, name="mine"), *_head()], "has mine/kernel, which DenseNet-121"),
        ([keras.layers.GlobalAveragePooling2D()], "has no dense layer"),
        (
            [keras.layers.Rescaling(1.0), keras.layers.Rescaling(2.0), *_head()],
            "scales its input in .* as well",
        ),
    ):
        _model(*layers).save(path)
        with pytest.raises(UserError, match=sentence):
            keras_files.read(path)
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(UserError):
        formats.read(path, formats.recognise(path))


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    _model(keras.layers.Lambda(lambda x: x), keras.layers.Flatten(), keras.layers.Dense(14)).save(
        tmp_path / "x.keras"
    )
    with pytest.raises(UserError, match=r"x\.keras cannot be loaded"):
        keras_files.read(tmp_path / "x.keras")


def test_a_card_beside_the_model_names_its_labels(tmp_path: Path) -> None:
    from xray_keras import files

    path = tmp_path / "x.keras"
    classifiers.original()[0].save(path)
    labels = [f"label {number}" for number in range(14)]
    card = {"labels": labels, "licence": "CC BY", "model": {"sha256": files.sha256(path)}}
    (tmp_path / "x.json").write_text(json.dumps(card))
    found = formats.read(path, "keras")
    assert (found.labels, found.licence) == (tuple(labels), "CC BY")
    (tmp_path / "x.json").write_text(json.dumps(card | {"model": {"sha256": "other"}}))
    assert formats.read(path, "keras").labels is None


def write_onnx(path: Path, *, scaled: bool = False, extra: bool = False) -> None:
    """The classifier as PyTorch exports it: channels first, some normalisations folded into convolutions."""
    from onnx import TensorProto, helper, numpy_helper

    _, tensors = classifiers.original()
    state = classifiers.torch_state(tensors)
    nodes: list[Any] = []
    stored: dict[str, np.ndarray] = {"spare": np.ones(3, np.float32)} if extra else {}

    def add(op: str, inputs: list[str], **attributes: Any) -> str:
        nodes.append(helper.make_node(op, inputs, [f"t{len(nodes)}"], **attributes))
        return f"t{len(nodes) - 1}"

    def keep(name: str, value: np.ndarray) -> str:
        stored[name] = value.astype(np.float32)
        return name

    def convolution(x: str, name: str, stride: int = 1, padding: int = 0, fold: str | None = None) -> str:
        kernel = state[f"{name}.weight"]
        inputs = [x]
        if fold is not None:
            factor = state[f"{fold}.weight"] / np.sqrt(state[f"{fold}.running_var"] + 1e-5)
            kernel = kernel * factor[:, None, None, None]
            offset = keep(f"{name}.bias", state[f"{fold}.bias"] - state[f"{fold}.running_mean"] * factor)
            inputs.append(keep(f"{name}.weight", kernel))
            inputs.append(offset)
        else:
            inputs.append(keep(f"{name}.weight", kernel))
        return add("Conv", inputs, strides=[stride] * 2, pads=[padding] * 4)

    def normalised(x: str, name: str) -> str:
        four = [
            keep(f"{name}.{p}", state[f"{name}.{p}"])
            for p in ("weight", "bias", "running_mean", "running_var")
        ]
        return add("Relu", [add("BatchNormalization", [x, *four], epsilon=1e-5)])

    x = "image"
    if scaled:
        x = add("Mul", [x, keep("factor", np.full((1, 3, 1, 1), 1 / 255))])
    x = add("Relu", [convolution(x, "features.conv0", 2, 3, fold="features.norm0")])
    x = add("MaxPool", [x], kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    for block, layers in enumerate((6, 12, 24, 16), start=1):
        for layer in range(1, layers + 1):
            name = f"features.denseblock{block}.denselayer{layer}"
            y = convolution(normalised(x, f"{name}.norm1"), f"{name}.conv1", fold=f"{name}.norm2")
            x = add("Concat", [x, convolution(add("Relu", [y]), f"{name}.conv2", 1, 1)], axis=1)
        if block < 4:
            name = f"features.transition{block}"
            x = convolution(normalised(x, f"{name}.norm"), f"{name}.conv")
            x = add("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2])
    x = add("Flatten", [add("GlobalAveragePool", [normalised(x, "features.norm5")])])
    head = [keep(f"classifier.{part}", state[f"classifier.{part}"]) for part in ("weight", "bias")]
    x = add("Gemm", [x, *head], transB=1)
    graph = helper.make_graph(
        nodes,
        "densenet",
        [
            helper.make_tensor_value_info(
                "image", TensorProto.FLOAT, [1, 3, classifiers.SIZE, classifiers.SIZE]
            )
        ],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, [1, 14])],
        [numpy_helper.from_array(value, name) for name, value in stored.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())


@pytest.mark.parametrize("scaled", [False, True])
def test_an_onnx_file_answers_alike(scaled: bool, tmp_path: Path) -> None:
    path = tmp_path / "x.onnx"
    write_onnx(path, scaled=scaled)
    assert formats.recognise(path) == "onnx"
    found = formats.read(path, "onnx")
    assert (found.size, found.channels, found.classifier.logits) == (classifiers.SIZE, 3, True)
    assert found.preprocessing == ("none" if scaled else None)
    given = imported(found, path, None if scaled else "unit")
    np.testing.assert_allclose(given, answers(classifiers.images()), rtol=0, atol=1e-5)


def test_other_onnx_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.onnx"
    write_onnx(path, extra=True)
    with pytest.raises(UserError, match="has spare, which DenseNet-121 has no place for"):
        onnx_steps.read(path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(UserError, match="is not a whole ONNX model"):
        onnx_steps.read(path)
