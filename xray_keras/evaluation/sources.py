"""How much of a score is the collection that an image is from, not the disease?

Where all images with a disease are from one collection and all without it from another, a network may learn the
collection: scanner, compression, age, text in the corners (Maguolo & Nanni 2021, Information Fusion 76:1; DeGrave et
al. 2021, Nature Machine Intelligence 3:610). Two questions that the disease cannot answer, or the collection cannot,
stand here beside the printed one.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from xray_keras.evaluation import intervals, predictions
from xray_keras.evaluation.metrics import Cell, cell

PRINTED, COLLECTIONS, SICK_COLLECTIONS, INSIDE = "printed", "collections", "sick collections", "inside"


class Answer(NamedTuple):
    """The AUC of the score on one question, with DeLong's interval by patient.

    Attributes:
        positives, negatives: images that should score high, and low, were the question what the score measures.
        auc: value and interval, or the reason why there is none.
    """

    positives: int
    negatives: int
    auc: Cell


def home(frame: pd.DataFrame, label: str) -> frozenset[str]:
    """The collections that the test images with the disease are from."""
    test = predictions.rows(frame, "test")
    return frozenset(test["source"][test[f"y_{label}"] == 1])


def answers(frame: pd.DataFrame, label: str) -> dict[str, Answer]:
    """The AUC of p_<label> on four questions.

    - PRINTED: the disease against the test set's negatives.
    - COLLECTIONS: among images *without* the disease, those of the collection that the disease is from against all
      others. One half is what a score of the disease alone gives; more is the collection.
    - SICK_COLLECTIONS: the same, among images of the group "other" only, so that sick images meet sick ones.
    - INSIDE: the disease against images without it from the same collection.

    Args:
        frame: predictions with `group` and `source`; of the splits, "test" and "probe" (images that were held out of
            training and of the printed test) are used.
        label: name of the disease.
    """
    used = frame[frame["split"].isin(("test", "probe"))]
    disease = (used[f"y_{label}"] == 1).to_numpy()
    at_home = used["source"].isin(home(frame, label)).to_numpy()
    test = (used["split"] == "test").to_numpy()
    sick = (used["group"] == "other").to_numpy()
    return {
        name: _answer(used[rows], truth[rows], label)
        for name, rows, truth in (
            (PRINTED, test, disease),
            (COLLECTIONS, ~disease, at_home),
            (SICK_COLLECTIONS, ~disease & sick, at_home),
            (INSIDE, at_home & (test | ~disease), disease),
        )
    }


def _answer(rows: pd.DataFrame, truth: np.ndarray, label: str) -> Answer:
    positives = int(truth.sum())
    negatives = len(truth) - positives
    if not positives or not negatives:
        absent = "to be scored high" if negatives else "to be scored low"
        return Answer(positives, negatives, cell(None, reason=f"no image {absent}"))
    score = rows[f"p_{label}"].to_numpy(np.float64)
    area = intervals.auc(truth.astype(np.float64), score, predictions.clusters(rows))
    return Answer(positives, negatives, cell(area.value, area.interval, area.method))
