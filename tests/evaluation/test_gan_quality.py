"""The stage on images whose quality is known: brighter lesions, blurs, an order by the discriminator."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from xray_keras import files
from xray_keras.datasets import cache, manifest
from xray_keras.datasets.findings import FINDINGS
from xray_keras.errors import UserError
from xray_keras.evaluation import gan_quality, kernel_distance, sample_manifold
from xray_keras.models import weights

SIZE = 32
CONFIG = {
    "dataset": "nih", "images": "all", "max_images": None, "split": "patient-80-20", "validation": 0.1, "share": 1.0,
    "labels": [], "trainer": "infogan", "model_options": {"finding": "Mass", "conditions": []}, "size": SIZE, "seed": 2,
}  # fmt: skip
GENERATED = 240


class Waves:
    """Smooth waves, bright where there is a mass."""

    def images(self, rows: pd.DataFrame, size: int) -> np.ndarray:
        return waves(len(rows), np.random.default_rng(len(rows)), 120 * rows["Mass"].to_numpy())


def waves(count: int, rng: np.random.Generator, bright: np.ndarray | float) -> np.ndarray:
    """Images (count, SIZE, SIZE) uint8, no two alike."""
    x = np.linspace(0, 6, SIZE)
    phase = rng.uniform(0, 6, (count, 2, 1, 1))
    pattern = np.sin(x[:, None] + phase[:, 0]) * np.sin(2 * x + phase[:, 1])
    return np.clip(50 + 40 * pattern + np.reshape(bright, (-1, 1, 1)), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def population(tmp_path_factory) -> Path:
    """400 images of 200 patients, half of them with a mass."""
    folder = tmp_path_factory.mktemp("population")
    count, rng = 400, np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "image": [f"{i // 2:08d}_{i % 2:03d}.png" for i in range(count)],
            "patient": [str(i // 2) for i in range(count)],
            "path": "",
            "follow_up": [i % 2 for i in range(count)],
            "age": 40, "sex": "F", "view": "PA", "official_split": "train_val",
        }
    )  # fmt: skip
    for finding in FINDINGS:
        frame[finding] = rng.integers(0, 2, count) * (finding == "Mass")
    manifest.write(frame, folder / "manifest.csv")
    cache.build(manifest.read(folder / "manifest.csv"), Waves(), SIZE, folder, workers=1, progress=False)
    return folder


def small(architecture: str, *, input_shape: tuple[int, int, int]) -> keras.Model:
    """Instead of a published network: one layer of random filters sees waves well enough."""
    assert architecture == "squeezenet"
    image = keras.Input(input_shape)
    return keras.Model(image, keras.layers.Conv2D(16, 8, strides=8, activation="relu")(image))


@pytest.fixture(scope="module", autouse=True)
def untrained():
    """No weights are fetched."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weights, "load_backbone", small)
        patch.setattr(weights, "card", lambda architecture: {"architecture": architecture})
        yield


def write_run(run: Path, config: dict = CONFIG, **changed: np.ndarray) -> Path:
    """Images too dark by 60 at the first epoch and right at the last; the discriminator likes the right ones."""
    rng = np.random.default_rng(7)
    dark = np.where(np.arange(GENERATED) % 4 == 0, 0, 60)  # every fourth image is right
    generated = {
        "image": waves(GENERATED, rng, 120 - dark),
        "logit": (-dark + rng.normal(size=GENERATED)).astype(np.float32),
        "balanced": np.zeros(GENERATED, bool),
    }
    samples = {
        "epoch": np.array([1, 3, 9]),
        "image": np.stack([waves(30, rng, 120 - shift) for shift in (60, 30, 0)]),
    }
    files.write_json(run / "config.json", config)
    np.savez_compressed(run / "generated.npz", **{**generated, **changed})
    np.savez_compressed(run / "samples.npz", **samples)
    return run


@pytest.fixture(scope="module")
def found(population, tmp_path_factory) -> dict:
    run = write_run(tmp_path_factory.mktemp("run"))
    gan_quality.write(run, population)
    return files.read_json(run / "quality.json")


