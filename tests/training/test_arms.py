from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

from tests.training.conftest import CONFIG, SIZE
from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.training import arms, generated, supervised
from xray_keras.training.arm_network import Network
from xray_keras.training.arm_records import Records
from xray_keras.training.arm_trainer import Trainer

USES = {"model.keras": {"gan": "paper/gan"}}
FAST = {"epochs": 2, "schedule": "constant"}
MADE = 80


def generate(run: Path, conditions=(), finding="Mass", images=None, **changes) -> Path:
    """A GAN's run: images with a bright patch, the brighter the more real."""
    rng = np.random.default_rng(5)
    condition = np.zeros((MADE, len(conditions)), np.int8)
    for k in range(len(conditions)):
        condition[k :: len(conditions), k] = 1
    pixels = rng.integers(0, 150, (MADE, SIZE, SIZE))
    pixels[:, 4:9, 4:9] += 70 * (condition[:, :1, None] if len(conditions) else 1)
    options = {"finding": None if conditions else finding, "conditions": list(conditions)}
    files.write_json(run / "config.json", {**CONFIG, "model_options": options, **changes})
    np.savez(
        run / "generated.npz",
        image=pixels.astype(np.uint8) if images is None else images,
        logit=rng.normal(size=MADE).astype(np.float32),
        condition=condition,
        balanced=np.arange(MADE) >= MADE // 2 if conditions else np.zeros(MADE, bool),
    )
    return run


@pytest.fixture
def gan(tmp_path):
    return generate(tmp_path / "sound" / "paper" / "gan")


@pytest.fixture
def make_arms(make_run):
    def make(name, arms, **changes):
        return make_run(name, **{"arms": arms, "arm_seeds": 1, "uses": USES, **FAST, **changes})

    return make


@pytest.fixture
def tiny(monkeypatch):
    """Two labels need another network than the binary one."""

    def build(config):
        x = images = keras.Input((SIZE, SIZE, 3))
        x = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(x))
        x = keras.layers.Dense(len(config["labels"]), activation="sigmoid")(x)
        return keras.Model(images, x)

    monkeypatch.setattr(supervised, "build_model", build)


def answers(run: Path) -> pd.DataFrame:
    return pd.read_parquet(run / "arms.parquet").set_index(["arm", "seed", "image"])


@pytest.fixture
def trained(monkeypatch):
    """Names and seeds of what is trained."""
    names = []

    def train(self, arm, seed, original=Trainer.train):
        names.append((arm.name, seed))
        return original(self, arm, seed)

    monkeypatch.setattr(Trainer, "train", train)
    return names


