"""The suite's own networks as ONNX: every classifier, the gate, float16 storage, the command."""

import gc
import json
import shutil
import weakref

import keras
import numpy as np
import onnx
import pytest

from xray_keras import cli, files
from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.errors import UserError
from xray_keras.export import cam, gradient, onnx_files, parity, storage, to_onnx
from xray_keras.models import ali, binary_cnn, deep_covid, explanations, transfer

PLACE = {"dataset": "nih", "images": "all", "max_images": None}
LABELS = ["Mass", "Hernia", "Edema"]


def images(size, count=2):
    source = Phantom(0)
    return source.images(source.manifest(count), size)


def build(name):
    """A classifier of the suite with random weights, small; heads that start from zeros are drawn."""
    if name == "binary_cnn":
        return binary_cnn.build(size=32, labels=1, dropout=0.1, l2=0.01)
    if name.startswith("deep_covid"):
        return deep_covid.build(size=64, labels=1, weights="random", architecture=name.split()[1])
    size = 75 if name == "inception_v3" else 64
    model = transfer.build(name, size=size, labels=3, weights="random", dropout=0.5, normalised=True)
    head = model.layers[-1]
    head.kernel.assign(np.random.default_rng(0).normal(0, 0.1, head.kernel.shape))
    return model


@pytest.mark.parametrize(
    ("name", "mapped"),
    [
        ("binary_cnn", False),
        ("deep_covid resnet18", True),
        ("deep_covid resnet50", True),
        ("deep_covid squeezenet", True),
        ("densenet121", True),
        ("inception_v3", True),
        ("vgg16", True),
    ],
)
def test_every_classifier_of_the_suite_answers_as_in_keras(name, mapped):
    keras.utils.set_random_seed(0)
    model = build(name)
    forward = to_onnx.classifier(model)
    with_cam = cam.with_cam(forward)
    assert (with_cam is not None) == mapped
    graph = gradient.with_saliency(with_cam or forward)
    shown = images(model.inputs[0].shape[1])
    found = parity.classifier(model, graph, shown)
    assert found["probability"] < 1e-5 and found["saliency"] < 1e-2
    assert found.get("cam", 0) < 1e-4


def test_copies_of_a_graph_do_not_pile_up_while_it_is_converted():
    """Beside so much in memory, Python would look for garbage too late to find any of them."""

    class Copy:
        """Refers to itself, as a graph's nodes do to the graph, and is as many objects as a small one."""

        def __init__(self):
            self.parts = [[self] for _ in range(3000)]

    much = [[] for _ in range(2_000_000)]
    with to_onnx._sparing_memory():
        copies = [weakref.ref(Copy()) for _ in range(100)]
        alive = sum(copy() is not None for copy in copies)
    del much
    assert alive < 30
    assert not gc.get_freeze_count() and gc.get_threshold()[2] > 2


def test_cam_differs_from_the_logit_by_a_constant():
    keras.utils.set_random_seed(0)
    model = build("deep_covid resnet18")
    opened = parity.session(cam.with_cam(to_onnx.classifier(model)))
    answers = [parity.run(opened, image) for image in images(64, 4)]
    rest = np.array([answer["logit"][0] - answer["cam"][0].mean(axis=(1, 2)) for answer in answers])
    assert np.ptp(rest, axis=0).max() < 1e-5 * np.abs(answers[0]["logit"]).max()
    assert np.ptp([answer["logit"] for answer in answers]) > 0


def test_cam_behind_batch_normalisation_is_that_of_the_suite():
    keras.utils.set_random_seed(0)
    model = build("vgg16")
    rng = np.random.default_rng(0)
    layer = model.get_layer("pool_normalisation")
    layer.set_weights([rng.uniform(0.5, 2, weight.shape) for weight in layer.get_weights()])
    opened = parity.session(cam.with_cam(to_onnx.classifier(model)))
    (shown,) = images(64, 1)
    pixels = np.repeat(shown[None, ..., None], 3, axis=-1).astype(np.float32)
    ours = parity.run(opened, shown)["cam"][0]
    for label in range(3):
        theirs = explanations.cam(model, pixels, label, upsampled=False)[0]
        np.testing.assert_allclose(ours[label], theirs, atol=1e-4 * np.abs(theirs).max())


