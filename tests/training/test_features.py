import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from filelock import FileLock

from xray_keras import files
from xray_keras.datasets import cache, manifest
from xray_keras.errors import UserError
from xray_keras.evaluation import predict
from xray_keras.models import deep_covid, frozen, squeezenet
from xray_keras.training import features, inputs, supervised

IMAGES, SIZE = 120, 32
# Of the network's eight modules: the time goes into building, tracing and saving layers, however small they are.
FIRES = (16,)
CACHED = {
    "model": "deep_covid",
    "model_options": {"architecture": "squeezenet"},
    "weights": "random",
    "size": SIZE,
    "loss": "cross_entropy",
    "learning_rate": 1e-2,
    "epochs": 2,
    "cache_features": True,
}

KILLED = f"""
import os, signal, sys
from pathlib import Path
from xray_keras.models import squeezenet
from xray_keras.training import features, supervised

squeezenet._FIRES = {FIRES}

def report(what, before, done, total):
    if done == 64:
        os.kill(os.getpid(), signal.SIGKILL)

features.report = report
supervised.train(Path(sys.argv[1]), Path(sys.argv[2]))
"""


class Stripes:
    """Noise under stripes, horizontal where there is a mass."""

    def images(self, rows: pd.DataFrame, size: int) -> np.ndarray:
        pixels = np.random.default_rng(len(rows)).integers(0, 100, (len(rows), size, size))
        stripes = 60 * (np.arange(size) // 4 % 2)
        across = rows["Mass"].to_numpy()[:, None, None] == 1
        return (pixels + np.where(across, stripes[:, None], stripes)).astype(np.uint8)


@pytest.fixture(autouse=True)
def shallow(monkeypatch) -> None:
    monkeypatch.setattr(squeezenet, "_FIRES", FIRES)


@pytest.fixture
def population(population) -> Path:
    frame = manifest.read(population / "manifest.csv")
    cache.build(frame, Stripes(), SIZE, population, workers=1, progress=False)
    return population


@pytest.fixture
def opened(population, make_run):
    """(model, population, data, config) of a run, as `features.cached` takes them."""

    def open_run(**changes):
        config = files.read_json(make_run("opened", **{**CACHED, **changes}) / "config.json")
        keras.utils.set_random_seed(config["seed"])
        return supervised.build_model(config), population, inputs.open_data(population, config), config

    return open_run


@pytest.fixture
def computed(monkeypatch) -> list[int]:
    """How many images each batch had that went through frozen layers."""
    batches: list[int] = []
    monkeypatch.setattr(features, "report", lambda _, before, done, __: batches.append(done - before))
    return batches


def results(run: Path, population: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    predict.predict(run, population)
    return pd.read_parquet(run / "predictions.parquet"), pd.read_csv(run / "history.csv")


@pytest.mark.parametrize("fires", [FIRES, squeezenet._FIRES], ids=["shallow", "whole"])
def test_features_are_those_of_the_frozen_part(opened, fires, monkeypatch):
    monkeypatch.setattr(squeezenet, "_FIRES", fires)
    model, population, data, config = opened()
    head, found = features.cached(model, population, data, config)
    stem, _ = frozen.split(model)
    assert found.shape == (IMAGES, *stem.output_shape[1:]) and found.dtype == np.float32
    pixels = inputs.to_input(data.images)
    np.testing.assert_allclose(found, stem.predict_on_batch(pixels), atol=1e-5)
    expected = model.predict_on_batch(pixels)
    np.testing.assert_allclose(head.predict_on_batch(np.asarray(found)), expected, atol=1e-6)


def test_half_precision_takes_half_the_space_and_loses_nothing(opened):
    try:
        model, population, data, config = opened(precision="mixed_bfloat16")
        head, found = features.cached(model, population, data, config)
        stem, _ = frozen.split(model)
        exact = stem(inputs.to_input(data.images[:32])).numpy().astype(np.float32)
    finally:
        keras.config.set_dtype_policy("float32")
    assert found.dtype == np.float16
    np.testing.assert_allclose(found[:32], exact, rtol=0, atol=1e-7)
    assert head.predict_on_batch(np.asarray(found)).dtype == np.float32


def test_training_prediction_and_the_next_run_share_one_computation(population, make_run, computed):
    for name, changes in (("first", {}), ("again", {"learning_rate": 1e-3, "batch_size": 8})):
        run = make_run(name, **{**CACHED, **changes})
        supervised.train(run, population)
        predict.predict(run, population)
    assert sum(computed) == IMAGES
    (array,) = population.glob("features-*.npy")
    assert files.read_json(array.with_suffix(".json"))["model_options"] == {"architecture": "squeezenet"}


def test_published_weights_are_shared_by_all_seeds_random_ones_are_not(opened, computed, monkeypatch):
    for seed in (3, 4):
        features.cached(*opened(seed=seed))
    assert sum(computed) == 2 * IMAGES

    def published(*arguments, original=deep_covid.published.load_backbone, **options):
        state = np.random.default_rng(0)
        backbone = original(*arguments, **options)
        for variable in backbone.variables:
            variable.assign(state.normal(0, 0.1, variable.shape))
        return backbone

    monkeypatch.setattr(deep_covid.published, "load_backbone", published)
    for seed in (3, 4):
        features.cached(*opened(seed=seed))
    assert sum(computed) == 3 * IMAGES


def test_other_pixels_other_features(opened, computed, population):
    arguments = opened()
    features.cached(*arguments)
    sidecar = next(population.glob(f"*-{SIZE}.json"))
    files.write_json(sidecar, {**files.read_json(sidecar), "source": "other files"})
    features.cached(*arguments)
    assert sum(computed) == 2 * IMAGES


def test_cached_features_change_no_number(population, make_run):
    """With and without the cache, and where memory is too small for the features: the same run."""
    cached, plain = (
        make_run(name, **{**CACHED, "cache_features": name == "cached"}) for name in ("cached", "plain")
    )
    disk = make_run("disk", **CACHED)
    supervised.train(cached, population)
    supervised.train(plain, population)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(features, "MOST_BYTES", 1000)
        supervised.train(disk, population)
    expected = results(cached, population)
    for other in (plain, disk):
        for ours, theirs in zip(expected, results(other, population), strict=True):
            pd.testing.assert_frame_equal(ours, theirs, atol=2e-6, rtol=1e-5)


def test_killed_within_the_features_it_goes_on_to_the_same_numbers(population, make_run, opened, computed):
    run = make_run("killed", **CACHED)
    ended = subprocess.run([sys.executable, "-c", KILLED, run, population], capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    (partial,) = population.glob("features-*.npy")
    assert partial.name.endswith(".partial.npy")
    partial.write_bytes(partial.read_bytes() + b"half a batch")
    features.cached(*opened())
    assert sum(computed) == IMAGES - 64
    (array,) = population.glob("features-*.npy")
    continued = np.load(array)
    array.unlink()
    _, undisturbed = features.cached(*opened())
    np.testing.assert_array_equal(continued, undisturbed)


def test_damaged_features_are_computed_again(opened, computed):
    arguments = opened()
    features.cached(*arguments)
    (array,) = arguments[1].glob("features-*.npy")
    expected = np.load(array)
    for damaged in (array.read_bytes()[:-100], b"nonsense"):
        array.unlink()  # the mapped file stays as it is
        array.write_bytes(damaged)
        _, found = features.cached(*arguments)
        np.testing.assert_array_equal(found, expected)
    assert sum(computed) == 3 * IMAGES


def test_a_second_process_waits(opened, computed, capsys):
    arguments = opened()
    features.cached(*arguments)
    (array,) = arguments[1].glob("features-*.npy")
    held = threading.Event()

    def other() -> None:
        with FileLock(array.with_suffix(".lock")):
            held.set()
            time.sleep(0.5)

    process = threading.Thread(target=other)
    process.start()
    held.wait()
    features.cached(*arguments)
    process.join()
    assert "another process is computing" in capsys.readouterr().err
    assert sum(computed) == IMAGES


def test_progress_is_a_line_each_tenth(opened, capsys):
    features.cached(*opened())
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if line.startswith("features")] == [
        f"features of squeezenet: {done} of {IMAGES} images ({share}%)"
        for done, share in ((32, 27), (64, 53), (96, 80), (120, 100))
    ]


def test_a_full_disk_is_named_and_finished_work_kept(opened, monkeypatch):
    arguments = opened()
    calls = []

    def full(_):
        calls.append(1)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(features.os, "fsync", full)
        with pytest.raises(UserError, match=r"features-32.*the disk is full"):
            features.cached(*arguments)
    (partial,) = arguments[1].glob("features-*.npy")
    assert partial.name.endswith(".partial.npy")


def test_what_a_disk_has_lost_of_unfinished_features_is_computed_again(opened, computed, monkeypatch):
    arguments = opened()
    with monkeypatch.context() as patched:
        patched.setattr(features, "report", lambda what, before, done, total: 1 / (done < 96))
        with pytest.raises(ZeroDivisionError):
            features.cached(*arguments)
    (partial,) = arguments[1].glob("features-*.partial.npy")
    content = bytearray(partial.read_bytes())
    content[len(content) // 2] ^= 1  # in the second of three batches
    partial.write_bytes(content)
    _, continued = features.cached(*arguments)
    assert sum(computed) == IMAGES - 32  # all but the first batch
    (array,) = arguments[1].glob("features-*.npy")
    array.unlink()
    np.testing.assert_array_equal(continued, features.cached(*opened())[1])
    assert not list(arguments[1].glob("*.partial.*"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"augmentation": "flip"}, "augmentation=flip"),
        ({"model_options": {"architecture": "squeezenet", "moving_statistics": True}}, "no frozen layers"),
    ],
)
def test_features_that_change_are_not_cached(opened, changes, reason):
    with pytest.raises(UserError, match=rf"cache_features.*{reason}"):
        features.cached(*opened(**changes))


def test_features_that_overflow_are_refused(opened):
    try:
        model, population, data, config = opened(precision="mixed_bfloat16")
        last = [layer for layer in model.get_layer(frozen.FROZEN).layers if layer.weights][-1]
        last.set_weights([1e30 * np.ones(variable.shape) for variable in last.weights])
        with pytest.raises(UserError, match=r"overflow float16.*PRECISION=float32"):
            features.cached(model, population, data, config)
    finally:
        keras.config.set_dtype_policy("float32")


def test_the_digest_knows_layers_and_values_but_no_names():
    def stem(scale, kernel, name):
        image = keras.Input((4, 4, 1), name=name)
        inner = keras.Sequential(
            [keras.Input((4, 4, 1)), keras.layers.Rescaling(scale, name=name + "_scale")]
        )
        model = keras.Model(image, keras.layers.Conv2D(1, 1, name=name + "_conv")(inner(image)))
        model.set_weights([np.full((1, 1, 1, 1), kernel), np.zeros(1)])
        return features.digest(model)

    same = stem(0.5, 1.0, "a")
    assert same == stem(0.5, 1.0, "b")
    assert same != stem(0.25, 1.0, "a")  # a layer without weights, in a model in the model
    assert same != stem(0.5, 2.0, "a")
