import json
import shutil

import keras
import numpy as np
import pytest
from PIL import Image

from xray_keras import cli, files
from xray_keras.errors import UserError
from xray_keras.evaluation import calibration, examine

LABELS = ["Mass", "Hernia"]
rng = np.random.default_rng(0)
# Smooth pictures: the "chests" of this test.
CHEST = np.uint8(128 + 100 * np.outer(np.sin(np.linspace(0, 3, 90)), np.cos(np.linspace(0, 2, 70))))
NOISE = rng.integers(0, 256, (90, 70), dtype=np.uint8)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A classifier run that knows brightness, and an autoencoder run that can only blur."""
    base = tmp_path_factory.mktemp("runs")
    image = keras.Input((32, 32, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 255)(image))
    head = keras.layers.Dense(2, "sigmoid", name="probabilities")
    model = keras.Model(image, head(pooled))
    head.set_weights([np.array([[1.0, -1.0]] * 3), np.array([-1.0, 1.0])])
    classifier = base / "chexnet"
    classifier.mkdir()
    model.save(classifier / "model.keras")
    files.write_json(classifier / "config.json", {"labels": LABELS})
    points = {"Mass": {"value": 0.4, "reason": None}, "Hernia": {"value": 0.2, "reason": None}}
    files.write_json(classifier / calibration.FILE, {"labels": points})
    gray = keras.Input((32, 32, 1), name="image")
    blurred = keras.layers.UpSampling2D(4, interpolation="bilinear")(keras.layers.AveragePooling2D(4)(gray))
    latent = keras.layers.GlobalAveragePooling2D()(gray)
    gate = base / "ali"
    gate.mkdir()
    keras.Model(gray, {"latent": latent, "reconstruction": blurred}).save(gate / "model.keras")
    files.write_json(gate / "ood.json", {"thresholds": {"ssim": 0.5}})
    for name, pixels in (("chest", CHEST), ("noise", NOISE)):
        Image.fromarray(pixels).save(base / f"{name}.png")
    return base


def test_a_chest_is_scored_and_noise_refused(world):
    classifier, gate = examine.load_classifier(world / "chexnet"), examine.load_gate(world / "ali")
    chest = examine.examine(world / "chest.png", classifier, gate)
    noise = examine.examine(world / "noise.png", classifier, gate)
    assert not chest.refused and chest.distance < 0.5 < noise.distance and noise.refused
    assert noise.probabilities is None and set(chest.probabilities) == set(LABELS)
    shown = examine.examine(world / "noise.png", classifier, gate, show_refused=True)
    assert shown.refused and set(shown.probabilities) == set(LABELS)


def test_scores_are_scaled_by_the_stored_operating_points(world):
    found = examine.examine(world / "chest.png", examine.load_classifier(world / "chexnet"), None)
    from xray_keras.datasets import radiograph

    mean = radiograph.square(CHEST, 32).mean() / 255
    raw = {"Mass": 1 / (1 + np.exp(1 - 3 * mean)), "Hernia": 1 / (1 + np.exp(3 * mean - 1))}
    for label, opt in (("Mass", 0.4), ("Hernia", 0.2)):
        expected = float(calibration.calibrate(raw[label], opt))
        assert found.probabilities[label] == pytest.approx(expected, abs=1e-4)
    values = list(found.probabilities.values())
    assert values == sorted(values, reverse=True) and found.raw == ()
    assert found.distance is None and not found.refused


def test_an_imported_model_has_its_labels_on_its_card(world, tmp_path):
    path = tmp_path / "imported.keras"
    path.write_bytes((world / "chexnet" / "model.keras").read_bytes())
    files.write_json(path.with_suffix(".json"), {"labels": LABELS, "operating_points": None})
    found = examine.examine(world / "chest.png", examine.load_classifier(path), None)
    assert set(found.raw) == set(LABELS) and "one half means nothing" in examine.describe(found)
    files.write_json(path.with_suffix(".json"), {"labels": ["Mass"]})
    with pytest.raises(UserError, match="does not give one score a label"):
        examine.load_classifier(path)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"labels": 3}, r"imported\.json does not list its labels"),
        ({"labels": [1, 2]}, "does not list its labels"),
        ({"operating_points": [0.5]}, r"an operating point outside \[0, 1\]; import the model again"),
        ({"operating_points": {"Mass": 1e30}}, "an operating point outside"),
        ({"operating_points": {"Mass": float("nan")}}, "an operating point outside"),
        ({"operating_points": {"Mass": "much"}}, "an operating point outside"),
    ],
    ids=str,
)
def test_a_card_that_makes_no_sense_is_named(world, tmp_path, changed, words):
    path = tmp_path / "imported.keras"
    path.write_bytes((world / "chexnet" / "model.keras").read_bytes())
    path.with_suffix(".json").write_text(json.dumps({"labels": LABELS, "operating_points": None} | changed))
    with pytest.raises(UserError, match=words):
        examine.load_classifier(path)


def test_a_gate_whose_threshold_is_no_number_refuses_to_open(world, tmp_path):
    gate = shutil.copytree(world / "ali", tmp_path / "gate")
    (gate / "ood.json").write_text('{"thresholds": {"ssim": NaN}}')
    with pytest.raises(UserError, match="has no reconstruction error to judge by"):
        examine.load_gate(gate)


def test_the_wrong_kind_of_run_is_named(world):
    with pytest.raises(UserError, match=r"ood\.json"):
        examine.load_gate(world / "chexnet")
    with pytest.raises(UserError, match=r"config\.json"):
        examine.load_classifier(world / "ali")


def test_one_unreadable_file_does_not_stop_the_others(world, tmp_path, capsys):
    (tmp_path / "letter.png").write_text("Dear doctor")
    gate = shutil.copytree(world / "ali", tmp_path / "ali")
    shutil.copy(world / "chexnet" / "config.json", gate)
    arguments = ["examine", str(tmp_path / "letter.png"), str(world / "chest.png"), str(world / "noise.png")]
    arguments += ["--classifier", str(world / "chexnet"), "--gate", str(gate)]
    assert cli.main([*arguments, "-o", str(tmp_path / "found.json")]) == 1
    text = capsys.readouterr().out
    assert "not examined" in text and "accepted" in text and "refused: unlike the training" in text
    assert text.strip().endswith("Not for diagnosis.")
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["note"] == "Not for diagnosis." and len(found["images"]) == 3
    assert "error" in found["images"][0] and found["images"][2]["probabilities"] is None
    assert cli.main([*arguments[:1], *arguments[2:]]) == 0


def test_json_is_what_the_file_holds_and_words_go_elsewhere(world, tmp_path, capsys):
    (tmp_path / "letter.png").write_text("Dear doctor")
    arguments = ["examine", str(world / "chest.png"), str(tmp_path / "letter.png"), "--json"]
    arguments += ["--classifier", str(world / "chexnet"), "-o", str(tmp_path / "found.json")]
    assert cli.main(arguments) == 1
    shown = capsys.readouterr()
    found = json.loads(shown.out)
    assert found == json.loads((tmp_path / "found.json").read_text())
    assert set(found["images"][0]["probabilities"]) == set(LABELS) and "error" in found["images"][1]
    assert "not gated" in shown.err and "not examined" in shown.err
