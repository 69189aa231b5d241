"""Equations 1 and 6 of zhao2019, at points worked out by hand."""

from fractions import Fraction

from tests.audit.changed_facts import cells, claim
from xray_keras.audit import zhao2019
from xray_keras.audit.outcome import Verdict
from xray_keras.audit.zhao2019 import losses as zhao2019_losses
from xray_keras.papers import loader


def test_printed_indicator_punishes_agreement():
    found = cells(zhao2019.eq1_sign())
    # Teacher active, printed d = 0: r(u + S)² is (2u)² at S = u and 0 at S = -u.
    assert {place: (cell.printed, cell.recomputed) for place, cell in found.items()} == {
        "teacher active, student agrees": ("4u²", "0u²"),
        "teacher active, student disagrees": ("0u²", "4u²"),
        "teacher inactive, student agrees": ("4u²", "0u²"),
        "teacher inactive, student disagrees": ("0u²", "4u²"),
    }


def test_inverted_indicator_is_right(facts):
    facts["settings"]["equation1"] |= {"indicator_of_positive": 1, "indicator_otherwise": 0}
    assert zhao2019.eq1_sign().verdict is Verdict.HOLDS


def test_published_loss_needs_the_inverted_indicator(facts):
    facts["cited"]["activation_boundaries"] |= {"indicator_of_positive": 0, "indicator_otherwise": 1}
    assert zhao2019.eq1_inverted().verdict is Verdict.FAILS


def test_equation1_between_the_targets():
    half = Fraction(1, 2)
    # Inverted indicator, teacher active, u = 1, S = 1/2: (1 - 1/2)² = 1/4; printed: (1 + 1/2)² = 9/4.
    assert zhao2019_losses.equation1(Fraction(1), half, Fraction(1), Fraction(1), Fraction(0)) == Fraction(
        1, 4
    )
    assert zhao2019_losses.equation1(Fraction(1), half, Fraction(1), Fraction(0), Fraction(1)) == Fraction(
        9, 4
    )


def test_k_turns_negative_at_once():
    assert zhao2019.equation6_range().recomputed.endswith("-0.00025")  # 0 + 0.001·(0.75·1 − 1)


def test_k_stays_where_n_exceeds_one(facts):
    claim(facts, "began_constants")["values"]["ratio"] = "1.25"
    assert zhao2019.equation6_range().verdict is Verdict.HOLDS


def test_equilibrium_depends_on_n(facts):
    assert "0.000375, 0, -0.00075" in zhao2019.equation6_equilibrium().recomputed
    claim(facts, "n_sets_equilibrium")["values"]["ratio"] = "0.5"
    loader.claims.cache_clear()
    assert zhao2019.equation6_equilibrium().verdict is Verdict.FAILS
