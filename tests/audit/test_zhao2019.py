"""The checks of zhao2019: verdicts against numbers worked out by hand here, and that each can turn."""

import copy
from fractions import Fraction
from math import isclose, sqrt

import pytest
from scipy.stats import norm

from xray_keras.audit import zhao2019
from xray_keras.audit.outcome import Verdict
from xray_keras.audit.zhao2019 import counts as zhao2019_counts
from xray_keras.audit.zhao2019 import losses as zhao2019_losses
from xray_keras.audit.zhao2019 import networks as zhao2019_networks
from xray_keras.audit.zhao2019 import times as zhao2019_times
from xray_keras.papers import loader
from xray_keras.papers.printed import Printed

HOLDS = {
    "teacher_is_best", "speed_on_cpu", "speed_on_gpu", "compared_method", "share_passed",
    "mspnet_leads_earlier",
    "sizes_in_order", "regions", "student_layers", "label_rules", "eq1_inverted", "equation6_equilibrium",
    "f1_of_rows", "confusion_counts", "teacher_params", "student_params", "teacher_against_mspnet",
    "student_rows_agree", "soft_beats_hard", "adversarial_helps", "student_is_fastest",
}  # fmt: skip
FAILS = {
    "eq1_sign", "equation6_range", "input_sizes", "gpu_memory", "gpu_times_physical", "framework_version",
    "mspnet_params", "head_is_identified", "full_training_best", "steps_beyond_chance",
    "student_against_earlier",
}  # fmt: skip
OPEN = {"dataset_sums", "decay_schedule", "discriminator_rate"}


@pytest.fixture
def facts(monkeypatch):
    """A copy of the printed facts that the checks read; change it before the first check."""
    changed = copy.deepcopy(loader.load("zhao2019"))
    caches = loader.claims, loader.table
    for cache in caches:
        cache.cache_clear()
    monkeypatch.setattr(loader, "load", lambda paper: changed)
    yield changed
    for cache in caches:
        cache.cache_clear()


def cells(outcome):
    return {cell.place: cell for cell in outcome.cells}


def claim(facts, name):
    return next(entry for entry in facts["claims"] if entry["id"] == name)


def test_every_verdict():
    verdicts = {check.__name__: check().verdict for check in zhao2019.CHECKS}
    expected = dict.fromkeys(HOLDS, Verdict.HOLDS)
    expected |= dict.fromkeys(FAILS, Verdict.FAILS)
    expected |= dict.fromkeys(OPEN, Verdict.CANNOT_BE_CHECKED)
    assert verdicts == expected


# The table, cell by cell.


def test_transcribed_cells():
    table = loader.table("zhao2019", "table1")
    assert table.number("MSP-Net", "Time Cost (CPU)").exact == Fraction(953, 100)
    assert table.number("Student Network", "Time Cost (CPU)").exact == Fraction(5403, 100_000)
    assert table.number("Student Network", "Params").exact == 87_000
    assert table.cell("CMDRNN*", "", "Params") is None
    assert list(loader.table("zhao2019", "table2").rows)[-1] == "Our proposed"


# F1 and counts.


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


# Speed.


def test_speed_ratios():
    assert zhao2019.speed_on_cpu().recomputed.startswith("176.38,")  # 9.53 s / 0.05403 s
    assert zhao2019.speed_on_gpu().recomputed.startswith("3.84,")  # 5.38 / 1.40
    assert "175.38" in zhao2019.speed_on_cpu().arithmetic
    outcome = zhao2019.compared_method()
    assert outcome.recomputed == "MSP-Net"
    assert "Teacher Network 41.46 and 1.857" in outcome.arithmetic  # 2.24 s / 54.03 ms, 2.60 / 1.40


@pytest.mark.parametrize(("name", "other"), [("speed_cpu", "175"), ("speed_gpu", "4.0")])
def test_speed_ratios_fail(facts, name, other):
    claim(facts, name)["values"]["ratio"] = other
    check = {"speed_cpu": zhao2019.speed_on_cpu, "speed_gpu": zhao2019.speed_on_gpu}[name]
    assert check().verdict is Verdict.FAILS
    assert zhao2019.compared_method().verdict is Verdict.FAILS


def test_vgg16_work_by_hand():
    """3×3 convolutions: 9·in·out at each place; places fall by four from block to block."""
    blocks = [(3, 64), (64, 64)], [(64, 128), (128, 128)], [(128, 256), (256, 256), (256, 256)]
    deep = [(256, 512), (512, 512), (512, 512)], [(512, 512)] * 3
    sides = 256, 128, 64, 32, 16
    by_hand = sum(
        side**2 * 9 * a * b for side, block in zip(sides, (*blocks, *deep), strict=True) for a, b in block
    )
    assert zhao2019_times._multiplications()["Teacher Network"] == by_hand
    assert by_hand == 20_044_578_816
    seconds = 2 * by_hand / (2 * 2688 * 876e6)
    assert 0.0085 < seconds < 0.0086


def test_impossible_and_possible_times():
    found = cells(zhao2019.gpu_times_physical())
    assert {place for place, cell in found.items() if not cell.agrees} == {
        "Teacher Network, Time Cost (GPU)",
        "MSP-Net, Time Cost (GPU)",
    }
    assert found["Teacher Network, Time Cost (GPU)"].recomputed == "at least 8.51ms at the peak"
    assert found["MSP-Net, Time Cost (GPU)"].recomputed == "at least 32.3ms at the peak"
    assert found["Teacher Network, Time Cost (CPU)"].recomputed == "at least 167ms at the peak"  # 40.09 / 240
    assert found["Student Network, Time Cost (GPU)"].recomputed == "at most 1.17ms at the peak"


