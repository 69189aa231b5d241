"""A student's run as an ONNX file with its card: the same answers as Keras, and the filter takes it."""

import keras
import numpy as np
import onnx
import pytest
from PIL import Image

from tests.models.region_models import trained
from xray_keras import cli, files
from xray_keras.errors import UserError
from xray_keras.export import parity, text_filter
from xray_keras.models import saved, text_student
from xray_keras.models.full_precision import computed_in
from xray_keras.textfilter.network import Network

SHORT = 48
NETWORK = {"channels": (4, 4, 4, 4, 6, 6), "dimension": 8}
CONFIG = {
    "dataset": "scene_text", "images": "all", "max_images": 12, "labels": ["Text"], "size": SHORT, "split": "official",
    "row": "Our proposed", "scale": "demo", "trainer": "student", "model": "text_student", "others": None,
}  # fmt: skip
POINTS = {
    "default": {"threshold": 0.5, "reason": None},
    "best_f1": {
        "threshold": 0.31, "reason": None,
        **{name: {"value": 0.8, "interval": [0.7, 0.9], "method": "wilson", "reason": None}
           for name in ("recall", "precision", "f1")},
    },
}  # fmt: skip
METRICS = {
    "labels": {
        "Text": {
            "images": 4, "positives": 2,
            "auc": {"value": 0.9, "interval": [0.8, 1.0], "method": "delong", "reason": None},
            "operating_points": POINTS,
        }
    }
}  # fmt: skip
SUMMARY = {
    "images": 12,
    "origin": "phantom",
    "sets": {
        "rendered": {"images": 12, "citation": "Computed.", "licence": "Free."},
        "textdis": {"images": 0, "citation": "Bai.", "licence": "Asked for."},
    },
}


@pytest.fixture(scope="module")
def student():
    keras.utils.set_random_seed(0)
    return trained(text_student.build(**NETWORK))


@pytest.fixture(scope="module")
def graph(student):
    return text_filter.convert(student)


@pytest.fixture
def run(tmp_path, student):
    """A run folder with everything the card tells of."""
    folder = tmp_path / "sound" / "zhao2019" / "student"
    folder.mkdir(parents=True)
    saved.publish(student, folder / "model.keras")
    files.write_json(folder / "config.json", CONFIG)
    files.write_json(folder / "metrics.json", METRICS)
    files.write_json(tmp_path / "scene_text-all-12" / "summary.json", SUMMARY)
    return folder


@pytest.fixture
def quick(monkeypatch, graph):
    """Neither rendering nor conversion, which have tests of their own."""
    monkeypatch.setattr(text_filter, "rendered", lambda short, count: [noise(short, short + 20)] * count)
    monkeypatch.setattr(
        text_filter, "convert", lambda model: onnx.ModelProto.FromString(graph.SerializeToString())
    )


