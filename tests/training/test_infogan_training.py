import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.training.conftest import CONFIG, pairs_of_images, train_until_killed
from xray_keras import files
from xray_keras.datasets import cache, manifest
from xray_keras.errors import UserError
from xray_keras.models import infogan_latent as latents
from xray_keras.models import saved
from xray_keras.training import collapse, generation, infogan, infogan_watch, inputs
from xray_keras.training.infogan_step import Options

SIZE = 16
SQUARE = np.s_[:, 2:7, 2:7]
OPTIONS = {"finding": "Mass", "width": 1 / 16, "generated": 30, "average": 0.5}
SETTINGS = {
    **CONFIG,
    "labels": [],
    "model": "infogan",
    "trainer": "infogan",
    "model_options": OPTIONS,
    "size": SIZE,
    "loss": "adversarial",
    "learning_rate": 1e-3,
    "batch_size": 8,
    "epochs": 3,
    "schedule": "constant",
}


class Patch:
    """A gray picture, brighter below; with a mass there is a bright square."""

    def images(self, rows: pd.DataFrame, size: int) -> np.ndarray:
        gray = np.random.default_rng(1).integers(40, 80, (len(rows), 1, 1))
        pixels = gray + 4 * np.arange(size)[:, None] + np.zeros(size, int)
        pixels[SQUARE] += 90 * rows["Mass"].to_numpy(int)[:, None, None]
        return pixels.astype(np.uint8)


@pytest.fixture(scope="module")
def population(tmp_path_factory):
    """240 images of 120 patients, half of them with a mass."""
    folder = tmp_path_factory.mktemp("runs") / "nih-labelled"
    frame = pairs_of_images(240)
    frame["Mass"] = (np.arange(240) // 2 % 2).astype(np.int8)
    frame["Nodule"] = 1 - frame["Mass"]
    manifest.write(frame, folder / "manifest.csv")
    cache.build(frame, Patch(), SIZE, folder, workers=1, progress=False)
    return folder


def make_run(folder, **changes):
    files.write_json(folder / "config.json", {**SETTINGS, **changes})
    return folder


@pytest.fixture(scope="module")
def undisturbed(population, tmp_path_factory):
    run = make_run(tmp_path_factory.mktemp("undisturbed"))
    infogan.train(run, population)
    return run


def arrays(path):
    with np.load(path) as opened:
        return dict(opened)


def test_what_a_run_leaves(undisturbed):
    history = pd.read_csv(undisturbed / "history.csv")
    columns = ["epoch", "loss", "generator_loss", "accuracy", "information", "label_loss", "spread"]
    assert list(history) == columns and list(history["epoch"]) == [1, 2, 3]
    assert history["accuracy"].between(0, 1).all()
    for folder, shape in (("samples", (8, 8)), ("traversals", (8, 10))):
        sheets = sorted((undisturbed / folder).glob("*.png"))
        assert [path.name for path in sheets] == ["epoch001.png", "epoch002.png", "epoch003.png"]
        with Image.open(sheets[-1]) as sheet:
            assert sheet.size == (shape[1] * SIZE, shape[0] * SIZE)
    layers = files.read_json(undisturbed / "layers.json")
    counted = {
        size: {name: sum(row["parameters"] for row in rows) for name, rows in networks.items()}
        for size, networks in layers.items()
    }
    trained = {"generator": "model.keras", "discriminator": "discriminator.keras"}
    assert counted["run"] == {
        name: saved.load(undisturbed / file).count_params() for name, file in trained.items()
    }
    assert counted["paper"] == {"generator": 10_340_289, "discriminator": 4_629_489}


def test_generated_images_are_what_the_published_networks_give(undisturbed):
    made = arrays(undisturbed / "generated.npz")
    assert made["image"].shape == (30, SIZE, SIZE) and made["image"].dtype == np.uint8
    assert made["condition"].shape == (30, 0) and not made["balanced"].any()
    options = Options(**OPTIONS)
    generator = saved.load(undisturbed / "model.keras")
    np.testing.assert_array_equal(generation.paint(generator, made["latent"], options), made["image"])
    again = generation.judge(saved.load(undisturbed / "discriminator.keras"), made["image"], options)
    np.testing.assert_allclose(again, made["logit"], atol=1e-5)
    assert made["latent"].shape[1] == options.latent.size and len(np.unique(made["latent"], axis=0)) == 30


def test_samples_of_epochs_and_real_images_beside_them(undisturbed, population):
    samples = arrays(undisturbed / "samples.npz")
    assert list(samples["epoch"]) == [1, 2, 3]
    assert samples["image"].shape == (3, infogan_watch.SAMPLES, SIZE, SIZE)
    assert not np.array_equal(samples["image"][0], samples["image"][2])
    assert (samples["real"][SQUARE].mean(axis=(1, 2)) > 130).all()  # with a mass, all of them
    test = inputs.open_data(population, SETTINGS).part("test")
    assert 0 < len(samples["real"]) < len(test)
    traversals = arrays(undisturbed / "traversals.npz")
    assert traversals["image"].shape == (8, 10, SIZE, SIZE)
    assert list(traversals["code"][[0, 4]]) == ["categorical 1", "continuous 1"]


def test_killed_in_the_middle_it_goes_on_to_the_same_numbers(undisturbed, population, tmp_path, capsys):
    run = make_run(tmp_path / "killed")
    stale = run / "samples" / "epoch009.png"
    stale.parent.mkdir()
    stale.touch()
    train_until_killed("infogan", run, population)
    infogan.train(run, population)
    assert "going on after epoch 2" in capsys.readouterr().out and not stale.exists()
    pd.testing.assert_frame_equal(
        *(pd.read_csv(each / "history.csv") for each in (run, undisturbed)), check_exact=True
    )
    for name in ("samples.npz", "traversals.npz", "generated.npz"):
        ours, theirs = arrays(run / name), arrays(undisturbed / name)
        for key in theirs:
            np.testing.assert_array_equal(ours[key], theirs[key])


def test_a_finished_run_is_not_trained_again(undisturbed, population, capsys):
    infogan.train(undisturbed, population)
    assert "trained with these settings" in capsys.readouterr().out


def test_fewer_images_than_a_batch_are_refused_by_name(population, tmp_path):
    run = make_run(tmp_path / "rare", model_options={**OPTIONS, "finding": "Hernia"})
    with pytest.raises(
        UserError, match=r"leaves 0 training images with Hernia, fewer than a batch of 8; use more"
    ):
        infogan.train(run, population)
    run = make_run(tmp_path / "unknown", model_options={**OPTIONS, "finding": "Cough"})
    with pytest.raises(UserError, match="no finding 'Cough'"):
        infogan.train(run, population)


def test_collapse_is_said(population, tmp_path, monkeypatch):
    run = make_run(tmp_path / "collapsed")
    monkeypatch.setattr(collapse, "_PATIENCE", 2)
    monkeypatch.setattr(collapse, "_STEPS", 2)
    monkeypatch.setattr(generation, "to_gray_levels", lambda x: np.full(x.shape, 7, np.uint8))
    with pytest.raises(UserError, match=r"collapsed in epoch 2: for 2 epochs every generated image .*0\.00%"):
        infogan.train(run, population)
    assert not (run / "model.keras").exists() and (run / "samples" / "epoch002.png").is_file()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": 20}, "multiple of 8"),
        ({"precision": "mixed_float16"}, "does not train in mixed_float16"),
        ({"schedule": "step"}, "no schedule 'step'"),
        ({"model_options": {"form": "other"}}, "no form 'other'"),
        ({"model_options": {"reading": "other"}}, "no reading 'other'"),
    ],
)
def test_settings_that_infogan_does_not_have(changes, words):
    with pytest.raises(UserError, match=words):
        infogan.build_model({**SETTINGS, **changes}, np.zeros((8, 0), np.float32), 4)


