"""A graph and its card: what they answer, and what is said of those that cannot be used."""

import numpy as np
import pytest
from filter_world import CARD, SHORT, graph, picture, write_network
from onnx import TensorProto, helper

from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.textfilter.network import Network, checked


def test_the_card_is_read_and_regions_are_those_of_the_picture(network_file):
    network = Network(network_file)
    assert (network.name, network.short_edge, network.threshold) == ("Brightness", SHORT, 0.5)
    assert network.not_for == CARD["not_for"]
    for shape in ((60, 90), (150, 60), (60, 60)):
        found = network.regions(picture(4, 0, height=shape[0], width=shape[1]))
        assert found.shape == (34,) and found.dtype == np.float32
        assert found[:25].argmax() == 20 and found[20] > 0.9
        assert found[25:].argmax() == 6


@pytest.mark.parametrize(
    ("card", "message"),
    [
        ({"threshold": None}, "threshold must be above 0 and at most 1, not None"),
        ({"threshold": "high"}, "not high"),
        ({"threshold": 0}, "not 0"),
        ({"threshold": 1.5}, "not 1.5"),
        ({"short_edge": None}, "short edge None"),
        ({"short_edge": 4}, "short edge 4, not one of 33 to 2048"),
        ({"short_edge": 1_000_000}, "short edge 1000000"),
        ({"kind": "classifier"}, "no card of a text network"),
        ({"sha256": "0" * 64}, "the card of another file than network.onnx"),
        ({"sha256": None}, "the card of another file"),
    ],
)
def test_a_card_that_cannot_be_used_is_named(tmp_path, card, message):
    path = write_network(tmp_path, **card)
    with pytest.raises(UserError, match=message) as caught:
        Network(path)
    assert str(path.with_suffix(".json")) in str(caught.value)


def test_a_file_or_card_that_is_absent_is_named(tmp_path):
    with pytest.raises(UserError, match=r"nothing\.onnx is absent"):
        Network(tmp_path / "nothing.onnx")
    path = write_network(tmp_path)
    path.with_suffix(".json").write_text("[1]")
    with pytest.raises(UserError, match="no card of a text network"):
        Network(path)
    path.with_suffix(".json").unlink()
    with pytest.raises(UserError, match=r"network\.json, the card of network\.onnx, is absent"):
        Network(path)


def broken(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def empty(path):
    path.write_bytes(b"")


def text(path):
    path.write_text("no graph")


@pytest.mark.parametrize("damage", [broken, empty, text])
def test_a_damaged_graph_is_refused_in_a_sentence(tmp_path, damage, capfd):
    path = write_network(tmp_path)
    damage(path)
    files.write_json(path.with_suffix(".json"), {**CARD, "sha256": files.sha256(path)})
    with pytest.raises(UserError, match=r"network\.onnx cannot be run as a text network") as caught:
        Network(path)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def renamed(made, old, new):
    for node in made.graph.node:
        for names in (node.input, node.output):
            names[:] = [new if name == old else name for name in names]
    for value in (*made.graph.input, *made.graph.output):
        value.name = new if value.name == old else value.name
    return made


def test_a_graph_of_something_else_is_refused(tmp_path):
    identity = helper.make_model(
        helper.make_graph(
            [helper.make_node("Identity", ["x"], ["y"])],
            "identity",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])],
        ),
        opset_imports=[helper.make_opsetid("", 18)],
        ir_version=9,
    )
    for made in (identity, renamed(graph(), "image", "picture"), renamed(graph(), "regions", "features")):
        with pytest.raises(UserError, match="cannot be run as a text network"):
            Network(write_network(tmp_path, made=made))
    for made in (graph(outputs=25), graph(scale=1.0), graph(scale=-1 / 255), graph(scale=float("nan"))):
        with pytest.raises(UserError, match="gives no 34 probabilities"):
            Network(write_network(tmp_path, made=made))


def test_thresholds_that_mean_nothing_are_refused():
    assert checked(0.25) == 0.25 and checked(1) == 1.0
    for value in (0, -0.1, 1.01, float("nan"), float("inf"), None):
        with pytest.raises(UserError, match="the threshold must be above 0"):
            checked(value)
