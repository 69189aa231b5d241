import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from PIL import Image

from tests.training.conftest import CONFIG, pairs_of_images, train_until_killed
from xray_keras import files
from xray_keras.datasets import cache, manifest
from xray_keras.errors import UserError
from xray_keras.models import ali as networks
from xray_keras.training import ali, ali_watch, collapse, environment

SETTINGS = {
    **CONFIG,
    "images": "all",
    "labels": [],
    "model": "ali",
    "trainer": "ali",
    "model_options": {"latent": 8, "width": 1 / 32, "generator_width": 1 / 16, "cycle": 5.0},
    "size": 64,
    "loss": "adversarial",
    "learning_rate": 1e-3,
    "batch_size": 8,
    "epochs": 3,
    "schedule": "cosine",
}
RANGES = {"real": (0.7, 1.1), "fake": (-0.1, 0.3)}


class Disc:
    """A bright disc whose place and size differ from image to image."""

    def images(self, rows: pd.DataFrame, size: int) -> np.ndarray:
        y, x = np.mgrid[:size, :size] / size
        places = np.random.default_rng(1).uniform(0.3, 0.7, (len(rows), 3))[..., None, None]
        inside = np.hypot(x - places[:, 0], y - places[:, 1]) < 0.4 * places[:, 2]
        return (40 + 180 * inside).astype(np.uint8)


@pytest.fixture(scope="module")
def population(tmp_path_factory):
    """50 images of 25 patients at 64 px."""
    folder = tmp_path_factory.mktemp("runs") / "nih-all"
    frame = pairs_of_images(50)
    manifest.write(frame, folder / "manifest.csv")
    cache.build(frame, Disc(), 64, folder, workers=1, progress=False)
    return folder


def make_run(folder, **changes):
    files.write_json(folder / "config.json", {**SETTINGS, **changes})
    return folder


@pytest.fixture(scope="module")
def undisturbed(population, tmp_path_factory):
    run = make_run(tmp_path_factory.mktemp("undisturbed"))
    ali.train(run, population)
    return run


def test_what_a_run_leaves(undisturbed):
    history = pd.read_csv(undisturbed / "history.csv")
    columns = ["epoch", "loss", "generator_loss", "cycle", "halted", "val_ssim", "val_l1", "spread"]
    assert list(history) == columns and list(history["epoch"]) == [1, 2, 3]
    assert history["cycle"].iloc[-1] < history["cycle"].iloc[0]
    assert files.read_json(undisturbed / "environment.json")["data"]["leaked_patients"] == 0
    assert not list((undisturbed / "checkpoints").glob("*.h5"))
    pictures = sorted((undisturbed / "reconstructions").iterdir())
    assert [path.name for path in pictures] == ["epoch001.png", "epoch002.png", "epoch003.png"]
    with Image.open(pictures[0]) as picture:
        assert picture.size[1] == 3 * 64 * 2 and picture.size[0] % 128 == 0


def test_the_published_model_reconstructs_the_examples(undisturbed, population):
    model = keras.saving.load_model(undisturbed / "model.keras", compile=False)
    with np.load(undisturbed / "reconstructions.npz") as examples:
        kept = dict(examples)
    assert kept["input"].shape == kept["reconstruction"].shape == (10, 64, 64)
    found = ali_watch.reconstruct(model, kept["input"], 4)
    np.testing.assert_array_equal(found["reconstruction"], kept["reconstruction"])
    expected = np.abs(kept["input"] / 255 - kept["reconstruction"] / 255).mean(axis=(1, 2))
    np.testing.assert_allclose(kept["l1"], expected, atol=1e-3)
    np.testing.assert_allclose(kept["ssim"], found["ssim"], atol=1e-5)
    frame = manifest.read(population / "manifest.csv")
    assert frame["image"].isin(kept["image"]).sum() == 10


