"""The stage on generators whose honesty is known: one that copies, one that shows people who never were there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.evaluation.phantom_people import SIZE, pictures
from xray_keras import files
from xray_keras.datasets import cache, manifest
from xray_keras.errors import UserError
from xray_keras.evaluation import gan_privacy, near_copies, privacy_control, privacy_screen, privacy_sides
from xray_keras.training import inputs

CONFIG = {
    "dataset": "nih", "images": "all", "max_images": None, "split": "patient-80-20", "validation": 0.5, "share": 1.0,
    "labels": [], "trainer": "infogan", "model_options": {"finding": None, "conditions": []}, "size": SIZE, "seed": 1,
}  # fmt: skip
RNG = np.random.default_rng(5)


class Drawn:
    """The phantom's images, drawn once."""

    def __init__(self, images: np.ndarray) -> None:
        self._images = images

    def images(self, rows: Any, size: int) -> np.ndarray:
        return self._images[rows.index]


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def population(base) -> Path:
    """260 phantom patients of one or two images each."""
    folder = base / "nih-all"
    rows, images = pictures(31, 260, 2)
    manifest.write(rows, folder / "manifest.csv")
    cache.build(
        manifest.read(folder / "manifest.csv"), Drawn(images), SIZE, folder, workers=1, progress=False
    )
    return folder


@pytest.fixture(scope="module")
def data(population):
    return inputs.open_data(population, CONFIG)


@pytest.fixture(scope="module")
def identity(base) -> Path:
    """Instead of a trained network: details of an image, as a vector."""
    run = base / "sound" / "gan_notes" / "identity"
    files.write_json(run / "config.json", {**CONFIG, "trainer": "siamese", "model_options": {}})
    image = keras.Input((SIZE, SIZE, 3))
    coarse = keras.layers.AveragePooling2D(4)(image[..., :1])
    broad = keras.layers.AveragePooling2D(5, strides=1, padding="same")(coarse)
    x = keras.layers.Flatten()(keras.layers.Subtract()([coarse, broad]))
    keras.Model(image, keras.layers.UnitNormalization()(x)).save(run / "model.keras")
    return run


def audit(base: Path, population: Path, identity: Path, name: str, images: np.ndarray) -> dict[str, Any]:
    """privacy.json of a run that generated the images."""
    run = base / "sound" / "gan_notes" / name
    files.write_json(run / "config.json", CONFIG)
    np.savez(run / "generated.npz", image=images)
    gan_privacy.write(run, population, identity)
    return files.read_json(run / "privacy.json")


@pytest.fixture(scope="module")
def copier(base, population, identity, data):
    """All training images, a little darker."""
    training = data.images[data.rows[data.part("train")]]
    return audit(base, population, identity, "copier", (0.95 * RNG.permutation(training)).astype(np.uint8))


@pytest.fixture(scope="module")
def honest(base, population, identity):
    """Other phantom people, one image each."""
    return audit(base, population, identity, "honest", pictures(77, 120, 1)[1])


def test_a_copier_is_called_out_by_every_measure(copier):
    for name, space in copier["spaces"].items():
        share = space["nearer"]["share"]
        assert share["interval"][0] > 0.5 and space["nearer"]["p"] < 0.05, name
        assert space["membership"]["interval"][0] > 0.7, name
        quantiles = space["quantiles"]
        assert quantiles["training"][0] < quantiles["held_out"][0], name
    flagged = copier["screen"]["generated"]
    assert flagged["flagged"] == flagged["images"] == copier["training"]["images"]
    before, after = (copier["reidentification"][state] for state in ("before", "after"))
    assert before["difference"]["interval"][0] > 0.5 and before["p"] < 1e-6
    assert after["training"]["value"] == after["held_out"]["value"] == 0 and after["p"] == 1


def test_an_honest_generator_is_called_out_by_none(honest):
    for name, space in honest["spaces"].items():
        low, high = space["nearer"]["share"]["interval"]
        assert low <= 0.5 <= high and space["nearer"]["p"] > 0.05, name
        low, high = space["membership"]["interval"]
        assert low <= 0.5 <= high, name
    assert honest["screen"]["generated"]["share"]["value"] < 0.05
    for state in ("before", "after"):
        found = honest["reidentification"][state]
        low, high = found["difference"]["interval"]
        assert low <= 0 <= high and found["p"] > 0.05


def test_a_copier_of_some_is_known_until_the_screen_takes_his_copies(base, population, identity, data):
    """Honest images first, then copies: the screen takes each with its mirror image, and leaves the others."""
    people = pictures(79, 30, 1)[1]
    training = data.images[data.rows[data.part("train")]]
    copies = training[RNG.choice(len(training), 70, replace=False)]
    images = np.concatenate([people, copies[:, :, ::-1]])
    found = audit(base, population, identity, "some", images)
    assert 70 <= found["screen"]["generated"]["flagged"] <= 73
    before, after = (found["reidentification"][state] for state in ("before", "after"))
    assert before["difference"]["interval"][0] > 0.05 and before["p"] < 0.01
    low, high = after["difference"]["interval"]
    assert low <= 0 <= high and after["training"]["value"] < 0.05 + found["reidentification"]["chance"]
    with np.load(base / "sound" / "gan_notes" / "some" / "neighbours.npz") as shown:
        assert (shown["row"] >= len(people)).all()


