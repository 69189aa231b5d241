"""The stage on a population of 32 px whose masses are bright squares that a small network has been told to see."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from xray_keras import files
from xray_keras.datasets import cache, manifest, populations, regions
from xray_keras.datasets.findings import FINDINGS
from xray_keras.errors import UserError
from xray_keras.evaluation import explain, localisation

SIZE = 32
CONFIG = {"split": "patient-80-20", "validation": 0.2, "labels": ["Edema", "Mass"], "size": SIZE, "seed": 3,
          "scale": "demo", "variant": "sound"}  # fmt: skip


class Squares:
    """A bright square where there is a mass; its place is in the image's name. Edema shows nowhere."""

    def images(self, rows: pd.DataFrame, size: int) -> np.ndarray:
        pixels = np.full((len(rows), size, size), 40, np.uint8)
        pixels[self.masks(rows, size) & (rows["Mass"] == 1).to_numpy()[:, None, None]] = 220
        return pixels

    @staticmethod
    def masks(rows: pd.DataFrame, size: int) -> np.ndarray:
        found = np.zeros((len(rows), size, size), bool)
        for mask, image in zip(found, rows["image"], strict=True):
            top, left = int(image[:8]) % 3 * 8 + 4, int(image[9:12]) * 12 + 4
            mask[top : top + 6, left : left + 6] = True
        return found


def outlined(source: object, rows: pd.DataFrame, labels: list[str]) -> pd.DataFrame:
    row = np.flatnonzero(rows["Mass"] == 1) if "Mass" in labels else np.empty(0, int)
    return pd.DataFrame({"row": row, "finding": "Mass"})


