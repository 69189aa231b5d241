"""The AUCs of ali2019's Table II against the operating points in the same columns."""

from collections.abc import Callable

from xray_keras.audit import arithmetic
from xray_keras.audit.ali2019.facts import cells
from xray_keras.audit.ali2019.recovered import MODELS, matrices
from xray_keras.audit.outcome import Cell, Outcome, of_cells


def auc_inside_bounds() -> Outcome:
    """Table II: an AUC cannot leave what the model's own operating point allows."""
    found = _auc_against(
        lambda low, high, balanced, auc: low <= auc <= high, "between {low:.4f} and {high:.4f}"
    )
    return of_cells(
        found,
        where="Table II",
        question="Is every AUC possible, given the sensitivity and specificity in the same column?",
        arithmetic="a ROC curve through (1 − specificity, sensitivity) has an area between sensitivity·specificity "
        "and 1 − (1 − specificity)(1 − sensitivity)",
    )


def auc_ge_balanced_accuracy() -> Outcome:
    """Table II: the AUC of scores that rank sensibly is at least the balanced accuracy at any threshold."""
    found = _auc_against(lambda low, high, balanced, auc: auc >= balanced, "balanced accuracy {balanced:.4f}")
    return of_cells(
        found,
        where="Table II",
        question="Is every AUC at least the balanced accuracy of its own column?",
        arithmetic="two straight lines through the operating point enclose (sensitivity + specificity)/2; less is "
        "possible only where the ROC curve dips below them, so the scores behind it rank worse than chance somewhere",
        reading="the suite computes AUC and threshold metrics from the same scores, and draws the curve",
    )


def _auc_against(agrees: Callable[[float, float, float, float], bool], words: str) -> list[Cell]:
    """One cell a column with a single matrix; `agrees` takes (least, largest, balanced accuracy, printed AUC)."""
    found = []
    for model in MODELS:
        for finding, solutions in matrices(model).items():
            if solutions.count != 1:
                continue
            tp, fp, fn, tn = next(iter(solutions))
            sensitivity, specificity = tp / (tp + fn), tn / (tn + fp)
            low, high = arithmetic.auc_bounds(sensitivity, specificity)
            balanced = (sensitivity + specificity) / 2
            auc = cells(model, "AUC")[finding]
            text = words.format(low=low, high=high, balanced=balanced)
            found.append(Cell(f"{model}, {finding}", auc.text, text, agrees(low, high, balanced, auc.value)))
    return found
