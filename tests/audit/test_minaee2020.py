"""Hand-computed answers for every check of minaee2020, and changed prints that turn them."""

from itertools import pairwise

import pytest

from tests.audit.changed_facts import cells, changed, values
from xray_keras.audit import minaee2020
from xray_keras.audit.outcome import Verdict
from xray_keras.audit.papers import audit
from xray_keras.papers import loader

FAILING = {
    "abstract_split",
    "abstract_specificity",
    "network_names",
    "augmentation_factor",
    "claim_best_97_5_95",
    "claim_84_97",
    "interval_inside_one",
    "confusion_vs_table",
    "more_than_5000_non_covid",
}


@pytest.fixture
def printed(monkeypatch):
    """A copy of the printed facts to change; the checks read it instead."""
    for copies in changed(monkeypatch, "minaee2020"):
        yield copies["minaee2020"]


def rows(facts, table):
    return facts["tables"][table]["rows"]


@pytest.mark.parametrize("check", minaee2020.CHECKS, ids=lambda check: check.__name__)
def test_verdict(check):
    outcome = check()
    assert outcome.holds == (check.__name__ not in FAILING)
    assert outcome.where and outcome.question.endswith("?") and outcome.printed and outcome.recomputed


def test_the_claimed_matrix_is_the_transcribed_one(printed):
    matrix, claim = rows(printed, "figure11"), values(printed, "matrix_resnet50")
    assert matrix == {"Non-COVID": [claim["tn"], claim["fp"]], "COVID-2019": [claim["fn"], claim["tp"]]}


# Section II


def test_sizes_by_hand():
    assert "5071" in minaee2020.dataset_size().arithmetic  # 31 + 2000 + 40 + 3000
    assert minaee2020.abstract_split().recomputed == "training 2031; test 3040"
    assert minaee2020.fewer_than_100_covid().recomputed == "71"
    assert minaee2020.more_than_5000_non_covid().recomputed == "5000"
    assert minaee2020.augmentation_factor().recomputed == "16"  # 496 = 16 × 31; 4 × 31 = 124
    assert "124" in minaee2020.augmentation_factor().arithmetic


@pytest.mark.parametrize(
    ("check", "claim", "name", "text"),
    [
        ("dataset_size", "dataset_size", "images", "6,000"),
        ("split_sizes", "split_sizes", "training", "2,030"),
        ("source_counts", "source_ct", "other", "2"),
        ("source_counts", "source_xray", "covid", "101"),
        ("covid_selection", "covid_selection", "kept", "72"),
        ("covid_selection", "covid_selection", "source", "70"),
        ("augmented_images", "augmented_images", "images", "495"),
        ("chexpert_size", "chexpert_size", "patients", "65,241"),
        ("negatives", "training_negatives", "no_finding", "800"),
        ("negatives", "test_negatives", "categories", "14"),
        ("figure2_images", "figure2_images", "other", "9"),
        ("small_test_class", "test_positives", "images", "41"),
        ("fewer_than_100_covid", "fewer_than_100_covid", "bound", "71"),
        ("squeezenet_parameters", "squeezenet_parameters", "factor", "40x"),
        ("z_of_95", "z_of_95", "z", "1.97"),
        ("z_of_95", "z_of_95", "level", "90%"),
        ("half_width_specificity", "half_width_specificity", "half_width", "2%"),
        ("half_width_sensitivity", "half_width_sensitivity", "half_width", "4.7%"),
        ("abstract_sensitivity", "abstract_sensitivity", "sensitivity", "96% ± 5%"),
        ("abstract_sensitivity", "abstract_sensitivity", "sensitivity", "97% ± 4%"),
        ("average_specificity", "average_specificity", "specificity", "91%"),
        ("confusion_total", "matrix_total", "images", "3000"),
        ("table6_repeats", "cut_off_97_5", "sensitivity", "95%"),
    ],
)
def test_another_claim_would_fail(printed, check, claim, name, text):
    assert getattr(minaee2020, check)().holds
    values(printed, claim)[name] = text
    loader.claims.cache_clear()
    assert not getattr(minaee2020, check)().holds


@pytest.mark.parametrize(
    ("check", "claim", "changed"),
    [
        ("abstract_split", "abstract_split", {"training": "2,031", "test": "3,040"}),
        ("augmentation_factor", "augmentation_by_4", {"factor": "16"}),
        ("claim_best_97_5_95", "best_97_5_95", {"specificity": "98%"}),
        ("claim_84_97", "range_84_97", {"low": "81%", "high": "98%"}),
        ("more_than_5000_non_covid", "more_than_5000_non_covid", {"bound": "4,999"}),
    ],
)
def test_the_true_numbers_would_hold(printed, check, claim, changed):
    values(printed, claim).update(changed)
    assert getattr(minaee2020, check)().holds


