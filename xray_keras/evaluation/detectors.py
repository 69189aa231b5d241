"""Outlier detectors on a classifier's own features: how unlike the training images is an image?

Both are fitted on features of training images alone and know no outlier. A larger score is more outlying.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.covariance import LedoitWolf
from sklearn.neighbors import NearestNeighbors

from xray_keras.errors import UserError

NEIGHBOUR = 10
"""Which neighbour's distance is the k-NN score: for some thousand images, where Sun et al. use 50 of 50,000."""

Features = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Mahalanobis:
    """Distance from the training features' mean in units of their covariance.

    Lee et al. (NeurIPS 2018, "A simple unified framework for detecting out-of-distribution samples"), with one mean
    instead of one a class, because the findings of a radiograph exclude each other no more than they need to be there.
    The covariance is shrunk after Ledoit and Wolf (J Multivariate Anal 2004;88:365), for there may be fewer images
    than features; before, each feature is brought to unit variance, so that the shrinkage does not depend on its scale.

    Attributes:
        mean, scale: of each feature (C,).
        whitening: (C, r): maps scaled features to uncorrelated ones of unit variance.
    """

    mean: npt.NDArray[np.float64]
    scale: npt.NDArray[np.float64]
    whitening: npt.NDArray[np.float64]

    @classmethod
    def fit(cls, features: Features) -> "Mahalanobis":
        """Fit to the features (N, C) of training images.

        Raises:
            UserError: fewer than two images, values that are not finite, or features that never vary.
        """
        values = _checked(features)
        mean, scale = values.mean(axis=0), values.std(axis=0)
        varies = scale > 1e-6 * np.abs(mean)
        if not varies.any():
            raise UserError("every training image has the same features; train the model, or another one")
        # A feature that never varied in training (a dead channel) has no scale; it is left out.
        scale = np.where(varies, scale, np.inf)
        covariance = LedoitWolf(assume_centered=True).fit((values - mean) / scale).covariance_
        spread, directions = np.linalg.eigh(covariance)
        kept = spread > 1e-10 * spread[-1]
        return cls(mean, scale, directions[:, kept] / np.sqrt(spread[kept]))

    def score(self, features: Features) -> npt.NDArray[np.float64]:
        """Distances (M,) of features (M, C)."""
        scaled = (np.asarray(features, np.float64) - self.mean) / self.scale
        return np.linalg.norm(scaled @ self.whitening, axis=1)


@dataclass(frozen=True)
class NearestNeighbour:
    """Distance to the k-th nearest training image, features scaled to unit length.

    Sun et al. (ICML 2022, "Out-of-distribution detection with deep nearest neighbors").

    Attributes:
        index: of the training features.
        k: which neighbour.
    """

    index: NearestNeighbors
    k: int

    @classmethod
    def fit(cls, features: Features, k: int = NEIGHBOUR) -> "NearestNeighbour":
        """Keep the features (N, C) of training images; of fewer than `k` the farthest counts.

        Raises:
            UserError: fewer than two images, values that are not finite, or k below 1.
        """
        values = _checked(features)
        if k < 1:
            raise UserError(f"k={k} is no neighbour's number; use 1 or more")
        k = min(k, len(values))
        return cls(NearestNeighbors(n_neighbors=k, algorithm="brute").fit(_unit(values)), k)

    def score(self, features: Features) -> npt.NDArray[np.float64]:
        """Distances (M,) in [0, 2] of features (M, C)."""
        distances, _ = self.index.kneighbors(_unit(np.asarray(features, np.float64)))
        return distances[:, -1]


DETECTORS: dict[str, type[Mahalanobis] | type[NearestNeighbour]] = {
    "mahalanobis": Mahalanobis,
    "knn": NearestNeighbour,
}


def _checked(features: Features) -> npt.NDArray[np.float64]:
    values = np.asarray(features, np.float64)
    if values.ndim != 2 or len(values) < 2:
        raise UserError(
            f"a detector needs a table of at least two training images, not one of shape {values.shape}"
        )
    if not np.isfinite(values).all():
        raise UserError("the model's features overflow for some training image; use PRECISION=float32")
    return values


def _unit(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
