"""The whole evaluation: values by scikit-learn, structure, invariances and awkward inputs."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score, roc_auc_score

from xray_keras.errors import UserError
from xray_keras.evaluation.evaluate import evaluate

Cohort = Callable[..., pd.DataFrame]


CELL = {"value", "interval", "method", "reason"}


def test_values_of_every_label(cohort: Cohort) -> None:
    frame = cohort(600)
    result = evaluate(frame, resamples=200)
    test = frame[frame["split"] == "test"]
    for label in ("Mass", "Edema"):
        entry, y, p = result["labels"][label], test[f"y_{label}"], test[f"p_{label}"]
        assert entry["auc"]["value"] == pytest.approx(roc_auc_score(y, p))
        assert entry["average_precision"]["value"] == pytest.approx(average_precision_score(y, p))
        assert (entry["images"], entry["positives"]) == (len(y), y.sum())
        assert entry["prevalence"]["value"] == pytest.approx(y.mean())
        for point in entry["operating_points"].values():
            called = p > point["threshold"]
            assert point["f1"]["value"] == pytest.approx(f1_score(y, called))
            assert point["recall"]["value"] == pytest.approx(recall_score(y, called))
            assert point["precision"]["value"] == pytest.approx(precision_score(y, called))
            assert point["tp"] + point["fn"] == y.sum()
            for metric in ("accuracy", "recall", "precision", "f1", "specificity"):
                low, high = point[metric]["interval"]
                assert set(point[metric]) == CELL
                assert 0 <= low < point[metric]["value"] < high <= 1
    aucs = [entry["auc"]["value"] for entry in result["labels"].values()]
    assert result["mean"]["auc"]["value"] == pytest.approx(np.mean(aucs))
    f1s = [entry["operating_points"]["youden"]["f1"]["value"] for entry in result["labels"].values()]
    mean = result["mean"]["operating_points"]["youden"]["f1"]
    assert mean["value"] == pytest.approx(np.mean(f1s))
    assert set(mean) == CELL | {"labels"}
    patients = {split: set(frame.loc[frame["split"] == split, "patient"]) for split in ("test", "validation")}
    assert result["test"] == {"images": len(test), "patients": len(patients["test"])}
    assert result["shared_patients"] == 0
    assert result["clusters"] == "patient"


def test_mean_auc_interval_is_that_of_repeated_patients(cohort: Cohort) -> None:
    """An explicit loop over drawn patients, with its own random numbers."""
    frame = cohort(400)
    test = frame[frame["split"] == "test"]
    by_patient = [rows for _, rows in test.groupby("patient")]
    rng = np.random.default_rng(99)
    means = []
    for _ in range(400):
        drawn = pd.concat([by_patient[i] for i in rng.integers(len(by_patient), size=len(by_patient))])
        means.append(
            np.mean([roc_auc_score(drawn[f"y_{name}"], drawn[f"p_{name}"]) for name in ("Mass", "Edema")])
        )
    interval = evaluate(frame, resamples=2000)["mean"]["auc"]["interval"]
    assert interval == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=0.012)


def test_thresholds_come_from_validation_rows_only(cohort: Cohort) -> None:
    frame = cohort()
    changed = frame.copy()
    in_test = frame["split"] == "test"
    changed.loc[in_test, "y_Mass"] = 1 - frame.loc[in_test, "y_Mass"]
    for name in ("default", "best_f1", "youden"):
        thresholds = [
            evaluate(f, resamples=1)["labels"]["Mass"]["operating_points"][name]["threshold"]
            for f in (frame, changed)
        ]
        assert thresholds[0] == thresholds[1]
        assert (thresholds[0] == 0.5) == (name == "default")


def test_row_order_does_not_matter_and_seeds_do(cohort: Cohort) -> None:
    frame = cohort()
    result = evaluate(frame, resamples=50)
    shuffled = evaluate(frame.sample(frac=1, random_state=1), resamples=50)
    assert _flat(shuffled) == pytest.approx(_flat(result))
    assert evaluate(frame, resamples=50) == result
    assert evaluate(frame, resamples=50, seed=1)["mean"] != result["mean"]


def _flat(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for key in value for number in _flat(value[key])]
    if isinstance(value, list):
        return [number for item in value for number in _flat(item)]
    return [value] if isinstance(value, int | float) else []


def test_without_patients_and_splits(cohort: Cohort) -> None:
    frame = cohort()
    result = evaluate(frame.drop(columns=["patient", "split"]), resamples=100)
    assert result["clusters"] == "image"
    assert result["shared_patients"] is None
    assert result["test"] == {"images": len(frame), "patients": None}
    tuned = result["labels"]["Mass"]["operating_points"]["best_f1"]
    assert (tuned["threshold"], tuned["reason"]) == (0.5, "no validation row; 0.5 instead")
    # The cohort's images are correlated within patients: not knowing that narrows the interval.
    low, high = result["mean"]["auc"]["interval"]
    known_low, known_high = evaluate(frame.drop(columns="split"), resamples=100)["mean"]["auc"]["interval"]
    assert high - low < known_high - known_low


def test_patients_in_both_splits_are_counted(cohort: Cohort) -> None:
    frame = cohort()
    frame["split"] = np.where(np.arange(len(frame)) % 2, "test", "validation")
    sides = [set(frame.loc[frame["split"] == split, "patient"]) for split in ("test", "validation")]
    assert evaluate(frame, resamples=1)["shared_patients"] == len(sides[0] & sides[1]) > 0


def test_a_label_without_positives_is_left_out_of_means(cohort: Cohort) -> None:
    frame = cohort()
    frame["y_Hernia"], frame["p_Hernia"] = 0, 0.125
    result = evaluate(frame, resamples=20)
    hernia = result["labels"]["Hernia"]
    assert hernia["auc"] == {"value": None, "interval": None, "method": None, "reason": "no positive in test"}
    assert hernia["operating_points"]["default"]["accuracy"]["value"] == 1
    assert hernia["operating_points"]["best_f1"]["reason"] == "no positive in validation; 0.5 instead"
    assert result["mean"]["auc"]["labels"] == ["Mass", "Edema"]
    assert result["mean"]["operating_points"]["default"]["accuracy"]["labels"] == ["Mass", "Edema", "Hernia"]
    alone = evaluate(frame[["image", "y_Hernia", "p_Hernia"]], resamples=20)["mean"]["auc"]
    assert (alone["value"], alone["labels"], alone["reason"]) == (None, [], "undefined for every label")


def test_bad_requests(cohort: Cohort) -> None:
    with pytest.raises(UserError, match="no test row"):
        evaluate(cohort().assign(split="validation"))
    with pytest.raises(UserError, match="resamples = 0"):
        evaluate(cohort(), resamples=0)
    with pytest.raises(UserError, match="the predictions has no column 'image'"):
        evaluate(cohort().drop(columns="image"))


@given(
    st.lists(
        st.tuples(
            st.booleans(), st.booleans(), st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), st.integers(0, 3)
        ),
        min_size=1,
        max_size=25,
    ),
    st.integers(1, 8),
)
@settings(max_examples=60)
def test_any_valid_predictions_give_valid_json(
    rows: list[tuple[bool, bool, float, int]], resamples: int
) -> None:
    frame = pd.DataFrame(
        {
            "image": [str(i) for i in range(len(rows))],
            "patient": [str(row[3]) for row in rows],
            "split": ["test", *("test" if row[0] else "validation" for row in rows[1:])],
            "y_Mass": [int(row[1]) for row in rows],
            "p_Mass": [row[2] for row in rows],
        }
    )
    result = evaluate(frame, resamples=resamples)
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    for cell in _cells(result):
        assert (cell["interval"] is None) == (cell["method"] is None)
        if cell["value"] is None or cell["interval"] is None:
            assert cell["reason"]
        else:
            assert 0 <= cell["interval"][0] <= cell["interval"][1] <= 1


def _cells(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, dict):
        return []
    return [value] if set(value) >= CELL else [cell for inner in value.values() for cell in _cells(inner)]