def test_what_a_run_publishes(population, make_arms, gan, capsys):
    run = make_arms(
        "run",
        {"real": {}, "half": {"generated": 0.5}, "forest": {"model": "random_forest"}},
        arm_seeds=2,
        epochs=4,
        schedule="cosine",
    )
    arms.train(run, population)
    frame = pd.read_parquet(run / "arms.parquet")
    assert list(frame) == ["arm", "seed", "image", "patient", "split", "y_Mass", "p_Mass"]
    assert set(frame["split"]) == {"validation", "test"}
    networks = frame.groupby(["arm", "seed"], sort=False)
    assert list(networks.groups) == [(a, s) for a in ("real", "half", "forest") for s in (3, 4)]
    images = [tuple(part["image"]) for _, part in networks]
    assert len(set(images)) == 1
    for _, part in networks:
        assert roc_auc_score(part["y_Mass"], part["p_Mass"]) > 0.9
    history = pd.read_csv(run / "history.csv")
    assert list(history) == ["arm", "seed", "epoch", "loss", "val_loss", "val_auc", "val_f1"]
    assert list(history["epoch"]) == [1, 2, 3, 4] * 4 and "forest" not in set(history["arm"])
    real = files.read_json(run / "environment.json")["data"]["images"]["train"]
    described = files.read_json(run / "arms.json")
    assert list(described) == ["real", "half", "forest"]
    steps = 4 * -(-real // 16)
    assert [entry["steps"] for entry in described.values()] == [steps, steps, 0]
    half = described["half"]
    assert (half["real"], half["generated"]) == (real, MADE)
    assert half["positives"]["Mass"] == described["real"]["positives"]["Mass"] + MADE
    assert half["shown"]["generated"] == 4 * round(0.5 * real)
    assert half["shown"]["real"] + half["shown"]["generated"] == 4 * real
    assert all(entry["seconds"] >= 0 for entry in described.values())
    model = keras.saving.load_model(run / "model.keras", compile=False)
    assert tuple(model(np.zeros((1, SIZE, SIZE, 3), np.float32)).shape) == (1, 2)
    told = [line for line in capsys.readouterr().out.splitlines() if "network" in line]
    assert len(told) == 6 and "network 3/6  half (seed 3)" in told[2]
    assert not list((run / "checkpoints").glob("*.keras"))


def test_the_published_model_is_the_first_network(population, make_arms, gan):
    run = make_arms("run", {"real": {}, "pool": {"generated": "pool"}})
    arms.train(run, population)
    data = supervised.inputs.open_data(population, files.read_json(run / "config.json"))
    asked = data.part("validation", "test")
    model = keras.saving.load_model(run / "model.keras", compile=False)
    p = model.predict(supervised.inputs.to_input(data.images[data.rows[asked]]), verbose=0)[:, 1]
    np.testing.assert_allclose(answers(run).loc["real"]["p_Mass"], p, atol=1e-6)


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_a_network_does_not_depend_on_those_before_it(population, make_arms, gan, schedule):
    pool = {"generated": "pool", "kept": 0.5}
    both = make_arms("both", {"real": {}, "pool": pool}, schedule=schedule)
    alone = make_arms("alone", {"pool": pool}, schedule=schedule)
    for run in (both, alone):
        arms.train(run, population)
    pd.testing.assert_frame_equal(answers(both).loc[["pool"]], answers(alone), check_exact=True)
    assert not np.allclose(answers(both).loc["real"]["p_Mass"], answers(both).loc["pool"]["p_Mass"])


def test_killed_it_goes_on_to_the_same_numbers(population, make_arms, gan, trained, tiny, monkeypatch):
    chosen = {"real": {}, "randaugment": {"augmentation": "randaugment"}, "made": {"generated": 0.3}}
    undisturbed, killed = (
        make_arms(name, chosen, loss="binary_cross_entropy") for name in ("undisturbed", "killed")
    )
    arms.train(undisturbed, population)

    def save(self, arm, *arguments, original=Records.save):
        original(self, arm, *arguments)
        if arm == "randaugment":
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Records, "save", save)
        with pytest.raises(KeyboardInterrupt):
            arms.train(killed, population)
    assert not (killed / "model.keras").exists() and not (killed / "arms.parquet").exists()
    del trained[:]
    arms.train(killed, population)
    assert trained == [("made", 3)]
    pd.testing.assert_frame_equal(answers(killed), answers(undisturbed), check_exact=True)
    histories = [pd.read_csv(run / "history.csv") for run in (killed, undisturbed)]
    pd.testing.assert_frame_equal(*histories, check_exact=True)
    assert (killed / "model.keras").is_file()


def test_only_what_has_changed_is_trained_again(population, make_arms, gan, trained, tiny, capsys):
    def make(chosen, rate=1e-3):
        return make_arms("run", chosen, loss="binary_cross_entropy", epochs=1, learning_rate=rate)

    chosen = {"real": {}, "made": {"generated": 0.3}}
    run = make(chosen)
    arms.train(run, population)
    before = answers(run)
    del trained[:]
    arms.train(run, population)
    assert not trained and "trained with these settings" in capsys.readouterr().out
    make({**chosen, "shift": {"augmentation": "shift"}})
    arms.train(run, population)
    assert trained == [("shift", 3)]
    pd.testing.assert_frame_equal(answers(run).loc[["real", "made"]], before, check_exact=True)
    generate(gan, images=np.full((MADE, SIZE, SIZE), 9, np.uint8))
    arms.train(run, population)
    assert trained[1:] == [("made", 3)]
    make(chosen, rate=1e-4)
    arms.train(run, population)
    assert trained[2:] == [("real", 3), ("made", 3)]
    # Another first arm: its answers are known, its network is not.
    make({"made": chosen["made"], "real": {}}, rate=1e-4)
    arms.train(run, population)
    assert trained[4:] == [("made", 3)]
    (run / "model.keras").unlink()
    arms.train(run, population)
    assert trained[5:] == [("made", 3)]


