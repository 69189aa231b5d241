"""Every metric of the networks of an arm: its value for each seed, and the mean over seeds in each resample."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xray_keras.errors import UserError
from xray_keras.evaluation import bootstrap, predictions
from xray_keras.evaluation.evaluate import evaluate_label
from xray_keras.evaluation.metrics import METRICS, Cell

POINTS = ("default", "best_f1")
PATHS = ("auc", "average_precision", *(f"{point}/{metric}" for point in POINTS for metric in METRICS))
"""The metrics of an arm, as `evaluate.evaluate_label` names them."""

SOURCE = "the arms' predictions"


class Measured(NamedTuple):
    """One metric of one arm and label.

    values: of each seed, (S,), empty where it is undefined, for `reason`.
    samples: mean over seeds in each resample, (B,).
    """

    values: np.ndarray
    samples: np.ndarray
    reason: str | None


class Arms(NamedTuple):
    """Predictions of a run's networks, and how their test rows are resampled.

    Attributes:
        frames: arm → seed → predictions, all of the same images in the same order.
        clusters: patient of each test row, int (N,).
        weights: of the patients in each resample, (B, G).
    """

    frames: Mapping[str, Mapping[int, pd.DataFrame]]
    clusters: np.ndarray
    weights: np.ndarray

    @property
    def test(self) -> pd.DataFrame:
        """Test rows of the first network: identity and truth are those of all."""
        return predictions.rows(next(iter(next(iter(self.frames.values())).values())), "test")


def prepare(frame: pd.DataFrame, resamples: int, seed: int) -> Arms:
    """Check predictions, see `split`, and draw the resamples that all arms, seeds and labels share.

    Raises:
        UserError: see `split`; `resamples` < 1.
    """
    if resamples < 1:
        raise UserError(f"resamples = {resamples} gives no bootstrap; ask for at least 1, better 1000")
    arms = Arms(split(frame), np.array([]), np.array([]))
    clusters = predictions.clusters(arms.test)
    weights = bootstrap.weights(int(clusters.max()) + 1, resamples, seed)
    return arms._replace(clusters=clusters, weights=weights)


def split(frame: pd.DataFrame) -> dict[str, dict[int, pd.DataFrame]]:
    """arm → seed → predictions of one network, all of the same images in the same order; arms in the frame's order.

    Raises:
        UserError: a column is missing; a network's predictions are not valid; networks differ in images, patients,
            splits or truths; there is no test row.
    """
    for column in ("arm", "seed", "image", "patient", "split"):
        if column not in frame:
            raise UserError(f"{SOURCE} have no column {column!r}; train the run again, or give it to them")
    if frame.empty:
        raise UserError(f"{SOURCE} have no row; train the run again")
    if not pd.api.types.is_integer_dtype(frame["seed"]):
        raise UserError(f"{SOURCE} have seeds that are no whole numbers; train the run again")
    keys: list[tuple[str, int]] = []
    parts = []
    for (arm, seed), part in frame.groupby(["arm", "seed"], sort=False):
        keys.append((str(arm), int(str(seed))))
        parts.append(part.drop(columns=["arm", "seed"]).reset_index(drop=True))
    aligned = predictions.same_images(parts, [f"arm {arm!r} of seed {seed}" for arm, seed in keys])
    if not (aligned[0]["split"] == "test").any():
        raise UserError(f"{SOURCE} hold no test row; predict the split 'test' as well")
    arms: dict[str, dict[int, pd.DataFrame]] = {arm: {} for arm, _ in keys}
    for k in sorted(range(len(keys)), key=lambda k: keys[k][1]):
        arm, seed = keys[k]
        arms[arm][seed] = aligned[k]
    return arms


def measure(arms: Arms, arm: str) -> dict[str, dict[str, Measured]]:
    """label → path of `PATHS` → metric of an arm."""
    return {label: dict(_of_label(arms, arm, label)) for label in predictions.labels(arms.test)}


def over_labels(labels: Mapping[str, Mapping[str, Measured]], path: str) -> tuple[Measured, list[str]]:
    """A metric averaged over the labels that have it, seed by seed and resample by resample, and their names."""
    chosen = {label: metrics[path] for label, metrics in labels.items() if len(metrics[path].values)}
    if not chosen:
        return Measured(np.array([]), np.array([]), "undefined for every label"), []
    values = np.mean([metric.values for metric in chosen.values()], axis=0)
    return Measured(values, np.mean([metric.samples for metric in chosen.values()], axis=0), None), list(
        chosen
    )


def _of_label(arms: Arms, arm: str, label: str) -> Iterator[tuple[str, Measured]]:
    networks = [
        evaluate_label(
            predictions.rows(frame, "test"),
            predictions.rows(frame, "validation"),
            label,
            arms.clusters,
            arms.weights,
        )
        for frame in arms.frames[arm].values()
    ]
    for path in PATHS:
        cells = [_of(entry, path) for entry, _ in networks]
        # Undefined by the truth alone, and so for all seeds or none.
        values = np.array([found["value"] for found in cells if found["value"] is not None])
        missing = None if len(values) else cells[0]["reason"]
        yield path, Measured(values, np.mean([samples[path] for _, samples in networks], axis=0), missing)


def _of(entry: Mapping[str, Any], path: str) -> Cell:
    if "/" not in path:
        return entry[path]
    point, metric = path.split("/")
    return entry["operating_points"][point][metric]
