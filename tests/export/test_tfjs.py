"""Shards on disk: quantisation by hand, cut and missing files, and the graph read as a DenseNet-121."""

import copy
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.export import tfjs_files
from xray_keras.errors import UserError
from xray_keras.export import densenet_graph, tfjs, tfjs_names, tfjs_run, tfjs_steps
from xray_keras.export.classifier import Classifier
from xray_keras.models.imported_densenet121 import EPSILON

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "chester-published"
MODEL = tfjs_files.densenet(64, 14)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tfjs_files.write(tmp_path_factory.mktemp("tfjs"), copy.deepcopy(MODEL))


def classifier(folder: Path, change: Any = None) -> Classifier:
    """The folder's network, after `change` had its way with nodes (by name) and tensors."""
    path = tfjs.locate(folder)
    tensors, nodes, _ = tfjs.read(path)
    assert nodes is not None
    if change is not None:
        change({node["name"]: node for node in nodes}, tensors)
    return densenet_graph.read(tfjs_steps.read(nodes, tensors, path))


def test_quantised_numbers_stand_for_what_the_manifest_says(tmp_path: Path) -> None:
    weights = [
        {
            "name": "a",
            "shape": [2, 2],
            "dtype": "float32",
            "quantization": {"dtype": "uint8", "scale": 0.5, "min": -3},
        },
        {
            "name": "b",
            "shape": [2],
            "dtype": "float32",
            "quantization": {"dtype": "uint16", "scale": 0.25, "min": 1.5},
        },
        {"name": "c", "shape": [1], "dtype": "float32", "quantization": {"dtype": "float16"}},
        {
            "name": "d",
            "shape": [2],
            "dtype": "int32",
            "quantization": {"dtype": "uint8", "scale": 1, "min": -2},
        },
        {"name": "e", "shape": [], "dtype": "float32"},
    ]
    # 0, 1, 2, 255 | 1, 65535 | half 1.5 | 0, 5 | float 2.5, cut after its first byte
    data = (
        bytes([0, 1, 2, 255])
        + bytes([1, 0, 255, 255])
        + bytes([0, 0x3E])
        + bytes([0, 5])
        + bytes([0, 0, 0x20, 0x40])
    )
    (tmp_path / "s1").write_bytes(data[:13])
    (tmp_path / "s2").write_bytes(data[13:])
    manifest = tmp_path / tfjs.MANIFEST
    manifest.write_text(json.dumps([{"paths": ["s1", "s2"], "weights": weights}]), encoding="utf-8")
    tensors, nodes, shards = tfjs.read(manifest)
    assert nodes is None
    assert [path.name for path in shards] == ["s1", "s2"]
    np.testing.assert_array_equal(tensors["a"], [[-3, -2.5], [-2, 124.5]])
    np.testing.assert_array_equal(tensors["b"], [1.75, 65535 * 0.25 + 1.5])
    np.testing.assert_array_equal(tensors["c"], [1.5])
    np.testing.assert_array_equal(tensors["d"], [-2, 3])
    np.testing.assert_array_equal(tensors["e"], 2.5)
    assert [tensors[name].dtype for name in "abcde"] == ["float32", "float32", "float32", "int32", "float32"]


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (lambda f: (f / "s1").unlink(), r"s1 is missing"),
        (lambda f: (f / "s2").write_bytes(b"123"), r"s2 ends within b: the shards hold 11 bytes"),
        (
            lambda f: (f / "s2").write_bytes(b"123456789"),
            r"lists tensors of 16 bytes, but its shards hold 17",
        ),
        (lambda f: (f / tfjs.MANIFEST).write_text("[{}]"), r"not a TensorFlow\.js model"),
        (lambda f: (f / tfjs.MANIFEST).write_text("<html>"), r"not a TensorFlow\.js model"),
        (lambda f: (f / tfjs.MANIFEST).unlink(), r"holds neither model\.json nor"),
        (lambda f: _edit(f, dtype="complex64"), r"unknown way .*complex64"),
        (lambda f: _edit(f, quantization={"dtype": "uint8"}, shape=[8]), r"b is quantised without scale"),
        (lambda f: _edit(f, name="a"), r"lists a twice"),
    ],
)
def test_damage_is_named(broken: Any, sentence: str, tmp_path: Path) -> None:
    weights = [{"name": name, "shape": [2], "dtype": "float32"} for name in "ab"]
    (tmp_path / tfjs.MANIFEST).write_text(
        json.dumps([{"paths": ["s1", "s2"], "weights": weights}]), encoding="utf-8"
    )
    (tmp_path / "s1").write_bytes(b"12345678")
    (tmp_path / "s2").write_bytes(b"12345678")
    broken(tmp_path)
    with pytest.raises(UserError, match=sentence):
        tfjs.read(tfjs.locate(tmp_path))


