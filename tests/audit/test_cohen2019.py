"""The checks of cohen2019: verdicts against numbers worked out by hand here, and that each can turn."""

import copy
import math
from fractions import Fraction

import numpy as np
import pytest

from xray_keras.audit import cohen2019
from xray_keras.audit.cohen2019 import methods as cohen2019_methods
from xray_keras.audit.cohen2019 import table1 as cohen2019_table1
from xray_keras.audit.outcome import Verdict
from xray_keras.papers import loader

HOLDS = {
    "released_images", "label_names", "pneumonia_sums", "mura_counts", "split_sums", "split_lists",
    "adam_standard", "mean_auc", "equation1_midpoint", "equation1_range", "equation1_monotone",
    "youden_is_furthest", "better_than_wang", "spread_rule", "ali_search_grid", "cam_resolution",
    "preprocessing_differences", "runtimes",
}  # fmt: skip
FAILS = {
    "dataset_counts", "pneumonia_release", "comparable_performance", "figure_references",
    "chexnet_column_truncated", "wang_vs_chester_wang", "wang_architecture", "weng_published", "ali_split",
    "label_smoothing", "beta2", "ali_iterations", "cifar_more_examples", "figure8_subject", "no_stretching",
}  # fmt: skip
WANG, CHEXNET, WENG = range(3)


@pytest.fixture
def facts(monkeypatch):
    """A copy of the printed facts that the checks read; change it before the first check."""
    papers = {paper: copy.deepcopy(loader.load(paper)) for paper in ("ali2019", "cohen2019")}
    caches = loader.claims, loader.table
    for cache in caches:
        cache.cache_clear()
    monkeypatch.setattr(loader, "load", papers.__getitem__)
    yield papers["cohen2019"]
    for cache in caches:
        cache.cache_clear()


def values(facts, claim):
    return next(entry["values"] for entry in facts["claims"] if entry["id"] == claim)


def rows(facts):
    return facts["tables"]["table1"]["rows"]


def cells(outcome):
    return {cell.place: cell for cell in outcome.cells}


def wrong(outcome):
    return {cell.place for cell in outcome.cells if not cell.agrees}


def test_every_verdict():
    expected = dict.fromkeys(HOLDS, Verdict.HOLDS) | dict.fromkeys(FAILS, Verdict.FAILS)
    assert {check.__name__: check().verdict for check in cohen2019.CHECKS} == expected


# Data.


def test_counts_belong_to_the_release_with_eight_labels(facts):
    assert wrong(cohen2019.dataset_counts()) == {"images", "patients"}
    values(facts, "dataset_counts").update(images="112,120", patients="30,805")
    loader.claims.cache_clear()
    assert cohen2019.dataset_counts().holds


def test_a_label_too_many(facts):
    facts["datasets"]["chest_xray8"]["labels"].append("Effusions")
    assert not cohen2019.label_names().holds


def test_released_images(facts):
    assert "does not hold" in cohen2019.released_images().arithmetic  # 99.5k to 100.5k
    values(facts, "released_images")["images"] = "200k"
    loader.claims.cache_clear()
    assert not cohen2019.released_images().holds


def test_pneumonia(facts):
    # 2,538 + 1,345 = 3,883; 3,883 + 1,349 = 5,232; the release adds 390 + 234 = 624: 5,856.
    assert cohen2019.pneumonia_release().recomputed == "5,856"
    assert "5,232 images for training and 624" in cohen2019.pneumonia_release().arithmetic
    values(facts, "pneumonia_sums")["viral"] = "1,346"
    loader.claims.cache_clear()
    assert wrong(cohen2019.pneumonia_sums()) == {"pneumonia"}
    assert cells(cohen2019.pneumonia_sums())["pneumonia"].recomputed == "3,884"


def test_whole_pneumonia_release(facts):
    values(facts, "pneumonia_release")["images"] = "5,856"
    assert cohen2019.pneumonia_release().holds


def test_mura_of_another_version(facts):
    facts["cited"]["mura"]["studies"] = "14,982"
    assert wrong(cohen2019.mura_counts()) == {"studies"}


