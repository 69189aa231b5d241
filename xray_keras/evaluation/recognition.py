"""Is a patient known again? An attacker's look-up of images in a gallery of images whose patients he knows."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from xray_keras.evaluation import intervals, metrics
from xray_keras.evaluation.metrics import Cell, cell


class Recognised(NamedTuple):
    """rank_one: share of the queries whose nearest gallery image is of the same patient. chance: of a blind guess.
    verification: AUC of telling pairs of one patient from pairs of two by their distance.

    Intervals know the patients of the queries and take the gallery as given.
    """

    rank_one: Cell
    chance: float
    verification: Cell


def queries(patients: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Which images are looked up: at most half of each patient's, so that the others can be in the gallery.

    Args:
        patients: patient of each image (N,).
        most: at most so many: a first one of every patient who has two, in an order by the seed, then a second one …
        seed: of the order.

    Returns:
        bool (N,); nowhere True where no patient has two images.
    """
    order = np.random.default_rng(seed).permutation(len(patients))
    own = pd.Series(np.asarray(patients)[order])
    rank = own.groupby(own).cumcount().to_numpy()
    allowed = rank < own.map(own.value_counts()).to_numpy() // 2
    first = np.lexsort((rank, ~allowed))[: min(most, int(allowed.sum()))]
    found = np.zeros(len(order), bool)
    found[order[first]] = True
    return found


def recognised(distances: np.ndarray, same: np.ndarray, patients: np.ndarray) -> Recognised:
    """How well distances find the patients of the queries.

    Args:
        distances: of each query to each gallery image, (Q, M), plain or squared.
        same: bool (Q, M), True where both are of one patient; some in each row, and some not.
        patients: of the queries, int (Q,) in 0 … G−1.
    """
    hits = same[np.arange(len(same)), distances.argmin(axis=1)]
    area = intervals.auc(same.ravel(), -distances.ravel(), np.repeat(patients, same.shape[1]))
    return Recognised(
        metrics.proportion(np.bincount(patients, hits), np.bincount(patients)),
        float(same.mean()),
        cell(area.value, area.interval, area.method),
    )