def _edit(folder: Path, **change: Any) -> None:
    content = json.loads((folder / tfjs.MANIFEST).read_text())
    content[0]["weights"][1] |= change
    (folder / tfjs.MANIFEST).write_text(json.dumps(content))


def test_every_tensor_finds_its_layer(folder: Path) -> None:
    found = classifier(folder)
    tensors, _, _ = tfjs.read(folder / tfjs.GRAPH)
    floats = [name for name, value in tensors.items() if value.dtype == np.float32]
    assert found.count == len(floats) == 364
    assert (found.logits, found.scaling) == (False, None)
    assert len(found.tensors) == 120 + 4 * 121 + 2
    for layer, name in {
        "conv1_conv": "split",
        "conv2_block1_1_conv": "split_1",
        "conv5_block16_2_conv": "split_119",
    }.items():
        np.testing.assert_array_equal(found.tensors[f"{layer}/kernel"].value, tensors[name])
    for layer, name in {
        "conv1_bn": "batchnorm",
        "conv2_block2_0_bn": "batchnorm_3",
        "bn": "batchnorm_120",
    }.items():
        np.testing.assert_array_equal(found.tensors[f"{layer}/gamma"].value, tensors[f"{name}/mul"].ravel())
        np.testing.assert_array_equal(found.tensors[f"{layer}/beta"].value, tensors[f"{name}/sub"].ravel())
    variance = found.tensors["bn/moving_variance"].value + np.float32(EPSILON)
    np.testing.assert_array_equal(variance, np.float32(1))


def test_names_do_not_matter_where_there_is_a_graph(folder: Path) -> None:
    path = folder / tfjs.GRAPH
    tensors, nodes, _ = tfjs.read(path)
    assert nodes is not None
    numbers = np.random.default_rng(0).permutation(len(nodes))
    names = {node["name"]: f"n{number}" for node, number in zip(nodes, numbers, strict=True)}
    shuffled = [
        node | {"name": names[node["name"]], "input": [names[name] for name in node.get("input", [])]}
        for node in [nodes[number] for number in numbers]
    ]
    graph = tfjs_steps.read(shuffled, {names[name]: value for name, value in tensors.items()}, path)
    other = densenet_graph.read(graph).tensors
    for name, tensor in classifier(folder).tensors.items():
        np.testing.assert_array_equal(other[name].value, tensor.value, err_msg=name)


def test_normalisation_folded_in_other_ways_is_the_same(folder: Path) -> None:
    """A bias in the convolution, a summand subtracted, a normalisation with statistics of its own."""
    rng = np.random.default_rng(1)
    bias, mean, variance = (rng.uniform(0.5, 2, size) for size in (64, 128, 128))

    def change(nodes: dict[str, Any], tensors: dict[str, np.ndarray]) -> None:
        tensors |= {
            "bias": bias.astype("f4"),
            "mean": mean.astype("f4"),
            "var": variance.astype("f4"),
        }
        nodes["Conv2D"]["op"] = "_FusedConv2D"
        nodes["Conv2D"]["input"].append("bias")
        nodes["Conv2D"]["attr"]["fused_ops"] = {"list": {"s": ["Qmlhc0FkZA=="]}}  # BiasAdd
        nodes["batchnorm_1/add_1"]["op"] = "Sub"
        nodes["batchnorm_4/mul_1"]["op"], nodes["batchnorm_4/add_1"]["op"] = "Add", "Mul"
        node = nodes["batchnorm_2/add_1"]
        node |= {"op": "FusedBatchNormV3", "attr": {"epsilon": {"f": 0.001}}}
        node["input"] = [
            nodes["batchnorm_2/mul_1"]["input"][1],
            "batchnorm_2/mul",
            "batchnorm_2/sub",
            "mean",
            "var",
        ]
        nodes["batchnorm_2/mul_1"] |= {"op": "NoOp"}

    plain, changed = classifier(folder).tensors, classifier(folder, change).tensors
    gamma, beta = (plain[f"conv1_bn/{name}"].value for name in ("gamma", "beta"))
    np.testing.assert_allclose(changed["conv1_bn/beta"].value, beta + bias * gamma, rtol=1e-6, atol=1e-7)
    np.testing.assert_array_equal(
        changed["conv2_block1_0_bn/beta"].value, -plain["conv2_block1_0_bn/beta"].value
    )
    layer = "conv2_block2_1_bn"  # (x + mul) · sub
    first, second = (plain[f"{layer}/{name}"].value for name in ("gamma", "beta"))
    np.testing.assert_array_equal(changed[f"{layer}/gamma"].value, second)
    np.testing.assert_allclose(changed[f"{layer}/beta"].value, first * second, rtol=1e-6)
    layer = "conv2_block1_1_bn"
    np.testing.assert_array_equal(changed[f"{layer}/moving_mean"].value, mean.astype("f4"))
    np.testing.assert_allclose(changed[f"{layer}/moving_variance"].value + 1e-5, variance + 1e-3, rtol=1e-6)


