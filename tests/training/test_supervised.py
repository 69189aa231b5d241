import json
import os
import shutil
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tests.training.conftest import train_until_killed
from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.evaluation import predict
from xray_keras.training import optimizers, supervised
from xray_keras.training.checkpoints import Checkpoints


def results(run: Path, population: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    predict.predict(run, population)
    return pd.read_parquet(run / "predictions.parquet"), pd.read_csv(run / "history.csv")


@pytest.fixture
def undisturbed(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "sound" / "paper" / "undisturbed")


def test_it_learns_and_predicts_the_held_out_images(undisturbed, population):
    frame, history = results(undisturbed, population)
    assert list(frame) == ["image", "patient", "split", "y_Mass", "p_Mass"]
    assert set(frame["split"]) == {"validation", "test"}
    assert list(history) == ["epoch", "loss", "val_loss", "val_auc", "val_f1"]
    assert list(history["epoch"]) == [1, 2, 3, 4]
    assert roc_auc_score(frame["y_Mass"], frame["p_Mass"]) > 0.95
    environment = files.read_json(undisturbed / "environment.json")
    assert environment["data"]["leaked_patients"] == 0
    assert sum(environment["data"]["images"].values()) == 120
    assert not list((undisturbed / "checkpoints").glob("*.h5"))


def test_same_seed_same_numbers_other_seed_others(undisturbed, population, make_run):
    frames = {}
    for name, seed in (("again", 3), ("other", 4)):
        run = make_run(name, seed=seed)
        supervised.train(run, population)
        frames[name], _ = results(run, population)
    first, _ = results(undisturbed, population)
    np.testing.assert_array_equal(first["p_Mass"], frames["again"]["p_Mass"])
    assert len(first) != len(frames["other"]) or not np.array_equal(
        first["p_Mass"], frames["other"]["p_Mass"]
    )


def test_killed_in_the_middle_it_goes_on_to_the_same_numbers(undisturbed, population, make_run, capsys):
    run = make_run("killed")
    train_until_killed("supervised", run, population)
    supervised.train(run, population)
    assert "going on after epoch 2" in capsys.readouterr().out
    for ours, theirs in zip(results(run, population), results(undisturbed, population), strict=True):
        pd.testing.assert_frame_equal(ours, theirs, check_exact=True)


def test_changed_settings_start_afresh(undisturbed, population, make_run, capsys):
    shutil.copytree(undisturbed, undisturbed.with_name("changed"))
    run = make_run("changed", learning_rate=1e-2)
    before = (run / "model.keras").stat().st_mtime_ns
    supervised.train(run, population)
    assert "epoch 1/4" in capsys.readouterr().out
    assert (run / "model.keras").stat().st_mtime_ns > before


def test_finished_runs_are_not_trained_again(undisturbed, population, capsys):
    os.utime(undisturbed / "model.keras", (0, 0))
    supervised.train(undisturbed, population)
    assert "epoch" not in capsys.readouterr().out.replace("epochs", "")
    assert (undisturbed / "model.keras").stat().st_mtime > 1e9


def test_augmented_multilabel_training_in_bfloat16(population, make_run):
    run = make_run("augmented", augmentation="shift+zoom+flip+rotation", precision="mixed_bfloat16", epochs=1)
    try:
        supervised.train(run, population)
    finally:
        keras.config.set_dtype_policy("float32")
    frame, _ = results(run, population)
    assert frame["p_Mass"].between(0, 1).all()


def test_best_epoch_and_early_stopping(population, make_run, monkeypatch):
    scores = iter([0.6, 0.9, 0.7, 0.8, 0.99])
    monkeypatch.setattr(
        supervised, "validation_scores", lambda *_: {"val_loss": 0.0, "val_auc": next(scores), "val_f1": 0.0}
    )
    run = make_run("early", keep="best", patience=2, epochs=5)
    supervised.train(run, population)
    history = pd.read_csv(run / "history.csv")
    assert list(history["val_auc"]) == [0.6, 0.9, 0.7, 0.8]


def test_two_runs_of_the_same_target(population, make_run):
    run = make_run("twice")
    with files.exclusive(run), pytest.raises(UserError, match="another process"):
        supervised.train(run, population)


def test_damaged_checkpoint_is_named(population, make_run, monkeypatch):
    run = make_run("damaged")

    def stop(self, *arguments, original=Checkpoints.save):
        original(self, *arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Checkpoints, "save", stop)
        with pytest.raises(KeyboardInterrupt):
            supervised.train(run, population)
    (weights,) = (run / "checkpoints").glob("*.h5")
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(UserError, match=r"epoch1\.weights\.h5 is damaged.*delete"):
        supervised.train(run, population)


def test_a_full_disk_loses_nothing(population, make_run, monkeypatch):
    run = make_run("full")
    original = keras.Model.save_weights

    def full(self, path, *arguments, **options):
        if "epoch2" in str(path):
            Path(path).write_bytes(b"half")
            raise OSError("Can't write data (file write failed: errno = 28, error message = 'No space left')")
        original(self, path, *arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(keras.Model, "save_weights", full)
        with pytest.raises(UserError, match=r"epoch2.*the disk is full"):
            supervised.train(run, population)
    assert [path.name for path in sorted((run / "checkpoints").glob("*.h5"))] == ["epoch1.weights.h5"]
    assert len(json.loads((run / "checkpoints" / "state.json").read_text())["history"]) == 1


def test_weights_with_a_wrong_byte_are_named_and_rubbish_of_a_kill_is_removed(
    population, make_run, monkeypatch
):
    run = make_run("rotten")
    with monkeypatch.context() as patched:
        patched.setattr(supervised.progress, "line", _interrupt_at(2))
        with pytest.raises(KeyboardInterrupt):
            supervised.train(run, population)
    (weights,) = (run / "checkpoints").glob("epoch2*.h5")
    content = weights.read_bytes()
    weights.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    with pytest.raises(
        UserError, match=r"epoch2\.weights\.h5 is damaged \(it is not what was written\); delete"
    ):
        supervised.train(run, population)
    weights.write_bytes(content)
    (run / "checkpoints" / ".123.epoch3.weights.h5").write_bytes(b"half")
    supervised.train(run, population)
    left = [path.name for path in (run / "checkpoints").rglob("*") if path.is_file()]
    assert sorted(left) == ["state.json", "state.json.seal"]


def test_what_a_finished_run_lacks_comes_back_without_training(undisturbed, population, capsys):
    names = ("environment.json", "history.csv")
    contents = [(undisturbed / name).read_bytes() for name in names]
    for name in names:
        (undisturbed / name).unlink()
    capsys.readouterr()
    supervised.train(undisturbed, population)
    assert "trained with these settings" in capsys.readouterr().out
    assert [(undisturbed / name).read_bytes() for name in names] == contents


def test_label_without_positives_is_refused(population, make_run):
    with pytest.raises(UserError, match="no image with it in the training part for Hernia"):
        supervised.train(make_run("hernia", labels=["Hernia"]), population)


def test_predicting_with_a_damaged_model(undisturbed, population):
    (undisturbed / "model.keras").write_bytes(b"PK nonsense")
    with pytest.raises(UserError, match=r"model\.keras cannot be loaded.*delete it and train again"):
        predict.predict(undisturbed, population)


def test_learning_rates_and_optimizers(make_run):
    config = {**files.read_json(make_run("schedule") / "config.json"), "optimizer": "adam", "epochs": 2}

    def rates(schedule, steps, epochs=2):
        built = optimizers.build({**config, "schedule": schedule, "epochs": epochs}, 5, [])._learning_rate
        return [float(built(step)) for step in steps]

    assert rates("cosine", (0, 5, 10)) == pytest.approx([1e-3, 5e-4, 0.0], abs=1e-9)
    # five steps an epoch: the eighth epoch begins with step 35, the fifteenth with 70
    assert rates("step", (0, 34, 35, 69, 70), 20) == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4, 1e-5])
    short = optimizers.build({**config, "schedule": "step", "epochs": 7}, 5, [])
    assert float(short.learning_rate) == pytest.approx(1e-3)
    constant = optimizers.build({**config, "schedule": "constant", "optimizer": "sgd"}, 5, [])
    assert float(constant.learning_rate) == pytest.approx(1e-3) and constant.momentum == 0.9
    with pytest.raises(UserError, match=r"'linear' is unknown.*cosine"):
        optimizers.build({**config, "schedule": "linear"}, 5, [])
    with pytest.raises(UserError, match=r"'lamb' is unknown.*adam"):
        optimizers.build({**config, "schedule": "constant", "optimizer": "lamb"}, 5, [])


