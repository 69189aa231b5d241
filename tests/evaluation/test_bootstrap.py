"""The weighted bootstrap against explicit resampling: rows repeated, then scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from xray_keras.evaluation import bootstrap, intervals

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 4)), min_size=3, max_size=40)


def _arrays(given_rows: list[tuple[bool, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, score, clusters = (np.array(column) for column in zip(*given_rows, strict=True))
    return y.astype(int), score / 5, np.unique(clusters, return_inverse=True)[1]


def test_weights_draw_as_many_clusters_as_there_are() -> None:
    weights = bootstrap.weights(50, 4000, seed=1)
    assert (weights.sum(axis=1) == 50).all()
    assert (weights == bootstrap.weights(50, 4000, seed=1)).all()
    assert (weights != bootstrap.weights(50, 4000, seed=2)).any()
    # Multinomial: mean 1, variance 1 − 1/G, covariance −1/G.
    assert weights.mean(axis=0) == pytest.approx(np.ones(50), abs=0.08)
    covariance = np.cov(weights.T.astype(float))
    assert np.diag(covariance).mean() == pytest.approx(0.98, abs=0.02)
    assert covariance[~np.eye(50, dtype=bool)].mean() == pytest.approx(-0.02, abs=0.002)


@given(rows, st.integers(0, 10))
def test_ranking_of_a_resample_is_that_of_repeated_rows(
    given_rows: list[tuple[bool, int, int]], seed: int
) -> None:
    y, score, clusters = _arrays(given_rows)
    weights = bootstrap.weights(clusters.max() + 1, 8, seed)
    areas, precisions = bootstrap.ranking(y, score, clusters, weights)
    for k, drawn in enumerate(weights):
        y_drawn, score_drawn = np.repeat(y, drawn[clusters]), np.repeat(score, drawn[clusters])
        if 0 < y_drawn.sum() < len(y_drawn):
            assert areas[k] == pytest.approx(roc_auc_score(y_drawn, score_drawn), abs=1e-12)
            assert precisions[k] == pytest.approx(average_precision_score(y_drawn, score_drawn), abs=1e-12)
        else:
            assert np.isnan([areas[k], precisions[k]]).all()


@given(rows)
def test_totals_of_a_resample_are_those_of_repeated_rows(given_rows: list[tuple[bool, int, int]]) -> None:
    y, score, clusters = _arrays(given_rows)
    counts = np.stack([np.bincount(clusters, y), np.bincount(clusters, score > 0.5)], axis=1)
    weights = bootstrap.weights(len(counts), 5, 0)
    repeated = [[np.repeat(x, drawn[clusters]).sum() for x in (y, score > 0.5)] for drawn in weights]
    np.testing.assert_allclose(bootstrap.totals(weights, counts), repeated)


def test_chunks_do_not_change_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    y, score, clusters = rng.integers(2, size=90), rng.random(90), rng.integers(20, size=90)
    weights = bootstrap.weights(20, 31, 0)
    whole = *bootstrap.ranking(y, score, clusters, weights), bootstrap.totals(weights, np.eye(20))
    monkeypatch.setattr(bootstrap, "_CHUNK", 200)
    parts = *bootstrap.ranking(y, score, clusters, weights), bootstrap.totals(weights, np.eye(20))
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(one, other)


def test_large_weights_do_not_overflow() -> None:
    rng = np.random.default_rng(0)
    y, score, clusters = np.arange(500) % 2, rng.random(500), np.arange(500)
    once = bootstrap.ranking(y, score, clusters, np.ones((1, 500), np.uint16))
    often = bootstrap.ranking(y, score, clusters, np.full((1, 500), 60_000, np.uint16))
    np.testing.assert_allclose(once, often)


def test_spread_agrees_with_obuchowski() -> None:
    """Two independent ways to the standard error of an AUC under clustering."""
    rng = np.random.default_rng(4)
    clusters = np.repeat(np.arange(300), 5)
    y = np.repeat(np.arange(300) % 4 == 0, 5).astype(int)
    score = y + rng.normal(size=300)[clusters] + 0.7 * rng.normal(size=1500)
    areas, _ = bootstrap.ranking(y, score, clusters, bootstrap.weights(300, 2000, 0))
    _, covariance = intervals.auc_covariance(y, score[np.newaxis], clusters)
    assert areas.std() == pytest.approx(covariance[0, 0] ** 0.5, rel=0.08)


def test_interval_takes_the_percentiles_of_what_is_defined() -> None:
    samples = np.arange(201.0)
    interval, remark = bootstrap.interval(samples)
    assert interval == pytest.approx((5, 195))
    assert remark is None
    holes = np.concatenate([samples, np.full(50, np.nan)])
    assert bootstrap.interval(holes) == (interval, "undefined in 50 of 251 resamples")
    scarce = np.concatenate([samples, np.full(202, np.nan)])
    assert bootstrap.interval(scarce) == (None, "undefined in 202 of 403 resamples")
    assert bootstrap.interval(np.full(9, np.nan)) == (None, "undefined in 9 of 9 resamples")
    assert bootstrap.interval(np.full(9, 0.25)) == (None, "the same in every resample")


def test_p_value_by_hand() -> None:
    assert bootstrap.p_value(np.array([1.0, 2, 3, -1])) == pytest.approx(2 * 2 / 5)
    assert bootstrap.p_value(np.ones(99)) == pytest.approx(0.02)
    assert bootstrap.p_value(-np.ones(99)) == pytest.approx(0.02)
    assert bootstrap.p_value(np.zeros(10)) == 1
    assert bootstrap.p_value(np.array([1.0, 2, 3, -1, np.nan])) == pytest.approx(2 * 2 / 5)
    assert bootstrap.p_value(np.array([1.0, np.nan, np.nan])) is None