def noise(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def test_one_graph_answers_as_keras_at_every_size(student, graph):
    images = [noise(*size) for size in ((48, 64), (64, 48), (48, 48), (33, 200), (101, 77))]
    assert text_filter.difference(student, graph, images) < 1e-4
    answers = [
        parity.session(graph).run(["regions"], {"image": image[None].astype(np.float32)})[0]
        for image in images
    ]
    assert all(answer.shape == (1, 34) for answer in answers)
    assert np.ptp(answers) > 0.05


def test_rendered_scenes_have_the_networks_short_edge_and_several_shapes():
    shapes = {image.shape for image in text_filter.rendered(SHORT, 4)}
    assert len(shapes) > 1 and all(min(shape[:2]) == SHORT and shape[2] == 3 for shape in shapes)


def test_a_difference_is_seen(student, graph):
    other = trained(text_student.build(**NETWORK), seed=1)
    assert text_filter.difference(other, graph, [noise(48, 64)]) > 0.01
    assert text_filter.difference(student, graph, []) == 0


def test_the_graph_says_what_goes_in_and_out(graph):
    def sides(value):
        shape = value.type.tensor_type.shape
        return [dimension.dim_value or dimension.dim_param for dimension in shape.dim]

    (given,), (answer,) = graph.graph.input, graph.graph.output
    assert (given.name, sides(given)) == ("image", [1, "height", "width", 3])
    assert (answer.name, sides(answer)) == ("regions", [1, 34])


def test_the_same_model_gives_the_same_bytes(student, graph):
    assert text_filter.convert(student).SerializeToString() == graph.SerializeToString()
    keras.backend.clear_session()
    assert text_filter.convert(student).SerializeToString() == graph.SerializeToString()


def test_the_command_writes_what_the_filter_takes(run, tmp_path, capsys):
    path = tmp_path / "student.onnx"
    assert cli.main(["export", str(run), "-o", str(path)]) == 0
    said = capsys.readouterr().out
    assert "short edge 48 pixels, threshold 0.31 (highest F1" in said
    assert "largest differences from Keras over 8 images (rendered scenes): regions" in said
    card = files.read_json(path.with_suffix(".json"))
    assert card["name"] == "Our proposed of zhao2019, demo scale"
    assert card["trained_on"] == "the training part of 12 pictures (12 of rendered), split official"
    assert card["licence"] == {"rendered": "Computed. Free."}
    assert [(each["metric"], each["value"], each["interval"]) for each in card["measured"]] == [
        ("auc", 0.9, [0.8, 1.0]), *((name, 0.8, [0.7, 0.9]) for name in ("recall", "precision", "f1"))
    ]  # fmt: skip
    assert card["measured"][0]["on"].startswith("4 test pictures, 2 with text")
    assert card["parity"]["regions"] < 1e-4 and card["storage"] == "float32"
    network = Network(path)
    assert (network.short_edge, network.threshold) == (SHORT, 0.31)
    Image.fromarray(noise(96, 120)).save(tmp_path / "a.png")
    table = tmp_path / "hits.csv"
    assert cli.main(["textfilter", str(tmp_path / "a.png"), "--out", str(table), "--model", str(path)]) == 0
    assert len(table.read_text().splitlines()) == 2


def test_a_run_of_mixed_precision_is_exported_as_float32(run, student):
    keras.config.set_dtype_policy("mixed_bfloat16")
    mixed = text_student.build(**NETWORK)
    keras.config.set_dtype_policy("float32")
    mixed.set_weights(student.get_weights())
    assert "bfloat16" in computed_in(mixed)
    saved.publish(mixed, run / "model.keras")
    assert text_filter.text_filter(run).card["parity"]["regions"] < 1e-4


def test_half_precision_is_smaller_and_nearly_as_good(run, tmp_path, quick):
    for name, options in (("whole", []), ("half", ["--half"])):
        assert cli.main(["export", str(run), "-o", str(tmp_path / f"{name}.onnx"), *options]) == 0
    whole, half = (files.read_json(tmp_path / f"{name}.json") for name in ("whole", "half"))
    assert half["storage"] == "float16" and whole["parity"]["regions"] < half["parity"]["regions"] < 1e-2
    stored = {tensor.data_type for tensor in onnx.load(tmp_path / "half.onnx").graph.initializer}
    assert onnx.TensorProto.FLOAT16 in stored
    Network(tmp_path / "half.onnx")


def test_without_metrics_or_population_the_card_says_so(run, tmp_path, quick):
    (run / "metrics.json").unlink()
    (tmp_path / "scene_text-all-12" / "summary.json").unlink()
    card = text_filter.text_filter(run).card
    assert (card["threshold"], card["threshold_from"]) == (0.5, "one half: the run has not been evaluated")
    assert card["measured"] == [] and card["trained_on"].startswith("not known")


def test_photographs_count_only_where_the_run_has_not_learned_from_such(run, tmp_path, quick, monkeypatch):
    asked = []
    monkeypatch.setattr(
        text_filter.text_filter_measured,
        "measured",
        lambda *given: asked.append(given[1:]) or [{"metric": "auc"}],
    )
    assert text_filter.text_filter(run, others=tmp_path).card["measured"][-1] == {"metric": "auc"}
    assert asked == [(SHORT, 0.31, tmp_path)]
    files.write_json(tmp_path / "scene_text-all-12" / "summary.json", {**SUMMARY, "origin": "release"})
    with pytest.raises(UserError, match="may have learned from the pictures below"):
        text_filter.text_filter(run, others=tmp_path)


def test_a_threshold_that_could_not_be_tuned_is_one_half(run, quick):
    metrics = files.read_json(run / "metrics.json")
    point = metrics["labels"]["Text"]["operating_points"]["best_f1"]
    point |= {"threshold": 0.5, "reason": "no validation row; 0.5 instead"}
    files.write_json(run / "metrics.json", metrics)
    card = text_filter.text_filter(run).card
    assert card["threshold_from"] == "no validation row; 0.5 instead"


def test_what_is_no_text_network_is_refused_or_left_to_others(run, tmp_path):
    assert text_filter.is_text_network(run)
    assert not text_filter.is_text_network(tmp_path) and not text_filter.is_text_network(
        tmp_path / "model.keras"
    )
    files.write_json(tmp_path / "config.json", {"dataset": "nih"})
    assert not text_filter.is_text_network(tmp_path)
    with pytest.raises(UserError, match=r"does not end in \.onnx"):
        text_filter.command(run, tmp_path / "student.pb", half=False)
    image = keras.Input((None, None, 3))
    saved.publish(keras.Model(image, keras.layers.GlobalAveragePooling2D()(image)), run / "model.keras")
    with pytest.raises(UserError, match="no output regions"):
        text_filter.text_filter(run)
