"""The checks of cohen2019: every verdict, figures, preprocessing and runtimes, and that each can turn."""

from tests.audit.changed_facts import values, wrong
from xray_keras.audit import cohen2019
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


def test_every_verdict():
    expected = dict.fromkeys(HOLDS, Verdict.HOLDS) | dict.fromkeys(FAILS, Verdict.FAILS)
    assert {check.__name__: check().verdict for check in cohen2019.CHECKS} == expected


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