def test_images_of_a_finding_and_of_a_share_alone_are_learned(population):
    options = Options(**OPTIONS)
    whole = inputs.open_data(population, SETTINGS)
    half = inputs.open_data(population, {**SETTINGS, "share": 0.5})
    of_half, of_whole = (set(infogan.learned(data, options)) for data in (half, whole))
    assert of_half < of_whole and whole.frame["Mass"].to_numpy()[sorted(of_whole)].all()
    assert len(infogan.learned(whole, Options(finding=None))) > len(of_whole)


def test_the_recognition_network_learns_the_labels_of_real_images(population, tmp_path):
    options = {"finding": None, "conditions": ["Mass"], "width": 1 / 16, "generated": 60}
    run = make_run(tmp_path / "conditional", model_options=options, epochs=6, learning_rate=2e-3)
    infogan.train(run, population)
    history = pd.read_csv(run / "history.csv")
    assert (
        history["label_loss"].iloc[-1] < np.log(2) / 2 < history["label_loss"].iloc[0]
    )  # log 2 is ignorance
    made = arrays(run / "generated.npz")
    assert set(made["condition"][made["balanced"], 0]) == {0, 1} and made["balanced"].sum() == 30
    np.testing.assert_array_equal(made["latent"][:, 41], made["condition"][:, 0])
    assert list(arrays(run / "traversals.npz")["code"][4:6]) == ["Mass", "continuous 1"]


def moved(before, layer):
    return not np.array_equal(before, keras.ops.convert_to_numpy(layer.kernel))


@pytest.mark.parametrize("information", [0.0, 1.0])
def test_who_learns_from_what(information):
    """One step: without the codes' surprise only the networks' quarrel is left, and nobody learns codes or labels."""
    options = {"conditions": ["Mass"], "width": 1 / 16, "information": information}
    labels = np.array([[0.0], [1.0]] * 4, np.float32)
    model = infogan.build_model({**SETTINGS, "model_options": options}, labels, 1)
    heads = [model.discriminator.get_layer(name) for name in ("categorical", "mean", "log_sigma")]
    painter, judge = model.generator.get_layer("G_upconv1"), model.discriminator.get_layer("logit")
    before = [keras.ops.convert_to_numpy(layer.kernel) for layer in (*heads, painter, judge)]
    images = np.random.default_rng(0).uniform(0, 255, (8, SIZE, SIZE, 3)).astype(np.float32)
    model.train_step((images, labels))
    assert [moved(*each) for each in zip(before, (*heads, painter, judge), strict=True)] == [
        *[information > 0] * 3,
        True,
        True,
    ]


