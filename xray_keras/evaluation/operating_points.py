"""Decision thresholds tuned on validation rows; an image is called positive when ``p > threshold``."""

from typing import NamedTuple

import numpy as np

DEFAULT = 0.5


class Threshold(NamedTuple):
    """A threshold in [0, 1] and, where tuning was impossible, the reason why it is 0.5."""

    value: float
    reason: str | None


def default(y: np.ndarray, p: np.ndarray) -> Threshold:
    """0.5 whatever the data, as papers that print no threshold are read."""
    return Threshold(DEFAULT, None)


def best_f1(y: np.ndarray, p: np.ndarray) -> Threshold:
    """The threshold with the highest F1 on validation truth `y` (N,) and probabilities `p` (N,).

    Among equals the smallest: the more sensitive one, as a missed finding costs more than a recall.
    It lies halfway between two neighbouring probabilities, so that rounding does not move an image.
    """
    return _tuned(y, p, "f1")


def youden(y: np.ndarray, p: np.ndarray) -> Threshold:
    """The threshold with the highest TPR − FPR (Youden 1950), as in cohen2019 §2; ties as in `best_f1`."""
    return _tuned(y, p, "youden")


def _tuned(y: np.ndarray, p: np.ndarray, criterion: str) -> Threshold:
    positives = int((y == 1).sum())
    if not len(y):
        return Threshold(DEFAULT, "no validation row; 0.5 instead")
    if positives in (0, len(y)):
        return Threshold(DEFAULT, f"no {'negative' if positives else 'positive'} in validation; 0.5 instead")
    levels, level = np.unique(np.asarray(p, dtype=np.float64), return_inverse=True)
    # Cut k calls the images of level k and above; the last cut calls none.
    called, hits = (
        np.append(np.cumsum(np.bincount(level, weights=weight)[::-1])[::-1], 0) for weight in (None, y == 1)
    )
    if criterion == "f1":
        quality = 2 * hits / (called + positives)
    else:
        quality = hits / positives - (called - hits) / (len(y) - positives)
    if levels[0] == 0:
        quality[0] = -np.inf  # no threshold in [0, 1] calls p = 0 positive
    # Rounding must not decide between equals.
    k = int(np.argmax(quality >= quality.max() - 1e-12))
    below, above = np.concatenate([[0.0], levels, [1.0]])[k : k + 2]
    middle = (below + above) / 2
    return Threshold(float(middle if middle < above else below), None)


CRITERIA = {"default": default, "best_f1": best_f1, "youden": youden}