def test_split(facts):
    assert cohen2019.split_sums().recomputed == "100%"
    shares = {place: cell.recomputed for place, cell in cells(cohen2019.split_lists()).items()}
    # 78468 / 112120 = .699857, 11219 / 112120 = .100063, 22433 / 112120 = .200080
    assert shares == {"training": "69.986%", "validation": "10.006%", "test": "20.008%"}
    values(facts, "split_sums")["test"] = "25%"
    values(facts, "split_as_chexnet")["test"] = "25%"
    loader.claims.cache_clear()
    assert cohen2019.split_sums().recomputed == "105%" and not cohen2019.split_sums().holds
    assert wrong(cohen2019.split_lists()) == {"test"}


def test_ali_split(facts):
    missing = {place: cell.recomputed for place, cell in cells(cohen2019.ali_split()).items()}
    assert missing["images of the text"] == "108,948, 1,567 more"  # 108948 − 107381
    assert missing["images of the release"] == "112,120, 4,739 more"  # 112120 − 107381
    values(facts, "ali_split")["training"] = "107,948"
    loader.claims.cache_clear()
    assert wrong(cohen2019.ali_split()) == {"images of the release"}


def test_cifar_against_mnist(facts):
    assert wrong(cohen2019.cifar_more_examples()) == {"than MNIST"}  # 60,000 against 70,000
    facts["cited"]["mnist"]["images"] = "50,000"
    assert cohen2019.cifar_more_examples().holds


# Table 1.


def test_chexnet_column_is_cut(facts):
    # .9248, .8638, .8676, .8887, .8878 and .8047 would round up; .7345 is a tie.
    cut = {"Cardiomegaly", "Effusion", "Mass", "Pneumothorax", "Edema", "Fibrosis"}
    outcome = cohen2019.chexnet_column_truncated()
    assert wrong(outcome) == cut
    assert outcome.arithmetic == "rounding explains 8 of 14, truncation 14"
    for disease, rounded in zip(
        sorted(cut), ("0.925", "0.888", "0.864", "0.805", "0.868", "0.889"), strict=True
    ):
        rows(facts)[disease][CHEXNET] = rounded
    loader.table.cache_clear()
    outcome = cohen2019.chexnet_column_truncated()
    assert outcome.holds and outcome.arithmetic == "rounding explains 14 of 14, truncation 8"


def test_wang_differs_in_every_cell(facts):
    assert len(wrong(cohen2019.wang_vs_chester_wang())) == 14
    rows(facts)["Hernia"][WANG] = "0.872"  # ali2019 prints 0.8717
    loader.table.cache_clear()
    assert len(wrong(cohen2019.wang_vs_chester_wang())) == 13


def test_wang_trained_no_densenet(facts):
    assert cohen2019.wang_architecture().printed == "DenseNet-50"
    facts["cited"]["wang"]["networks"].append("DenseNet-50")
    assert cohen2019.wang_architecture().holds


def test_means():
    # Sums of the columns by hand: 10.334, 11.431 and 11.773, over 14.
    means = "0.7381 (Wang), 0.8165 (reused weights), 0.8409 (CheXNet)"
    assert cohen2019.mean_auc().recomputed == means


def test_means_out_of_order(facts):
    for cells_of_row in rows(facts).values():
        cells_of_row[WENG] = "0.990 ± 0.001"
    assert not cohen2019.mean_auc().holds


def test_comparable_performance(facts):
    outcome = cohen2019.comparable_performance()
    # |difference| ≤ 2 sd: .001 ≤ .008, .008 ≤ .034, .004 ≤ .014, .015 ≤ .022, .027 ≤ .070; ≤ 1 sd in all but Fibrosis.
    agreeing = {"Atelectasis", "Pneumonia", "Consolidation", "Fibrosis", "Hernia"}
    assert set(rows(facts)) - wrong(outcome) == agreeing
    assert "lower in 11 of 14; within one standard deviation in 4, within two in 5" in outcome.arithmetic
    assert outcome.arithmetic.endswith("lower by 0.0244")  # (11.773 − 11.431) / 14 = .342 / 14
    for row in rows(facts).values():
        row[CHEXNET] = row[WENG].split(" ")[0]
    loader.table.cache_clear()
    assert cohen2019.comparable_performance().holds


def test_better_than_wang(facts):
    rows(facts)["Edema"][WENG] = "0.835 ± 0.005"  # as printed for Wang
    assert wrong(cohen2019.better_than_wang()) == {"Edema"}


