"""Counts and ratios against scikit-learn and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from xray_keras.evaluation import bootstrap, metrics

rows = st.lists(st.tuples(st.booleans(), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40)


def _cells(counted: np.ndarray, resamples: int = 50) -> dict[str, metrics.Cell]:
    weights = bootstrap.weights(len(counted), resamples, 0)
    return metrics.at_threshold(counted, metrics.ratios(bootstrap.totals(weights, counted)))


@given(rows)
def test_against_scikit_learn(given_rows: list[tuple[bool, int, int]]) -> None:
    y, level, clusters = (np.array(column).astype(int) for column in zip(*given_rows, strict=True))
    p = level / 4
    counted = metrics.counts(y, p, 0.5, clusters)
    called = p > 0.5
    tn, fp, fn, tp = confusion_matrix(y, called, labels=[0, 1]).ravel()
    assert counted.sum(axis=0).tolist() == [tp, fp, fn, tn]
    for g, of_one in enumerate(counted):
        assert of_one.sum() == (clusters == g).sum()
    values = {name: cell["value"] for name, cell in _cells(counted).items()}
    assert values["accuracy"] == pytest.approx(accuracy_score(y, called))
    precision, recall, f1, _ = precision_recall_fscore_support(y, called, average="binary", zero_division=0)
    if y.any():
        assert [values["precision"], values["recall"], values["f1"]] == pytest.approx([precision, recall, f1])
    if not y.all():
        assert values["specificity"] == pytest.approx(tn / (tn + fp))


def test_exactly_at_the_threshold_is_negative() -> None:
    counted = metrics.counts(np.array([1, 1]), np.array([0.5, np.nextafter(0.5, 1)]), 0.5, np.zeros(2, int))
    assert counted.tolist() == [[1, 0, 1, 0]]


def test_by_hand() -> None:
    """TP 3, FP 1, FN 2, TN 4, each image its own patient."""
    counted = np.repeat(np.eye(4, dtype=int), [3, 1, 2, 4], axis=0)
    cells = _cells(counted)
    shares = {"accuracy": (7, 10), "recall": (3, 5), "precision": (3, 4), "specificity": (4, 5)}
    for name, (hits, trials) in shares.items():
        expected = binomtest(hits, trials).proportion_ci(0.95, method="wilson")
        assert cells[name]["value"] == pytest.approx(hits / trials)
        assert cells[name]["interval"] == pytest.approx([expected.low, expected.high])
        assert (cells[name]["method"], cells[name]["reason"]) == ("wilson", None)
    assert cells["f1"]["value"] == pytest.approx(6 / 9)
    assert cells["f1"]["method"] == "bootstrap"
    low, high = cells["f1"]["interval"] or (0, 0)
    assert 0 <= low < 6 / 9 < high <= 1


def test_images_of_one_patient_widen_the_interval() -> None:
    alone = _cells(np.repeat(np.eye(4, dtype=int), [30, 10, 20, 40], axis=0))
    together = _cells(10 * np.repeat(np.eye(4, dtype=int), [3, 1, 2, 4], axis=0))
    for name in metrics.METRICS:
        assert together[name]["value"] == alone[name]["value"]
        (low, high), (lower, higher) = alone[name]["interval"] or (0, 0), together[name]["interval"] or (0, 0)
        assert lower < low < high < higher


def test_what_is_undefined_says_why() -> None:
    no_positive = _cells(np.array([[0, 2, 0, 3], [0, 0, 0, 4]]))
    for name in ("recall", "precision", "f1"):
        assert no_positive[name]["reason"] == "no positive in test"
        assert no_positive[name]["interval"] is None
    assert no_positive["recall"]["value"] is None
    assert no_positive["f1"]["value"] is None
    assert no_positive["precision"]["value"] == 0
    assert no_positive["accuracy"]["value"] == pytest.approx(7 / 9)
    no_negative = _cells(np.array([[2, 0, 3, 0]]))
    assert no_negative["specificity"] == metrics.cell(None, reason="no negative in test")
    never_positive = _cells(np.array([[0, 0, 5, 0], [0, 0, 0, 9]]))
    assert never_positive["precision"]["value"] == 0
    assert never_positive["precision"]["reason"] == "nothing called positive; 0 by convention"
    assert never_positive["recall"]["value"] == never_positive["f1"]["value"] == 0
    assert never_positive["recall"]["interval"] is not None
    assert never_positive["f1"]["interval"] is None
    nothing_at_all = _cells(np.array([[0, 0, 0, 9]]))
    assert nothing_at_all["precision"]["value"] is None


def test_one_class() -> None:
    assert metrics.one_class(np.array([0, 1]), "test") is None
    assert metrics.one_class(np.array([0, 0]), "test") == "no positive in test"
    assert metrics.one_class(np.array([1]), "validation") == "no negative in validation"
