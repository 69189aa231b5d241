"""Points of a curve: the rows of a table with what a classifier is worth after a change of its images."""

from typing import Any

import numpy as np
import pandas as pd

from xray_keras.evaluation import evaluate
from xray_keras.evaluation.metrics import Cell


def with_ends(name: str, found: Cell) -> dict[str, float]:
    """A cell as three columns, `<name>`, `<name>_low` and `<name>_high`; NaN for what it lacks."""
    low, high = found["interval"] or (np.nan, np.nan)
    value = np.nan if found["value"] is None else found["value"]
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def diagnosed(frame: pd.DataFrame, targets: np.ndarray, p: np.ndarray) -> dict[str, Any]:
    """Metrics averaged over the labels, see "mean" of `evaluate.evaluate`.

    Args:
        frame: `image` and `patient`, a row an image.
        targets: 0 or 1 (N, labels).
        p: probabilities (N, labels).
    """
    columns: dict[str, np.ndarray] = {}
    for k in range(p.shape[1]):
        columns |= {f"y_{k}": targets[:, k].astype(np.int8), f"p_{k}": p[:, k].astype(np.float64)}
    return evaluate.evaluate(frame[["image", "patient"]].assign(split="test", **columns))["mean"]
