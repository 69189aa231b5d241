"""Is one model better than another on the same test images? Paired differences with intervals and p."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from xray_keras.errors import UserError
from xray_keras.evaluation import bootstrap, intervals, predictions
from xray_keras.evaluation.evaluate import OPERATING_POINTS, arrays, evaluate_label
from xray_keras.evaluation.metrics import Cell


def compare(
    a: pd.DataFrame,
    b: pd.DataFrame,
    *,
    sources: Sequence[str] = ("predictions a", "predictions b"),
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """Compare two models on the test rows of the same images, over the labels they share.

    AUCs by the paired DeLong test with clusters (`intervals.auc_difference`); F1 and the means over
    labels by the patient-clustered bootstrap, both models in the same resamples. Each model is cut at
    its own thresholds, tuned on its own validation rows.

    Args:
        a, b: predictions of the two models, in any row order.
        sources: their files, for the sentence.
        resamples: bootstrap resamples, at least 1.
        seed: of the bootstrap.

    Returns:
        a dictionary without NaN, ready for JSON. A difference is ``{"a", "b", "difference": a − b,
        "interval", "p": two-sided, "method": "delong" | "bootstrap", "reason": why something is missing}``,
        for a label also "p_holm", p after Holm's correction over the labels; "mean" averages the
        labels that have the metric in both models and names them under "labels"::

            {"confidence": 0.95, "resamples": B, "seed": s, "clusters": "patient" | "image",
             "images": in test,
             "labels": {label: {"auc": difference, "f1": {"default" | "best_f1" | "youden": difference}}},
             "mean": {"auc": difference, "f1": {…: difference}}}

    Raises:
        UserError: either is not valid; images, patients, splits or truths differ; no shared label;
            no test row; `resamples` < 1.
    """
    if resamples < 1:
        raise UserError(f"resamples = {resamples} gives no bootstrap; ask for at least 1, better 1000")
    models = predictions.same_images((a, b), sources)
    shared = [label for label in predictions.labels(a) if label in predictions.labels(b)]
    if not shared:
        raise UserError(f"{sources[0]} and {sources[1]} share no label; compare models of the same labels")
    tests = [predictions.rows(model, "test") for model in models]
    validations = [predictions.rows(model, "validation") for model in models]
    if tests[0].empty:
        raise UserError(f"{sources[0]} holds no test row; predict the split 'test' as well")
    clusters = predictions.clusters(tests[0])
    weights = bootstrap.weights(int(clusters.max()) + 1, resamples, seed)

    families: dict[str, dict[str, dict[str, Any]]] = {
        "auc": {},
        **{f"{at}/f1": {} for at in OPERATING_POINTS},
    }
    resampled: dict[str, dict[str, np.ndarray]] = {path: {} for path in families}
    for label in shared:
        (entry_a, samples_a), (entry_b, samples_b) = (
            evaluate_label(test, validation, label, clusters, weights)
            for test, validation in zip(tests, validations, strict=True)
        )
        for path, family in families.items():
            resampled[path][label] = samples_a[path] - samples_b[path]
            cells = _cell(entry_a, path), _cell(entry_b, path)
            if path == "auc" and cells[0]["value"] is not None:
                y, score = arrays(tests[0], label)
                family[label] = _by_delong(y, score, arrays(tests[1], label)[1], clusters, cells)
            else:
                family[label] = by_bootstrap(*cells, resampled[path][label])
    for family in families.values():
        for label, corrected in zip(family, holm([entry["p"] for entry in family.values()]), strict=True):
            family[label]["p_holm"] = corrected
    means = {path: _mean(families[path], resampled[path]) for path in families}
    return {
        "confidence": intervals.LEVEL,
        "resamples": resamples,
        "seed": seed,
        "clusters": "patient" if "patient" in a else "image",
        "images": len(tests[0]),
        "labels": {label: _nested({path: families[path][label] for path in families}) for label in shared},
        "mean": _nested(means),
    }


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down correction (1979, Scandinavian Journal of Statistics 6:65); None stays None.

    Controls the chance of any false alarm among the tests, whatever their dependence.
    """
    corrected: list[float | None] = [None] * len(ps)
    given = sorted((p, k) for k, p in enumerate(ps) if p is not None)
    running = 0.0
    for rank, (p, k) in enumerate(given):
        running = max(running, min(1.0, (len(given) - rank) * p))
        corrected[k] = running
    return corrected


def _cell(entry: dict[str, Any], path: str) -> Cell:
    if path == "auc":
        return entry["auc"]
    at, metric = path.split("/")
    return entry["operating_points"][at][metric]


def _nested(by_path: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {"auc": by_path["auc"], "f1": {at: by_path[f"{at}/f1"] for at in OPERATING_POINTS}}


def _difference(
    a: float | None,
    b: float | None,
    interval: intervals.Interval | None,
    p: float | None,
    method: str | None,
    reason: str | None,
) -> dict[str, Any]:
    return {
        "a": a,
        "b": b,
        "difference": None if a is None or b is None else a - b,
        "interval": None if interval is None else list(interval),
        "p": p,
        "method": None if p is None else method,
        "reason": reason,
    }


def _by_delong(
    y: np.ndarray, a: np.ndarray, b: np.ndarray, clusters: np.ndarray, cells: tuple[Cell, Cell]
) -> dict[str, Any]:
    test = intervals.auc_difference(y, a, b, clusters)
    values = cells[0]["value"], cells[1]["value"]
    if np.isnan(test.p):
        return _difference(*values, None, None, None, "the variance of the difference cannot be estimated")
    return _difference(*values, test.interval, test.p, "delong", None)


def by_bootstrap(a: Cell, b: Cell, samples: np.ndarray) -> dict[str, Any]:
    """A difference as in `compare` of two cells' values, by their difference in each resample, (B,)."""
    if a["value"] is None or b["value"] is None:
        return _difference(a["value"], b["value"], None, None, None, a["reason"] or b["reason"])
    return _resampled(a["value"], b["value"], samples)


def _resampled(a: float, b: float, samples: np.ndarray) -> dict[str, Any]:
    interval, reason = bootstrap.interval(samples)
    return _difference(a, b, interval, bootstrap.p_value(samples), "bootstrap", reason)


def _mean(family: dict[str, dict[str, Any]], samples: dict[str, np.ndarray]) -> dict[str, Any]:
    names = [label for label, entry in family.items() if entry["difference"] is not None]
    if not names:
        nothing = _difference(None, None, None, None, None, "undefined for every label")
        return {**nothing, "labels": []}
    a, b = (float(np.mean([family[label][side] for label in names])) for side in "ab")
    return {**_resampled(a, b, np.mean([samples[label] for label in names], axis=0)), "labels": names}