def test_a_damaged_record_is_named(population, make_arms):
    run = make_arms("run", {"real": {}})
    arms.train(run, population)
    record = run / "checkpoints" / "real-3.npz"
    record.write_bytes(record.read_bytes()[:200])
    with pytest.raises(UserError, match=r"real-3\.npz is damaged.*delete it"):
        arms.train(run, population)


def test_class_weights_come_from_the_images_that_are_shown(population, make_arms, gan, monkeypatch):
    weights = {}

    def reset(self, seed, positive_weight, original=Network.reset):
        weights[len(weights)] = positive_weight
        original(self, seed, positive_weight)

    monkeypatch.setattr(Network, "reset", reset)
    run = make_arms("run", {"real": {}, "half": {"generated": 0.5}}, epochs=1)
    arms.train(run, population)
    for weight, entry in zip(weights.values(), files.read_json(run / "arms.json").values(), strict=True):
        shown = entry["shown"]
        positives = shown["positives"]["Mass"]
        assert weight == pytest.approx((shown["real"] + shown["generated"] - positives) / positives)
    assert weights[1] < 0.7 * weights[0]


def test_the_weight_reaches_the_loss(population, make_arms):
    run = make_arms("run", {"real": {}}, precision="float32")
    network = Network(files.read_json(run / "config.json"), 1)
    output, truth = np.array([[0.2, 0.8], [0.6, 0.4]], np.float32), np.array([[1], [0]], np.float32)
    for weight in (1.0, 3.0):
        network.reset(0, weight)
        expected = [-weight * np.log(0.8), -np.log(0.6)]
        np.testing.assert_allclose(network.model.loss(truth, output), expected, rtol=1e-5)


def test_the_best_epoch_is_kept(population, make_arms, monkeypatch):
    scores = iter([0.6, 0.9, 0.7])
    outputs = []

    def scored(output, *_):
        outputs.append(output)
        return {"val_loss": 0.0, "val_auc": next(scores), "val_f1": 0.0}

    monkeypatch.setattr(supervised, "validation_scores", scored)
    run = make_arms("run", {"real": {}}, epochs=3, keep="best")
    arms.train(run, population)
    found = pd.read_parquet(run / "arms.parquet").query("split == 'validation'")["p_Mass"]
    np.testing.assert_allclose(found, outputs[1][:, 1], atol=1e-6)
    assert not np.allclose(found, outputs[2][:, 1], atol=1e-6)


def test_the_rate_falls_on_a_plateau_and_the_next_network_starts_anew(population, make_arms, monkeypatch):
    monkeypatch.setattr(
        supervised, "validation_scores", lambda *_: {"val_loss": 0.0, "val_auc": 0.5, "val_f1": 0.0}
    )
    rates = []

    def reset(self, *arguments, original=Network.reset):
        if rates:
            rates.append(float(self.model.optimizer.learning_rate))
        original(self, *arguments)
        rates.append(float(self.model.optimizer.learning_rate))

    monkeypatch.setattr(Network, "reset", reset)
    arms.train(make_arms("run", {"a": {}, "b": {}}, schedule="plateau", epochs=3), population)
    assert rates == pytest.approx([1e-3, 1e-5, 1e-3])


def test_augmented_arms_in_bfloat16(population, make_arms, gan):
    chosen = {
        "both": {"augmentation": "shift+zoom", "generated": 0.5},
        "random": {"augmentation": "randaugment"},
    }
    run = make_arms("run", chosen, precision="mixed_bfloat16", epochs=1)
    try:
        arms.train(run, population)
    finally:
        keras.config.set_dtype_policy("float32")
    assert answers(run)["p_Mass"].between(0, 1).all()


def test_balance_and_several_labels(population, make_arms, tmp_path, tiny):
    generate(tmp_path / "sound" / "paper" / "gan", conditions=("Nodule", "Mass"))
    run = make_arms(
        "run",
        {
            "real": {},
            "made": {"balance": "generated"},
            "again": {"balance": "repeated"},
            "forest": {"generated": 1.0, "model": "random_forest"},
        },
        labels=["Mass", "Nodule"],
        loss="binary_cross_entropy",
        epochs=1,
    )
    arms.train(run, population)
    described = files.read_json(run / "arms.json")
    real = described["real"]["positives"]
    assert real["Mass"] != real["Nodule"]
    for arm in ("made", "again"):
        assert set(described[arm]["positives"].values()) == {max(real.values())}
    assert described["made"]["generated"] == abs(real["Mass"] - real["Nodule"])
    assert described["again"]["generated"] == 0 and described["forest"]["real"] == 0
    # The GAN names its conditions in another order: its bright images are nodules.
    forest = answers(run).loc["forest"]
    assert roc_auc_score(forest["y_Mass"], forest["p_Nodule"]) > 0.9


