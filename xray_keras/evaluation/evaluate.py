"""Predictions in, every number of a results table out, as one JSON-able dictionary."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from xray_keras.errors import UserError
from xray_keras.evaluation import bootstrap, intervals, metrics, operating_points, predictions
from xray_keras.evaluation.metrics import METRICS, Cell, cell

# Name in the result → how the threshold is chosen on the validation rows.
OPERATING_POINTS = operating_points.CRITERIA


def evaluate(frame: pd.DataFrame, *, resamples: int = 1000, seed: int = 0) -> dict[str, Any]:
    """Evaluate the test rows of predictions, with thresholds from the validation rows.

    Args:
        frame: predictions (see `predictions`); without `split` all rows are test rows, without
            `patient` each image is its own cluster.
        resamples: patient-clustered bootstrap resamples, at least 1.
        seed: of the bootstrap; the order of the rows does not matter.

    Returns:
        a dictionary without NaN, ready for JSON. A cell is ``{"value", "interval": [low, high],
        "method", "reason"}``, see `metrics.Cell`; "mean" averages the labels for which the metric is
        defined and names them under "labels"::

            {"confidence": 0.95, "resamples": B, "seed": s, "clusters": "patient" | "image",
             "test": {"images", "patients"}, "validation": {"images", "patients"},
             "shared_patients": patients in both splits, None where unknown,
             "labels": {label: {
                 "images", "positives": in test, "prevalence": cell,
                 "auc": cell, "average_precision": cell,
                 "operating_points": {"default" | "best_f1" | "youden": {
                     "threshold", "reason": why it is 0.5 after all, else None,
                     "tp", "fp", "fn", "tn",
                     "accuracy", "recall", "precision", "f1", "specificity": cells}}}},
             "mean": {"auc", "average_precision": cells,
                      "operating_points": {…: {"accuracy", …: cells}}}}

    Raises:
        UserError: the predictions are not valid or hold no test row; `resamples` < 1.
    """
    predictions.validate(frame, "the predictions")
    if resamples < 1:
        raise UserError(f"resamples = {resamples} gives no bootstrap; ask for at least 1, better 1000")
    test, validation = predictions.rows(frame, "test"), predictions.rows(frame, "validation")
    if test.empty:
        raise UserError("the predictions hold no test row; predict the split 'test' as well")
    clusters = predictions.clusters(test)
    weights = bootstrap.weights(int(clusters.max()) + 1, resamples, seed)
    labels = {}
    samples = {}
    for label in predictions.labels(frame):
        labels[label], samples[label] = evaluate_label(test, validation, label, clusters, weights)
    has_patients = "patient" in frame
    return {
        "confidence": intervals.LEVEL,
        "resamples": resamples,
        "seed": seed,
        "clusters": "patient" if has_patients else "image",
        "test": _size(test),
        "validation": _size(validation),
        "shared_patients": len(set(test["patient"]) & set(validation["patient"])) if has_patients else None,
        "labels": labels,
        "mean": _means(labels, samples),
    }


def _size(rows: pd.DataFrame) -> dict[str, int | None]:
    return {"images": len(rows), "patients": int(rows["patient"].nunique()) if "patient" in rows else None}


def evaluate_label(
    test: pd.DataFrame, validation: pd.DataFrame, label: str, clusters: np.ndarray, weights: np.ndarray
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """One label of `evaluate`: its entry, and its metrics in each resample.

    Args:
        test, validation: rows of the predictions.
        clusters: of the test rows, int (N,). weights: bootstrap weights (B, G).

    Returns:
        the entry, and float64 (B,) by the path of the cell: "auc", "average_precision", "default/f1" …
    """
    y, p = arrays(test, label)
    tuning = arrays(validation, label)
    areas, precisions = bootstrap.ranking(y, p, clusters, weights)
    samples = {"auc": areas, "average_precision": precisions}
    patients = np.bincount(clusters)
    entry: dict[str, Any] = {
        "images": len(y),
        "positives": int(y.sum()),
        "prevalence": metrics.proportion(np.bincount(clusters, y), patients),
    }
    entry |= _ranking_cells(y, p, clusters, precisions)
    entry["operating_points"] = {}
    for name, tune in OPERATING_POINTS.items():
        threshold = tune(*tuning)
        counted = metrics.counts(y, p, threshold.value, clusters)
        resampled = metrics.ratios(bootstrap.totals(weights, counted))
        samples |= {f"{name}/{metric}": resampled[:, k] for k, metric in enumerate(METRICS)}
        entry["operating_points"][name] = {
            "threshold": threshold.value,
            "reason": threshold.reason,
            **dict(zip(metrics.COUNTS, counted.sum(axis=0).tolist(), strict=True)),
            **metrics.at_threshold(counted, resampled),
        }
    return entry, samples


def arrays(rows: pd.DataFrame, label: str) -> tuple[np.ndarray, np.ndarray]:
    """Truth and probability of `label`, float64 (N,) each."""
    return rows[f"y_{label}"].to_numpy(np.float64), rows[f"p_{label}"].to_numpy(np.float64)


def _ranking_cells(
    y: np.ndarray, p: np.ndarray, clusters: np.ndarray, resampled: np.ndarray
) -> dict[str, Cell]:
    if (reason := metrics.one_class(y, "test")) is not None:
        return {"auc": cell(None, reason=reason), "average_precision": cell(None, reason=reason)}
    area = intervals.auc(y, p, clusters)
    once = np.ones((1, int(clusters.max()) + 1), np.uint16)
    _, precision = bootstrap.ranking(y, p, clusters, once)
    interval, reason = bootstrap.interval(resampled)
    return {
        "auc": cell(area.value, area.interval, area.method),
        "average_precision": cell(precision[0], interval, "bootstrap", reason),
    }


def _means(
    labels: Mapping[str, dict[str, Any]], samples: Mapping[str, Mapping[str, np.ndarray]]
) -> dict[str, Any]:
    means: dict[str, Any] = {
        metric: _mean({label: entry[metric] for label, entry in labels.items()}, samples, metric)
        for metric in ("auc", "average_precision")
    }
    means["operating_points"] = {
        name: {
            metric: _mean(
                {label: entry["operating_points"][name][metric] for label, entry in labels.items()},
                samples,
                f"{name}/{metric}",
            )
            for metric in METRICS
        }
        for name in OPERATING_POINTS
    }
    return means


def _mean(
    cells: Mapping[str, Cell], samples: Mapping[str, Mapping[str, np.ndarray]], path: str
) -> dict[str, Any]:
    """Mean over the labels that have a value; a resample in which one of them has none is left out."""
    defined = {label: content["value"] for label, content in cells.items() if content["value"] is not None}
    if not defined:
        return {**cell(None, reason="undefined for every label"), "labels": []}
    resampled = np.mean([samples[label][path] for label in defined], axis=0)
    interval, reason = bootstrap.interval(resampled)
    return {
        **cell(float(np.mean(list(defined.values()))), interval, "bootstrap", reason),
        "labels": list(defined),
    }