def test_killed_in_the_middle_it_goes_on_to_the_same_numbers(undisturbed, population, tmp_path, capsys):
    run = make_run(tmp_path / "killed")
    stale = run / "reconstructions" / "epoch009.png"
    stale.parent.mkdir()
    stale.touch()
    train_until_killed("ali", run, population)
    ali.train(run, population)
    assert "going on after epoch 2" in capsys.readouterr().out
    assert len(list(stale.parent.iterdir())) == 3 and not stale.exists()
    histories = [pd.read_csv(each / "history.csv") for each in (run, undisturbed)]
    pd.testing.assert_frame_equal(*histories, check_exact=True)
    with (
        np.load(run / "reconstructions.npz") as ours,
        np.load(undisturbed / "reconstructions.npz") as theirs,
    ):
        for name in theirs:
            np.testing.assert_array_equal(ours[name], theirs[name])


def test_a_finished_run_is_not_trained_again(undisturbed, population, capsys):
    ali.train(undisturbed, population)
    assert "trained with these settings" in capsys.readouterr().out


def test_two_runs_of_the_same_target(undisturbed, population):
    with files.exclusive(undisturbed), pytest.raises(UserError, match="another process"):
        ali.train(undisturbed, population)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"size": 32}, "64 pixels, not 32"),
        ({"precision": "mixed_float16"}, "choose PRECISION=float32"),
        ({"schedule": "plateau"}, "no schedule 'plateau'.*cosine"),
    ],
)
def test_settings_that_ali_does_not_have(changes, words):
    with pytest.raises(UserError, match=words):
        ali.build_model({**SETTINGS, **changes}, 4)


def test_collapse_stops_the_run_and_keeps_the_epochs_before(population, tmp_path, monkeypatch):
    run = make_run(tmp_path / "collapsed")
    monkeypatch.setattr(collapse, "_PATIENCE", 2)
    monkeypatch.setattr(collapse, "_STEPS", 2)
    monkeypatch.setattr(
        ali_watch, "scores", lambda *_: {"val_ssim": 0.1, "val_l1": 0.3, "spread": 0.001}
    )  # as of one picture for all
    with pytest.raises(UserError, match=r"collapsed in epoch 2.*0\.10%.*another SEED"):
        ali.train(run, population)
    assert not (run / "model.keras").exists() and (run / "reconstructions" / "epoch002.png").is_file()
    assert len(files.read_json(run / "checkpoints" / "state.json")["history"]) == 1


def test_collapse_is_five_epochs_and_300_steps_of_one_picture_or_a_number_that_is_none(tmp_path):
    def history(*spreads, **values):
        return [{"epoch": k + 1, "spread": spread, **values} for k, spread in enumerate(spreads)]

    collapse.check(tmp_path, history(*[0.0] * 4), ali_watch.COLLAPSED, 100)
    collapse.check(tmp_path, history(*[0.0] * 4, 0.5, *[0.0] * 4), ali_watch.COLLAPSED, 100)
    with pytest.raises(UserError, match="epoch 6"):
        collapse.check(tmp_path, history(0.5, *[0.0] * 5), ali_watch.COLLAPSED, 100)
    few = history(*[0.0] * 29)
    collapse.check(tmp_path, few, ali_watch.COLLAPSED, 10)
    with pytest.raises(UserError, match="for 30 epochs"):
        collapse.check(tmp_path, [*few, {"epoch": 30, "spread": 0.0}], ali_watch.COLLAPSED, 10)
    with pytest.raises(UserError, match=r"epoch 1: loss is no finite number"):
        collapse.check(tmp_path, history(0.5, loss=float("nan")), ali_watch.COLLAPSED, 100)


def test_spread_tells_one_picture_from_many():
    images = np.random.default_rng(0).integers(0, 255, (6, 8, 8)).astype(np.uint8)
    found = {"ssim": np.full(6, 0.25), "l1": np.full(6, 0.1)}
    same = {**found, "reconstruction": np.repeat(images[:1], 6, axis=0)}
    assert ali_watch.scores(images, same) == {"val_ssim": 0.75, "val_l1": pytest.approx(0.1), "spread": 0.0}
    assert ali_watch.scores(images, {**found, "reconstruction": images})["spread"] == 1.0


def test_label_ranges_are_the_printed_ones():
    assert ali.smoothing() == RANGES