@pytest.mark.parametrize(
    ("chosen", "changes", "message"),
    [
        ({}, {}, "asks for no network"),
        ({"a": {}}, {"arm_seeds": 0}, "asks for no network"),
        ({"a": {}}, {"patience": 2}, "stops early"),
        ({"a": {"model": "random_forest"}}, {}, "begin with an arm without model="),
        ({"a": {"colour": 1}}, {}, "unknown key 'colour'; an arm has augmentation, balance"),
        ({"a/b": {}}, {}, "cannot name a file"),
        ({"a": {"augmentation": "blur"}}, {}, "'blur' is unknown"),
        ({"a": {"generated": 1.5}}, {}, "give a share from 0 to 1"),
        ({"a": {"generated": "all"}}, {}, 'or "pool"'),
        ({"a": {"generated": 0.5, "kept": 0}}, {}, "keep a share above 0"),
        ({"a": {"generated": 0.5, "kept": 1.1}}, {}, "keep a share above 0"),
        ({"a": {"generated": 0.5, "most": 0}}, {}, "most=0"),
        ({"a": {"kept": 0.5}}, {}, "selects among generated images but shows none"),
        ({"a": {"balance": "weights"}}, {}, "choose one of generated, repeated"),
        ({"a": {"balance": "generated", "generated": 0.5}}, {}, "leave one of them out"),
        ({"a": {}, "b": {"model": "svm"}}, {}, "choose one of logistic_regression"),
        ({"a": {"generated": 0.5}}, {"uses": {}}, "names no run as its gan"),
        ({"a": {"generated": 0.5, "gan": "other"}}, {}, "names no run as its other"),
        ({"a": {"balance": "repeated"}}, {}, "balances one label"),
        ({"a": {"generated": 1.0}}, {}, "shows .* positives among .* a smaller share"),
    ],
)
def test_arms_that_make_no_sense(population, make_arms, gan, chosen, changes, message):
    with pytest.raises(UserError, match=message):
        arms.train(make_arms("run", chosen, **changes), population)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": 8}, "images of 8 pixels, but run takes 16; give its experiment at most"),
        ({"finding": "Nodule"}, "images with Nodule alone, but the run's labels are Mass"),
        ({"finding": None}, "images of no label"),
        ({"conditions": ("Mass", "Edema")}, "generated for Mass, Edema, but the run's labels are Mass"),
        ({"seed": 4}, "a GAN with seed 4, and run has 3.*tested on"),
        ({"validation": 0.1}, "a GAN with validation 0.1"),
        ({"max_images": 60}, "a GAN with population nih-labelled-60"),
        ({"images": np.zeros((MADE, 8, 8), np.uint8)}, "does not hold what its config.json says"),
    ],
)
def test_gans_that_do_not_fit(population, make_arms, gan, changes, message):
    run = make_arms("run", {"real": {}, "made": {"generated": 0.5}})
    images = changes.get("images") if isinstance(changes.get("images"), np.ndarray) else None
    generate(gan, **{**changes, "images": images})
    with pytest.raises(UserError, match=message):
        arms.train(run, population)
    assert not (run / "checkpoints").exists()


def test_generated_images_that_are_absent_or_damaged(population, make_arms, gan):
    run = make_arms("run", {"made": {"generated": 0.5}})
    path = gan / "generated.npz"
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(UserError, match=r"generated\.npz is damaged"):
        arms.train(run, population)
    path.unlink()
    with pytest.raises(UserError, match=r"generated\.npz is absent; train the GAN paper/gan"):
        arms.train(run, population)


def test_larger_generated_images_are_scaled_as_the_cache_is(make_arms, gan):
    run = make_arms("run", {"made": {"generated": 0.5}})
    large = np.random.default_rng(0).integers(0, 256, (MADE, 32, 32), dtype=np.uint8)
    generate(gan, size=32, images=large)
    found = generated.load(run, files.read_json(run / "config.json"), "gan").images
    expected = [Image.fromarray(image).resize((16, 16), Image.Resampling.BILINEAR) for image in large]
    np.testing.assert_array_equal(found, np.stack([np.asarray(image) for image in expected]))
