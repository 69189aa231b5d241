"""Does an explanation point at the finding? Scores of a map against the truth's region, and their intervals.

- Pointing game (Zhang et al., "Top-down Neural Attention by Excitation Backprop", ECCV 2016): a hit where the map's
  maximum lies in the region or at most `TOLERANCE` beside it. They allow 15 px on photographs some 500 px wide.
- IoU of the region with a box around the largest connected part (Zhou et al., "Learning Deep Features for
  Discriminative Localization", CVPR 2016) of what exceeds 180 of the map's 255 levels (Wang et al., ChestX-ray8, CVPR
  2017, who drew NIH's boxes; the higher of their two). Published values: nothing is tuned on the images that are
  scored. Ours is the Gaussian before it, as wide as the tolerance: without it a gradient is speckles, and the box one
  of them.
- Density inside the region and in a ring beside it, as multiples of the map's mean: 1 is a map that does not care.

Values count from the map's minimum, as there: where every finding is rare, class activation maps are negative all
over. Lengths are shares of the image's side.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import ndimage

from xray_keras.evaluation import bootstrap, metrics
from xray_keras.evaluation.metrics import Cell, cell

TOLERANCE = 0.03
THRESHOLD = 180 / 255
RING = 0.1
BLOB = 0.3
"""Standard deviation of the centred blob: its box by the rule above is about half the side wide."""
RESAMPLES = 1000


class Scores(NamedTuple):
    """hit: the pointing game. iou: in [0, 1]. area: share of the image that the region covers. inside, beside:
    densities, NaN for a constant map, `beside` also where the region leaves no ring in the image."""

    hit: bool
    iou: float
    area: float
    inside: float
    beside: float


def point(values: np.ndarray) -> tuple[int, int] | None:
    """Row and column of the maximum of a map (S, S); None where all values are equal, for such a map points nowhere.

    Upsampling makes plateaus: of equal maxima the one nearest to the middle of all of them counts, of equally near
    ones the first in reading order.
    """
    if values.min() == values.max():
        return None
    where = np.argwhere(values == values.max())
    nearest = np.square(where - where.mean(axis=0)).sum(axis=1).argmin()
    return int(where[nearest, 0]), int(where[nearest, 1])


def box(values: np.ndarray) -> np.ndarray:
    """bool (S, S): the box around the largest part, connected by edges, of what exceeds `THRESHOLD` · maximum.

    Of equally large parts the first in reading order; empty for a constant map.
    """
    found = np.zeros(values.shape, bool)
    smooth = ndimage.gaussian_filter(values.astype(np.float64), TOLERANCE * len(values), mode="nearest")
    smooth = _raised(smooth)
    parts, count = ndimage.label(smooth > THRESHOLD * smooth.max())
    if count:
        largest = 1 + int(np.bincount(parts.ravel())[1:].argmax())
        found[ndimage.find_objects(parts)[largest - 1]] = True
    return found


def iou(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two boolean masks of one shape; 0 where both are empty."""
    return float((one & other).sum() / max((one | other).sum(), 1))


def centre(size: int) -> np.ndarray:
    """The baseline that sees no image: a Gaussian blob in the middle, float64 (size, size), at most 1."""
    away = (np.arange(size) - (size - 1) / 2) / (BLOB * size)
    return np.exp(-(away[:, None] ** 2 + away**2) / 2)


def distance(truth: np.ndarray) -> np.ndarray:
    """How far each pixel is from the region, bool (S, S) and not empty: float64 (S, S), 0 inside."""
    return ndimage.distance_transform_edt(~truth) / len(truth)


def score(values: np.ndarray, distance: np.ndarray) -> Scores:
    """Scores of a map (S, S) against a region, given as `distance` of it."""
    truth = distance == 0
    at = point(values)
    positive = _raised(values)
    ring = (distance > 0) & (distance <= RING)
    mean = positive.mean()
    return Scores(
        hit=at is not None and bool(distance[at] <= TOLERANCE),
        iou=iou(box(values), truth),
        area=float(truth.mean()),
        inside=float(positive[truth].mean() / mean) if mean > 0 else np.nan,
        beside=float(positive[ring].mean() / mean) if mean > 0 and ring.any() else np.nan,
    )


def _raised(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float64) - values.min()


def share(rows: pd.DataFrame) -> Cell:
    """Share of hits among score rows (columns `patient`, `hit`), with Wilson's interval that knows the patients."""
    hits = rows["hit"].to_numpy(np.float64)
    clusters = pd.factorize(rows["patient"])[0]
    return metrics.proportion(np.bincount(clusters, hits), np.bincount(clusters))


def mean(rows: pd.DataFrame, column: str) -> Cell:
    """Mean of a column of score rows, NaN left out, with the interval of the patient-clustered bootstrap."""
    values, resampled = _mean(rows[column].to_numpy(np.float64), rows["patient"])
    if np.isnan(values):
        return cell(None, reason="no image")
    interval, reason = bootstrap.interval(resampled)
    return cell(values, interval, "bootstrap", reason)


def difference(rows: pd.DataFrame, method: str, baseline: str, column: str) -> dict[str, Any]:
    """Mean of `column` with a method minus that with a baseline, on the same images and findings.

    Args:
        rows: score rows: `image`, `patient`, `finding`, `method` and the column.

    Returns:
        a `Cell` (whose value may be negative) and "p", two-sided, from resamples of whole patients.
    """
    wide = rows.pivot(index=["patient", "image", "finding"], columns="method", values=column)
    gained = (wide[method].astype(np.float64) - wide[baseline].astype(np.float64)).dropna()
    value, resampled = _mean(gained.to_numpy(), gained.index.get_level_values("patient"))
    if np.isnan(value):
        return {**cell(None, reason="no image"), "p": None}
    interval, reason = bootstrap.interval(resampled)
    return {**cell(value, interval, "bootstrap", reason), "p": bootstrap.p_value(resampled)}


def _mean(values: np.ndarray, patients: Any) -> tuple[float, np.ndarray]:
    """Mean without NaN, and that of each resample."""
    known = ~np.isnan(values)
    if not known.any():
        return np.nan, np.empty(0)
    clusters = pd.factorize(np.asarray(patients)[known])[0]
    sums = np.stack([np.bincount(clusters, values[known]), np.bincount(clusters)], axis=1)
    drawn = bootstrap.totals(bootstrap.weights(len(sums), RESAMPLES, seed=0), sums)
    return float(values[known].mean()), drawn[:, 0] / drawn[:, 1]
