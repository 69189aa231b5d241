"""Operating points kept with a model, and scores scaled so that they stand at one half (cohen2019, Equation 1)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xray_keras import files
from xray_keras.errors import UserError
from xray_keras.evaluation import evaluate, operating_points, predictions

FILE = "operating_points.json"


def calibrate(p: npt.ArrayLike, opt: float) -> npt.NDArray[np.float64]:
    """Equation 1: the piecewise linear map with f(0) = 0, f(opt) = 1/2 and f(1) = 1; float64, shaped as `p`.

    It rises strictly for 0 < opt < 1, so that no ROC curve and no AUC changes. At the ends a piece of the equation
    divides by zero; the limits are taken: for opt = 0 only 0 stays at or below one half, for opt = 1 nothing is above.

    Args:
        p: model outputs in [0, 1].
        opt: the operating point in [0, 1], in the same space as `p`.

    Raises:
        UserError: a value lies outside [0, 1] or is no number, as a logit may be.
    """
    values = np.asarray(p, np.float64)
    for name, numbers in (("score", values), ("operating point", np.asarray(opt, np.float64))):
        outside = ~((numbers >= 0) & (numbers <= 1))
        if outside.any():
            raise UserError(
                f"{name} {numbers[outside].flat[0]} is outside [0, 1]; scores and operating points must both be "
                "probabilities, after one sigmoid"
            )
    # Each piece sees its own side only, where no quotient can overflow.
    below = np.minimum(values, opt) / (2 * opt) if opt > 0 else np.zeros_like(values)
    above = 1 - (1 - np.maximum(values, opt)) / (2 * (1 - opt)) if opt < 1 else np.full_like(values, 0.5)
    return np.where(values <= opt, below, above)


def choose(frame: pd.DataFrame) -> dict[str, Any]:
    """argmax(TPR − FPR) of each label on the validation rows of predictions, ready for JSON.

    Returns:
        ``{"criterion", "split", "images", "labels": {label: {"value", "reason": why it is 0.5 after all, or None}}}``
    """
    rows = predictions.rows(frame, "validation")
    found = {}
    for label in predictions.labels(frame):
        threshold = operating_points.youden(*evaluate.arrays(rows, label))
        found[label] = {"value": threshold.value, "reason": threshold.reason}
    return {"criterion": "TPR - FPR", "split": "validation", "images": len(rows), "labels": found}


def write(run: Path, frame: pd.DataFrame) -> None:
    """Keep the operating points with the model: `<run>/operating_points.json`."""
    files.write_json(run / FILE, choose(frame))


def read(run: Path) -> dict[str, float]:
    """The operating point of each label.

    Raises:
        UserError: the file is absent or malformed.
    """
    content = files.read_json(run / FILE)
    try:
        found = checked({label: entry["value"] for label, entry in content["labels"].items()})
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        found = {}
    if not found:
        raise UserError(
            f"{run / FILE} does not hold a value in [0, 1] for each label; delete it and evaluate the run again"
        )
    return found


def checked(points: Mapping[str, Any]) -> dict[str, float]:
    """Operating points of a file, label → value.

    Raises:
        TypeError, ValueError, AttributeError, OverflowError: it is no mapping, or a value is no number in [0, 1].
    """
    found = {label: float(value) for label, value in points.items()}
    if not all(0 <= value <= 1 for value in found.values()):
        raise ValueError("outside [0, 1]")
    return found
