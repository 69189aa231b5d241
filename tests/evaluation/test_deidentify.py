"""The stage on a population of 16 px in which every patient has a pattern of his own and a mass brightens a corner."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from xray_keras import files
from xray_keras.datasets import cache, manifest
from xray_keras.datasets.findings import FINDINGS
from xray_keras.errors import UserError
from xray_keras.evaluation import deidentify, projection
from xray_keras.models import infogan
from xray_keras.training import inputs
from xray_keras.training.infogan_step import Options

SIZE, PATIENTS = 16, 60
CONFIG = {"dataset": "nih", "images": "all", "max_images": None, "split": "patient-80-20", "validation": 0.2,
          "share": 1.0, "size": SIZE, "seed": 3, "precision": "float32"}  # fmt: skip
OPTIONS = {"conditions": ["Mass"], "width": 0.05}
PEERS = (deidentify.BLUR, deidentify.PIXELATION)
FRACTIONS = ("reid", "verification", "auc")


class Patterns:
    """A coarse pattern of each patient, the same in his images but for noise, and a patch of a mass."""

    def images(self, rows: pd.DataFrame, size: int) -> np.ndarray:
        pixels = []
        for patient, mass in zip(rows["patient"], rows["Mass"], strict=True):
            own = np.random.default_rng(int(patient)).integers(40, 160, (4, 4)).repeat(4, 0).repeat(4, 1)
            own[:4, :4] = 60 + 60 * mass
            pixels.append(own)
        noise = np.random.default_rng(len(rows)).integers(-12, 13, (len(rows), size, size))
        return np.clip(np.stack(pixels) + noise, 0, 255).astype(np.uint8)


def write_population(folder: Path, images_each: int) -> None:
    """Every fourth patient has a single image."""
    count = PATIENTS * images_each
    frame = pd.DataFrame(
        {"image": [f"{i // images_each:08d}_{i % images_each:03d}.png" for i in range(count)],
         "patient": [str(i // images_each) for i in range(count)], "path": "",
         "follow_up": [i % images_each for i in range(count)], "age": 50, "sex": "F", "view": "PA",
         "official_split": "train_val"}
    )  # fmt: skip
    for finding in FINDINGS:
        frame[finding] = np.int8(0)
    frame["Mass"] = np.random.default_rng(0).integers(0, 2, count).astype(np.int8)
    frame = frame[(frame["patient"].astype(int) % 4 > 0) | (frame["follow_up"] == 0)].reset_index(drop=True)
    manifest.write(frame, folder / "manifest.csv")
    cache.build(frame, Patterns(), SIZE, folder, workers=1, progress=False)


def embedding() -> keras.Model:
    """Means of cells but the first row, which shows the mass."""
    image = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Cropping2D(((4, 0), (0, 0)))(image)
    x = keras.layers.Flatten()(keras.layers.AveragePooling2D(4)(x))
    return keras.Model(image, keras.layers.UnitNormalization()(keras.layers.Rescaling(1, -100)(x)))


def classifier() -> keras.Model:
    """Brightness of the corner, as a two-way softmax."""
    image = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Cropping2D(((0, 12), (0, 12)))(image)
    head = keras.layers.Dense(2, "softmax")
    model = keras.Model(image, head(keras.layers.GlobalAveragePooling2D()(x)))
    head.set_weights([np.array([[-0.01, 0.01]] * 3), np.array([2.7, -2.7])])
    return model


Place = tuple[Path, Path, Path, Path]  # GAN run, population, identity run, classifier run


def places(base: Path) -> Place:
    runs = base / "sound" / "gan_notes"
    return runs / "gan", base / "nih-all", runs / "identity", runs / "classifier"


@pytest.fixture(scope="module", autouse=True)
def shortened() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deidentify, "KNOWN", 40)
        patch.setattr(deidentify, "WIDTHS", (0.0, 0.125))
        patch.setattr(deidentify, "CELLS", (0.0, 0.25))
        patch.setattr(deidentify, "SHARES", (0.0, 0.5, 1.0))
        yield


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of runs and population, the stage run once."""
    keras.utils.set_random_seed(0)
    base = tmp_path_factory.mktemp("base")
    run, population, identity, judge = places(base)
    write_population(population, 4)
    generator = infogan.generator(Options(**OPTIONS).latent, size=SIZE, width=0.05)
    for folder, model in ((run, generator), (identity, embedding()), (judge, classifier())):
        own = {
            "labels": ["Mass"] if folder == judge else [],
            "model_options": OPTIONS if folder == run else {},
        }
        files.write_json(folder / "config.json", {**CONFIG, **own})
        model.save(folder / "model.keras")
    deidentify.write(run, population, identity, judge)
    return base


@pytest.fixture
def place(written: Path, tmp_path: Path) -> Place:
    """A copy of it."""
    shutil.copytree(written, tmp_path / "base")
    return places(tmp_path / "base")


def opened(population: Path) -> pd.DataFrame:
    """The manifest's rows of the test images."""
    data = inputs.open_data(population, {**CONFIG, "labels": []})
    return data.frame.iloc[data.part("test")]


def curves(run: Path) -> pd.DataFrame:
    return pd.read_parquet(run / deidentify.CURVES)


