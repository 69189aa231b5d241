"""Paired comparisons: against repeated rows, by hand, and for models that are equal, better, worse."""

import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from xray_keras.errors import UserError
from xray_keras.evaluation.comparisons import compare, holm

Cohort = Callable[..., pd.DataFrame]


def _blurred(frame: pd.DataFrame, amount: float) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    noisy = frame.copy()
    for column in [name for name in frame if str(name).startswith("p_")]:
        noisy[column] = np.clip(frame[column] + amount * rng.normal(size=len(frame)), 0, 1)
    return noisy


def test_differences_are_those_of_the_two_models(cohort: Cohort) -> None:
    a = cohort(600)
    b = _blurred(a, 0.3)
    result = compare(a, b.sample(frac=1, random_state=0), resamples=300)
    test_a, test_b = a[a["split"] == "test"], b[b["split"] == "test"]
    for label, entry in result["labels"].items():
        y = test_a[f"y_{label}"]
        auc = entry["auc"]
        assert auc["a"] == pytest.approx(roc_auc_score(y, test_a[f"p_{label}"]))
        assert auc["b"] == pytest.approx(roc_auc_score(y, test_b[f"p_{label}"]))
        assert auc["difference"] == pytest.approx(auc["a"] - auc["b"])
        assert auc["interval"][0] < auc["difference"] < auc["interval"][1]
        assert auc["method"] == "delong"
        f1 = entry["f1"]["default"]
        assert f1["a"] == pytest.approx(f1_score(y, test_a[f"p_{label}"] > 0.5))
        assert f1["method"] == "bootstrap"
        assert auc["p_holm"] < 0.05
    for family in (lambda entry: entry["auc"], lambda entry: entry["f1"]["best_f1"]):
        tests = [family(entry) for entry in result["labels"].values()]
        assert [test["p_holm"] for test in tests] == holm([test["p"] for test in tests])
    assert result["labels"]["Mass"]["auc"]["p_holm"] != result["labels"]["Mass"]["auc"]["p"]
    mean = result["mean"]["auc"]
    assert mean["labels"] == ["Mass", "Edema"]
    assert mean["difference"] == pytest.approx(
        np.mean([entry["auc"]["difference"] for entry in result["labels"].values()])
    )
    assert mean["interval"][0] > 0
    assert mean["p"] == pytest.approx(2 / 301)
    assert json.loads(json.dumps(result, allow_nan=False)) == result


def test_mean_difference_is_that_of_repeated_patients(cohort: Cohort) -> None:
    a = cohort(400)
    b = _blurred(a, 0.2)
    in_test = (a["split"] == "test").to_numpy()
    rows_of = [np.flatnonzero(in_test & (a["patient"] == name)) for name in a["patient"][in_test].unique()]
    rng = np.random.default_rng(31)
    differences = []
    for _ in range(400):
        drawn = np.concatenate([rows_of[i] for i in rng.integers(len(rows_of), size=len(rows_of))])
        means = [
            np.mean(
                [
                    roc_auc_score(a[f"y_{name}"].iloc[drawn], f[f"p_{name}"].iloc[drawn])
                    for name in ("Mass", "Edema")
                ]
            )
            for f in (a, b)
        ]
        differences.append(means[0] - means[1])
    interval = compare(a, b, resamples=2000)["mean"]["auc"]["interval"]
    assert interval == pytest.approx(np.quantile(differences, [0.025, 0.975]), abs=0.012)


def test_a_model_equals_itself_and_swapping_changes_the_sign(cohort: Cohort) -> None:
    a = cohort()
    same = compare(a, a, resamples=20)
    assert same["labels"]["Mass"]["auc"]["interval"] == [0, 0]
    for difference in (
        same["labels"]["Mass"]["auc"],
        same["labels"]["Mass"]["f1"]["youden"],
        same["mean"]["auc"],
    ):
        assert difference["difference"] == 0
        assert difference["p"] == 1
    b = _blurred(a, 0.2)
    one, other = (compare(*pair, resamples=100)["mean"]["auc"] for pair in ((a, b), (b, a)))
    assert one["difference"] == -other["difference"]
    assert one["p"] == other["p"]
    assert one["interval"] == pytest.approx([-end for end in reversed(other["interval"])])


def test_unequal_noise_is_seldom_significant(cohort: Cohort) -> None:
    """Two equally blurred models: the bootstrap's p stays near its nominal rate."""
    alarms = 0
    for seed in range(60):
        truth = cohort(200, labels=("Mass",), seed=seed)
        rng = np.random.default_rng(1000 + seed)
        pair = [
            truth.assign(p_Mass=np.clip(truth["p_Mass"] + 0.3 * rng.normal(size=len(truth)), 0, 1))
            for _ in "ab"
        ]
        alarms += compare(*pair, resamples=200)["mean"]["auc"]["p"] < 0.05
    assert alarms <= 9  # binomial(60, 0.05) exceeds 9 with probability 0.0006


def test_labels_and_classes_that_are_missing(cohort: Cohort) -> None:
    a, b = cohort(labels=("Mass", "Edema")), cohort(labels=("Mass", "Hernia"))
    a["y_Hernia"] = b["y_Hernia"] = 0
    a["p_Hernia"] = 0.2
    result = compare(a, b, resamples=20)
    assert list(result["labels"]) == ["Mass", "Hernia"]
    hernia = result["labels"]["Hernia"]
    for difference in (hernia["auc"], hernia["f1"]["default"]):
        assert difference["reason"] == "no positive in test"
        assert difference["difference"] is difference["p"] is difference["p_holm"] is None
    assert result["mean"]["auc"]["labels"] == ["Mass"]
    only = [frame[["image", "y_Hernia", "p_Hernia"]] for frame in (a, b)]
    alone = compare(*only, resamples=20)
    assert alone["mean"]["auc"]["reason"] == "undefined for every label"
    assert alone["clusters"] == "image"


def test_refuses_what_cannot_be_paired(cohort: Cohort) -> None:
    a = cohort()
    names = ("a.csv", "b.csv")
    for b, said in (
        (a.iloc[:-1], r"a\.csv and b\.csv hold different images"),
        (a.assign(y_Mass=1), "disagree on y_Mass"),
        (
            a.rename(columns=lambda name: name.replace("Mass", "Lump").replace("Edema", "Water")),
            "share no label",
        ),
        (a.drop(columns="p_Mass"), r"b\.csv has y_Mass but no p_Mass"),
    ):
        with pytest.raises(UserError, match=said):
            compare(a, b, sources=names)
    with pytest.raises(UserError, match=r"a\.csv holds no test row"):
        compare(a.assign(split="validation"), a.assign(split="validation"), sources=names)
    with pytest.raises(UserError, match="resamples = 0"):
        compare(a, a, resamples=0)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, None, 0.02]) == [0.5, None, 0.04]
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
