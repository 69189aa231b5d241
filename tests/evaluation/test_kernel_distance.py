import itertools

import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from xray_keras.evaluation import bootstrap, kernel_distance, neighbours

RNG = np.random.default_rng(4)


def brute(real, generated, patients):
    """Pair by pair, those of one patient left out."""

    def kernel(a, b):
        return (a @ b / len(a) + 1) ** 3

    pairs = [(i, j) for i, j in itertools.product(range(len(real)), repeat=2) if patients[i] != patients[j]]
    own = [(i, j) for i, j in itertools.product(range(len(generated)), repeat=2) if i != j]
    return (
        np.mean([kernel(real[i], real[j]) for i, j in pairs])
        + np.mean([kernel(generated[i], generated[j]) for i, j in own])
        - 2 * np.mean([kernel(a, b) for a in real for b in generated])
    )


def test_the_kernel_is_scikit_learns():
    a, b = RNG.normal(size=(6, 9)), RNG.normal(size=(8, 9))
    np.testing.assert_allclose(kernel_distance.kernel(a, b), polynomial_kernel(a, b, degree=3))


@pytest.mark.parametrize("block", [1, 2_000_000])
def test_value_against_loops(block, monkeypatch):
    monkeypatch.setattr(neighbours, "BLOCK", block)
    real, generated = RNG.normal(size=(13, 4)), RNG.normal(0.5, 1, (9, 4))
    alone, shared = np.arange(13), np.array([3, 3, 1, 1, 1, 7, 0, 2, 2, 5, 5, 6, 3])
    for clusters, patients in ((None, alone), (shared, shared)):
        found = kernel_distance.estimate(real, generated, clusters=clusters, resamples=20)
        assert found["value"] == pytest.approx(brute(real, generated, patients))


def test_resamples_do_not_pair_an_image_with_its_double(monkeypatch):
    # A resample that draws everything equally often is the sample itself.
    real, generated = RNG.normal(size=(10, 3)), RNG.normal(1, 1, (12, 3))
    monkeypatch.setattr(bootstrap, "weights", lambda groups, b, seed: np.full((b, groups), 2, np.uint16))
    seen = []
    monkeypatch.setattr(bootstrap, "interval", lambda samples: (seen.append(samples), (None, None))[1])
    found = kernel_distance.estimate(real, generated, resamples=2)
    np.testing.assert_allclose(seen[0], found["value"])


def test_one_subset_of_everything_is_the_value():
    real, generated = RNG.normal(size=(30, 5)), RNG.normal(0.4, 1, (30, 5))
    found = kernel_distance.over_subsets(real, generated, subsets=3)
    assert found.mean == pytest.approx(brute(real, generated, np.arange(30)))
    assert found.deviation == pytest.approx(0, abs=1e-12) and found[2:] == (3, 30)


def test_subsets_are_unbiased_and_seeded():
    real, generated = RNG.normal(size=(400, 3)), RNG.normal(size=(400, 3))
    found = kernel_distance.over_subsets(real, generated, subsets=100, size=50, seed=7)
    assert found == kernel_distance.over_subsets(real, generated, subsets=100, size=50, seed=7)
    assert found != kernel_distance.over_subsets(real, generated, subsets=100, size=50, seed=8)
    whole = kernel_distance.estimate(real, generated, resamples=1)["value"]
    assert abs(found.mean - whole) < 4 * found.deviation / 10
    assert found.size == 50 and found.deviation > 0


def test_the_interval_covers_the_distance_of_the_populations():
    # E (x·y/C + 1)³ of independent coordinates with means m and n: by the moments of x·y.
    shift, c = 0.7, 2
    x, y, z, w = RNG.normal(size=(4, 400_000, c))
    truth = sum(
        np.mean((np.einsum("nc,nc->n", a, b) / c + 1) ** 3) * sign
        for a, b, sign in ((x, y, 1), (z + shift, w + shift, 1), (x, z + shift, -2))
    )
    covered = 0
    for seed in range(40):
        found = kernel_distance.estimate(
            RNG.normal(size=(80, c)), RNG.normal(shift, 1, (80, c)), resamples=200, seed=seed
        )
        covered += found["interval"][0] <= truth <= found["interval"][1]
    assert covered >= 34


def test_patients_alike_within_themselves_are_no_distance():
    def population(patients):
        return np.repeat(RNG.normal(size=(patients, 3)), 10, axis=0)

    clusters = np.repeat(np.arange(30), 10)
    pairs = [(population(30), RNG.normal(size=(100, 3))) for _ in range(30)]
    apart = [kernel_distance.estimate(*pair, clusters=clusters, resamples=1)["value"] for pair in pairs]
    mixed = [kernel_distance.estimate(*pair, resamples=1)["value"] for pair in pairs]
    assert abs(np.mean(apart)) < 3 * np.std(apart) / np.sqrt(30)
    assert np.mean(mixed) > np.mean(apart) + 0.05


def test_one_patient_has_no_distance():
    found = kernel_distance.estimate(
        RNG.normal(size=(5, 2)), RNG.normal(size=(5, 2)), clusters=np.zeros(5, int)
    )
    assert found["value"] is None and "two" in found["reason"]
