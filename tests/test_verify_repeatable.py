"""The comparison must see the smallest difference; the training itself is `make verify-repeatable`."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest

from experiments import _verify_repeatable
from xray_keras.models import saved


def a_run(folder: Path, *, weight: float = 1.0, probability: float = 0.5, loss: str = "0.1") -> Path:
    folder.mkdir()
    image = keras.Input((3,))
    dense = keras.layers.Dense(2, name="dense")
    model = keras.Model(image, dense(image))
    dense.set_weights([np.full((3, 2), weight, np.float32), np.zeros(2, np.float32)])
    saved.publish(model, folder / "model.keras")
    frame = pd.DataFrame({"image": ["a", "b"], "p_Effusion": [0.25, probability]})
    frame.to_parquet(folder / "predictions.parquet")
    (folder / "history.csv").write_text(f"epoch,loss\n0,{loss}\n")
    return folder


def test_equal_runs_have_no_difference(tmp_path):
    assert not list(_verify_repeatable.differences(a_run(tmp_path / "a"), a_run(tmp_path / "b")))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"weight": float(np.nextafter(np.float32(1), np.float32(2)))}, "1 weights differ, the first is dense/kernel"),
        ({"probability": float(np.nextafter(0.5, 1))}, "predictions differ in p_Effusion"),
        ({"loss": "0.10"}, "history.csv differs"),
    ],
)  # fmt: skip
def test_the_last_bit_counts(tmp_path, change, words):
    found = list(_verify_repeatable.differences(a_run(tmp_path / "a"), a_run(tmp_path / "b", **change)))
    assert found == [words]