def test_half_precision_halves_the_file_and_little_else():
    keras.utils.set_random_seed(0)
    model = build("deep_covid resnet18")
    graph = gradient.with_saliency(cam.with_cam(to_onnx.classifier(model)))
    half = storage.half(graph)
    assert half.ByteSize() < 0.52 * graph.ByteSize()
    found = parity.classifier(model, half, images(64))
    assert found["probability"] < 5e-3 and found["saliency"] > 1e-4  # other weights, if hardly
    types = {each.name: each.type.tensor_type.elem_type for each in (*half.graph.input, *half.graph.output)}
    assert set(types.values()) == {onnx.TensorProto.FLOAT, onnx.TensorProto.BOOL}


def test_values_beyond_half_precision_are_kept():
    image = keras.Input((8, 8, 3))
    head = keras.layers.Dense(2, "sigmoid")
    model = keras.Model(image, head(keras.layers.Flatten()(image)))
    head.set_weights([np.full((192, 2), 70_000.0), np.zeros(2)])
    stored = storage.half(to_onnx.classifier(model))
    assert {tensor.data_type for tensor in stored.graph.initializer if len(tensor.dims) == 2} == {
        onnx.TensorProto.FLOAT
    }


def test_the_gate_gives_reconstruction_and_distance():
    keras.utils.set_random_seed(0)
    parts = ali.encoder(latent=8, width=0.05), ali.generator(latent=8, width=0.05)
    model = ali.autoencoder(*parts)
    found = parity.gate(model, to_onnx.autoencoder(model), images(64, 3))
    assert found["distance"] < 1e-5 and found["reconstruction"] < 1e-3


def small():
    """A classifier of three findings under the policy of the hour."""
    image = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(4, 3, activation="relu")(keras.layers.Rescaling(1 / 255)(image))
    pooled = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, keras.layers.Dense(3, "sigmoid", dtype="float32", name="probabilities")(pooled))


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A classifier's run and a gate's, far from any population."""
    base = tmp_path_factory.mktemp("runs")
    keras.utils.set_random_seed(0)
    model = small()
    classifier, gate = base / "chexnet", base / "ali"
    classifier.mkdir()
    gate.mkdir()
    model.save(classifier / "model.keras")
    files.write_json(classifier / "config.json", {**PLACE, "labels": LABELS, "trainer": "supervised"})
    points = {label: {"value": 0.1 * k, "reason": None} for k, label in enumerate(LABELS, start=1)}
    files.write_json(classifier / "operating_points.json", {"labels": points})
    parts = ali.encoder(latent=8, width=0.05), ali.generator(latent=8, width=0.05)
    ali.autoencoder(*parts).save(gate / "model.keras")
    files.write_json(gate / "config.json", {**PLACE, "labels": [], "trainer": "ali"})
    files.write_json(gate / "ood.json", {"thresholds": {"ssim": 0.4}})
    return base


def test_a_run_of_mixed_precision_is_exported_as_float32(runs, tmp_path):
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = small()
    keras.config.set_dtype_policy("float32")
    mixed = shutil.copytree(runs / "chexnet", tmp_path / "mixed")
    model.save(mixed / "model.keras")
    exported = onnx_files.classifier(mixed)
    assert exported.card["parity"]["probability"] < 1e-6


def test_the_command_writes_a_graph_and_its_card(runs, tmp_path, capsys):
    assert cli.main(["export", str(runs / "chexnet"), "-o", str(tmp_path / "chexnet.onnx")]) == 0
    assert "largest differences from Keras over 20 images (phantom)" in capsys.readouterr().out
    card = json.loads((tmp_path / "chexnet.json").read_text())
    assert card["labels"] == LABELS and card["operating_points"]["Edema"] == pytest.approx(0.3)
    assert card["size"] == 32 and card["cam"] and card["storage"] == "float32"
    assert card["sha256"] == files.sha256(tmp_path / "chexnet.onnx")
    assert card["parity"]["probability"] < 1e-5
    onnx.checker.check_model(onnx.load(tmp_path / "chexnet.onnx"), full_check=True)
    assert cli.main(["export", str(runs / "ali"), "-o", str(tmp_path / "gate.onnx"), "--half"]) == 0
    gate = json.loads((tmp_path / "gate.json").read_text())
    assert gate["kind"] == "gate" and gate["threshold"] == 0.4 and gate["storage"] == "float16"
    assert cli.main(["export", str(runs / "ali"), "-o", str(tmp_path / "gate.pb")]) == 2
    assert "does not end in .onnx" in capsys.readouterr().err


def test_a_run_that_is_none_is_named(tmp_path):
    with pytest.raises(UserError, match=r"config\.json"):
        onnx_files.command(tmp_path, tmp_path / "a.onnx", half=False)
