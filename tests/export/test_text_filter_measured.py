"""An exported text network on pictures that it has not learned from."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

from tests.datasets import scene_trees
from xray_keras import cli, files
from xray_keras.datasets.region_labels import REGIONS
from xray_keras.export import text_filter_measured


@pytest.fixture
def brightness() -> onnx.ModelProto:
    """Each region's answer is the picture's mean over 255: pictures of the trees have many values near one half."""
    nodes = [
        helper.make_node("ReduceMean", ["image", "axes"], ["mean"], keepdims=0),
        helper.make_node("Div", ["mean", "most"], ["share"]),
        helper.make_node("Reshape", ["share", "row"], ["cell"]),
        helper.make_node("Expand", ["cell", "wide"], ["regions"]),
    ]
    constants = [
        helper.make_tensor("axes", TensorProto.INT64, [3], [1, 2, 3]),
        helper.make_tensor("most", TensorProto.FLOAT, [1], [255.0]),
        helper.make_tensor("row", TensorProto.INT64, [2], [1, 1]),
        helper.make_tensor("wide", TensorProto.INT64, [2], [1, REGIONS]),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, None, None, 3])
    regions = helper.make_tensor_value_info("regions", TensorProto.FLOAT, [1, REGIONS])
    graph = helper.make_graph(nodes, "brightness", [image], [regions], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def test_cells_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    text = (np.arange(200) % 2).astype(float)
    scores = text * 0.3 + rng.uniform(0, 0.7, 200)
    called = (scores >= 0.55).astype(float)
    found = text_filter_measured.cells(text, scores, called)
    expected = {
        "auc": roc_auc_score(text, scores),
        "recall": recall_score(text, called),
        "precision": precision_score(text, called),
        "f1": f1_score(text, called),
    }
    for name, value in expected.items():
        assert found[name]["value"] == pytest.approx(value)
        low, high = found[name]["interval"]
        assert low < value < high


def test_all_pictures_of_both_parts_count(tmp_path, brightness):
    scene_trees.write_msra(tmp_path)
    scene_trees.write_photographs(tmp_path)
    found = text_filter_measured.measured(brightness, 40, 0.001, tmp_path)
    assert {each["on"] for each in found} == {
        "11 pictures (5 of msra-td500, 6 of photographs), 5 with text, none of them learned from"
    }
    by_name = {each["metric"]: each["value"] for each in found}
    # so low a threshold calls every picture text
    assert by_name["recall"] == 1 and by_name["precision"] == pytest.approx(5 / 11)
    assert text_filter_measured.measured(brightness, 40, 0.999, tmp_path)[1]["value"] == 0


def test_only_text_networks_are_measured(tmp_path, capsys):
    run = tmp_path / "sound" / "zhao2019" / "student"
    files.write_json(run / "config.json", {"dataset": "nih"})
    assert cli.main(["export", str(run), "-o", str(tmp_path / "a.onnx"), "--measure", str(tmp_path)]) == 2
    assert "is no text network; leave --measure out" in capsys.readouterr().err
    assert not (tmp_path / "a.onnx").exists()