def masks(source: object, rows: pd.DataFrame, findings: list[str], size: int) -> np.ndarray:
    assert set(findings) <= {"Mass"}
    return Squares.masks(rows, size)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Run and population; the truth is that of the squares."""
    images = 160
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"image": [f"{i // 2:08d}_{i % 2:03d}.png" for i in range(images)],
         "patient": [str(i // 2) for i in range(images)], "path": "", "follow_up": [i % 2 for i in range(images)],
         "age": 50, "sex": "F", "view": "PA", "official_split": "train_val"}
    )  # fmt: skip
    for finding in FINDINGS:
        frame[finding] = np.int8(0)
    frame["Mass"] = rng.integers(0, 2, images).astype(np.int8)
    frame["Edema"] = rng.integers(0, 2, images).astype(np.int8)
    population, run = tmp_path / "nih-all", tmp_path / "sound" / "cohen2019" / "chexnet"
    manifest.write(frame, population / "manifest.csv")
    files.write_json(population / "population.json", {"dataset": "nih", "data": None})
    cache.build(frame, Squares(), SIZE, population, workers=1, progress=False)
    files.write_json(run / "config.json", CONFIG)
    model().save(run / "model.keras")
    monkeypatch.setattr(populations, "source", lambda population: Squares())
    monkeypatch.setattr(regions, "absent", lambda source: None)
    monkeypatch.setattr(regions, "outlined", outlined)
    monkeypatch.setattr(regions, "masks", masks)
    monkeypatch.setitem(explain.MOST, "demo", 10)
    return run, population


def model() -> keras.Model:
    """The mass's output rises with bright cells of four pixels; edema's is constant."""
    images = keras.Input((SIZE, SIZE, 3), name="image")
    x = keras.layers.Conv2D(1, 4, strides=4, activation="relu", name="bright")(images)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dropout(0.5)(x)
    whole = keras.Model(images, keras.layers.Dense(2, activation="sigmoid")(x))
    whole.set_weights([np.full((4, 4, 3, 1), 1 / 48), np.array([-60.0]), np.array([[0.0, 1.0]]), np.zeros(2)])
    return whole


def test_scores_of_every_method_on_held_out_masses(place: tuple[Path, Path]) -> None:
    run, population = place
    explain.write(run, population)
    found = pd.read_parquet(run / "explanations.parquet")
    assert tuple(found) == explain.COLUMNS
    methods = ["saliency", "saliency_all", "cam", "cam_all", "grad_cam", "centre", "prior"]
    assert found["method"].value_counts().to_dict() == dict.fromkeys(methods, 10)
    assert set(found["split"]) == {"validation", "test"}
    assert set(found["finding"]) == {"Mass"}
    assert not found.duplicated(["image", "finding", "method"]).any()
    means = found.groupby("method")[["hit", "iou", "inside"]].mean()
    for method in ("saliency", "saliency_all", "cam", "cam_all", "grad_cam"):
        assert means.loc[method, "hit"] == 1
        assert means.loc[method, "inside"] > 5
        assert means.loc[method, "iou"] > means.loc["centre", "iou"]
    assert means.loc["centre", "hit"] < 0.7
    facts = files.read_json(run / "explanations.json")
    assert facts["reason"] is None and facts["most"] == 10 and facts["map_side"] == 8
    assert set(facts["seconds"]) == {"prediction", "one", "all"}
    assert min(facts["seconds"].values()) > 0


def test_baselines_are_the_blob_and_the_mean_training_region(place: tuple[Path, Path]) -> None:
    run, population = place
    explain.MOST["demo"] = 1000
    explain.write(run, population)
    found = pd.read_parquet(run / "explanations.parquet")
    frame = manifest.read(population / "manifest.csv")
    held = set(found["image"])
    from xray_keras.datasets import splits

    split = splits.assign(frame, "patient-80-20", validation=0.2, seed=3)
    ill = frame["Mass"] == 1
    assert held == set(frame["image"][ill & split.isin(["validation", "test"])])
    prior = Squares.masks(frame[ill & (split == "train")], SIZE).mean(axis=0)
    for baseline, values in (("prior", prior), ("centre", localisation.centre(SIZE))):
        for row in found[found["method"] == baseline].itertuples():
            truth = Squares.masks(frame[frame["image"] == row.image], SIZE)[0]
            expected = localisation.score(values, localisation.distance(truth))
            assert (row.hit, row.iou, row.area) == (expected.hit, expected.iou, expected.area)
            assert row.inside == pytest.approx(expected.inside)


def test_examples_are_the_most_probable_of_different_patients(place: tuple[Path, Path]) -> None:
    run, population = place
    explain.write(run, population)
    with np.load(run / "explanation_examples.npz") as arrays:
        examples = dict(arrays)
    assert str(examples["finding"]) == "Mass"  # nothing with cardiomegaly
    assert len({name[:8] for name in examples["names"]}) == len(examples["names"]) == explain.EXAMPLES
    assert (np.diff(examples["probabilities"]) <= 0).all()
    frame = manifest.read(population / "manifest.csv").set_index("image", drop=False)
    rows = frame.loc[examples["names"]]
    assert np.array_equal(examples["images"], Squares().images(rows, SIZE))
    assert np.array_equal(examples["truth"], Squares.masks(rows, SIZE))
    for name in ("saliency", "saliency_all", "cam", "cam_all", "grad_cam"):
        assert examples[name].shape == (3, SIZE, SIZE) and examples[name].dtype == np.float32
        assert np.isfinite(examples[name]).all()


def test_without_regions_the_table_is_empty_and_says_why(
    place: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, population = place
    monkeypatch.setattr(regions, "absent", lambda source: "the release on disk has no BBox_List_2017.csv")
    monkeypatch.setattr(regions, "outlined", lambda source, rows, labels: outlined(source, rows, []))
    explain.write(run, population)
    found = pd.read_parquet(run / "explanations.parquet")
    assert found.empty and tuple(found) == explain.COLUMNS
    assert files.read_json(run / "explanations.json")["reason"].endswith("has no BBox_List_2017.csv")
    with np.load(run / "explanation_examples.npz") as arrays:
        assert len(arrays["images"]) == explain.EXAMPLES and not arrays["truth"].any()


def test_a_damaged_model_is_named(place: tuple[Path, Path]) -> None:
    run, population = place
    (run / "model.keras").write_bytes(b"no archive")
    with pytest.raises(UserError, match=r"model\.keras cannot be loaded .* train again"):
        explain.write(run, population)
