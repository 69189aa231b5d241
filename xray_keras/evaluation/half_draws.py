"""The spread that cohen2019 prints beside an AUC: over random halves of the test set (Table 1, caption)."""

from typing import NamedTuple

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import ShuffleSplit


class Spread(NamedTuple):
    """Mean and population standard deviation of the AUC over draws that hold both classes, and how many did."""

    mean: float
    deviation: float
    draws: int


def spread(y: np.ndarray, p: np.ndarray, *, draws: int, share: float, seed: int = 0) -> Spread | None:
    """AUC over `draws` random parts of the test set, drawn without replacement; None where no draw has both classes.

    It is no standard error: a half of n images varies about the whole like sqrt(1/n), but knows neither the images
    outside the test set nor that a patient has several. The draws are those of the published evaluation: scikit-learn's
    ShuffleSplit, the part it calls test, with the population's standard deviation.

    Args:
        y: truth, 0 or 1 (N,).
        p: score (N,), larger is more positive.
        draws: how many (printed: 10).
        share: of the test set in each (printed: half).
        seed: of the draws.
    """
    split = ShuffleSplit(n_splits=draws, test_size=share, random_state=seed)
    halves = [half for _, half in split.split(y) if 0 < y[half].sum() < len(half)]
    if not halves:
        return None
    areas = [roc_auc_score(y[half], p[half]) for half in halves]
    return Spread(float(np.mean(areas)), float(np.std(areas)), len(areas))