@pytest.mark.parametrize("kind", ["adam", "sgd"])
def test_tensorflow_traces_a_step_once(kind):
    traced = []

    class Watched(keras.Model):
        def train_step(self, data):
            traced.append(data)
            return super().train_step(data)

    x = keras.Input((3,))
    model = Watched(x, keras.layers.Dense(1)(x))
    config = {"learning_rate": 1e-3, "schedule": "cosine", "epochs": 1, "optimizer": kind}
    model.compile(optimizer=optimizers.build(config, 2, model.trainable_variables), loss="mse")
    model.fit(np.zeros((8, 3)), np.zeros((8, 1)), batch_size=4, verbose=0)
    assert len(traced) == 1


def test_the_plateau_schedule_steps_after_every_epoch_that_is_no_better(make_run):
    config = {**files.read_json(make_run("plateau") / "config.json"), "schedule": "plateau"}
    optimizer = optimizers.build(config, 5, [])
    rates = []
    history: list[dict[str, float]] = []
    for area in (0.6, 0.7, 0.7, 0.65, 0.8, 0.75):
        history.append({"val_auc": area})
        optimizers.adjust(optimizer, config, history)
        rates.append(float(optimizer.learning_rate))
    assert rates == pytest.approx([1e-3, 1e-3, 1e-4, 1e-5, 1e-5, 1e-6])
    optimizers.adjust(optimizer, {**config, "schedule": "constant"}, history[:1])
    assert float(optimizer.learning_rate) == pytest.approx(1e-6)


def test_on_a_plateau_an_interrupted_run_ends_with_the_same_numbers(make_run, population, monkeypatch):
    options = {"schedule": "plateau", "learning_rate": 0.05, "epochs": 5}
    undisturbed, stopped = make_run("undisturbed", **options), make_run("stopped", **options)
    supervised.train(undisturbed, population)
    with monkeypatch.context() as patched:
        patched.setattr(supervised.progress, "line", _interrupt_at(4))
        with pytest.raises(KeyboardInterrupt):
            supervised.train(stopped, population)
    supervised.train(stopped, population)
    expected, found = (pd.read_csv(run / "history.csv") for run in (undisturbed, stopped))
    assert (expected["val_auc"].diff() <= 0).iloc[3]  # the last epoch before the stop was a plateau
    pd.testing.assert_frame_equal(found, expected)


def _interrupt_at(epoch):
    def line(name, done, epochs, scores):
        if done == epoch:
            raise KeyboardInterrupt
        return name

    return line


def test_the_saved_model_gives_an_array(undisturbed):
    model = keras.saving.load_model(undisturbed / "model.keras", compile=False)
    output = model(np.zeros((1, *model.input.shape[1:]), np.float32))
    assert tuple(output.shape) == (1, 2)
