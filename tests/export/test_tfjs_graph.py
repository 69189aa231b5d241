"""The graph read as a DenseNet-121, whatever its names and however its normalisation is written."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xray_keras.errors import UserError
from xray_keras.export import densenet_graph, tfjs, tfjs_names, tfjs_steps
from xray_keras.export.classifier import Classifier
from xray_keras.export.steps import Graph, Step
from xray_keras.models.imported_densenet121 import EPSILON


def classifier(folder: Path, change: Any = None) -> Classifier:
    """The folder's network, after `change` had its way with nodes (by name) and tensors."""
    path = tfjs.locate(folder)
    tensors, nodes, _ = tfjs.read(path)
    assert nodes is not None
    if change is not None:
        change({node["name"]: node for node in nodes}, tensors)
    return densenet_graph.read(tfjs_steps.read(nodes, tensors, path))


def test_every_tensor_finds_its_layer(tfjs_folder: Path) -> None:
    found = classifier(tfjs_folder)
    tensors, _, _ = tfjs.read(tfjs_folder / tfjs.GRAPH)
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


def test_names_do_not_matter_where_there_is_a_graph(tfjs_folder: Path) -> None:
    path = tfjs_folder / tfjs.GRAPH
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
    for name, tensor in classifier(tfjs_folder).tensors.items():
        np.testing.assert_array_equal(other[name].value, tensor.value, err_msg=name)


def test_normalisation_folded_in_other_ways_is_the_same(tfjs_folder: Path) -> None:
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

    plain, changed = classifier(tfjs_folder).tensors, classifier(tfjs_folder, change).tensors
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
def test_another_network_is_refused(change: Any, sentence: str, tfjs_folder: Path) -> None:
    with pytest.raises(UserError, match=sentence):
        classifier(tfjs_folder, change)


def test_a_graph_in_circles_or_of_endless_parts_is_refused(tmp_path: Path) -> None:
    circle = {"input": Step("input"), "a": Step("same", ("b",)), "b": Step("same", ("a",))}
    with pytest.raises(UserError, match="reads what it makes itself"):
        densenet_graph.read(Graph(tmp_path, circle, {}, "a", 64, 3))
    steps = {"0": Step("concat"), "y": Step("average_pool", ("40",))}
    steps |= {
        str(n): Step("concat", (str(n - 1),) * 2) for n in range(1, 41)
    }  # 2 to the 40th parts, all empty
    with pytest.raises(UserError, match="concatenates too much"):
        densenet_graph._Walk(Graph(tmp_path, steps, {}, "y", 64, 3)).parts("40")


def test_a_manifest_alone_is_read_by_its_numbers(tfjs_folder: Path) -> None:
    """The converter numbers kernels 0, 2, 4 …; normalisations 0, 1, 2 …"""
    tensors, _, _ = tfjs.read(tfjs_folder / tfjs.GRAPH)
    kernels = [name for name in tensors if name.startswith("split")]
    renamed = {f"split_{2 * int(name.partition('_')[2] or 0)}": tensors.pop(name) for name in kernels}
    renamed["split"] = renamed.pop("split_0")
    found = tfjs_names.read(tensors | renamed, tfjs_folder)
    whole = classifier(tfjs_folder)
    assert found.count == whole.count
    for name, tensor in whole.tensors.items():
        np.testing.assert_array_equal(found.tensors[name].value, tensor.value, err_msg=name)
    with pytest.raises(UserError, match=r"without its graph, .*119 kernels"):
        tfjs_names.read(
            tensors | {name: value for name, value in renamed.items() if name != "split_8"}, tfjs_folder
        )


def test_the_older_converters_graph_is_read(tfjs_folder: Path, tmp_path: Path) -> None:
    from google.protobuf import json_format
    from tensorflow.core.framework import graph_pb2

    model = json.loads((tfjs_folder / tfjs.GRAPH).read_text())
    graph = json_format.ParseDict({"node": model["modelTopology"]["node"]}, graph_pb2.GraphDef())
    (tmp_path / tfjs.OLD_GRAPH).write_bytes(graph.SerializeToString())
    (tmp_path / tfjs.MANIFEST).write_text(json.dumps(model["weightsManifest"]))
    shutil.copy(tfjs_folder / "group1-shard1of1.bin", tmp_path)
    assert classifier(tmp_path).count == 364
    (tmp_path / tfjs.OLD_GRAPH).write_bytes(b"\xff" * 9)
    with pytest.raises(UserError, match="not a TensorFlow graph"):
        tfjs.read(tfjs.locate(tmp_path))
