"""Networks trained in one pass have the numbers of networks trained alone, bit by bit."""

import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from tests.training.conftest import SIZE
from xray_keras import cli, experiment, files
from xray_keras.errors import UserError
from xray_keras.models import saved
from xray_keras.training import environment, inputs, optimizers, supervised, together

MASS = {"epochs": 3}
NODULE = {"labels": ["Nodule"], "loss": "cross_entropy", "learning_rate": 3e-3, "epochs": 2, "keep": "best"}


def weights(run: Path) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(weight) for weight in saved.load(run / "model.keras").weights]


def assert_same(run: Path, other: Path) -> None:
    """Same curves and same weights, to the last bit."""
    assert (run / "history.csv").read_bytes() == (other / "history.csv").read_bytes()
    for ours, theirs in zip(weights(run), weights(other), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.fixture
def alone(population, make_run):
    """Two networks of different findings, losses, learning rates and lengths, each trained by itself."""

    def train(**changes) -> list[Path]:
        runs = [
            make_run("alone_mass", **{**MASS, **changes}),
            make_run("alone_nodule", **{**NODULE, **changes}),
        ]
        for run in runs:
            supervised.train(run, population)
        return runs

    return train


@pytest.fixture
def pair(make_run):
    def make(**changes) -> list[Path]:
        return [make_run("mass", **{**MASS, **changes}), make_run("nodule", **{**NODULE, **changes})]

    return make


@pytest.mark.parametrize(
    "changes",
    [{}, {"augmentation": "shift+zoom+flip", "precision": "mixed_bfloat16", "schedule": "plateau"}],
    ids=["plain", "augmented"],
)
def test_together_as_alone_bit_by_bit(changes, alone, pair, population):
    try:
        expected = alone(**changes)
        runs = pair(**changes)
        assert together.train(runs, population) == runs
    finally:
        keras.config.set_dtype_policy("float32")
    for run, other in zip(runs, expected, strict=True):
        assert_same(run, other)
        assert files.read_json(run / "environment.json")["together"] == ["mass", "nodule"]
        assert "together" not in files.read_json(other / "environment.json")
        assert not list((run / "checkpoints").glob("*.h5"))
    assert not np.array_equal(weights(runs[0])[0], weights(runs[1])[0])


def test_a_joint_step_is_a_step_of_each():
    """Three steps on the same batches: three models in one graph, and the same three by `train_on_batch`."""

    def models() -> list[keras.Model]:
        built = []
        for rate in (1e-3, 1e-2, 3e-2):
            environment.prepare(5)
            config = {"learning_rate": rate, "schedule": "constant", "optimizer": "adam"}
            settings = {"precision": "float32", "model": "binary_cnn", "weights": None, "size": SIZE}
            options = {"labels": ["Mass"], "model_options": {"dropout": 0.3, "l2": 1e-3}}
            model = supervised.build_model({**settings, **options})
            loss = supervised.loss_function({"loss": "weighted_cross_entropy"}, 100 * rate)
            model.compile(optimizer=optimizers.build(config, 3, model.trainable_variables), loss=loss)
            built.append(model)
        return built

    rng = np.random.default_rng(1)
    joint, single = models(), models()
    step = together.joint_step(joint)
    for _ in range(3):
        x = tf.constant(rng.uniform(0, 255, (4, SIZE, SIZE, 3)), tf.float32)
        y = tf.constant(rng.integers(0, 2, (4, 3)), tf.float32)
        step(x, y)
        for k, model in enumerate(single):
            model.train_on_batch(x, y[:, k : k + 1])
    for ours, theirs in zip(joint, single, strict=True):
        for one, other in zip(ours.variables, theirs.variables, strict=True):
            np.testing.assert_array_equal(one.numpy(), other.numpy(), err_msg=one.path)
        for one, other in zip(ours.optimizer.variables, theirs.optimizer.variables, strict=True):
            np.testing.assert_array_equal(one.numpy(), other.numpy(), err_msg=one.path)
    assert not np.array_equal(joint[0].weights[0].numpy(), joint[1].weights[0].numpy())


KILLED = """
import os, signal, sys
from pathlib import Path
from xray_keras.training import together
from xray_keras.training.checkpoints import Checkpoints

def save(self, *arguments, original=Checkpoints.save):
    original(self, *arguments)
    if self.run.name == "mass" and len(self.history) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

Checkpoints.save = save
together.train([Path(run) for run in sys.argv[2:]], Path(sys.argv[1]))
"""


def test_killed_between_two_networks_each_goes_on_from_its_own_epoch(alone, pair, population, capsys):
    expected, runs = alone(patience=1), pair(patience=1)
    command = [sys.executable, "-c", KILLED, str(population), *map(str, runs)]
    ended = subprocess.run(command, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert [len(files.read_json(run / "checkpoints/state.json")["history"]) for run in runs] == [2, 1]
    together.train(runs, population)
    said = capsys.readouterr().out
    assert "mass: going on after epoch 2" in said and "nodule: going on after epoch 1" in said
    for run, other in zip(runs, expected, strict=True):
        assert_same(run, other)


def test_each_stops_when_its_own_patience_is_exhausted(make_run, population, monkeypatch):
    """Of two networks the one has its best epoch first, the other second; none is trained for all five."""
    areas = {"Mass": iter([0.9, 0.8]), "Nodule": iter([0.6, 0.7, 0.7])}

    def scores(output, targets, loss):
        label = "Mass" if targets[:, 0].sum() == masses else "Nodule"
        return {"val_loss": 0.0, "val_auc": next(areas[label]), "val_f1": 0.0}

    runs = [
        make_run("mass", patience=1, epochs=5),
        make_run("nodule", labels=["Nodule"], patience=1, epochs=5),
    ]
    data = inputs.open_data(population, files.read_json(runs[0] / "config.json"))
    held_out = data.targets[data.part("validation")]
    masses = held_out.sum()
    assert masses != len(held_out) - masses
    monkeypatch.setattr(supervised, "validation_scores", scores)
    together.train(runs, population)
    assert [len(pd.read_csv(run / "history.csv")) for run in runs] == [2, 3]


def test_alone_goes_on_where_together_was_stopped(alone, pair, population, monkeypatch):
    expected, runs = alone(), pair()

    def stop(name, done, epochs, scores):
        if (name, done) == ("nodule", 1):
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(supervised.progress, "line", stop)
        with pytest.raises(KeyboardInterrupt):
            together.train(runs, population)
    for run, other in zip(runs, expected, strict=True):
        supervised.train(run, population)
        assert_same(run, other)


def test_trained_runs_are_left_alone_and_a_changed_one_is_trained(pair, population, make_run, capsys):
    runs = pair(epochs=1)
    together.train(runs, population)
    kept = [(run / "history.csv").stat().st_mtime_ns for run in runs]
    assert together.train(runs, population) == []
    changed = make_run("nodule", **{**NODULE, "epochs": 1, "learning_rate": 1e-4})
    assert together.train(runs, population) == [changed]
    assert "mass: trained with these settings on these images already" in capsys.readouterr().out
    assert [(run / "history.csv").stat().st_mtime_ns == at for run, at in zip(runs, kept, strict=True)] == [
        True,
        False,
    ]
    assert files.read_json(changed / "environment.json")["together"] == ["nodule"]


@pytest.mark.parametrize(
    "change",
    [
        {"batch_size": 8},
        {"seed": 4},
        {"size": 32},
        {"augmentation": "flip"},
        {"labels": ["Mass", "Nodule"]},
        {"weights": "imagenet"},
        {"trainer": "arms"},
    ],
    ids=str,
)
def test_what_sees_other_images_is_not_trained_in_the_same_pass(change, make_run, population):
    runs = [make_run("mass"), make_run("other", **{**NODULE, **change})]
    with pytest.raises(UserError, match=r"other does not see the same images .* as .*mass; train it alone"):
        together.train(runs, population)


def test_of_two_populations_none_is_taken_for_the_other(make_run, population, tmp_path):
    other = tmp_path / "elsewhere" / "sound" / "paper" / "nodule"
    mass = make_run("mass")
    files.write_json(other / "config.json", {**files.read_json(mass / "config.json"), **NODULE})
    with pytest.raises(UserError, match="train it alone"):
        together.train([mass, other], population)


def test_draws_that_differ_are_refused(pair, population, monkeypatch):
    def drawn(targets, *arguments, original=inputs.draw):
        order, maps = original(targets, *arguments)
        return inputs.Draw(order[:: 1 if targets[0, 0] else -1], maps)

    monkeypatch.setattr(inputs, "draw", drawn)
    with pytest.raises(UserError, match="would not see the same images in one order"):
        together.train(pair(), population)


def test_the_verb_trains_in_one_pass_what_can_be_and_predicts_each(pair, make_run, population, capsys):
    runs = [*(run for run in pair(epochs=1, row="A")), make_run("small", epochs=1, batch_size=8, row="A")]
    arguments = ["train", *map(str, runs), "--predict"]
    assert cli.main(arguments) == 0, capsys.readouterr().err
    together_with = [files.read_json(run / "environment.json").get("together") for run in runs]
    assert together_with == [["mass", "nodule"], ["mass", "nodule"], None]
    frames = [pd.read_parquet(run / "predictions.parquet") for run in runs]
    assert [list(frame)[-1] for frame in frames] == ["p_Mass", "p_Nodule", "p_Mass"]
    before = [(run / "predictions.parquet").read_bytes() for run in runs]
    (runs[1] / "predictions.parquet").unlink()
    assert cli.main(arguments) == 0
    for run, content in zip(runs, before, strict=True):
        predictions = run / "predictions.parquet"
        assert predictions.read_bytes() == content
        assert predictions.stat().st_mtime >= (run / "model.keras").stat().st_mtime


def test_the_fourteen_networks_of_the_paper_fall_into_the_passes_they_share():
    root = Path(__file__).parents[2]
    names = [name for name in experiment.names(root) if name.startswith("ali2019/baseline_")]
    sizes = {}
    for scale in experiment.SCALES:
        configs = [
            experiment.resolve(experiment.load(name, root), scale=scale, variant="sound") for name in names
        ]
        passes = [experiment.one_pass(config) for config in configs]
        sizes[scale] = sorted(passes.count(found) for found in set(passes))
    assert sizes == {"demo": [14], "paper": [3, 5, 6]}
