import itertools

import numpy as np
import pytest
from scipy.stats import fisher_exact

from xray_keras.evaluation import reidentification

RNG = np.random.default_rng(6)


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def people(count, length=8):
    return unit(RNG.normal(size=(count, length)))


def near(vectors, noise=0.05):
    return unit(vectors + RNG.normal(0, noise, vectors.shape))


def test_matched_by_hand():
    training, held_out = np.array([0.1, 0.2, 0.9, 0.3]), np.array([0.9, 0.8, 0.3, 0.25])
    found = reidentification.matched(training, held_out, 0.3)
    assert found.training["value"] == 0.5 and found.held_out["value"] == 0.25
    assert found.difference["value"] == 0.25
    # Sides dealt to three matched of eight people: all but two and one of them on a side are farther apart.
    dealt = [sum(k < 4 for k in chosen) for chosen in itertools.combinations(range(8), 3)]
    assert found.p == pytest.approx(np.mean([abs(2 * one - 3) >= 1 for one in dealt]))


@pytest.mark.parametrize(("one", "other"), [(5, 0), (12, 4), (7, 7), (0, 0), (20, 20), (3, 11)])
def test_p_is_that_of_fishers_exact_test(one, other):
    found = reidentification.matched(np.arange(20) >= one, np.arange(20) >= other, 1)
    expected = fisher_exact([[one, 20 - one], [other, 20 - other]]).pvalue
    assert found.p == pytest.approx(expected)


def test_the_interval_is_newcombes():
    # Newcombe (1998), Table II, method 10: 56/70 − 48/80 and 9/10 − 3/10; equal sizes here, so the second.
    found = reidentification.matched(np.arange(10) >= 9, np.arange(10) >= 3, 1)
    assert found.difference["value"] == pytest.approx(0.6)
    np.testing.assert_allclose(found.difference["interval"], [0.1705, 0.8090], atol=5e-5)
    nobody = reidentification.matched(np.ones(10), np.ones(10), 0.5).difference
    assert nobody["value"] == 0 and nobody["interval"][0] == pytest.approx(-nobody["interval"][1])


def test_the_interval_covers_and_the_test_keeps_its_level():
    missed = rejected = 0
    for _ in range(400):
        found = reidentification.matched(RNG.random(60), RNG.random(60) - 0.15, 0.2)
        low, high = found.difference["interval"]
        missed += not low <= -0.15 <= high
        rejected += reidentification.matched(RNG.random(60), RNG.random(60), 0.2).p <= 0.05
    assert missed <= 34 and rejected <= 34


def test_distances_to_no_image_match_nobody():
    known = people(5)
    far = reidentification.distances(known, np.empty((0, 8)))
    assert np.isinf(far).all()
    found = reidentification.matched(far, far, 2.0)
    assert found.training["value"] == found.difference["value"] == 0 and found.p == 1


def test_a_stranger_is_matched_with_the_stated_chance():
    images, shares, chances = people(200), [], set()
    for _ in range(200):
        attack = reidentification.attack(people(40), people(40), people(59), images, 0.1)
        shares.append((reidentification.distances(people(40), images) < attack.limit).mean())
        chances.add((attack.chance, attack.strangers))
    assert 0.07 < np.mean(shares) <= 0.105 and chances == {(0.1, 59)}


def test_so_few_strangers_show_a_larger_chance_only():
    attack = reidentification.attack(people(3), people(3), people(9), people(20))
    assert attack.chance == 0.1 and attack.strangers == 9
    assert reidentification.reachable(0.05, 19) == 0.05 and reidentification.reachable(0.05, 18) > 0.05


def test_a_copier_is_known_and_an_honest_generator_is_not():
    training, held_out, strangers = people(80), people(80), people(80)
    for images, leaks in ((near(training), True), (people(200), False)):
        found = reidentification.attack(training, held_out, strangers, images).matched(images)
        low, high = found.difference["interval"]
        assert (low > 0.7 and found.p < 1e-6) if leaks else (low <= 0 <= high and found.p > 0.05)
    # Images like everybody's say nothing of training, however many they match.
    everybody = np.concatenate([near(training), near(held_out)])
    found = reidentification.attack(training, held_out, strangers, everybody).matched(everybody)
    low, high = found.difference["interval"]
    assert found.training["value"] > 0.9 and low <= 0 <= high and found.p > 0.05


def test_false_match_counts_pairs_of_two_people():
    vectors, patients = np.array([[0.0, 0], [0, 1], [0, 3], [4, 0]]), np.array(["a", "a", "b", "c"])
    # Distances of a, a and b, c: 3, 2, 4, √17, 5.
    assert reidentification.false_match(vectors, patients, 3.5) == pytest.approx(2 / 5)
    assert reidentification.false_match(vectors, patients, 2.0) == 0