def test_all_comparisons_have_as_many_images(found, population):
    frame = manifest.read(population / "manifest.csv")
    assert found["images"] == 24  # a tenth of the generated ones
    assert found["generated"]["real"] == found["generated"]["generated"] == 24
    assert found["finding"] == "Mass" and found["epochs"] == 9
    parts = found["held_out"]["images"], found["training"]["images"]
    assert sum(parts) < frame["Mass"].sum() and parts[1] > 3 * parts[0]
    assert found["held_out"]["patients"] < found["held_out"]["images"]
    assert "SqueezeNet" in found["network"] and "128 pixels" in found["network"]


def test_the_discriminators_choice_is_what_is_compared(found):
    assert [(entry["share"], entry["generated"]) for entry in found["selections"]] == [
        (1.0, 240), (0.5, 120), (0.25, 60), (0.1, 24),
    ]  # fmt: skip
    distance = [entry["kernel"]["value"] for entry in found["selections"]]
    # Three in four of all are dark, half of the upper half, of the upper quarter none.
    assert distance[0] > distance[1] > 5 * abs(distance[2]) and distance[3] < distance[1] / 5
    assert found["generated"]["kernel"]["value"] == pytest.approx(distance[0])
    assert found["selections"][0]["frechet"] == found["generated"]["frechet"]


def test_the_curve_falls_as_the_images_become_right(found):
    curve = found["curve"]
    assert [point["epoch"] for point in curve] == [1, 3, 9]
    distance = [point["kernel"]["value"] for point in curve]
    assert distance[0] > distance[1] > 3 * abs(distance[2])
    assert curve[0]["precision"]["value"] == 0 and curve[2]["precision"]["value"] > 0.5


def test_yardsticks_from_perfect_to_bad(found):
    yardsticks = found["yardsticks"]
    assert list(yardsticks) == ["training", "blurred", "noise"]
    low, high = yardsticks["training"]["kernel"]["interval"]
    assert low < 0 < high
    assert yardsticks["noise"]["kernel"]["value"] > 10 * abs(yardsticks["training"]["kernel"]["value"])
    assert yardsticks["training"]["precision"]["value"] > 0.5 > yardsticks["noise"]["recall"]["value"]


def test_a_run_of_all_findings_is_measured_against_all_test_images(found, population, tmp_path):
    run = write_run(tmp_path / "all", {**CONFIG, "model_options": {"finding": None, "conditions": []}})
    gan_quality.write(run, population)
    mixed = files.read_json(run / "quality.json")
    assert mixed["finding"] is None and mixed["held_out"]["images"] > found["held_out"]["images"]
    # Half of all images have no mass: images as if all had one are now far off.
    assert mixed["curve"][2]["kernel"]["value"] > 3 * abs(found["curve"][2]["kernel"]["value"])


def test_generated_images_of_balanced_labels_are_left_out(population, tmp_path):
    balanced = np.arange(GENERATED) % 8 != 0
    run = write_run(tmp_path / "run", balanced=balanced)
    with pytest.raises(UserError, match=r"has 3 generated images in the upper 10%.*at least 4"):
        gan_quality.write(run, population)
    assert not (run / "quality.json").exists()


def test_measures_are_those_of_the_modules():
    rng = np.random.default_rng(0)
    real = gan_quality.Real(rng.normal(size=(30, 5)), np.arange(30) // 2)
    made = rng.normal(0.5, 1, (30, 5))
    shares = sample_manifold.estimate(real.features, made, clusters=real.clusters)
    distance = kernel_distance.estimate(real.features, made, clusters=real.clusters, resamples=200)
    assert gan_quality._compare_briefly(real, made) == {
        "kernel": distance, "precision": shares.precision, "recall": shares.recall,
    }  # fmt: skip


def test_what_cannot_be_measured_is_named(population, tmp_path):
    run = write_run(tmp_path / "run")
    files.write_json(run / "config.json", {**CONFIG, "trainer": "supervised"})
    with pytest.raises(UserError, match="no run of a GAN but of supervised"):
        gan_quality.write(run, population)
    files.write_json(run / "config.json", {**CONFIG, "model_options": {"finding": "Hernia"}})
    with pytest.raises(UserError, match="has 0 test images with Hernia"):
        gan_quality.write(run, population)
    files.write_json(run / "config.json", CONFIG)
    whole = (run / "generated.npz").read_bytes()
    (run / "generated.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match=r"generated\.npz is damaged"):
        gan_quality.write(run, population)
    (run / "samples.npz").unlink()
    (run / "generated.npz").write_bytes(whole)
    with pytest.raises(UserError, match=r"samples\.npz is absent"):
        gan_quality.write(run, population)
