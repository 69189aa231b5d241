"""Has the training of a generator collapsed? Said in one sentence, with the run and the remedy."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xray_keras.errors import UserError

_SAME = 0.01  # share of the images' own variance below which what is made is all alike
_PATIENCE = 5  # epochs of it, at least
_STEPS = 300  # of it, at least: before its first hundred steps a generator makes one gray picture


def spread(made: np.ndarray, images: np.ndarray) -> float:
    """Variance across made images over that across real ones, averaged over pixels: 0 where all are one picture.

    Args:
        made: uint8 (N, S, S). images: uint8 (M, S, S).
    """
    return float(_variance(made) / max(_variance(images), 1e-9))


def _variance(images: np.ndarray) -> float:
    return float(images.astype(np.float32).var(axis=0).mean())


def check(run: Path, history: Sequence[Mapping[str, Any]], what: str, steps: int) -> None:
    """Stop where training has collapsed.

    Args:
        run: the run's folder.
        history: one mapping an epoch, the one that has just ended last: "epoch", losses, "spread".
        what: is all alike then, e.g. "every image has been reconstructed as the same picture".
        steps: of an epoch.

    Raises:
        UserError: a loss or score is not finite, or the spread has been below 1 % for five epochs and 300 steps.
    """
    remedy = "train with another SEED, or a lower learning_rate in the experiment"
    now = history[-1]
    wrong = [name for name, value in now.items() if not math.isfinite(value)]
    if wrong:
        raise UserError(
            f"{run} collapsed in epoch {now['epoch']}: {', '.join(wrong)} is no finite number; {remedy}"
        )
    patience = max(_PATIENCE, -(-_STEPS // steps))
    last = history[-patience:]
    if len(last) == patience and all(epoch["spread"] < _SAME for epoch in last):
        raise UserError(
            f"{run} collapsed in epoch {now['epoch']}: for {patience} epochs {what} (their variance is "
            f"{now['spread']:.2%} of the images'); {remedy}"
        )