def test_one_end_of_the_range_is_not_enough(printed):
    values(printed, "range_84_97")["high"] = "98%"
    assert minaee2020.claim_84_97().printed == "lowest 84%"


# Section III


def test_names(printed):
    assert minaee2020.network_names().printed.count("161") == 2
    printed["settings"]["spellings"]["I"] = "DesNet-121"
    printed["settings"]["spellings"]["IV.C, second paragraph"] = "DenseNet-121"
    assert minaee2020.network_names().holds


def test_squeezenet_by_hand():
    # Grouped AlexNet 60,965,224 and SqueezeNet 1.0 1,248,424, as both are widely counted: 48.83 times.
    outcome = minaee2020.squeezenet_parameters()
    assert "60,965,224 / 1,248,424" in outcome.arithmetic
    assert outcome.recomputed == "48.83x"


# Tables II to V


def test_counts_by_hand():
    sensitivities, specificities = minaee2020.grim_sensitivities(), minaee2020.grim_specificities()
    assert len(sensitivities.cells) == len(specificities.cells) == 5 + 4 + 4 + 4
    assert cells(sensitivities)["ResNet18 at 0.055"].recomputed == "39 of 40"
    assert cells(sensitivities)["Densenet-121 at 0.2"].recomputed == "35 of 40"  # 0.875 × 40
    assert (
        cells(specificities)["ResNet50 at 0.11"].recomputed == "2714, 2715, 2716 of 3000"
    )  # 2713.5 to 2716.5


def test_an_impossible_sensitivity_is_found(printed):
    rows(printed, "table4")["0.18"][0] = "97%"
    assert minaee2020.grim_sensitivities().holds  # 39 of 40 is 97.5 %, a tie
    rows(printed, "table4")["0.18"][0] = "96.5%"
    loader.table.cache_clear()
    outcome = minaee2020.grim_sensitivities()
    assert (outcome.printed, outcome.recomputed) == (
        "SqueezeNet at 0.18 96.5%",
        "SqueezeNet at 0.18 no count of 40",
    )


@pytest.mark.parametrize(("column", "text"), [(0, "96%"), (1, "98.7%")])
def test_a_row_out_of_order_is_found(printed, column, text):
    assert len(minaee2020.thresholds_monotone().cells) == 4 + 3 + 3 + 3
    rows(printed, "table3")["0.28" if column else "0.2"][column] = text
    rows(printed, "table3")["0.11"][0] = "95%" if column == 0 else "97.5%"
    loader.table.cache_clear()
    assert minaee2020.thresholds_monotone().printed.startswith("ResNet50 from")


def test_table6_that_differs_is_found(printed):
    rows(printed, "table6")["SqueezeNet"][1] = "97.9% ± 0.5%"
    assert minaee2020.table6_repeats().printed == "SqueezeNet 97.5% ± 4.8% / 97.9% ± 0.5%"


def test_better_pair_by_hand(printed):
    # Shared sensitivities: ResNet50 with ResNet18 4, with DenseNet 3; SqueezeNet with ResNet18 4, with DenseNet 3.
    assert minaee2020.better_pair().arithmetic == "14 comparisons, 2 of them ties"
    rows(printed, "table2")["0.18"][1] = "98.9%"
    loader.table.cache_clear()
    assert minaee2020.better_pair().printed == "ResNet50 at 92.5% 98.8%"


def test_best_network_is_reached_only_between_the_printed_thresholds():
    # At 97.5 %, SqueezeNet stays above 95.6 % and ResNet18 below 94.1 %; ResNet50 may lie anywhere below 97.5 %.
    assert "ResNet50 could reach both" in minaee2020.claim_best_97_5_95().arithmetic


def test_abstract_counts_by_hand():
    # 88.8 and 90.5 round to 90 in tens, 97.8 to 100, 81.3 to 80; only 90.5 may print as 90 (a tie).
    arithmetic = minaee2020.abstract_specificity().arithmetic
    assert arithmetic.startswith("1 of 4 round to 90%; 2 do to the nearest ten; 3 are about that")
    # 1.96·√(0.975·0.025/40) = 1.96·0.0246855 = 0.048384
    assert minaee2020.abstract_sensitivity().recomputed == "39/40 = 97.5% ± 4.84%"


def test_average_by_hand():
    assert minaee2020.average_specificity().recomputed == "89.60%"  # 358.4/4


# Figure 11