def test_curves_of_every_method(place: Place) -> None:
    run = place[0]
    found = curves(run)
    points = found.groupby("method", sort=False)["strength"].apply(list).to_dict()
    assert points == {
        deidentify.BLUR: list(deidentify.WIDTHS), deidentify.PIXELATION: list(deidentify.CELLS),
        deidentify.PROJECTION: list(deidentify.SHARES), deidentify.EDIT: list(deidentify.SHARES),
        deidentify.LABELLED: list(deidentify.SHARES),
    }  # fmt: skip
    assert not found[[*FRACTIONS, "chance", "difference"]].isna().to_numpy().any()
    for name in FRACTIONS:
        known = found.dropna(subset=f"{name}_low")
        assert (known[f"{name}_low"] <= known[name]).all() and (known[name] <= known[f"{name}_high"]).all()
    images = opened(place[1]).groupby("patient").size()
    looked_up, gallery = images // 2, images - images // 2
    assert set(found["images"]) == {looked_up.sum()} and set(found["patients"]) == {(looked_up > 0).sum()}
    expected = (looked_up * gallery).sum() / (looked_up.sum() * gallery.sum())
    assert found["chance"].unique() == pytest.approx(expected)
    table = found.set_index(["method", "strength"])
    for method in (*PEERS, deidentify.PROJECTION, deidentify.LABELLED):
        untouched = table.loc[method, 0.0]
        pd.testing.assert_series_equal(untouched, table.loc[deidentify.BLUR, 0.0], check_names=False)
        assert untouched["reid"] == 1 and untouched["auc"] == 1 and untouched["difference"] == 0
        assert untouched["verification"] > 0.95
        difference = table.loc[method, "difference"].to_numpy()
        assert (np.diff(difference) >= 0).all() and difference[-1] > 5
    pd.testing.assert_series_equal(
        table.loc[deidentify.EDIT, 0.0], table.loc[deidentify.PROJECTION, 1.0], check_names=False
    )
    assert table.loc[deidentify.EDIT, 1.0]["reid"] < 0.5
    deidentify.write(*place)
    pd.testing.assert_frame_equal(curves(run), found)


def test_pictures_of_every_point(place: Place) -> None:
    run, population = place[:2]
    with np.load(run / deidentify.EXAMPLES) as arrays:
        kept = dict(arrays)
    found = curves(run)
    assert list(kept["method"]) == list(found["method"]) and list(kept["strength"]) == list(found["strength"])
    frame = manifest.read(population / "manifest.csv").set_index("image", drop=False)
    np.testing.assert_array_equal(kept["original"], _pixels(population, frame, kept["image"]))
    assert (
        kept["changed"].shape == (len(found), deidentify.SHOWN, SIZE, SIZE)
        and kept["changed"].dtype == np.uint8
    )
    point = {key: images for *key, images in zip(kept["method"], kept["strength"], kept["changed"], strict=True)
             for key in [tuple(key)]}  # fmt: skip
    np.testing.assert_array_equal(point[deidentify.PROJECTION, 0.0], kept["original"])
    half = (kept["original"].astype(float) + point[deidentify.PROJECTION, 1.0]) / 2
    assert np.abs(point[deidentify.PROJECTION, 0.5] - half).max() <= 0.5


def _pixels(population: Path, frame: pd.DataFrame, names: np.ndarray) -> np.ndarray:
    pixels = cache.load(cache.path(population, manifest.fingerprint(frame), SIZE))
    return pixels[frame.index.get_indexer(names)]


def test_labels_kept_are_those_of_the_images(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []

    def watched(generator, latent, images, starts):
        begun.append((images, starts))
        return starts[:, 0]

    monkeypatch.setattr(projection, "project", watched)
    deidentify.write(*place)
    (free, _), (images, starts) = begun
    np.testing.assert_array_equal(free, images)
    end = sum(Options(**OPTIONS).latent.categorical)
    mass = (images[:, :4, :4].mean(axis=(1, 2)) > 90).astype(np.float32)
    assert 0 < mass.mean() < 1
    np.testing.assert_array_equal(starts[..., end - 1], np.repeat(mass[:, None], starts.shape[1], axis=1))
    np.testing.assert_array_equal(starts[..., end - 2], 1 - starts[..., end - 1])


def test_without_conditions_no_label_is_kept(place: Place) -> None:
    run = place[0]
    options = {**OPTIONS, "conditions": []}
    infogan.generator(Options(**options).latent, size=SIZE, width=0.05).save(run / "model.keras")
    files.write_json(run / "config.json", {**files.read_json(run / "config.json"), "model_options": options})
    deidentify.write(*place)
    assert deidentify.LABELLED not in set(curves(run)["method"])


def test_of_gray_pictures_nothing_is_known(place: Place) -> None:
    _, population, identity, judge = place
    data = inputs.open_data(population, {**CONFIG, "labels": ["Mass"]})
    held = data.part("test")
    looked_up = (data.frame["follow_up"].to_numpy()[held] % 4) == 1
    attacked = deidentify.Attacked(data, held[looked_up], held[~looked_up], identity, judge)
    found = attacked.numbers(np.full_like(attacked.images, 128))
    assert found["auc"] == 0.5
    assert found["reid_low"] < found["chance"] < found["reid_high"]
    assert found["verification"] == pytest.approx(0.5, abs=0.01)


def test_runs_of_other_images_are_refused(place: Place) -> None:
    for folder in place[2:]:
        config = files.read_json(folder / "config.json")
        files.write_json(folder / "config.json", {**config, "seed": 4})
        with pytest.raises(UserError, match=rf"{folder.name} has seed 4 and .*gan has 3"):
            deidentify.write(*place)
        files.write_json(folder / "config.json", config)
    config = files.read_json(place[0] / "config.json")
    files.write_json(place[0] / "config.json", {**config, "model_options": {"form": "code"}})
    with pytest.raises(UserError, match="depends on the others of its batch"):
        deidentify.write(*place)


def test_without_a_second_image_nobody_can_be_known_again(place: Place, tmp_path: Path) -> None:
    run, _, identity, judge = place
    write_population(tmp_path / "single", 1)
    with pytest.raises(UserError, match="no patient with two test images"):
        deidentify.write(run, tmp_path / "single", identity, judge)