def test_the_peak_is_the_cited_one():
    card = loader.load("zhao2019")["cited"]["cards"]["GTX TITAN"]
    assert round(2 * card["cores"] * card["clock_mhz"] / 1e6, 1) == float(card["single_precision"].split()[0])
    assert round(float(zhao2019_times._peak_of_card(card)) / 1e12, 1) == 4.7


def test_times_hold_on_a_fast_enough_card(facts):
    facts["cited"]["cards"]["GTX TITAN"] |= {"cores": 2688 * 7, "memory_gb": 12}
    assert zhao2019.gpu_times_physical().verdict is Verdict.HOLDS
    assert zhao2019.gpu_memory().verdict is Verdict.HOLDS


def test_no_titan_of_the_printed_memory_reaches_the_printed_time():
    outcome = zhao2019.gpu_memory()
    assert "GTX TITAN has 6 GB" in outcome.recomputed
    assert "2.69ms on a TITAN V" in outcome.arithmetic and "none of them" in outcome.arithmetic


# Sizes.


def test_mspnet_is_no_vgg16():
    found = cells(zhao2019.mspnet_params())
    dense = 25_088 * 4096 + 4096 + 4096 * 4096 + 4096  # 7·7·512 = 25,088
    for outputs, text in ((1, "134.26M"), (2, "134.27M"), (1000, "138.36M")):
        assert f"{(14_714_688 + dense + outputs * 4097) / 1e6:.2f}M" == text
        assert found[f"outputs: {outputs}"].recomputed == text
    assert "only 521 to 523 outputs" in zhao2019.mspnet_params().arithmetic


def test_mspnet_would_hold_with_the_size_of_vgg16(facts):
    facts["tables"]["table1"]["rows"]["MSP-Net"][5] = "134.27M"
    assert zhao2019.mspnet_params().verdict is Verdict.HOLDS


def test_default_candidate_by_hand():
    student = (27 * 16 + 16) + (9 * 16 * 32 + 32) + 4 * (9 * 32 * 32 + 32) + 33 * 1280 + 1281 * 2
    teacher = 14_714_688 + 2 * 513 * 1280 + 1281 * 2
    assert (student, teacher) == (86_882, 16_030_530)
    candidate = zhao2019_networks.suite_candidate()
    assert zhao2019_networks._student(candidate) == student
    assert zhao2019_networks._teacher(candidate) == teacher


def test_other_candidates_fit_as_well(facts):
    found = cells(zhao2019.head_is_identified())
    assert {place: cell.recomputed for place, cell in found.items()} == {
        "C_default": "16,030,530, 86,882",
        "B_single_map": "16,030,529, 87,057",
        "A_d512": "16,028,994, 87,298",
        "E_d128": "16,027,713, 87,457",
    }
    assert all(cell.agrees for cell in found.values())


def test_a_single_candidate_would_be_identified(facts):
    heads = facts["cited"]["candidate_heads"]
    facts["cited"]["candidate_heads"] = {
        key: value for key, value in heads.items() if key == "C_default" or not isinstance(value, dict)
    }
    assert zhao2019.head_is_identified().verdict is Verdict.HOLDS


def test_sizes_fail_for_another_print(facts):
    rows = facts["tables"]["table1"]["rows"]
    rows["Teacher Network"][5], rows["Student Network"][5] = "16.04M", "0.088M"
    assert zhao2019.teacher_params().verdict is Verdict.FAILS
    assert zhao2019.student_params().verdict is Verdict.FAILS
    assert zhao2019.student_layers().verdict is Verdict.FAILS


# Equations.


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


# Comparisons and settings.


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


@pytest.mark.parametrize(
    ("name", "value", "text", "check", "verdict"),
    [
        ("region_count", "regions", "35", "regions", Verdict.FAILS),
        ("label_threshold_percent", "area", "2%", "label_rules", Verdict.FAILS),
        ("mspnet_label_rule", "area", "0.005", "label_rules", Verdict.FAILS),
        ("student_layers", "convolutions", "5", "student_layers", Verdict.FAILS),
        ("input_heights", "mspnet_height", "256", "input_sizes", Verdict.HOLDS),
    ],
)
def test_settings_turn(facts, name, value, text, check, verdict):
    claim(facts, name)["values"][value] = text
    assert getattr(zhao2019, check)().verdict is verdict


def test_release_of_pytorch(facts):
    assert zhao2019.framework_version().recomputed.endswith("of the same digits: 0.4.1")
    facts["settings"]["training"]["framework"] = "Pytorch 0.4.1"
    assert zhao2019.framework_version().verdict is Verdict.HOLDS


def test_open_questions_show_their_numbers():
    assert zhao2019.dataset_sums().recomputed == "train 11302, test 4000, all 15302"
    assert zhao2019.discriminator_rate().recomputed == "0.0002 and then 2e-05"
    assert zhao2019.decay_schedule().recomputed == "0.0001, 1e-05, 1e-06, …"
    assert "3.81 times" in zhao2019.input_sizes().recomputed  # (500/256)² = 3.8147
