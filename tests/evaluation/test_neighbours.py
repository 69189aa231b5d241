import tracemalloc

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from xray_keras.errors import UserError
from xray_keras.evaluation import neighbours

RNG = np.random.default_rng(2)


@pytest.mark.parametrize("block", [1, 700, 2_000_000])
@pytest.mark.parametrize("k", [1, 4])
def test_against_scikit_learn(k, block, monkeypatch):
    monkeypatch.setattr(neighbours, "BLOCK", block)
    queries, references = RNG.normal(100, 1, (40, 7)), RNG.normal(100, 1, (60, 7)).astype(np.float32)
    distance, rows = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(references).kneighbors(queries)
    found = neighbours.nearest(queries, references, k)
    np.testing.assert_array_equal(found.rows, rows)
    np.testing.assert_allclose(found.distance, distance, rtol=1e-6)


def test_nobody_is_its_own_neighbour(monkeypatch):
    monkeypatch.setattr(neighbours, "BLOCK", 100)
    points = RNG.normal(size=(50, 3))
    gaps = np.linalg.norm(points[:, None] - points, axis=2) + np.diag(np.full(50, np.inf))
    found = neighbours.nearest(points, points, 3, among_themselves=True)
    np.testing.assert_array_equal(found.rows, np.argsort(gaps, axis=1)[:, :3])
    np.testing.assert_allclose(found.distance, np.sort(gaps, axis=1)[:, :3])


def test_a_copy_is_at_zero_exactly():
    points = RNG.normal(1e4, 1, (30, 50))
    found = neighbours.nearest(points, points)
    np.testing.assert_array_equal(found.rows[:, 0], np.arange(30))
    np.testing.assert_array_equal(found.distance, 0)


def test_the_distances_never_stand_in_memory_together():
    points = RNG.normal(size=(5000, 4))
    tracemalloc.start()
    neighbours.nearest(points, points)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5000**2 * 8 / 3


def test_bad_features_are_refused():
    good = RNG.normal(size=(5, 3))
    bad = good.copy()
    bad[3, 1] = np.nan
    for queries, references, k, sentence in (
        (good[0], good, 1, "the queries have the shape"),
        (good, good[:, :2], 1, "3 features and the references 2"),
        (good, bad, 1, "the references .* row 3"),
        (good[:0], good, 1, "the queries are 0 rows"),
        (good, good, 6, "among 5 references"),
    ):
        with pytest.raises(UserError, match=sentence):
            neighbours.nearest(queries, references, k)
    with pytest.raises(UserError, match="5 nearest"):
        neighbours.nearest(good, good, 5, among_themselves=True)
