import os
import pickle
import zipfile
from pathlib import Path

import h5py
import numpy as np
import published_files
import pytest

from xray_keras.errors import Damaged, UserError
from xray_keras.models import weight_pickles, weight_readers, weight_sources


def values(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


class Malicious:
    def __reduce__(self) -> tuple:
        return os.system, ("touch executed",)


def test_vgg16_from_onnx(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    kernel, bias = values(4, 3, 3, 3), values(4)
    stored = [
        onnx.numpy_helper.from_array(kernel, "functional_1/block1_conv2_1/convolution/ReadVariableOp:0"),
        onnx.numpy_helper.from_array(bias, "functional_1/block1_conv2_1/Squeeze:0"),
        onnx.numpy_helper.from_array(values(5, 2), "functional_1/dense_1/Cast/ReadVariableOp:0"),
    ]
    graph = onnx.helper.make_graph([], "graph", [], [], initializer=stored)
    (tmp_path / "model.onnx").write_bytes(onnx.helper.make_model(graph).SerializeToString())
    read = weight_readers.read(tmp_path / "model.onnx", "vgg16_onnx")
    assert set(read) == {"block1_conv2/kernel", "block1_conv2/bias"}
    np.testing.assert_array_equal(
        read["block1_conv2/kernel"], np.moveaxis(kernel, (2, 3, 1, 0), (0, 1, 2, 3))
    )
    np.testing.assert_array_equal(read["block1_conv2/bias"], bias)


@pytest.mark.parametrize("first", [0, 188])
def test_inception_v3_is_numbered_from_its_own_first_layer(tmp_path: Path, first: int) -> None:
    kernels, betas = [values(1, 1, 2, 3, seed=n) for n in range(12)], [values(3, seed=n) for n in range(12)]
    with h5py.File(tmp_path / "model.h5", "w") as opened:
        group = opened.create_group("model_weights")
        for n in range(12):
            convolution = f"conv2d_{first + n}" if first + n else "conv2d"
            normalisation = f"batch_normalization_{first + n}" if first + n else "batch_normalization"
            group[f"{convolution}/{convolution}/kernel"] = kernels[n]
            group[f"{normalisation}/{normalisation}/beta"] = betas[n]
        group["dense_4/dense_4/kernel"] = values(3, 3)
    read = weight_readers.read(tmp_path / "model.h5", "inception_v3_h5")
    assert len(read) == 24
    np.testing.assert_array_equal(read["conv2d/kernel"], kernels[0])
    np.testing.assert_array_equal(read["conv2d_2/kernel"], kernels[2])
    np.testing.assert_array_equal(read["batch_normalization_11/beta"], betas[11])


def test_densenet121_is_read_in_layer_order(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "model.weights.h5", "w") as opened:
        layers = opened.create_group("layers/functional/layers")
        for n in range(120):
            layers[f"conv2d_{n}/vars/0" if n else "conv2d/vars/0"] = np.full((1, 1, 1, 1), n, np.float32)
        for n in range(121):
            for index in range(4):
                layers[
                    f"batch_normalization_{n}/vars/{index}" if n else f"batch_normalization/vars/{index}"
                ] = np.array([n + index / 10], np.float32)
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.write(tmp_path / "model.weights.h5", "model.weights.h5")
    read = weight_readers.read(tmp_path / "model.keras", "densenet121_keras")
    assert len(read) == 120 + 4 * 121
    assert read["conv1_conv/kernel"].item() == 0
    assert read["conv2_block6_2_conv/kernel"].item() == 12
    assert read["pool2_conv/kernel"].item() == 13
    assert read["conv5_block16_2_conv/kernel"].item() == 119
    assert read["conv1_bn/gamma"].item() == 0
    assert read["pool2_bn/beta"].item() == pytest.approx(13.1)
    assert read["conv3_block1_0_bn/moving_mean"].item() == pytest.approx(14.2)
    assert read["bn/moving_variance"].item() == pytest.approx(120.3)


def test_densenet121_names_are_those_of_keras(tmp_path: Path) -> None:
    """Order and names against keras.applications itself: the names of its layers with weights, kind by kind."""
    import keras

    model = keras.applications.DenseNet121(weights=None, include_top=False, input_shape=(32, 32, 3))
    with h5py.File(tmp_path / "model.weights.h5", "w") as opened:
        for kind, layer_type in (
            ("conv2d", keras.layers.Conv2D),
            ("batch_normalization", keras.layers.BatchNormalization),
        ):
            for n, layer in enumerate(layer for layer in model.layers if isinstance(layer, layer_type)):
                for index, value in enumerate(layer.get_weights()):
                    opened[f"layers/functional/layers/{kind}{f'_{n}' if n else ''}/vars/{index}"] = value
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.write(tmp_path / "model.weights.h5", "model.weights.h5")
    read = weight_readers.read(tmp_path / "model.keras", "densenet121_keras")
    expected = {
        f"{layer.name}/{variable.name}": variable for layer in model.layers for variable in layer.weights
    }
    assert read.keys() == expected.keys()
    for name, variable in expected.items():
        np.testing.assert_array_equal(read[name], variable.numpy(), err_msg=name)


def test_resnet50_from_tfjs(tmp_path: Path) -> None:
    old = {
        "conv1/kernel": values(7, 7, 3, 2),
        "bn_conv1/gamma": values(2),
        "res2a_branch1/bias": values(4),
        "bn3d_branch2b/moving_mean": values(3),
        "res5c_branch2c/kernel": values(1, 1, 2, 3),
        "fc1000/bias": values(5),
    }
    read = weight_readers.read(published_files.write_tfjs(tmp_path, old), "resnet50_tfjs")
    assert list(read) == [
        "conv1_conv/kernel",
        "conv1_bn/gamma",
        "conv2_block1_0_conv/bias",
        "conv3_block4_2_bn/moving_mean",
        "conv5_block3_3_conv/kernel",
        "predictions/bias",
    ]
    for new, value in zip(read.values(), old.values(), strict=True):
        np.testing.assert_array_equal(new, value)


@pytest.mark.parametrize("change", [b"", b"1234"])
def test_tfjs_shards_must_fit_the_manifest(tmp_path: Path, change: bytes) -> None:
    path = published_files.write_tfjs(tmp_path, {"conv1/kernel": values(2, 2), "fc1000/bias": values(5)})
    shard = tmp_path / "group1-shard2of2.bin"
    shard.write_bytes(shard.read_bytes() + change if change else shard.read_bytes()[:-4])
    with pytest.raises(UserError, match=r"model.json cannot be read as resnet50_tfjs weights"):
        weight_readers.read(path, "resnet50_tfjs")


def test_squeezenet_from_a_pickle(tmp_path: Path) -> None:
    stored = {
        "conv1/kernel": values(3, 3, 3, 4),
        "conv1/bias": values(4),
        "fire2_squeeze1x1/kernel": np.asfortranarray(values(1, 1, 4, 2)),
        "fire2_squeeze1x1/bias": values(2),
    }
    published_files.write_squeezenet_pickle(tmp_path / "weights.pkl", stored)
    read = weight_readers.read(tmp_path / "weights.pkl", "squeezenet_pickle")
    assert read.keys() == stored.keys()
    for name, value in stored.items():
        np.testing.assert_array_equal(read[name], value)


@pytest.mark.parametrize(
    "content",
    [
        {"conv1": [Malicious(), 0]},
        {"conv1": [np.array([Malicious()]), 0]},
        {"conv1": [np.array(["a"]), 0]},
        Path("x"),
    ],
)
def test_a_pickle_of_anything_but_numbers_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: object
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "weights.pkl").write_bytes(pickle.dumps(content, protocol=3))
    with pytest.raises(UserError, match=r"weights.pkl cannot be read"):
        weight_readers.read(tmp_path / "weights.pkl", "squeezenet_pickle")
    assert not (tmp_path / "executed").exists()


def resnet18_state() -> dict[str, np.ndarray]:
    return {
        "conv1.weight": values(4, 3, 7, 7).astype(np.float16),
        "bn1.running_var": values(4),
        "bn1.num_batches_tracked": np.array(7, np.int64),
        "layer1.0.conv2.weight": values(4, 4, 3, 3),
        "layer2.0.downsample.0.weight": values(8, 4, 1, 1),
        "layer2.0.downsample.1.bias": values(8),
        "layer4.1.bn2.running_mean": values(8),
        "fc.weight": values(1000, 8),
        "fc.bias": values(1000),
    }


def test_resnet18_from_torch(tmp_path: Path) -> None:
    state = resnet18_state()
    published_files.write_torch(tmp_path / "resnet18.pth", state)
    read = weight_readers.read(tmp_path / "resnet18.pth", "resnet18_torch")
    assert list(read) == [
        "conv1_conv/kernel",
        "conv1_bn/moving_variance",
        "conv2_block1_2_conv/kernel",
        "conv3_block1_0_conv/kernel",
        "conv3_block1_0_bn/beta",
        "conv5_block2_2_bn/moving_mean",
        "predictions/kernel",
        "predictions/bias",
    ]
    assert {value.dtype for value in read.values()} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(read["conv1_conv/kernel"][2, 5, 1], state["conv1.weight"][:, 1, 2, 5])
    np.testing.assert_array_equal(read["predictions/kernel"], state["fc.weight"].T)


def test_a_head_for_other_classes_is_left_out(tmp_path: Path) -> None:
    published_files.write_torch(
        tmp_path / "fire.pth", resnet18_state() | {"fc.weight": values(2, 8), "fc.bias": values(2)}
    )
    assert "predictions/bias" not in weight_readers.read(tmp_path / "fire.pth", "resnet18_torch")


def test_a_tensor_may_lie_in_any_order_but_not_outside_its_storage(tmp_path: Path) -> None:
    array = values(2, 3)
    published_files.write_torch(tmp_path / "strided.pth", {"x": array.copy(order="C")}, {"x": (3, 1)})
    np.testing.assert_array_equal(weight_pickles.read_torch(tmp_path / "strided.pth")["x"], array)
    published_files.write_torch(tmp_path / "turned.pth", {"x": array}, {"x": (1, 2)})
    turned = weight_pickles.read_torch(tmp_path / "turned.pth")["x"]
    np.testing.assert_array_equal(turned, array.ravel().reshape(3, 2).T)
    for strides in ((4, 1), (-3, 1)):
        published_files.write_torch(tmp_path / "outside.pth", {"x": array}, {"x": strides})
        with pytest.raises(Damaged, match="does not fit"):
            weight_pickles.read_torch(tmp_path / "outside.pth")


def test_a_torch_file_that_asks_for_more_than_tensors_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile(tmp_path / "bad.pth", "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"conv1.weight": Malicious()}, protocol=2))
    with pytest.raises(UserError, match=r"asks for \w+\.system"):
        weight_readers.read(tmp_path / "bad.pth", "resnet18_torch")
    assert not (tmp_path / "executed").exists()


def test_squeezenet_from_torchvision_takes_caffes_input(tmp_path: Path) -> None:
    """conv1 on torchvision's input equals the folded conv1 on Caffe's, for any image."""
    weight, bias = values(5, 3, 3, 3), values(5, seed=1)
    state = {"features.0.weight": weight, "features.0.bias": bias, "features.3.squeeze.weight": values(2, 5, 1, 1),
             "features.12.expand3x3.bias": values(4), "classifier.1.weight": values(1000, 4, 1, 1)}  # fmt: skip
    published_files.write_torch(tmp_path / "squeezenet.pth", state)
    read = weight_readers.read(tmp_path / "squeezenet.pth", "squeezenet_torch")
    assert read.keys() == {
        "conv1/kernel",
        "conv1/bias",
        "fire2_squeeze1x1/kernel",
        "fire9_expand3x3/bias",
        "conv10/kernel",
    }
    rgb = np.random.default_rng(2).uniform(0, 255, (3, 3, 3))  # one window
    torch = (rgb / 255 - weight_sources.TORCH_MEAN) / weight_sources.TORCH_DEVIATION
    caffe = rgb[..., ::-1] - weight_sources.CAFFE_MEAN
    expected = np.einsum("hwi,oihw->o", torch, weight) + bias
    got = np.einsum("hwi,hwio->o", caffe, read["conv1/kernel"]) + read["conv1/bias"]
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("form", weight_readers.READERS)
def test_a_damaged_file_is_named(tmp_path: Path, form: str) -> None:
    path = tmp_path / "damaged"
    path.write_bytes(b"\x89HDF\r\n not quite")
    with pytest.raises(UserError, match="damaged cannot be read as"):
        weight_readers.read(path, form)


def test_a_truncated_archive_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "whole.npz", x=values(100))
    (tmp_path / "cut.npz").write_bytes((tmp_path / "whole.npz").read_bytes()[:300])
    with pytest.raises(UserError, match=r"cut\.npz cannot be read"):
        weight_readers.read(tmp_path / "cut.npz", "canonical")


def test_pickled_objects_inside_an_npz_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez(tmp_path / "bad.npz", x=np.array([Malicious()], dtype=object))
    with pytest.raises(UserError, match=r"bad\.npz cannot be read"):
        weight_readers.read(tmp_path / "bad.npz", "canonical")
    assert not (tmp_path / "executed").exists()
