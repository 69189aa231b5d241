import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from xray_keras.evaluation import sources
from xray_keras.evaluation.sources import COLLECTIONS, INSIDE, PRINTED, SICK_COLLECTIONS

N = {"covid": 60, "normal": 120, "other": 120, "probe": 80}


@pytest.fixture
def make():
    """Two collections: "a" has the disease and the probes, "b" the negatives; a score of disease and source."""

    def build(disease: float, source: float) -> pd.DataFrame:
        rng = np.random.default_rng(0)
        kinds = np.repeat(list(N), list(N.values()))
        sick = kinds == "covid"
        at_home = sick | (kinds == "probe")
        group = np.where(kinds == "probe", "other", kinds)
        score = disease * sick + source * at_home + rng.normal(size=len(kinds))
        return pd.DataFrame(
            {
                "image": [f"{k}.png" for k in range(len(kinds))],
                "patient": [f"{kind}/{k // 2}" for k, kind in enumerate(kinds)],
                "split": np.where(kinds == "probe", "probe", "test"),
                "group": group,
                "source": np.where(at_home, "a", "b"),
                "y_X": sick.astype(int),
                "p_X": 1 / (1 + np.exp(-score)),
            }
        )

    return build


def test_a_score_of_the_source_alone_is_unmasked(make):
    found = sources.answers(make(disease=0, source=3), "X")
    assert found[PRINTED].auc["value"] > 0.95
    assert found[COLLECTIONS].auc["value"] > 0.95 and found[SICK_COLLECTIONS].auc["interval"][0] > 0.9
    low, high = found[INSIDE].auc["interval"]
    assert low < 0.5 < high


def test_a_score_of_the_disease_alone_is_cleared(make):
    found = sources.answers(make(disease=3, source=0), "X")
    assert found[PRINTED].auc["value"] > 0.95 and found[INSIDE].auc["value"] > 0.95
    for question in (COLLECTIONS, SICK_COLLECTIONS):
        low, high = found[question].auc["interval"]
        assert low < 0.5 < high


def test_who_meets_whom(make):
    frame = make(1, 1)
    found = sources.answers(frame, "X")
    sizes = {question: (answer.positives, answer.negatives) for question, answer in found.items()}
    assert sizes == {
        PRINTED: (60, 240),
        COLLECTIONS: (80, 240),
        SICK_COLLECTIONS: (80, 120),
        INSIDE: (60, 80),
    }
    inside = frame[frame["source"] == "a"]
    assert found[INSIDE].auc["value"] == pytest.approx(roc_auc_score(inside["y_X"], inside["p_X"]))
    assert all(answer.auc["method"] == "delong" for answer in found.values())


def test_other_splits_are_left_alone(make):
    frame = make(1, 1)
    extra = frame.assign(image="v" + frame["image"], split="validation", p_X=0.5)
    assert sources.answers(pd.concat([frame, extra], ignore_index=True), "X") == sources.answers(frame, "X")


def test_order_of_the_rows_does_not_matter(make):
    frame = make(1, 1)
    shuffled = sources.answers(frame.sample(frac=1, random_state=0), "X")
    for question, answer in sources.answers(frame, "X").items():
        assert shuffled[question].auc["value"] == pytest.approx(answer.auc["value"])
        assert shuffled[question].auc["interval"] == pytest.approx(answer.auc["interval"])


def test_one_collection_has_no_source_to_recognise(make):
    found = sources.answers(make(1, 0).assign(source="a"), "X")
    assert found[COLLECTIONS].auc["value"] is None and "low" in found[COLLECTIONS].auc["reason"]
    assert found[INSIDE].negatives == N["normal"] + N["other"] + N["probe"]


def test_without_probes_nothing_is_made_up(make):
    frame = make(1, 1)
    found = sources.answers(frame[frame["split"] == "test"], "X")
    assert found[PRINTED].auc["value"] is not None
    for question in (COLLECTIONS, SICK_COLLECTIONS, INSIDE):
        assert found[question].auc["value"] is None and found[question].auc["interval"] is None