def model(schedule="constant", **options):
    keras.utils.set_random_seed(0)
    options = {**SETTINGS["model_options"], "cycle": 0.0, **options}
    return ali.build_model({**SETTINGS, "model_options": options, "schedule": schedule}, 4)


def images():
    return tf.random.stateless_uniform((6, 64, 64, 1), (1, 2), 0, 255)


def weights(network):
    return [keras.ops.convert_to_numpy(variable) for variable in network.trainable_variables]


def changed(before, after):
    return any(not np.array_equal(one, two) for one, two in zip(before, after, strict=True))


@pytest.mark.parametrize("good", [True, False])
def test_the_pair_rests_where_it_is_too_good_and_the_discriminator_never(good, monkeypatch):
    trained = model()
    monkeypatch.setattr("xray_keras.losses.adversarial.HALT_ABOVE", -100.0 if good else 100.0)
    before = [weights(network) for network in (trained.encoder, trained.generator, trained.discriminator)]
    logs = tf.function(trained.train_step)((images(), None))
    after = [weights(network) for network in (trained.encoder, trained.generator, trained.discriminator)]
    moved = [changed(*pair) for pair in zip(before, after, strict=True)]
    assert moved == [not good, not good, True]
    assert float(logs["halted"]) == good
    assert int(trained.optimizer.iterations) == (not good)


def test_each_network_has_its_width():
    trained = model()
    assert (
        trained.encoder.get_layer("E_conv2").filters
        == trained.discriminator.get_layer("Dx_conv2").filters
        == 4
    )
    assert trained.generator.get_layer("G_conv2").filters == 8


def test_printed_adam_reaches_both_optimizers():
    trained = model(beta_2=0.001, discriminator_rate=0.5)
    for optimizer, rate in ((trained.optimizer, 1e-3), (trained.discriminator_optimizer, 5e-4)):
        assert (optimizer.beta_1, optimizer.beta_2) == (0.5, 0.001)
        assert float(optimizer.learning_rate) == pytest.approx(rate)


def test_it_trains_in_bfloat16_and_gives_float32():
    try:
        trained = ali.build_model({**SETTINGS, "precision": "mixed_bfloat16"}, 4)
        logs = trained.train_step((images(), None))
        found = networks.autoencoder(trained.encoder, trained.generator)(images())
    finally:
        keras.config.set_dtype_policy("float32")
    assert np.isfinite([float(value) for value in logs.values()]).all()
    assert {value.dtype for value in found.values()} == {tf.float32}


def test_a_cosine_schedule_ends_at_zero():
    trained = model("cosine", discriminator_rate=0.5)
    for optimizer, rate in ((trained.optimizer, 1e-3), (trained.discriminator_optimizer, 5e-4)):
        rates = [float(optimizer._learning_rate(step)) for step in (0, 6, 12)]  # three epochs of four steps
        assert rates == pytest.approx([rate, rate / 2, 0], abs=1e-9)


def test_without_a_cycle_nothing_is_said_about_reconstructions():
    assert float(model().train_step((images(), None))["cycle"]) == 0
    assert float(model(cycle=1.0).train_step((images(), None))["cycle"]) > 0.1


def test_codes_are_drawn_around_the_mean_with_sigma():
    trained = model()
    x = images() / 127.5 - 1
    environment.begin_epoch(trained, 0)
    one, two = trained.encode(x), trained.encode(x)
    assert not np.allclose(one, two)
    environment.begin_epoch(trained, 0)
    np.testing.assert_array_equal(one, trained.encode(x))
    code = trained.encoder(x, training=True)
    # Repeated images have the batch statistics of one copy.
    many = np.reshape(trained.encode(tf.tile(x, (100, 1, 1, 1))), (100, 6, 8))
    sigma = np.exp(code["log_sigma"])
    np.testing.assert_allclose((many.mean(axis=0) - code["mean"]) / sigma, 0, atol=0.4)
    np.testing.assert_allclose(many.std(axis=0) / sigma, 1, atol=0.3)
    published = model(stochastic=False)
    np.testing.assert_array_equal(published.encode(x), published.encode(x))
