import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tests.training.conftest import CONFIG, train_until_killed
from xray_keras import files
from xray_keras.datasets import cache, manifest
from xray_keras.datasets.findings import FINDINGS
from xray_keras.errors import UserError
from xray_keras.losses import metric_learning
from xray_keras.training import inputs, siamese

SIZE = 24
SETTINGS = {
    **CONFIG,
    "images": "all",
    "labels": [],
    "model": "siamese",
    "trainer": "siamese",
    "model_options": {"width": 0.5, "length": 16},
    "size": SIZE,
    "validation": 0.5,
    "learning_rate": 3e-3,
    "batch_size": 32,
    "epochs": 3,
    "augmentation": "shift+rotation",
}


class Bones:
    """Each patient has a pattern of his own, seen in other light and noise in every image."""

    def images(self, rows: pd.DataFrame, size: int) -> np.ndarray:
        found = []
        for number, patient in enumerate(rows["patient"].astype(int)):
            own = (
                np.random.default_rng([patient]).normal(size=(6, 6)).repeat(size // 6, 0).repeat(size // 6, 1)
            )
            rng = np.random.default_rng([patient, number])
            light = rng.uniform(90, 150)
            found.append(light + rng.uniform(20, 35) * own + rng.normal(0, 15, (size, size)))
        return np.clip(found, 0, 255).astype(np.uint8)


def listed(patients) -> pd.DataFrame:
    """A manifest of the given patients' images."""
    series = pd.Series([str(patient) for patient in patients])
    number = series.groupby(series).cumcount()
    frame = pd.DataFrame(
        {
            "image": [f"{int(name):08d}_{k:03d}.png" for name, k in zip(series, number, strict=True)],
            "patient": series,
            "path": "",
            "follow_up": number,
            "age": 50,
            "sex": "F",
            "view": np.where(np.arange(len(series)) % 3, "PA", "AP"),
            "official_split": "train_val",
        }
    )
    for finding in FINDINGS:
        frame[finding] = np.int8(0)
    return frame


@pytest.fixture(scope="module")
def population(tmp_path_factory):
    """120 patients of one to four images each."""
    folder = tmp_path_factory.mktemp("runs") / "nih-all"
    frame = listed([patient for patient in range(120) for _ in range(1 + patient % 4)])
    manifest.write(frame, folder / "manifest.csv")
    cache.build(frame, Bones(), SIZE, folder, workers=1, progress=False)
    return folder


@pytest.fixture(scope="module")
def data(population):
    return inputs.open_data(population, SETTINGS)


def make_run(folder, **changes):
    files.write_json(folder / "config.json", {**SETTINGS, **changes})
    return folder


@pytest.fixture(scope="module")
def undisturbed(population, tmp_path_factory):
    run = make_run(tmp_path_factory.mktemp("undisturbed"))
    siamese.train(run, population)
    return run


def test_what_a_run_leaves(undisturbed):
    history = pd.read_csv(undisturbed / "history.csv")
    assert list(history) == ["epoch", "loss", "val_auc", "val_auc_same_view"]
    assert list(history["epoch"]) == [1, 2, 3]
    assert history["loss"].iloc[-1] < history["loss"].iloc[0] < np.log(31)
    found = files.read_json(undisturbed / "environment.json")
    assert found["data"]["leaked_patients"] == 0 and found["parameters"] > 1000
    assert not list((undisturbed / "checkpoints").glob("*.h5"))


def test_it_learns_whose_an_image_is(undisturbed, data):
    """Of test patients, whom nothing in training looks at."""
    model = keras.saving.load_model(undisturbed / "model.keras", compile=False)
    chosen = data.part("test")
    vectors = model.predict(inputs.in_order(data.images, data.rows[chosen], 32), verbose=0)
    patients, views = (data.frame[name].to_numpy(str)[chosen] for name in ("patient", "view"))
    assert siamese.verification(vectors, patients, views)["val_auc"] > 0.9


def test_only_validation_patients_are_learned_from_and_a_fifth_of_them_watched(data):
    found = siamese.parts(data, 3)
    patient = data.frame["patient"].to_numpy(str)
    everyone = np.concatenate([*found.learned, found.unseen])
    np.testing.assert_array_equal(np.sort(everyone), data.part("validation"))
    assert all(len(rows) > 1 and len(set(patient[rows])) == 1 for rows in found.learned)
    learned = {patient[rows[0]] for rows in found.learned}
    unseen = pd.Series(patient[found.unseen])
    assert not learned & set(unseen)
    counts = unseen.value_counts()
    several = int((counts > 1).sum())
    assert several == (several + len(learned)) // 5 and (counts == 1).any()
    assert (unseen.map(counts) > 1).to_numpy().argmin() == counts[
        counts > 1
    ].sum()  # those with two come first
    assert {patient[rows[0]] for rows in siamese.parts(data, 4).learned} != learned


def test_a_batch_has_two_images_each_of_different_patients(data):
    learned = siamese.parts(data, 3).learned
    patient = data.frame["patient"].to_numpy(str)
    drawn = siamese.pairs(learned, 16, np.random.default_rng(0))
    assert drawn.shape == (sum(map(len, learned)) // 16, 16)
    for batch in drawn:
        one, other = batch[::2], batch[1::2]
        assert (patient[one] == patient[other]).all() and (one != other).all()
        assert len(set(patient[one])) == 8
    few = siamese.pairs(learned[:3], 16, np.random.default_rng(0))
    assert few.shape[1] == 6 and len(few) >= 1


def test_an_epoch_is_a_function_of_seed_and_epoch(data):
    learned = siamese.parts(data, 3).learned

    def batches(epoch, **changes):
        return list(siamese.epoch_of(data, learned, {**SETTINGS, **changes}, epoch).as_numpy_iterator())

    one, again = batches(1), batches(1)
    for (x, patients), (y, others) in zip(one, again, strict=True):
        np.testing.assert_array_equal(x, y)
        np.testing.assert_array_equal(patients, others)
    assert not np.array_equal(one[0][1], batches(2)[0][1])
    assert not np.array_equal(one[0][1], batches(1, seed=4)[0][1])
    images, patients = one[0]
    assert images.shape == (32, SIZE, SIZE, 3) and images.dtype == patients.dtype == np.float32
    assert images.min() >= 0 and images.max() <= 255
    np.testing.assert_array_equal(images[..., 0], images[..., 2])
    np.testing.assert_array_equal(np.unique(patients, return_counts=True)[1], 2)


def test_gray_levels_are_bent_and_pixels_moved(data):
    learned = siamese.parts(data, 3).learned

    def difference(augmentation):
        rng = np.random.default_rng([SETTINGS["seed"], 0])
        drawn = siamese.pairs(learned, 32, rng)[0]
        plain = data.images[data.rows[drawn]].astype(np.float32)
        config = {**SETTINGS, "augmentation": augmentation}
        shown, _ = next(siamese.epoch_of(data, learned, config, 0).as_numpy_iterator())
        return plain, shown[..., 0]

    plain, bent = difference("none")
    for before, after in zip(plain, bent, strict=True):
        inside = (before > 0) & (before < 255)
        gamma = np.log(after[inside] / 255) / np.log(before[inside] / 255)
        assert gamma.std() < 1e-3 and 1 / 1.5 - 1e-3 < gamma.mean() < 1.5 + 1e-3
    assert np.abs(bent - plain).mean() > 3
    _, moved = difference("shift+rotation")
    still = np.abs(moved - bent).mean(axis=(1, 2)) < 1e-3
    assert 0.2 < still.mean() < 0.8


def test_verification_by_hand():
    vectors = np.array([[1, 0], [0.8, 0.6], [0, 1], [0.6, 0.8]])
    patients, views = np.array(["a", "a", "b", "b"]), np.array(["PA", "PA", "PA", "AP"])
    # Pairs of one patient: 0.8 and 0.8; of two: 0, 0.6, 0.6, 0.96; of one view: 0.8 against 0 and 0.6.
    found = siamese.verification(vectors, patients, views)
    assert found == {"val_auc": 0.75, "val_auc_same_view": 1.0}
    assert siamese.verification(vectors[:2], patients[:2], views[:2])["val_auc"] == 0.5
    rng = np.random.default_rng(0)
    vectors, patients = rng.normal(size=(12, 3)), np.arange(12) // 3
    one, other = np.triu_indices(12, 1)
    expected = roc_auc_score(
        patients[one] == patients[other], np.einsum("ij,ij->i", vectors[one], vectors[other])
    )
    assert siamese.verification(vectors, patients, np.zeros(12))["val_auc"] == pytest.approx(expected)


def test_killed_in_the_middle_it_goes_on_to_the_same_numbers(undisturbed, population, tmp_path, capsys):
    run = make_run(tmp_path / "killed")
    train_until_killed("siamese", run, population)
    siamese.train(run, population)
    assert "going on after epoch 2" in capsys.readouterr().out
    histories = [pd.read_csv(each / "history.csv") for each in (run, undisturbed)]
    pd.testing.assert_frame_equal(*histories, check_exact=True)
    weights = [
        keras.saving.load_model(each / "model.keras", compile=False).get_weights()
        for each in (run, undisturbed)
    ]
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_finished_run_is_not_trained_again(undisturbed, population, capsys):
    siamese.train(undisturbed, population)
    assert "trained with these settings" in capsys.readouterr().out


def test_too_few_patients_with_two_images(tmp_path):
    folder = tmp_path / "nih-all"
    frame = listed([*range(60), *range(12)])
    manifest.write(frame, folder / "manifest.csv")
    cache.build(frame, Bones(), SIZE, folder, workers=1, progress=False)
    with pytest.raises(
        UserError, match=r"\d validation patients have two images, .* needs 10; use more images"
    ):
        siamese.train(make_run(tmp_path / "run"), folder)


def test_the_temperature_is_that_of_the_settings():
    vectors = np.array([[1.0, 0], [0.6, 0.8], [0, 1], [0.8, 0.6]], np.float32)
    patients = np.array([0.0, 0, 1, 1])
    losses = []
    for options in ({}, {"temperature": 0.1}, {"temperature": 1.0}):
        model = siamese.build_model({**SETTINGS, "model_options": {"length": 2, **options}}, 4)
        losses.append(float(np.mean(model.loss(patients, vectors))))
    expected = [float(np.mean(metric_learning.nt_xent(patients, vectors, t))) for t in (0.1, 0.1, 1.0)]
    assert losses == pytest.approx(expected)
