"""The rates of zhao2019's tables against counts worked out by hand, and the comparisons drawn from them."""

from fractions import Fraction
from math import isclose, sqrt

import pytest
from scipy.stats import norm

from tests.audit.changed_facts import cells, claim
from xray_keras.audit import zhao2019
from xray_keras.audit.outcome import Verdict
from xray_keras.audit.zhao2019 import counts as zhao2019_counts
from xray_keras.papers.printed import Printed


def test_f1_by_hand():
    found = cells(zhao2019.f1_of_rows())
    assert len(found) == 9
    assert found["Table I, Teacher Network"].recomputed.startswith("95.72 ")  # 2·97.5·94/191.5
    assert found["Table II, Hard label"].recomputed.startswith("89.47 ")  # 2·91·88/179 = 89.4749
    arithmetic = zhao2019.f1_of_rows().arithmetic
    # 2·89.8·90.3/180.1 = 90.0493 and 2·95.4·93.7/189.1 = 94.5424: the only two that print otherwise.
    assert arithmetic.endswith("CNN Coding* 90.049, not 90.1%; Table I, MSP-Net 94.542, not 94.6%")


def test_f1_fails_for_a_wrong_cell(facts):
    facts["tables"]["table1"]["rows"]["Teacher Network"][2] = "95.9%"
    outcome = zhao2019.f1_of_rows()
    assert outcome.verdict is Verdict.FAILS
    assert [place for place, cell in cells(outcome).items() if not cell.agrees] == [
        "Table I, Teacher Network"
    ]


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ("Table I, CNN Coding*", "TP 1796 FP 192"),
        ("Table I, CMDRNN*", "TP 1808 FP 129–130"),
        ("Table I, MSP-Net", "only by a tie: TP 1909 FP 128–129"),
        ("Table I, Teacher Network", "TP 1950 FP 124–125"),
        ("Table I, Student Network", "TP 1880 FP 163–164"),
        ("Table II, Hard label", "TP 1820 FP 248–249"),
        ("Table II, Soft label", "TP 1858 FP 201–203"),
        ("Table II, Soft label + Adversarial", "TP 1886 FP 193–194"),
        ("Table II, Our proposed", "TP 1880 FP 163–164"),
    ],
)
def test_confusion_counts(row, counts):
    assert cells(zhao2019.confusion_counts())[row].recomputed == counts


def test_confusion_counts_by_looking_at_every_matrix():
    """The same without intervals; a tie may have been rounded either way."""
    for recall, precision, f in (("97.5", "94.0", "95.7"), ("95.4", "93.7", "94.6")):
        brute = []
        for tp in range(1900, 1960):
            for fp in range(100, 220):
                rates = tp / 2000, tp / (tp + fp), 2 * tp / (tp + fp + 2000)
                printed = (Fraction(text) for text in (recall, precision, f))
                exact = (Fraction(tp, 20), Fraction(100 * tp, tp + fp), Fraction(200 * tp, tp + fp + 2000))
                if all(abs(a - b) <= Fraction(1, 20) for a, b in zip(printed, exact, strict=True)):
                    assert all(0 < rate < 1 for rate in rates)
                    brute.append((tp, fp))
        printed = tuple(Printed(f"{text}%") for text in (recall, precision, f))
        assert [(tp, fp) for tp, fps in zhao2019_counts.matrices(printed) for fp in fps] == brute
    assert {tp for tp, _ in brute} == {1909}  # MSP-Net: 95.45% would have to print as 95.4%


def test_confusion_counts_fail_where_nothing_fits(facts):
    facts["tables"]["table2"]["rows"]["Hard label"] = ["91.0%", "88.0%", "90.5%"]
    assert cells(zhao2019.confusion_counts())["Table II, Hard label"].recomputed == "none"
    assert zhao2019.confusion_counts().verdict is Verdict.FAILS
    assert not cells(zhao2019.steps_beyond_chance())["Soft label"].agrees  # no counts, no test


def test_soft_labels_gain_more_than_chance_and_the_other_steps_do_not():
    found = cells(zhao2019.steps_beyond_chance())
    assert [cell.agrees for cell in found.values()] == [True, False, False]
    # Pre-training by hand, with one pair of counts: 1886 + 1807 and 1880 + 1837 of 4,000 are right.
    pooled = (3693 + 3717) / 8000
    z = (3717 - 3693) / 4000 / sqrt(2 * pooled * (1 - pooled) / 4000)
    by_hand = 2 * norm.sf(z)
    assert isclose(zhao2019_counts._chance(3693, 3717, 4000), by_hand, rel_tol=1e-9)
    assert 0.27 <= by_hand <= 0.37
    assert found["Our proposed"].recomputed == "p from 0.27 to 0.37"


def test_filter_passes_a_sixth_to_a_fifth():
    outcome = zhao2019.share_passed()
    # False alarms: 0.94·(0.08/0.92) = 8.174%.
    # 0.1·0.94 + 0.9·0.08174 = 16.76%; 0.15·0.94 + 0.85·0.08174 = 21.05%.
    assert outcome.recomputed == "16.76% to 21.05% pass"
    assert "56.10% to 66.99%" in outcome.arithmetic  # 0.094/0.16757 and 0.141/0.21048


def test_filter_fails_where_text_is_common(facts):
    claim(facts, "images_with_text")["values"]["high"] = "60%"
    assert zhao2019.share_passed().verdict is Verdict.FAILS


def test_full_training_is_not_best_in_recall():
    wrong = [cell.place for cell in zhao2019.full_training_best().cells if not cell.agrees]
    assert wrong == ["Recall against Soft label + Adversarial"]


@pytest.mark.parametrize(
    ("table", "row", "column", "text", "check"),
    [
        ("table1", "MSP-Net", 1, "94.1%", "teacher_is_best"),
        ("table1", "MSP-Net", 1, "94.1%", "teacher_against_mspnet"),
        ("table1", "MSP-Net", 4, "2.50ms", "teacher_against_mspnet"),
        ("table1", "CMDRNN*", 4, "1.30ms", "student_is_fastest"),
        ("table1", "CMDRNN*", 3, "54.02ms", "student_is_fastest"),
        ("table1", "CNN Coding*", 0, "96.0%", "mspnet_leads_earlier"),
        ("table1", "Teacher Network", 5, "0.086M", "sizes_in_order"),
        ("table1", "Student Network", 0, "94.1%", "student_rows_agree"),
        ("table2", "Hard label", 1, "90.2%", "soft_beats_hard"),
        ("table2", "Soft label", 0, "94.4%", "adversarial_helps"),
    ],
)
def test_comparisons_turn(facts, table, row, column, text, check):
    facts["tables"][table]["rows"][row][column] = text
    assert getattr(zhao2019, check)().verdict is Verdict.FAILS


def test_comparisons_that_fail_can_hold(facts):
    facts["tables"]["table2"]["rows"]["Our proposed"][0] = "94.4%"
    facts["tables"]["table1"]["rows"]["Student Network"][:3] = ["95.5%", "93.8%", "94.7%"]
    assert zhao2019.full_training_best().verdict is Verdict.HOLDS
    assert zhao2019.student_against_earlier().verdict is Verdict.HOLDS
