"""Training on two devices, which are two halves of this processor, each in a process of its own."""

import subprocess
import sys

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.models import saved
from xray_keras.training import devices

CONFIG = {"trainer": "supervised"}
_HALVED = """
import os, sys
from pathlib import Path
import keras
import tensorflow as tf
from xray_keras.evaluation import predict
from xray_keras.training import supervised

def build(config):  # without dropout and batch normalisation
    x = images = keras.Input((config["size"], config["size"], 3))
    x = keras.layers.Conv2D(8, 3, activation="relu")(keras.layers.Rescaling(1 / 255)(x))
    x = keras.layers.Dense(16, activation="relu")(keras.layers.Flatten()(keras.layers.MaxPooling2D(2)(x)))
    return keras.Model(images, keras.layers.Dense(2, activation="softmax")(x))

supervised.build_model = build
(processor,) = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)
for devices, run in enumerate(map(Path, sys.argv[2:]), start=1):
    os.environ["XRAY_KERAS_DEVICES"] = str(devices)
    supervised.train(run, Path(sys.argv[1]))
    predict.predict(run, Path(sys.argv[1]))
"""


def test_two_devices_train_what_one_trains(population, make_run):
    # 76 images in batches of 25: the last batch is one image, which two devices cannot share.
    plain = {"batch_size": 25, "epochs": 2, "trainer": "supervised"}
    one, two = make_run("one", **plain), make_run("two", **plain)
    command = [sys.executable, "-W", "ignore", "-c", _HALVED, *map(str, (population, one, two))]
    subprocess.run(command, check=True, capture_output=True)
    counts = [files.read_json(run / "environment.json")["devices"] for run in (one, two)]
    assert counts == [1, 2]
    assert files.read_json(one / "environment.json")["data"]["images"]["train"] % 25 == 1
    answers = [pd.read_parquet(run / "predictions.parquet")["p_Mass"].to_numpy() for run in (one, two)]
    np.testing.assert_allclose(*answers, atol=2e-5)
    curves = [pd.read_csv(run / "history.csv") for run in (one, two)]
    np.testing.assert_allclose(curves[0]["val_loss"], curves[1]["val_loss"], rtol=1e-4)
    for a, b in zip(*(saved.load(run / "model.keras").weights for run in (one, two)), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), atol=1e-5)
    # One goes on only with as many: those of one device stay what they were before there were several.
    states = [files.read_json(run / "checkpoints/state.json")["identity"] for run in (one, two)]
    assert "devices" not in states[0] and states[1]["devices"] == 2


@pytest.mark.parametrize("images", [1, 4, 5])
def test_a_divided_batch_has_the_mean_loss_of_the_whole(images):
    x = np.arange(images, dtype=np.float32)[:, None]
    batches = tf.data.Dataset.from_tensors((x, 2 * x))

    class Three:
        num_replicas_in_sync = 3

    ((x_of_all, y_of_all, weights),) = devices.parts(batches, Three())
    assert len(weights) % 3 == 0
    np.testing.assert_array_equal(y_of_all, 2 * x_of_all)
    means = [np.mean(part) for part in np.split(x_of_all[:, 0] * weights, 3)]
    assert np.mean(means) == pytest.approx(x.mean())


def test_one_device_changes_nothing(monkeypatch):
    monkeypatch.setenv(devices.VARIABLE, "")
    assert devices.several(CONFIG) is None and devices.identity(None) == {}
    batches = tf.data.Dataset.range(3)
    assert devices.parts(batches, None) is batches


def test_more_devices_than_there_are_and_what_is_no_number(monkeypatch):
    monkeypatch.setenv(devices.VARIABLE, "99")
    with pytest.raises(UserError, match=r"DEVICES=99, but TensorFlow sees \d+ [CG]PUs?; say DEVICES=\d"):
        devices.several(CONFIG)
    for trainer in ({"trainer": "infogan"}, CONFIG | {"cache_features": True}):
        assert devices.several(trainer) is None
    for text in ("two", "0", "-1", "1.5"):
        monkeypatch.setenv(devices.VARIABLE, text)
        with pytest.raises(UserError, match="is no number of devices; say DEVICES=2"):
            devices.asked()
    assert keras.config.dtype_policy().name == "float32"
