"""Shards on disk: quantisation by hand, cut and missing files, and what Chester published."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.export import tfjs_files
from xray_keras.errors import UserError
from xray_keras.export import densenet_graph, tfjs, tfjs_names, tfjs_steps


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


@pytest.mark.parametrize("name", ["chestxnet-45rot15trans15scale4byte", "chestxnet1"])
def test_published_manifests_are_read_whole(name: str, tmp_path: Path) -> None:
    source = tfjs_files.PUBLISHED / name
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
    source = tfjs_files.PUBLISHED / "ae-chest-savedmodel-64-512"
    if not source.is_dir():
        pytest.skip(f"needs {source}")
    nodes = json.loads((source / tfjs.GRAPH).read_text())["modelTopology"]["node"]
    with pytest.raises(UserError, match="is an autoencoder; classifiers alone"):
        tfjs_steps.read(nodes, {}, source)
