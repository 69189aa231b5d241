"""Screen generated images for near copies of training images, at a stated error rate.

A picture's distance is that to the nearest training image after a search over mirroring, crops, shifts and scales
(`copy_views`) and an alignment in which details are compared (`alignment`). How near is too near is learned from
held-out images of other patients, which are no copies: their distances to the same training images give the threshold.

The rule is conformal (Vovk, Gammerman & Shafer 2005, §2.2): a picture with distance d has
p = (1 + number of held-out distances ≤ d) / (n + 1), and is flagged where p ≤ the error rate. With n held-out images of
as many patients, one of a further patient is flagged with a chance of at most the error rate, whatever the
distribution: the 1 beside n is the correction for small samples, without which the smallest of 20 distances would
flag 1 in 21 at a stated 0 %. Where patients have several images, n is the number of patients and each counts by the
share of its images (Lee, Barber & Willett 2023, "Distribution-free inference with hierarchical data", §3). The chance
is that over held-out sets: with a given one, the share of further images that is flagged varies about it.

Every picture is one decision: of 1,000 good ones at 1 %, some 10 are flagged.
"""

import math
from typing import NamedTuple

import numpy as np

from xray_keras.errors import UserError
from xray_keras.evaluation import alignment, copy_views, structure
from xray_keras.evaluation.neighbours import Neighbours
from xray_keras.evaluation.privacy import check_apart

ERROR_RATE = 0.01
_COARSE, _FINE = 32, 48  # pixels of the side at which pictures are aligned
_CANDIDATES, _FINALISTS = 12, 2
_ITERATIONS = {_COARSE: 4, _FINE: 2}
_PAIRS = 256  # aligned at once


class Rule(NamedTuple):
    """What held-out images teach.

    distances: theirs, rising, float64 (n,). weights: of each, 1 / images of its patient, (n,). patients: how many.
    error_rate: stated. threshold: what lies below it is flagged.
    """

    distances: np.ndarray
    weights: np.ndarray
    patients: int
    error_rate: float
    threshold: float

    def p(self, distances: np.ndarray) -> np.ndarray:
        """Conformal p of further distances (N,), in (0, 1]."""
        summed = np.concatenate([[0.0], np.cumsum(self.weights)])
        return (1 + summed[np.searchsorted(self.distances, distances, "right")]) / (self.patients + 1)


class Screened(NamedTuple):
    """Of every generated image (N,): whether it is flagged, the row of its nearest training image, distance and p."""

    flagged: np.ndarray
    original: np.ndarray
    distance: np.ndarray
    p: np.ndarray
    rule: Rule


def screen(
    generated: np.ndarray,
    training: np.ndarray,
    held_out: np.ndarray,
    *,
    training_patients: np.ndarray,
    held_out_patients: np.ndarray,
    error_rate: float = ERROR_RATE,
) -> Screened:
    """Which generated images are near copies of training images, and of which.

    Args:
        generated: uint8 (N, H, W). training: uint8 (M, H, W), at least 12. held_out: uint8 (L, H, W).
        training_patients: patient of each training image, (M,). held_out_patients: likewise, (L,).
        error_rate: chance that a held-out image is flagged, above 0 and below 1.

    Raises:
        UserError: the images are no uint8 of one size; a patient is on both sides; too few images or patients.
    """
    check_apart(training_patients, held_out_patients)
    rule = calibrate(nearest(held_out, training).distance[:, 0], held_out_patients, error_rate)
    found = nearest(generated, training)
    distance = found.distance[:, 0]
    return Screened(distance < rule.threshold, found.rows[:, 0], distance, rule.p(distance), rule)


def nearest(pictures: np.ndarray, training: np.ndarray) -> Neighbours:
    """The nearest training image of each picture, and 1 − the correlation of their aligned details.

    Args:
        pictures: uint8 (N, H, W). training: uint8 (M, H, W), at least 12.

    Raises:
        UserError: the images are no uint8 of one size, or there are too few.
    """
    structure.check(pictures, training)
    if len(training) < _CANDIDATES:
        raise UserError(f"{len(training)} training images were given to screen against; give {_CANDIDATES}")
    found = copy_views.candidates(pictures, training, _CANDIDATES)
    warps, coarse = _aligned(pictures, training, found, _COARSE)
    top = np.argsort(coarse, axis=1, kind="stable")[:, :_FINALISTS]
    finalists = copy_views.Candidates(
        np.take_along_axis(found.rows, top, axis=1),
        np.take_along_axis(found.flipped, top, axis=1),
        np.take_along_axis(warps, top[:, :, np.newaxis], axis=1),
    )
    _, fine = _aligned(pictures, training, finalists, _FINE)
    best = fine.argmin(axis=1)[:, np.newaxis]
    return Neighbours(
        np.take_along_axis(finalists.rows, best, axis=1), np.take_along_axis(fine, best, axis=1)
    )


def calibrate(distances: np.ndarray, patients: np.ndarray, error_rate: float = ERROR_RATE) -> Rule:
    """The rule from held-out distances (N,) to the training images, and the patients of these images (N,).

    Raises:
        UserError: `error_rate` is not between 0 and 1, or too few patients to reach it.
    """
    if not 0 < error_rate < 1:
        raise UserError(f"error rate {error_rate:g} is not between 0 and 1; give a chance such as 0.01")
    _, clusters, sizes = np.unique(patients, return_inverse=True, return_counts=True)
    allowed = error_rate * (len(sizes) + 1) - 1 + 1e-9
    if allowed < 0:
        raise UserError(
            f"{len(sizes)} held-out patients cannot show an error rate of {error_rate:g}; hold out at least "
            f"{math.ceil(1 / error_rate - 1 - 1e-9)}, or state a larger rate"
        )
    order = np.argsort(distances, kind="stable")
    rising, weights = np.asarray(distances, np.float64)[order], 1 / sizes[clusters[order]]
    first = min(int((np.cumsum(weights) <= allowed).sum()), len(rising) - 1)
    return Rule(rising, weights, len(sizes), error_rate, float(rising[first]))


def _aligned(
    pictures: np.ndarray, training: np.ndarray, found: copy_views.Candidates, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Better warps of the candidates, float64 (N, k, 3), and distances there or where they began, (N, k)."""
    warps, distances = found.warp.copy(), np.empty(found.rows.shape)
    rows, columns = (grid.ravel() for grid in np.indices(found.rows.shape))
    for start in range(0, len(rows), _PAIRS):
        i, j = rows[start : start + _PAIRS], columns[start : start + _PAIRS]
        own = pictures[i]
        own[found.flipped[i, j]] = own[found.flipped[i, j], :, ::-1]
        seen, images = copy_views.sample(own, size), copy_views.sample(training[found.rows[i, j]], size)
        begun = alignment.distance(seen, images, warps[i, j])
        moved = alignment.align(seen, images, warps[i, j], _ITERATIONS[size])
        ended = alignment.distance(seen, images, moved)
        better = ended < begun
        warps[i, j] = np.where(better[:, np.newaxis], moved, warps[i, j])
        distances[i, j] = np.minimum(begun, ended)
    return warps, distances
