"""Table 1 of cohen2019 against its sources and against numbers worked out by hand."""

import math

import numpy as np

from tests.audit.changed_facts import cells, values, wrong
from xray_keras.audit import cohen2019
from xray_keras.audit.cohen2019 import table1 as cohen2019_table1
from xray_keras.papers import loader

WANG, CHEXNET, WENG = range(3)


def rows(facts):
    return facts["tables"]["table1"]["rows"]


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