def test_weights_lose_against_their_authors(facts):
    outcome = cohen2019.weng_published()
    # .7745 − .760 = .0145 ≤ .034 and .9104 − .889 = .0214 ≤ .070; all others lose more than two spreads.
    assert set(rows(facts)) - wrong(outcome) == {"Pneumonia", "Hernia"}
    assert "lower in 14 of 14" in outcome.arithmetic
    rows(facts)["Mass"][WENG] = "0.859 ± 0.009"
    loader.table.cache_clear()
    assert "Mass" not in wrong(cohen2019.weng_published())


def test_hanley_mcneil_by_hand():
    # AUC 3/4, 10 and 20: Q1 = 3/5, Q2 = 9/14; (3/16 + 9·3/80 + 19·9/112) / 200 = 0.010259.
    expected = math.sqrt((3 / 16 + 9 * 3 / 80 + 19 * 9 / 112) / 200)
    assert math.isclose(cohen2019_table1.hanley_mcneil(0.75, 10, 20), expected, rel_tol=1e-12)


def test_half_of_a_set_varies_as_the_standard_error_of_the_whole():
    """The factor of one in `spread_rule`, by drawing halves."""
    generator = np.random.default_rng(0)
    whole = generator.normal(size=400)
    means = [generator.choice(whole, 200, replace=False).mean() for _ in range(4000)]
    assert math.isclose(np.std(means), whole.std() / math.sqrt(400), rel_tol=0.05)


def test_spread_rule(facts):
    outcome = cohen2019.spread_rule()
    hernia, pneumonia = cells(outcome)["Hernia"], cells(outcome)["Pneumonia"]
    # By hand with 45.4 and 286.3 positives: .0320 and .0166.
    assert (hernia.printed, hernia.recomputed) == ("0.035", "0.0320")
    assert (pneumonia.printed, pneumonia.recomputed) == ("0.017", "0.0166")
    rows(facts)["Infiltration"][WENG] = "0.701 ± 0.040"
    loader.table.cache_clear()
    assert wrong(cohen2019.spread_rule()) == {"Infiltration"}


def test_spread_rule_depends_on_the_share(facts):
    values(facts, "spread_rule")["share"] = "0.01"  # sqrt(99) times as wide
    assert len(wrong(cohen2019.spread_rule())) == 14


# Equation 1 and ALI.


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


# Figures, preprocessing, runtimes.


def test_figure_references(facts):
    outcome = cohen2019.figure_references()
    assert wrong(outcome) == {"2 performance of the reused weights", "3.1 overview of the ALI model"}
    assert outcome.arithmetic.endswith("never pointed to: table1")
    for reference in facts["settings"]["cross_references"]["list"]:
        reference["points_to"] = reference["shown_in"]
    assert cohen2019.figure_references().holds


def test_figure8(facts):
    assert cohen2019.figure8_subject().recomputed == "1: Cardiomegaly (text)"
    facts["settings"]["explanation"]["figure8_text"] = [f"disease {i}" for i in range(14)]
    assert cohen2019.figure8_subject().holds


def test_preprocessing(facts):
    outcome = cohen2019.preprocessing_differences()
    # 20 × 14 = 280; .20 / 280 = .071 %; .03 / .20 = 15 %.
    assert outcome.recomputed == "mean between 0.071% and 20%"
    assert "280 predictions, of which at most 15%" in outcome.arithmetic
    values(facts, "preprocessing_differences")["mean"] = "30%"
    loader.claims.cache_clear()
    assert not cohen2019.preprocessing_differences().holds


def test_no_stretching(facts):
    assert wrong(cohen2019.no_stretching()) == {"autoencoder"}
    facts["cited"]["chester_code"]["autoencoder_resize"] = "scale and crop"
    assert cohen2019.no_stretching().holds


def test_runtimes(facts):
    outcome = cohen2019.runtimes()
    # 17 / 1.3 = 13.08; (17 − 4) / (1.3 + 0.5) = 7.22; 12 + 1.3 + 17 = 30.3; √(4 + .25 + 16) = 4.5.
    assert "13.1 times" in outcome.recomputed and "7.2 at the near ends" in outcome.recomputed
    assert "30.3 ± 4.5 s" in outcome.arithmetic
    values(facts, "runtimes")["explain"] = "5 ± 1"
    loader.claims.cache_clear()
    assert not cohen2019.runtimes().holds
