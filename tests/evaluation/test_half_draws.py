import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from xray_keras.evaluation import half_draws, intervals

RNG = np.random.default_rng(1)


def test_two_draws_by_hand():
    y = np.array([0, 1, 0, 1, 1, 0, 0, 1, 0, 1])
    p = RNG.random(10)
    # ShuffleSplit calls the first half of a permutation the test part
    state = np.random.RandomState(0)
    areas = [
        roc_auc_score(y[half], p[half]) for half in (state.permutation(10)[:5], state.permutation(10)[:5])
    ]
    found = half_draws.spread(y, p, draws=2, share=0.5)
    assert found == pytest.approx((np.mean(areas), abs(areas[0] - areas[1]) / 2, 2))


def test_it_is_about_the_standard_error_of_the_whole_set():
    # Halves drawn without replacement vary like sqrt((1 - 1/2) / (n/2)) = sqrt(1/n).
    y = RNG.integers(0, 2, 4000)
    p = RNG.normal(y, 1.0)
    _, covariance = intervals.auc_covariance(y, p[np.newaxis], np.arange(4000))
    found = half_draws.spread(y, p, draws=200, share=0.5)
    assert found.deviation == pytest.approx(np.sqrt(covariance[0, 0]), rel=0.15)


def test_draws_without_a_positive_are_left_out_and_counted():
    y = np.zeros(40)
    y[0] = 1
    found = half_draws.spread(y, RNG.random(40), draws=10, share=0.5)
    assert 0 < found.draws < 10
    assert half_draws.spread(np.zeros(40), RNG.random(40), draws=10, share=0.5) is None
