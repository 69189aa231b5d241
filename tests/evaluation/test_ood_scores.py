"""The stage that runs models: small ones, on the phantom's foreign images."""

import json
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from xray_keras import files
from xray_keras.datasets import cache, manifest, populations
from xray_keras.errors import UserError
from xray_keras.evaluation import ood, ood_scores
from xray_keras.losses import distances
from xray_keras.models import ali, frozen

CONFIG = {
    "dataset": "nih",
    "images": "labelled",
    "max_images": 150,
    "others": "ood",
    "split": "patient-80-20",
    "validation": 0.2,
    "labels": ["Effusion", "Infiltration"],
    "trainer": "supervised",
    "size": 16,
    "batch_size": 32,
    "seed": 1,
    "precision": "float32",
}


def build(base: Path, dataset: str, limit: int, size: int) -> Path:
    spec = {"dataset": dataset, "data": None, "images": "labelled", "max_images": limit, "missing": "error"}
    frame, _ = populations.build(spec)
    folder = base / f"{dataset}-{limit}"
    manifest.write(frame, folder / "manifest.csv")
    cache.build(frame, populations.source(spec), size, folder, workers=1, progress=False)
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("ood")


@pytest.fixture(scope="module")
def small(base) -> tuple[Path, Path]:
    return build(base / "16", "nih", 150, 16), build(base / "16", "ood", 10, 16)


@pytest.fixture(scope="module")
def classifier(base, small) -> Path:
    run = base / "sound" / "cohen2019" / "chexnet"
    files.write_json(run / "config.json", CONFIG)
    keras.utils.set_random_seed(0)
    image = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(8, 3, activation="relu")(keras.layers.Rescaling(1 / 255)(image))
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    keras.Model(image, keras.layers.Dense(2, "sigmoid")(x), name="small").save(run / "model.keras")
    ood_scores.write(run, *small)
    return run


def test_a_classifiers_scores(classifier, small):
    frame = ood.read(classifier / "ood.parquet")
    assert list(frame) == [*ood.COLUMNS, "s_mahalanobis", "s_knn", "p_Effusion", "p_Infiltration"]
    assert (
        frame["pneumonia"].dtype == np.int8
        and frame["s_knn"].dtype == frame["p_Effusion"].dtype == np.float64
    )
    assert frame["image"].is_unique and set(frame["group"]) == {"chest", "accept", "reject"}
    own = manifest.read(small[0] / "manifest.csv").set_index("image")
    held_out = frame[frame["group"] == "chest"]
    assert set(held_out["split"]) == {"validation", "test"} and 20 < len(held_out) < 100
    assert (own.loc[held_out["image"], "patient"].to_numpy() == held_out["patient"]).all()
    foreign = manifest.read(small[1] / "manifest.csv").set_index("image")
    others = frame[frame["group"] != "chest"]
    assert others["image"].tolist() == foreign.index.tolist() and (others["split"] == "test").all()
    assert (foreign["source"].to_numpy() == others["set"]).all()
    accepted = others[others["group"] == "accept"]
    assert (foreign.loc[accepted["image"], "Pneumonia"].to_numpy() == accepted["pneumonia"]).all()
    assert (frame["pneumonia"][frame["group"] != "accept"] == -1).all()


def test_probabilities_and_cut_offs_are_those_of_the_model_and_the_validation_part(classifier, small):
    frame = ood.read(classifier / "ood.parquet")
    model = keras.saving.load_model(classifier / "model.keras")
    foreign = manifest.read(small[1] / "manifest.csv")
    pixels = cache.load(cache.path(small[1], manifest.fingerprint(foreign), 16))
    p = model.predict(np.repeat(pixels[..., None], 3, axis=-1).astype(np.float32), verbose=0)
    others = frame[frame["group"] != "chest"]
    assert np.allclose(others[["p_Effusion", "p_Infiltration"]], p, atol=1e-6)
    kept = files.read_json(classifier / "ood.json")
    validation = ood.chest(frame, "validation")
    assert kept["images"] == len(validation) and kept["split"] == "validation"
    for name in ("mahalanobis", "knn"):
        limit = kept["thresholds"][name]
        assert limit == ood.cut_off(validation[f"s_{name}"].to_numpy())
        assert 0.95 <= (validation[f"s_{name}"] <= limit).mean() < 1


def test_detectors_are_fitted_on_the_training_images_alone(classifier, small, base):
    """Other pixels in the test part change no score of the others."""
    before = ood.read(classifier / "ood.parquet")
    frame = manifest.read(small[0] / "manifest.csv")
    array = cache.path(small[0], manifest.fingerprint(frame), 16)
    original = array.read_bytes()
    test = frame["image"].isin(before["image"][(before["group"] == "chest")]).to_numpy()
    try:
        pixels = np.load(array)
        pixels[test] = 255 - pixels[test]
        np.save(array, pixels)
        ood_scores.write(classifier, *small)
        after = ood.read(classifier / "ood.parquet")
    finally:
        array.write_bytes(original)
        before.to_parquet(classifier / "ood.parquet", index=False)
    others = before["group"] != "chest"
    assert np.allclose(before["s_mahalanobis"][others], after["s_mahalanobis"][others])
    assert not np.allclose(before["s_mahalanobis"][~others], after["s_mahalanobis"][~others])


