"""Tuned thresholds against a scan over all thresholds."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray_keras.evaluation import operating_points
from xray_keras.evaluation.operating_points import Threshold

scored = st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=1, max_size=30)


def _f1(y: np.ndarray, called: np.ndarray) -> float:
    return 2 * float((called & (y == 1)).sum()) / float(called.sum() + y.sum())


def _youden(y: np.ndarray, called: np.ndarray) -> float:
    return float(called[y == 1].mean()) - float(called[y == 0].mean())


@given(scored)
@pytest.mark.parametrize(
    ("tune", "quality"), [(operating_points.best_f1, _f1), (operating_points.youden, _youden)]
)
def test_no_threshold_is_better_and_no_smaller_one_as_good(
    tune: Callable[..., Threshold], quality: Callable[..., float], rows: list[tuple[bool, int]]
) -> None:
    y, level = (np.array(column).astype(int) for column in zip((True, 3), (False, 2), *rows, strict=True))
    p = level / 8
    threshold = tune(y, p)
    assert threshold.reason is None
    assert 0 <= threshold.value <= 1
    chosen = quality(y, p > threshold.value)
    scan = np.linspace(0, 1, 161)
    qualities = np.array([quality(y, p > t) for t in scan])
    assert chosen == pytest.approx(qualities.max())
    smallest = scan[np.argmax(qualities >= qualities.max() - 1e-12)]
    assert ((p > threshold.value) == (p > smallest)).all()
    order = np.random.default_rng(0).permutation(len(y))
    assert tune(y[order], p[order]) == threshold


def test_by_hand() -> None:
    """Calling the upper three: 2·2/(3 + 2) = 0.8; the upper one: 2·1/(1 + 2) = 0.67."""
    y, p = np.array([0, 0, 1, 0, 1]), np.array([0.1, 0.2, 0.3, 0.5, 0.9])
    assert operating_points.best_f1(y, p) == (0.25, None)
    # TPR − FPR: 1 − 1/3 for the upper three, 1/2 − 0 for the upper one.
    assert operating_points.youden(y, p) == (0.25, None)
    assert operating_points.default(y, p) == (0.5, None)


def test_everything_positive_is_reachable_above_zero_only() -> None:
    assert operating_points.best_f1(np.array([1, 0]), np.array([0.4, 0.6])) == (0.2, None)
    y, p = np.array([1, 0, 1]), np.array([0.0, 0.6, 0.6])
    assert operating_points.best_f1(y, p) == (0.3, None)
    # Nothing reachable beats chance: call none.
    assert operating_points.youden(np.array([1, 0]), np.zeros(2)) == (0.5, None)
    assert operating_points.youden(np.array([1, 0]), np.array([0, 0.6])) == (0.8, None)


def test_neighbouring_floats_are_told_apart() -> None:
    """Halfway rounds to the even neighbour: down for one of two successive pairs, up for the other."""
    low = 0.7
    for _ in range(2):
        high = float(np.nextafter(low, 1))
        for tune in (operating_points.best_f1, operating_points.youden):
            p = np.array([low, high])
            assert (p > tune(np.array([0, 1]), p).value).tolist() == [False, True]
        low = high


@pytest.mark.parametrize(
    ("y", "said"),
    [([], "no validation row"), ([0, 0], "no positive in validation"), ([1, 1], "no negative in validation")],
)
def test_falls_back_with_a_reason(y: list[int], said: str) -> None:
    for tune in (operating_points.best_f1, operating_points.youden):
        threshold = tune(np.array(y), np.linspace(0.1, 0.2, len(y)))
        assert threshold.value == 0.5
        assert said in str(threshold.reason)
