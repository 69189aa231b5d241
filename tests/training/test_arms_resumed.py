"""Networks that are trained already are not trained again."""

import numpy as np
import pandas as pd
import pytest

from tests.training.conftest import MADE, SIZE, answers, generate
from xray_keras.errors import UserError
from xray_keras.training import arms
from xray_keras.training.arm_records import Records
from xray_keras.training.arm_trainer import Trainer


@pytest.fixture
def trained(monkeypatch):
    """Names and seeds of what is trained."""
    names = []

    def train(self, arm, seed, original=Trainer.train):
        names.append((arm.name, seed))
        return original(self, arm, seed)

    monkeypatch.setattr(Trainer, "train", train)
    return names


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