def test_unreadable_foreign_images_are_left_out(classifier, small, base):
    before = (classifier / "ood.parquet").read_bytes()
    frame = manifest.read(small[1] / "manifest.csv")
    sidecar = cache.path(small[1], manifest.fingerprint(frame), 16).with_suffix(".json")
    kept = sidecar.read_text()
    gone = frame["image"].iloc[3]
    try:
        sidecar.write_text(json.dumps({**json.loads(kept), "unreadable": [gone]}))
        ood_scores.write(classifier, *small)
        found = ood.read(classifier / "ood.parquet")
    finally:
        sidecar.write_text(kept)
        (classifier / "ood.parquet").write_bytes(before)
    whole = ood.read(classifier / "ood.parquet")
    assert len(found) == len(whole) - 1 and gone not in set(found["image"])
    merged = found.merge(whole, on="image")
    assert np.allclose(merged["s_knn_x"], merged["s_knn_y"])


def test_kept_features_of_a_frozen_part_give_the_same_scores(base, small):
    run = base / "sound" / "cohen2019" / "frozen"
    keras.utils.set_random_seed(0)
    pixels = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(8, 3, activation="relu")(keras.layers.Rescaling(1 / 255)(pixels))
    stem = keras.Model(pixels, x, name=frozen.FROZEN)
    stem.trainable = False
    image = keras.Input((16, 16, 3))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(8, 3)(stem(image)))
    config = {**CONFIG, "model": "small", "model_options": {}, "augmentation": "none"}
    files.write_json(run / "config.json", config)
    keras.Model(image, keras.layers.Dense(2, "sigmoid")(x), name="small").save(run / "model.keras")
    ood_scores.write(run, *small)
    plain = ood.read(run / "ood.parquet")
    files.write_json(run / "config.json", {**config, "cache_features": True})
    ood_scores.write(run, *small)
    assert list(small[0].glob("features-16-*.npy"))
    kept = ood.read(run / "ood.parquet")
    assert kept["image"].equals(plain["image"])
    for column in ("s_mahalanobis", "s_knn", "p_Effusion"):
        assert np.allclose(kept[column], plain[column], rtol=1e-3, atol=1e-5)


def test_an_ali_run(base):
    population, others = build(base / "64", "nih", 60, 64), build(base / "64", "ood", 5, 64)
    run = base / "sound" / "cohen2019" / "ali"
    files.write_json(
        run / "config.json", {**CONFIG, "trainer": "ali", "labels": [], "size": 64, "max_images": 60}
    )
    keras.utils.set_random_seed(0)
    options = {"latent": 8, "width": 0.05}
    model = ali.autoencoder(ali.encoder(**options), ali.generator(**options))
    model.save(run / "model.keras")
    ood_scores.write(run, population, others)
    frame = ood.read(run / "ood.parquet")
    assert list(frame) == [*ood.COLUMNS, "s_latent", "s_l1", "s_l2", "s_ssim"]
    assert set(files.read_json(run / "ood.json")["thresholds"]) == {"latent", "l1", "l2", "ssim"}
    listed = manifest.read(others / "manifest.csv")
    pixels = cache.load(cache.path(others, manifest.fingerprint(listed), 64))
    x = pixels[:6, ..., None].astype(np.float32)
    made = model.predict(x, verbose=0)
    foreign = frame[frame["group"] != "chest"].iloc[:6]
    assert np.allclose(foreign["s_latent"], np.linalg.norm(made["latent"], axis=1), rtol=1e-4)
    assert np.allclose(
        foreign["s_l1"], np.abs(x - made["reconstruction"]).mean(axis=(1, 2, 3)) / 255, rtol=1e-4
    )
    ssim = distances.ssim(x / 255, made["reconstruction"] / 255)
    assert np.allclose(foreign["s_ssim"], ssim, atol=1e-4)
    with np.load(run / "ood_examples.npz") as examples:
        counts = pd.Series(examples["set"]).value_counts()
        assert set(counts.index) == set(frame["set"]) and (counts == 4).all()
        assert examples["input"].shape == examples["reconstruction"].shape == (len(counts) * 4, 64, 64)
        assert examples["input"].dtype == examples["reconstruction"].dtype == np.uint8
        named = frame.set_index("image").loc[examples["image"]]
        assert (named["set"].to_numpy() == examples["set"]).all() and (named["split"] == "test").all()
        at = [listed["image"].tolist().index(name) for name in examples["image"] if "/" in name]
        assert (examples["input"][-len(at) :] == pixels[at]).all()


def test_absent_and_unsuitable_models(base, small, tmp_path):
    run = tmp_path / "run"
    files.write_json(run / "config.json", CONFIG)
    with pytest.raises(UserError, match=r"model\.keras is absent; train again"):
        ood_scores.write(run, *small)
    with pytest.raises(UserError, match=r"manifest\.csv is absent"):
        ood_scores.write(run, small[0], tmp_path / "elsewhere")
    image = keras.Input((16, 16, 3))
    keras.Model(image, keras.layers.GlobalMaxPooling2D()(keras.layers.Conv2D(2, 3)(image))).save(
        run / "model.keras"
    )
    with pytest.raises(UserError, match="does not end in a dense layer"):
        ood_scores.write(run, *small)
