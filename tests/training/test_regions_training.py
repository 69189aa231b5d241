import keras
import numpy as np
import pandas as pd
import pytest

from tests.training import scene_world
from tests.training.conftest import train_until_killed
from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.models import saved
from xray_keras.training import optimizers, regions, scene_batches

TEACHER = {"model.keras": {"teacher": "zhao2019/teacher"}}
KNOWLEDGE = {
    "soft": {"soft": True},
    "adversary": {"soft": True, "balance": 0.2, "discriminator": [8, 4]},
    "all": {"soft": True, "balance": 0.2, "discriminator": [8, 4], "pretraining": 2},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A population and a trained teacher: a wider student, which is quick. Each shape costs seconds of tracing."""
    folder = tmp_path_factory.mktemp("scenes")
    population = scene_world.write_population(folder, scene_world.scenes(shapes=scene_world.SHAPES[:2]))
    wider = {**scene_world.STUDENT, "channels": [8, 8, 8, 8, 8, 8]}
    run = scene_world.write_run(folder, "teacher", {"network": wider}, epochs=12)
    regions.train(run, population)
    return folder, population


def history(run):
    return pd.read_csv(run / "history.csv")


def weights(run):
    return np.concatenate([value.ravel() for value in saved.load(run / "model.keras").get_weights()])


def test_hard_labels_are_learned(world):
    folder, _ = world
    scores = history(folder / "sound" / "zhao2019" / "teacher")
    assert list(scores) == ["epoch", "loss", "val_loss", "val_auc", "val_f1"] and len(scores) == 12
    assert scores["loss"].iloc[-1] < 0.6 * scores["loss"].iloc[0]
    assert scores["val_auc"].iloc[-3:].max() > 0.9
    model = saved.load(folder / "sound" / "zhao2019" / "teacher" / "model.keras")
    assert set(model.output) == {"regions", "features"}
    environment = files.read_json(folder / "sound" / "zhao2019" / "teacher" / "environment.json")
    assert environment["data"]["images"]["train"] == 27 and environment["parameters"] == model.count_params()


@pytest.mark.parametrize("kind", list(KNOWLEDGE))
def test_a_student_comes_nearer_to_its_teacher(world, kind):
    folder, population = world
    run = scene_world.write_run(folder, kind, KNOWLEDGE[kind], uses=TEACHER, epochs=3)
    regions.train(run, population)
    scores = history(run)
    before = KNOWLEDGE[kind].get("pretraining", 0)
    assert len(scores) == 3 + before
    formal = scores.iloc[before:]
    assert formal["loss"].is_monotonic_decreasing
    if "balance" in KNOWLEDGE[kind]:
        assert (
            formal[["answers_loss", "generator_loss", "discriminator_loss", "control"]].notna().all(axis=None)
        )
        assert formal["control"].between(0, 1).all() and formal["control"].iloc[-1] > 0
        total = formal["answers_loss"] + 0.2 * formal["generator_loss"]
        np.testing.assert_allclose(formal["loss"], total, rtol=1e-5)
    if before:
        assert (
            scores["loss"].iloc[:before].is_monotonic_decreasing
            and scores["control"].iloc[:before].isna().all()
        )


@pytest.mark.parametrize(("kind", "views"), [("soft", 0), ("all", 2)])
def test_killed_it_goes_on_to_the_same_numbers(world, kind, views):
    folder, population = world
    shorter = {"pretraining": 1} if "pretraining" in KNOWLEDGE[kind] else {}
    options = {**KNOWLEDGE[kind], **shorter, "views": views}
    runs = [
        scene_world.write_run(folder, f"{name}{views}", options, uses=TEACHER, epochs=2)
        for name in ("undisturbed", "killed")
    ]
    regions.train(runs[0], population)
    train_until_killed("regions", runs[1], population)
    regions.train(runs[1], population)
    pd.testing.assert_frame_equal(*(history(run) for run in runs), rtol=1e-4)
    np.testing.assert_allclose(*(weights(run) for run in runs), rtol=1e-3, atol=1e-4)


def test_seeds_differ_in_weights_alone(world, capsys):
    folder, population = world
    ends = []
    for seed in (0, 1):
        run = scene_world.write_run(folder, f"seed{seed}", seed=seed, epochs=1)
        regions.train(run, population)
        ends.append(weights(run))
        assert files.read_json(run / "environment.json")["data"]["images"]["train"] == 27
    assert (ends[0] != ends[1]).any()
    regions.train(run, population)
    assert "trained with these settings on these images already" in capsys.readouterr().out


def test_a_teacher_of_other_pictures_is_refused(world):
    folder, population = world
    run = scene_world.write_run(folder, "elsewhere", KNOWLEDGE["soft"], uses=TEACHER, validation=0.5)
    with pytest.raises(UserError, match=r"has validation=0\.25, its student .*elsewhere 0\.5; give both"):
        regions.train(run, population)
    run = scene_world.write_run(folder, "none", KNOWLEDGE["soft"])
    with pytest.raises(UserError, match="names no run as its teacher"):
        regions.train(run, population)


def test_the_learning_rate_falls_with_the_training_loss(world, monkeypatch):
    """Also the discriminator's, which stays at twice the student's."""
    folder, population = world
    options = {**KNOWLEDGE["adversary"]}
    run = scene_world.write_run(folder, "plateau", options, uses=TEACHER, epochs=3, schedule="loss-plateau")
    rates = []
    original = regions.regions_step.FromAdversary.adjust

    def adjust(self, config, history):
        flat = [{**row, "loss": 1.0} for row in history]
        original(self, config, flat)
        rates.append([float(each.learning_rate) for each in (self.optimizer, self.discriminator_optimizer)])

    monkeypatch.setattr(regions.regions_step.FromAdversary, "adjust", adjust)
    regions.train(run, population)
    np.testing.assert_allclose(rates, [[1e-2, 2e-2], [1e-2, 2e-2], [1e-3, 2e-3]], rtol=1e-5)


def test_maps_of_frozen_convolutions_are_computed_once_and_shared(tmp_path, monkeypatch, capfd):
    """VGG16 with random weights: its head is trained on kept maps, and answers as the whole network would."""
    population = scene_world.write_population(tmp_path, scene_world.scenes(16, times=2))
    network = {"dimension": 8, "trained_blocks": 0}
    settings = {"model": "text_teacher", "weights": "random", "epochs": 2, "batch_size": 8, "size": 96}
    seen = []
    original = regions.Feed.__init__

    def feed(self, network, *arguments):
        original(self, network, *arguments)
        seen.append((self, network))

    monkeypatch.setattr(regions.Feed, "__init__", feed)
    first = scene_world.write_run(tmp_path, "teacher", {"network": network, "views": 2}, **settings)
    regions.train(first, population)
    kept = list(population.glob("maps-*.npy"))
    assert len(kept) == 1 and "(100%)" in capfd.readouterr().err
    (feed, whole), *_ = seen
    for positions, x in feed.held_out(np.arange(12, 16)):
        told = feed.trained(x, training=False)["regions"]
        pictures = scene_batches.input_of(feed._data, positions, feed._config, None)
        np.testing.assert_allclose(told, whole(pictures, training=False)["regions"], atol=2e-3)
    second = scene_world.write_run(
        tmp_path, "second", {"network": network, "views": 2}, **settings | {"epochs": 1}
    )
    regions.train(second, population)
    assert list(population.glob("maps-*.npy")) == kept and "%" not in capfd.readouterr().err


def test_a_plateau_is_a_loss_that_does_not_fall():
    optimizer = keras.optimizers.SGD(1e-2)
    config = {"schedule": "loss-plateau", "learning_rate": 1e-2}
    for losses, tenths in (((3.0, 2.0, 1.0), 0), ((3.0, 3.5, 2.0), 1), ((1.0, 1.0, 2.0), 2)):
        optimizers.adjust(optimizer, config, [{"loss": loss, "val_auc": 0.5} for loss in losses])
        assert float(optimizer.learning_rate) == pytest.approx(1e-2 / 10**tenths)


def test_pictures_that_are_too_small_are_refused():
    with pytest.raises(
        UserError, match=r"Teacher needs a short edge of at least 80 pixels, not 79; change size"
    ):
        regions.build_model({"precision": "float32", "model": "text_teacher", "size": 79, "row": "Teacher"})