def _swap(nodes: dict[str, Any], _: Any) -> None:
    inputs = nodes["ConcatV2_3"]["input"]
    inputs[0], inputs[1] = inputs[1], inputs[0]


def _share(nodes: dict[str, Any], _: Any) -> None:
    nodes["Conv2D_4"]["input"][1] = nodes["Conv2D_2"]["input"][1]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_swap, "all maps before it, in order"),
        (_share, r"uses split_2 twice, for .*"),
        (
            lambda nodes, tensors: tensors.update(spare=np.zeros(3, "f4")),
            "has spare, which DenseNet-121 has no place for",
        ),
        (lambda nodes, tensors: tensors.pop("split_7"), "no tensor split_7"),
        (lambda nodes, _: nodes["Relu_5"].update(op="Relu6"), "Relu_5, an operation Relu6"),
        (
            lambda nodes, _: nodes["AvgPool"].update(op="MaxPool"),
            "at AvgPool stands max_pool .* where average_pool",
        ),
        (lambda nodes, t: t.update(Const_730=t["Const_727"]), "padded by one pixel|padding of 1 pixels"),
        (lambda nodes, t: t.update(split=t["split"][:5, :5]), "convolution of 7 × 7"),
        (
            lambda nodes, t: t.update({"batchnorm/mul": t["split_1"]}),
            "batchnorm/mul of shape .*, not one number a channel",
        ),
        (lambda nodes, _: nodes["Sigmoid"].update(op="Softmax"), "an operation Softmax"),
    ],
)
def test_another_network_is_refused(change: Any, sentence: str, folder: Path) -> None:
    with pytest.raises(UserError, match=sentence):
        classifier(folder, change)


def test_a_manifest_alone_is_read_by_its_numbers(folder: Path) -> None:
    """The converter numbers kernels 0, 2, 4 …; normalisations 0, 1, 2 …"""
    tensors, _, _ = tfjs.read(folder / tfjs.GRAPH)
    kernels = [name for name in tensors if name.startswith("split")]
    renamed = {f"split_{2 * int(name.partition('_')[2] or 0)}": tensors.pop(name) for name in kernels}
    renamed["split"] = renamed.pop("split_0")
    found = tfjs_names.read(tensors | renamed, folder)
    whole = classifier(folder)
    assert found.count == whole.count
    for name, tensor in whole.tensors.items():
        np.testing.assert_array_equal(found.tensors[name].value, tensor.value, err_msg=name)
    with pytest.raises(UserError, match=r"without its graph, .*119 kernels"):
        tfjs_names.read(
            tensors | {name: value for name, value in renamed.items() if name != "split_8"}, folder
        )


def test_the_older_converters_graph_is_read(folder: Path, tmp_path: Path) -> None:
    from google.protobuf import json_format
    from tensorflow.core.framework import graph_pb2

    model = json.loads((folder / tfjs.GRAPH).read_text())
    graph = json_format.ParseDict({"node": model["modelTopology"]["node"]}, graph_pb2.GraphDef())
    (tmp_path / tfjs.OLD_GRAPH).write_bytes(graph.SerializeToString())
    (tmp_path / tfjs.MANIFEST).write_text(json.dumps(model["weightsManifest"]))
    shutil.copy(folder / "group1-shard1of1.bin", tmp_path)
    assert classifier(tmp_path).count == 364
    (tmp_path / tfjs.OLD_GRAPH).write_bytes(b"\xff" * 9)
    with pytest.raises(UserError, match="not a TensorFlow graph"):
        tfjs.read(tfjs.locate(tmp_path))


