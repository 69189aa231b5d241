import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import auc, roc_auc_score, roc_curve

from xray_keras.errors import UserError
from xray_keras.evaluation import thresholds
from xray_keras.papers import loader

Y = np.array([0, 0, 1, 0, 1, 1])
P = np.array([0.1, 0.2, 0.2, 0.4, 0.6, 0.9])


def test_positive_means_above_the_threshold():
    point = thresholds.at(Y, P, 0.2)
    assert (point.tp, point.fp, point.fn, point.tn) == (2, 1, 1, 2)
    assert point.sensitivity == pytest.approx(2 / 3) and point.specificity == pytest.approx(2 / 3)
    assert thresholds.at(Y, P, 0.19).tp == 3


def test_steps_by_hand():
    """One more positive at a time; the tie of a positive with a negative at 0.2 costs both."""
    found = [(point.tp, point.fp, point.threshold) for point in thresholds.steps(Y, P)]
    assert [(tp, fp) for tp, fp, _ in found] == [(1, 0), (2, 0), (3, 2)]
    assert [threshold for *_, threshold in found] == pytest.approx([0.75, 0.5, 0.15])


def test_positives_with_one_score_are_one_step():
    found = thresholds.steps(np.array([1, 1, 0, 1]), np.array([0.5, 0.5, 0.3, 0.1]))
    assert [point.tp for point in found] == [2, 3]


def test_a_positive_that_scores_zero_is_out_of_reach():
    y, p = np.array([1, 1, 0]), np.array([0.5, 0.0, 0.0])
    assert [point.tp for point in thresholds.steps(y, p)] == [1]
    assert thresholds.at_sensitivity(y, p, 1.0) is None


def test_neighbouring_floats_still_part():
    below = 0.5
    above = np.nextafter(below, 1)
    (point,) = thresholds.steps(np.array([0, 1]), np.array([below, above]))
    assert (point.tp, point.fp) == (1, 0)


SCORES = st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=2, max_size=60)


@given(SCORES)
def test_steps_against_every_threshold(rows):
    y, p = np.array([row[0] for row in rows], float), np.array([row[1] / 12 for row in rows])
    if len(set(y)) < 2:
        return
    every = [thresholds.at(y, p, threshold) for threshold in np.linspace(0, 1, 49)]
    best = {point.tp: max(other.tn for other in every if other.tp == point.tp) for point in every if point.tp}
    assert {point.tp: point.tn for point in thresholds.steps(y, p)} == best
    for wanted in (0.3, 0.975, 1.0):
        reached = [point for point in every if point.sensitivity >= wanted]
        chosen = thresholds.at_sensitivity(y, p, wanted)
        assert (chosen is None) == (not reached)
        if chosen:
            assert chosen.tp == min(point.tp for point in reached)


def test_39_of_40_are_97_5_percent():
    y = np.r_[np.ones(40), np.zeros(10)]
    p = np.r_[np.linspace(0.5, 0.9, 40), np.linspace(0.1, 0.4, 10)]
    point = thresholds.at_sensitivity(y, p, 0.975)
    assert point is not None and point.tp == 39 and 0.5 < point.threshold < p[1]


@given(SCORES)
def test_roc_against_sklearn(rows):
    y, p = np.array([row[0] for row in rows], float), np.array([row[1] / 12 for row in rows])
    if len(set(y)) < 2:
        return
    false, true = thresholds.roc(y, p)
    expected = roc_curve(y, p, drop_intermediate=False)
    np.testing.assert_allclose([false, true], expected[:2])
    assert auc(false, true) == pytest.approx(roc_auc_score(y, p))


@pytest.mark.parametrize("hits", [0, 1])
def test_one_class_gets_one_sentence(hits):
    with pytest.raises(UserError, match=f"no {'negative' if hits else 'positive'} image"):
        thresholds.at(np.full(3, hits), np.full(3, 0.5), 0.5)


def test_printed_half_widths():
    """Table VI: 39 of 40 is 97.5 % ± 4.8 %, 97.8 % of 3000 is ± 0.5 %."""
    table = loader.table("minaee2020", "table6")
    for n, column in ((40, "Sensitivity"), (3000, "Specificity")):
        cell = table.number("SqueezeNet", column)
        assert 100 * thresholds.normal_half_width(cell.value, n) == pytest.approx(
            float(cell.spread.text[:-1]), abs=0.05
        )
    assert thresholds.normal_half_width(1.0, 40) == 0


def test_clopper_pearson_by_its_definition():
    """Rule of three at no miss; the ends put 2.5 % in each tail."""
    from scipy.stats import binom

    assert thresholds.clopper_pearson(40, 40) == pytest.approx((0.025 ** (1 / 40), 1.0))
    low, high = thresholds.clopper_pearson(39, 40)
    assert binom.sf(38, 40, low) == pytest.approx(0.025) and binom.cdf(39, 40, high) == pytest.approx(0.025)