def test_matrix_by_hand(printed):
    outcome = minaee2020.confusion_vs_table()
    assert outcome.printed == "Specificity 2703/3000 = 90.10%"
    assert cells(outcome)["Sensitivity"].agrees
    rows(printed, "figure11")["Non-COVID"] = ["2715", "285"]
    loader.table.cache_clear()
    assert minaee2020.confusion_vs_table().holds
    assert minaee2020.confusion_total().holds
    rows(printed, "figure11")["COVID-2019"] = ["2", "39"]
    loader.table.cache_clear()
    assert minaee2020.confusion_total().printed == "COVID-19 39 + 2; all 2715 + 285 + 39 + 2"


# Equation 3


def test_half_widths_by_hand():
    # 100·1.96·√(p(1−p)/n): .975/40 4.838; .888 1.129; .905 1.049; .978 0.525; .813 1.395
    found = cells(minaee2020.ci_from_counts())
    for place, width in {
        "ResNet18 Sensitivity": "4.838",
        "ResNet18 Specificity": "1.129",
        "ResNet50 Specificity": "1.049",
        "SqueezeNet Specificity": "0.525",
        "Densenet-121 Specificity": "1.395",
    }.items():
        assert f"the rate as printed ± {width}%;" in found[place].recomputed
    # The upper end p of Clopper–Pearson leaves 39 of 40 or fewer a chance of 1 − p⁴⁰ = .025: p = .9994.
    assert "Wilson 87.1% to 99.6%, Clopper–Pearson 86.8% to 99.9%" in found["ResNet50 Sensitivity"].recomputed


def test_rounding_saves_resnet50_by_one_count():
    # 2714/3000 = .904667: 1.96·√(.904667·.095333/3000) = 1.0509 %, which prints 1.1; 2715 gives 1.0493.
    outcome = minaee2020.ci_from_counts()
    assert cells(outcome)["ResNet50 Specificity"].recomputed.startswith("2714 of 3000; ")
    assert (
        "taken as exact gives 1.049%, but of the counts that print so 2714/3000 gives 1.051%"
        in outcome.arithmetic
    )
    decided = {answer.claim.id: answer.verdict for answer in audit("minaee2020").answers}
    assert decided["table6_half_widths"] is outcome.verdict is Verdict.HOLDS


def test_half_widths_that_follow_hold(printed):
    rows(printed, "table6")["ResNet50"][1] = "90.5% ± 1.0%"
    assert (
        minaee2020.ci_from_counts().holds and "taken as exact" not in minaee2020.ci_from_counts().arithmetic
    )
    rows(printed, "table6")["ResNet50"][1] = "90.5% ± 1.2%"
    loader.table.cache_clear()
    assert not minaee2020.ci_from_counts().holds
    rows(printed, "table6")["ResNet50"] = ["95% ± 4.8%", "90.5% ± 4.8%"]
    loader.table.cache_clear()
    assert "ResNet50" not in minaee2020.interval_inside_one().printed  # 99.8 %
    assert minaee2020.half_width_order().printed == "ResNet50 ± 4.8%"


# Figure 10


def auc_by_hand(points):
    """Rectangles below and above a staircase, from (false positive rate, sensitivity)."""
    corners = [(0.0, 0.0), *points, (1.0, 1.0)]
    widths = [(b[0] - a[0], a[1], b[1]) for a, b in pairwise(corners)]
    return sum(w * low for w, low, _ in widths), sum(w * high for w, _, high in widths)


def test_auc_bounds_by_hand():
    # SqueezeNet: the least area takes the smallest count of each specificity (2978, 2945, 2933, 2867),
    # the largest area the largest one (2980, 2947, 2935, 2869).
    least = auc_by_hand([(22 / 3000, 0.875), (55 / 3000, 0.95), (67 / 3000, 0.975), (133 / 3000, 1)])[0]
    most = auc_by_hand([(20 / 3000, 0.875), (53 / 3000, 0.95), (65 / 3000, 0.975), (131 / 3000, 1)])[1]
    outcome = minaee2020.auc_order_possible()
    assert cells(outcome)["SqueezeNet"].recomputed == f"{least:.4f} to {most:.4f}" == "0.9905 to 0.9985"
    assert outcome.recomputed == "decided against Densenet-121; open against ResNet18, ResNet50"


def test_points_that_forbid_the_order_are_found(printed):
    rows(printed, "table4")["0.32"][1] = "90%"
    for threshold in ("0.08", "0.18", "0.2"):
        rows(printed, "table4")[threshold][1] = "80%"
    assert not minaee2020.auc_order_possible().holds


def test_an_undecided_order_is_said(printed):
    rows(printed, "table5")["0.08"][1] = "95.6%"
    rows(printed, "table5")["0.1"][1] = "97.8%"
    assert "decided against none" in minaee2020.auc_order_possible().recomputed