@pytest.mark.parametrize("name", ["chestxnet-45rot15trans15scale4byte", "chestxnet1"])
def test_published_manifests_are_read_whole(name: str, tmp_path: Path) -> None:
    source = PUBLISHED / name
    if not source.is_dir():
        pytest.skip(f"needs {source}")
    shutil.copytree(source, tmp_path, dirs_exist_ok=True)
    path = tfjs.locate(tmp_path)
    content = json.loads(path.read_text())
    tfjs_files.write_shards(
        tmp_path, content if isinstance(content, list) else content["weightsManifest"], seed=0
    )
    tensors, nodes, shards = tfjs.read(path)
    assert len(shards) == 7
    if nodes is None:
        found = tfjs_names.read(tensors, path)
    else:
        found = densenet_graph.read(tfjs_steps.read(nodes, tensors, path))
        by_number = tfjs_names.read(tensors, path)
        for layer, tensor in found.tensors.items():
            np.testing.assert_array_equal(by_number.tensors[layer].value, tensor.value, err_msg=layer)
    assert found.count == 364


def test_the_published_autoencoder_is_refused_by_name(tmp_path: Path) -> None:
    source = PUBLISHED / "ae-chest-savedmodel-64-512"
    if not source.is_dir():
        pytest.skip(f"needs {source}")
    nodes = json.loads((source / tfjs.GRAPH).read_text())["modelTopology"]["node"]
    with pytest.raises(UserError, match="is an autoencoder; classifiers alone"):
        tfjs_steps.read(nodes, {}, source)


def packages() -> Path:
    """A folder with TensorFlow.js and its WASM backend."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "xray_keras" / "tfjs"
    found = Path(os.environ.get("XRAY_KERAS_TFJS") or default)
    if not shutil.which("node") or not (found / "node_modules/@tensorflow/tfjs-backend-wasm").is_dir():
        pytest.skip(
            f"needs node and `npm install --prefix {found} @tensorflow/tfjs@4.22.0 "
            "@tensorflow/tfjs-backend-wasm@4.22.0`"
        )
    return found


def test_graph_runs_as_in_tensorflow_js(folder: Path, tmp_path: Path) -> None:
    """The oracle of imports, run by the suite, against TensorFlow.js itself; outputs spread over (0, 1)."""
    from tests.export import classifiers

    images = classifiers.images()
    theirs = tensorflow_js(packages(), folder, images, tmp_path)
    tensors, nodes, _ = tfjs.read(folder / tfjs.GRAPH)
    assert nodes is not None
    ours = np.concatenate([tfjs_run.run(nodes, tensors, "Sigmoid", image[None]) for image in images])
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)
    assert np.ptp(theirs) > 0.4
    assert theirs.min() > 0.001
    assert theirs.max() < 0.999
    assert np.abs(theirs[0] - theirs[1]).max() > 0.01


def tensorflow_js(packages: Path, folder: Path, images: np.ndarray, scratch: Path) -> np.ndarray:
    """Answers (N, labels) to float32 (N, S, S, 3), already preprocessed."""
    given, answers = scratch / "images.bin", scratch / "answers.bin"
    images.transpose(0, 3, 1, 2).astype("<f4").tofile(given)
    script = Path(__file__).with_name("tfjs_oracle.cjs")
    shape = f"1,3,{images.shape[1]},{images.shape[2]}"
    command = ["node", script, packages, folder, given, len(images), shape, answers]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return np.fromfile(answers, "<f4").reshape(len(images), -1)


def test_chesters_classifier_answers_as_in_tensorflow_js(tmp_path: Path) -> None:
    """Shards of exactly the published manifest, real radiographs, the same 14 outputs to 1e-5."""
    import keras
    from PIL import Image

    from xray_keras.export import import_weights

    source = PUBLISHED / "chestxnet-45rot15trans15scale4byte"
    radiographs = sorted((PUBLISHED.parent / "nih-1024").rglob("*.png"))[:2]
    installed = packages()
    if not source.is_dir() or not radiographs:
        pytest.skip(f"needs {source} and radiographs in {PUBLISHED.parent / 'nih-1024'}")
    shutil.copytree(source, tmp_path / "chester")
    manifest = json.loads((source / tfjs.GRAPH).read_text())["weightsManifest"]
    tfjs_files.write_shards(tmp_path / "chester", manifest, seed=0)
    import_weights.import_weights(tmp_path / "chester", tmp_path / "chester.keras")
    gray = [np.asarray(Image.open(path).convert("L").resize((224, 224)), np.float32) for path in radiographs]
    images = np.repeat(np.stack(gray)[..., None], 3, axis=-1)
    theirs = tensorflow_js(installed, tmp_path / "chester", images / np.float32(255), tmp_path)
    model = keras.saving.load_model(tmp_path / "chester.keras")
    np.testing.assert_allclose(np.asarray(model(images, training=False)), theirs, rtol=0, atol=1e-5)
    assert theirs.shape == (2, 14)
    assert np.ptp(theirs) > 0.4
    assert 0.001 < theirs.min() < theirs.max() < 0.999
