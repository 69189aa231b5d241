import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tests.training.conftest import MADE, SIZE, answers, generate
from xray_keras import files
from xray_keras.training import arms, supervised
from xray_keras.training.arm_network import Network


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
