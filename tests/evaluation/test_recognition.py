import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from xray_keras.evaluation import recognition

RNG = np.random.default_rng(4)


def test_half_of_a_patient_is_looked_up_at_most():
    sizes = {"a": 1, "b": 2, "c": 3, "d": 5, "e": 1}
    patients = RNG.permutation(np.repeat(list(sizes), list(sizes.values())))
    found = recognition.queries(patients, 100, seed=0)
    assert {name: int(found[patients == name].sum()) for name in sizes} == {
        "a": 0,
        "b": 1,
        "c": 1,
        "d": 2,
        "e": 0,
    }
    draws = [recognition.queries(patients, 3, seed) for seed in range(30)]
    for rows in draws:
        assert sorted(patients[rows]) == ["b", "c", "d"]  # a first one of each before a second one
    assert len({tuple(rows) for rows in draws}) > 5
    np.testing.assert_array_equal(recognition.queries(patients, 3, 7), draws[7])
    assert not recognition.queries(np.array(["a", "b"]), 3, 0).any()


def test_numbers_by_hand():
    distances = np.array([[1.0, 2, 3], [3, 1, 2], [1, 2, 3]])
    same = np.array([[True, False, False], [False, False, True], [True, True, False]])
    found = recognition.recognised(distances, same, np.array([0, 1, 0]))
    assert found.rank_one["value"] == pytest.approx(2 / 3) and found.chance == pytest.approx(4 / 9)
    assert found.verification["value"] == pytest.approx(roc_auc_score(same.ravel(), -distances.ravel()))


def test_squares_say_the_same():
    distances, same = RNG.random((20, 15)), RNG.random((20, 15)) < 0.3
    same[:, 0], same[:, 1] = True, False
    patients = np.arange(20) // 2
    assert recognition.recognised(distances, same, patients) == recognition.recognised(
        distances**2, same, patients
    )


def test_queries_of_one_patient_count_together():
    people = np.repeat(np.arange(30), 4)
    same = people[:, None] == np.arange(30)
    hit = np.repeat(RNG.random(30) < 0.5, 4)
    distances = np.where(same == hit[:, None], 0.1, 1.0) + RNG.random(same.shape) * 0.01
    together, alone = (
        recognition.recognised(distances, same, patients) for patients in (people, np.arange(120))
    )
    for one, other in ((together.rank_one, alone.rank_one), (together.verification, alone.verification)):
        assert one["value"] == other["value"]
        assert np.ptp(one["interval"]) > 1.7 * np.ptp(other["interval"])


def test_blind_guesses_are_at_chance():
    people = np.repeat(np.arange(40), 5)
    same = people[:, None] == np.repeat(np.arange(40), 2)
    inside = 0
    for _ in range(40):
        found = recognition.recognised(RNG.random(same.shape), same, people)
        inside += found.rank_one["interval"][0] <= found.chance <= found.rank_one["interval"][1]
        assert 0.4 < found.verification["value"] < 0.6
    assert inside >= 34
