"""Fréchet distance between two sets of features as if both were Gaussian (Heusel et al., NeurIPS 2017, Equation 6).

It is the FID where the features are those of the Inception network of that paper. Of another network it is another
number: compare values of one network, of one number of images on either side, and with nothing published.

Small samples: the estimate is too large, by about a constant over the number of images, and the more so the more
features there are; two halves of one set of images are not at 0. With fewer images than features a covariance has no
full rank: the value is still defined, and almost all of it may be that excess.
"""

import numpy as np

from xray_keras.evaluation import bootstrap, neighbours
from xray_keras.evaluation.metrics import Cell, cell

IMAGES_PER_FEATURE = 10
"""Fewer than this on either side, and the bootstrap's spread says little: no interval."""


def distance(real: np.ndarray, generated: np.ndarray) -> float:
    """|μ₁ − μ₂|² + Tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½), Σ with N − 1; at least 0.

    Args:
        real: (N, C). generated: (M, C).

    Raises:
        UserError: see `neighbours.pair`.
    """
    real, generated = neighbours.pair(real, generated, ("the real images", "the generated images"))
    return _distance(*_moments(real, np.ones(len(real))), *_moments(generated, np.ones(len(generated))))


def from_moments(
    mean: np.ndarray, covariance: np.ndarray, mean2: np.ndarray, covariance2: np.ndarray
) -> float:
    """The same of two Gaussians given by their means (C,) and covariances (C, C)."""
    return _distance(mean, covariance, mean2, covariance2)


def estimate(
    real: np.ndarray,
    generated: np.ndarray,
    *,
    clusters: np.ndarray | None = None,
    resamples: int = 200,
    seed: int = 0,
) -> Cell:
    """The distance and its interval.

    Whole patients and single generated images are drawn with replacement. A resample repeats images, which adds the
    excess of small samples once more; the interval is therefore the basic one, 2d − (quantiles of the resampled d),
    which takes it off (Davison & Hinkley 1997, §2.3.2 and 5.2.1): its middle lies below d. It knows the generated
    images of one generator, not that training again gives another. Where the distributions are equal, d is no smooth
    function of the moments and no bootstrap is valid: an interval that begins at 0 says "not told apart", no more.

    Args:
        real: (N, C). generated: (M, C).
        clusters: patient of each real image, int (N,); None where every image has its own.
        resamples: at least 1; each costs one eigenvalue problem of C × C and another's values.
        seed: of the bootstrap.

    Raises:
        UserError: see `distance`.
    """
    real, generated = neighbours.pair(real, generated, ("the real images", "the generated images"))
    value = distance(real, generated)
    patients = np.arange(len(real)) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    groups = int(patients.max()) + 1
    needed = IMAGES_PER_FEATURE * real.shape[1]
    if min(groups, len(generated)) < needed:
        return cell(value, reason=f"fewer than {needed:,} patients or generated images; no valid bootstrap")
    of_real = bootstrap.weights(groups, resamples, seed)
    of_generated = bootstrap.weights(len(generated), resamples, seed + 1)
    samples = np.array(
        [
            _distance(*_moments(real, drawn[patients]), *_moments(generated, also))
            for drawn, also in zip(of_real, of_generated, strict=True)
        ]
    )
    interval, reason = bootstrap.interval(samples)
    if interval is not None:
        interval = (max(0.0, 2 * value - interval[1]), max(0.0, 2 * value - interval[0]))
    return cell(value, interval, "bootstrap", reason)


def _moments(features: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (C,) and covariance (C, C) of features (N, C) that count `weights` (N,) times."""
    times = weights.astype(np.float64)
    mean = times @ features / times.sum()
    centred = (features - mean) * np.sqrt(times)[:, np.newaxis]
    return mean, centred.T @ centred / (times.sum() - 1)


def _distance(mean: np.ndarray, covariance: np.ndarray, mean2: np.ndarray, covariance2: np.ndarray) -> float:
    """Through the symmetric root: (Σ₁Σ₂)^½ has the eigenvalues of (Σ₁^½ Σ₂ Σ₁^½)^½, which are real."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    product = np.linalg.eigvalsh(root @ covariance2 @ root)
    shared = np.sqrt(np.maximum(product, 0)).sum()
    total = np.square(mean - mean2).sum() + np.trace(covariance) + np.trace(covariance2) - 2 * shared
    return float(max(0.0, total))