def test_what_a_label_looks_like_is_learned_from_real_images_alone():
    """Without the real images' loss a step leaves Q's outputs for the label as they were."""
    labels = np.array([[0.0], [1.0]] * 4, np.float32)
    model = infogan.build_model(
        {**SETTINGS, "model_options": {"conditions": ["Mass"], "width": 1 / 16}}, labels, 1
    )
    model.label_loss = lambda *_: keras.ops.zeros(())
    head = model.discriminator.get_layer("categorical")
    before = keras.ops.convert_to_numpy(head.kernel)
    images = np.random.default_rng(0).uniform(0, 255, (8, SIZE, SIZE, 3)).astype(np.float32)
    model.train_step((images, labels))
    moved_columns = (keras.ops.convert_to_numpy(head.kernel) != before).any(axis=0)
    assert moved_columns[:40].all() and not moved_columns[40:].any()


def test_the_average_follows_the_generator():
    options = {"width": 1 / 16, "average": 0.9}
    model = infogan.build_model({**SETTINGS, "model_options": options}, np.zeros((8, 0), np.float32), 1)
    before = model.generator.get_weights()
    images = np.random.default_rng(0).uniform(0, 255, (8, SIZE, SIZE, 3)).astype(np.float32)
    model.train_step((images, np.zeros((8, 0), np.float32)))
    for old, new, average in zip(
        before, model.generator.get_weights(), model.painter.get_weights(), strict=True
    ):
        np.testing.assert_allclose(average, 0.1 * old + 0.9 * new, atol=1e-6)  # the first of ten steps
    plain = infogan.build_model(
        {**SETTINGS, "model_options": {"width": 1 / 16}}, np.zeros((8, 0), np.float32), 1
    )
    assert plain.painter is plain.generator


def test_losses_of_a_step_are_those_of_the_formulas():
    """Surprise, label loss and bound from the discriminator's outputs, recomputed with numpy."""
    options = {"conditions": ["Mass"], "width": 1 / 16, "smoothing": 0.1}
    labels = np.array([[0.0], [1.0]] * 4, np.float32)
    model = infogan.build_model({**SETTINGS, "model_options": options}, labels, 1)
    rows = keras.ops.convert_to_numpy(model.draw(8))
    seen = {
        key: keras.ops.convert_to_numpy(value)
        for key, value in model.discriminator(model.generator(rows, training=True), training=True).items()
    }
    found = [keras.ops.convert_to_numpy(part) for part in model.surprise(rows, seen)]
    assert found[0].shape == (8, 5) and found[1].shape == (8, 4)
    log_p = seen["categorical"][:, 40:] - np.log(
        np.exp(seen["categorical"][:, 40:]).sum(axis=1, keepdims=True)
    )
    np.testing.assert_allclose(found[0][:, 4], -(log_p * rows[:, 40:42]).sum(axis=1), rtol=1e-5)
    z = (rows[:, 42:46] - seen["mean"]) / np.exp(seen["log_sigma"])
    np.testing.assert_allclose(
        found[1], 0.5 * np.log(2 * np.pi) + seen["log_sigma"] + 0.5 * z**2, rtol=1e-4, atol=1e-5
    )
    real = np.where(labels[:, 0] == 1, log_p[:, 1], log_p[:, 0])
    assert float(model.label_loss(labels, seen)) == pytest.approx(-real.mean(), rel=1e-5)
    np.testing.assert_array_equal(rows[:, 40] + rows[:, 41], 1)


def test_labels_asked_for_are_half_those_of_training_and_half_balanced():
    rows = np.array([[1, 0, 0]] * 9 + [[0, 1, 1]], np.float32)
    labels, balanced = generation.asked_labels(rows, 80, seed=0)
    assert balanced.sum() == 40 and not balanced[:40].any()
    assert set(map(tuple, labels[:40])) == {(1, 0, 0), (0, 1, 1)}
    assert labels[:40, 0].mean() > 0.7
    alone, counts = np.unique(labels[40:], axis=0, return_counts=True)
    assert (alone.sum(axis=1) <= 1).all() and list(counts) == [10, 10, 10, 10]


def test_rows_carry_the_labels_asked_for_and_nothing_else_changes():
    options = Options(conditions=("Mass", "Nodule"))
    assert options.latent.categorical == (10, 10, 10, 10, 2, 2) and options.latent.size == 80
    labels = np.array([[1, 0], [0, 0], [1, 1]], np.int8)
    rows = generation.draw(options, labels, seed=4)
    np.testing.assert_array_equal(rows[:, 40:44], [[0, 1, 1, 0], [1, 0, 1, 0], [0, 1, 0, 1]])
    plain = keras.ops.convert_to_numpy(latents.sample(options.latent, 3, 4))
    np.testing.assert_array_equal(
        np.delete(rows, range(40, 44), axis=1), np.delete(plain, range(40, 44), axis=1)
    )
