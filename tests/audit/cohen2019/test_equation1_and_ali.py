"""Equation 1 of cohen2019 and the settings of its ALI model."""

from fractions import Fraction

import pytest

from tests.audit.changed_facts import values, wrong
from xray_keras.audit import cohen2019
from xray_keras.audit.cohen2019 import methods as cohen2019_methods
from xray_keras.papers import loader


@pytest.mark.parametrize(
    ("x", "opt", "expected"),
    [
        ("0", "1/5", "0"),
        ("1/10", "1/5", "1/4"),
        ("1/5", "1/5", "1/2"),
        ("3/5", "1/5", "3/4"),
        ("1", "1/5", "1"),
    ],
)
def test_equation1_by_hand(x, opt, expected):
    assert cohen2019_methods.calibrated(Fraction(x), Fraction(opt)) == Fraction(expected)


def test_equation1_fails_for_another_map(monkeypatch):
    monkeypatch.setattr(cohen2019_methods, "calibrated", lambda x, opt: x)
    assert not cohen2019.equation1_midpoint().holds
    assert not cohen2019.equation1_monotone().holds  # the upper branch no longer continues it
    monkeypatch.setattr(cohen2019_methods, "calibrated", lambda x, opt: x / (2 * opt))
    assert not cohen2019.equation1_range().holds  # 1 / (2/24) = 12


def test_another_midpoint(facts):
    values(facts, "operating_point_is_half")["probability"] = "60%"
    assert not cohen2019.equation1_midpoint().holds


def test_adam(facts):
    values(facts, "adam_standard")["learning_rate"] = "0.0001"
    assert wrong(cohen2019.adam_standard()) == {"learning_rate"}


def test_beta2(facts):
    outcome = cohen2019.beta2()
    assert (outcome.printed, outcome.recomputed) == ("1e-3", "0.999")
    assert "= 1.001 steps" in outcome.arithmetic and "1000 with the classifier's 0.999" in outcome.arithmetic
    values(facts, "ali_adam")["beta_2"] = "0.999"
    loader.claims.cache_clear()
    assert cohen2019.beta2().holds


def test_search_grid(facts):
    assert "4 latent sizes × 2 learning rates = 8" in cohen2019.ali_search_grid().arithmetic
    values(facts, "ali_search_grid")["latent_4"] = "1024"
    loader.claims.cache_clear()
    assert wrong(cohen2019.ali_search_grid()) == {"latent"}


def test_label_smoothing(facts):
    outcome = cohen2019.label_smoothing()
    assert "the middles are 0.9, 0.1" in outcome.arithmetic and "do not overlap" in outcome.arithmetic
    values(facts, "label_smoothing").update(negative_low="0", negative_high="0")
    loader.claims.cache_clear()
    assert cohen2019.label_smoothing().holds


def test_iterations(facts):
    outcome = cohen2019.ali_iterations()
    assert outcome.recomputed == "21,210 batches"  # 2,121,000 / 100
    # 212,100,000 / 106,381 = 1993.777…, a hundredth of it for images.
    assert "= 1,993.8 epochs" in outcome.arithmetic and "19.94 epochs" in outcome.arithmetic
    facts["cited"]["chester_code"]["iterations_count"] = "batches"
    assert cohen2019.ali_iterations().holds


def test_cam_resolution(facts):
    assert "32 × 32 pixels" in cohen2019.cam_resolution().arithmetic  # 224 / 7
    facts["cited"]["densenet"]["last_map"] = "224"
    assert not cohen2019.cam_resolution().holds
