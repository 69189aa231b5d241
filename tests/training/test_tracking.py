"""TensorBoard's events are the rows of history.csv, whatever happened on the way; and without being asked for, none."""

import importlib
import inspect
import pkgutil
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import xray_keras.training
from tests.training.conftest import train_until_killed
from xray_keras.errors import UserError
from xray_keras.training import arms, supervised, tracking

COLUMNS = ["loss", "val_loss", "val_auc", "val_f1"]


@pytest.fixture
def asked_for(monkeypatch):
    monkeypatch.setenv(tracking.VARIABLE, "1")


def events(folder: Path) -> pd.DataFrame:
    """Steps and scalars of one folder of events, as TensorBoard itself reads them; a column a tag."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util import tensor_util

    read = EventAccumulator(str(folder)).Reload()
    columns = {
        tag: pd.Series(
            {event.step: float(tensor_util.make_ndarray(event.tensor_proto)) for event in read.Tensors(tag)}
        )
        for tag in read.Tags()["tensors"]
    }
    for tag in columns:
        assert len(read.Tensors(tag)) == len(columns[tag]), "a step is there twice"
    return pd.DataFrame(columns)


def check_same(folder: Path, history: pd.DataFrame) -> None:
    found = events(folder)
    assert list(found.index) == list(history["epoch"]) and set(found) == set(COLUMNS)
    np.testing.assert_array_equal(found[COLUMNS].to_numpy(np.float32), history[COLUMNS].to_numpy(np.float32))


def test_events_are_the_rows_of_the_history_and_change_none(population, make_run, monkeypatch):
    plain, tracked = (make_run(name, epochs=2) for name in ("plain", "tracked"))
    monkeypatch.delenv(tracking.VARIABLE, raising=False)
    supervised.train(plain, population)
    assert not (plain / "tensorboard").exists()
    monkeypatch.setenv(tracking.VARIABLE, "1")
    supervised.train(tracked, population)
    assert (plain / "history.csv").read_bytes() == (tracked / "history.csv").read_bytes()
    check_same(tracked / "tensorboard", pd.read_csv(tracked / "history.csv"))
    model = (plain / "model.keras").read_bytes()
    supervised.train(plain, population)  # trained already: its events are written all the same
    check_same(plain / "tensorboard", pd.read_csv(plain / "history.csv"))
    assert (plain / "model.keras").read_bytes() == model
    assert {path.name for path in plain.iterdir()} == {path.name for path in tracked.iterdir()}


def test_each_epoch_is_there_when_it_ends_and_a_resumed_run_goes_on(population, make_run, asked_for):
    run = make_run("killed")
    train_until_killed("supervised", run, population)
    assert list(events(run / "tensorboard").index) == [1, 2]
    (torn,) = (run / "tensorboard").iterdir()
    torn.write_bytes(torn.read_bytes()[:-5])  # as a power cut may leave it
    supervised.train(run, population)
    assert len(list((run / "tensorboard").iterdir())) == 1
    check_same(run / "tensorboard", pd.read_csv(run / "history.csv"))


def test_every_network_of_a_run_with_arms_has_its_curve(population, make_arms, gan, asked_for):
    chosen = {"real": {}, "half": {"generated": 0.5}, "forest": {"model": "random_forest"}}
    run = make_arms("run", chosen, arm_seeds=2)
    (run / "tensorboard" / "gone-seed3").mkdir(parents=True)  # an arm of other settings
    arms.train(run, population)
    history = pd.read_csv(run / "history.csv")
    networks = {f"{arm}-seed{seed}": rows for (arm, seed), rows in history.groupby(["arm", "seed"])}
    assert {path.name for path in (run / "tensorboard").iterdir()} == set(networks)
    for name, rows in networks.items():
        check_same(run / "tensorboard" / name, rows)
    shutil.rmtree(run / "tensorboard")
    arms.train(run, population)  # nothing is trained again
    check_same(run / "tensorboard" / "half-seed4", networks["half-seed4"])


HISTORY = [{"epoch": epoch, **dict.fromkeys(COLUMNS, 1 / epoch)} for epoch in (1, 2, 3)]


def test_a_process_begins_anew_and_writes_each_row_once(tmp_path, asked_for):
    before = tracking.Tracker(tmp_path)
    before.follow([{"epoch": 1, "of_other_settings": 1.0}])
    tracker = tracking.Tracker(tmp_path)
    for rows in ([], HISTORY[:2], HISTORY[:2], HISTORY, HISTORY):
        tracker.follow(rows)
    check_same(tmp_path / "tensorboard", pd.DataFrame(HISTORY))


@pytest.mark.parametrize("value", ["", "0", None])
def test_without_being_asked_for_nothing_is_written_or_imported(tmp_path, monkeypatch, value):
    monkeypatch.delenv(tracking.VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(tracking.VARIABLE, value)
    monkeypatch.setitem(sys.modules, "tensorboard.summary", None)  # whoever imports it now fails
    tracking.Tracker(tmp_path).follow(HISTORY)
    assert not list(tmp_path.iterdir())


def test_where_tensorboard_is_absent_one_sentence_comes_before_the_training(
    population, make_run, asked_for, monkeypatch
):
    monkeypatch.setitem(sys.modules, "tensorboard.summary", None)
    run = make_run("run")
    with pytest.raises(UserError, match=r"pip install 'xray_keras\[tensorboard\]'"):
        supervised.train(run, population)
    assert not (run / "checkpoints" / "state.json").exists()


def test_every_trainer_records_its_epochs_where_they_are_followed():
    trainers = []
    for found in pkgutil.iter_modules(xray_keras.training.__path__):
        module = importlib.import_module(f"xray_keras.training.{found.name}")
        if inspect.isfunction(getattr(module, "train", None)) and module.train.__module__ == module.__name__:
            trainers.append(found.name)
            assert "Checkpoints(" in inspect.getsource(module) or "Tracker(" in inspect.getsource(module)
    assert {"supervised", "infogan", "ali", "regions", "siamese", "arms"} <= set(trainers)