def test_hidden_copies_are_flagged_and_known_until_the_screen_takes_them(copier, honest):
    for result in (copier, honest):
        control = result["control"]
        assert control["patients"] == privacy_control.PATIENTS
        all_found = {"planted": 20, "flagged": 20, "found": 20}
        assert control["kinds"] == dict.fromkeys(("exact", "flipped", "cropped", "jpeg"), all_found)
        assert control["screened"] == result["reidentification"]["after"]
    matched = honest["control"]["matched"]
    assert matched["with"] >= 15 and matched["without"] == matched["screened"] <= 3
    difference = [honest["control"][state]["difference"]["value"] for state in ("with", "screened")]
    assert difference[0] - difference[1] > 0.2


def test_held_out_people_stay_silent_at_the_stated_rate(honest):
    screen, attack = honest["screen"], honest["reidentification"]
    assert screen["error_rate"] == pytest.approx(max(0.01, 1 / (screen["patients"] + 1)))
    assert screen["held_out"]["flagged"] <= 3 and screen["held_out"]["images"] == honest["references"]
    assert attack["before"]["held_out"]["value"] < 3 * attack["chance"]
    assert attack["false_match"] < attack["chance"] / 10


def test_numbers_of_images_and_patients(honest, data):
    for name, part in (("training", "train"), ("held_out", "test"), ("validation", "validation")):
        chosen = data.part(part)
        patients = data.frame["patient"].iloc[chosen].nunique()
        assert honest[name] == {"images": len(chosen), "patients": patients}
    assert honest["references"] == honest["held_out"]["patients"] < honest["training"]["patients"]
    assert honest["generated"] == {"images": 120, "of": 120} and honest["finding"] is None
    assert 0 < honest["reidentification"]["patients"] < honest["validation"]["patients"]
    identity = honest["identity"]
    assert identity["looked_up"] + identity["gallery"] == honest["held_out"]["images"]
    assert identity["rank_one"]["value"] > 5 * identity["chance"] and identity["verification"]["value"] > 0.7


def test_pictures_for_a_figure(copier, honest, base, data):
    shown = {}
    for name in ("copier", "honest"):
        with np.load(base / "sound" / "gan_notes" / name / "neighbours.npz") as opened:
            shown[name] = dict(opened)
    training, held_out = (data.images[data.rows[data.part(part)]] for part in ("train", "test"))
    for name, arrays in shown.items():
        with np.load(base / "sound" / "gan_notes" / name / "generated.npz") as generated:
            np.testing.assert_array_equal(arrays["generated"], generated["image"][arrays["row"]])
        assert arrays["generated"].shape == (8, SIZE, SIZE) and arrays["training"].dtype == np.uint8
        assert (np.diff(arrays["to_training"]) >= 0).all()
        for side, images in (("training", training), ("held_out", held_out)):
            assert all((images == picture).all(axis=(1, 2)).any() for picture in arrays[side])
    assert shown["copier"]["flagged"].all()
    assert (shown["copier"]["to_training"] < shown["copier"]["to_held_out"]).all()
    darker = (0.95 * shown["copier"]["training"]).astype(np.uint8)
    np.testing.assert_array_equal(darker, shown["copier"]["generated"])


def test_a_gan_of_one_finding_is_compared_by_images_with_it(base, population, identity, data, tmp_path):
    run = tmp_path / "sound" / "gan_notes" / "effusion"
    config = {**CONFIG, "model_options": {"finding": "Effusion", "conditions": []}}
    files.write_json(run / "config.json", config)
    np.savez(run / "generated.npz", image=pictures(78, 20, 1)[1])
    few = int(data.frame["Effusion"].to_numpy()[data.part("test")].sum())
    assert 0 < few < gan_privacy.FEWEST
    with pytest.raises(UserError, match=rf"leaves {few} held-out patients with Effusion, .* needs 12"):
        gan_privacy.write(run, population, identity)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"trainer": "ali"}, "a run of ali; give one of infogan"),
        ({"seed": 2}, "seed 1 and .* has 2.*the same seed"),
        ({"validation": 0.1}, "validation 0.5"),
    ],
)
def test_runs_that_do_not_belong_together(
    base, population, identity, tmp_path, changed: Mapping[str, Any], words
):
    files.write_json(tmp_path / "config.json", {**CONFIG, **changed})
    with pytest.raises(UserError, match=words):
        gan_privacy.write(tmp_path, population, identity)


def test_absent_and_damaged_images(base, population, identity, tmp_path):
    files.write_json(tmp_path / "config.json", CONFIG)
    with pytest.raises(UserError, match=r"generated\.npz is absent; delete .*model\.keras and train"):
        gan_privacy.write(tmp_path, population, identity)
    (tmp_path / "generated.npz").write_bytes(b"PK\x03\x04")
    with pytest.raises(UserError, match=r"generated\.npz is damaged"):
        gan_privacy.write(tmp_path, population, identity)


def test_the_screen_looks_at_all_sets_as_at_each(data):
    def side(chosen: np.ndarray) -> privacy_sides.Side:
        images, patients = data.images[data.rows[chosen]], data.frame["patient"].to_numpy(str)[chosen]
        return privacy_sides.Side(images, patients, patients, np.zeros((len(chosen), 1)))

    training, held_out, others = (
        side(data.part("train")[:60]),
        side(data.part("test")),
        side(data.part("validation")),
    )
    sets = {"one": data.images[:7], "other": data.images[40:45]}
    found = privacy_screen.screen(data.images[50:59], training, held_out, others, sets, 0).found
    for name, images in (*sets.items(), ("generated", data.images[50:59])):
        alone = near_copies.nearest(images, training.images)
        np.testing.assert_array_equal(found[name].rows, alone.rows)
        np.testing.assert_allclose(found[name].distance, alone.distance, atol=1e-6)
