"""Kernel distance between two sets of features: unbiased MMD² with a cubic kernel (Bińkowski et al., ICLR 2018, §4).

It is the KID where the features are those of the Inception network of that paper; compare values of one network alone.
Unbiased at every number of images, unlike the Fréchet distance, so it may be negative where two sets are alike.
"""

from typing import NamedTuple

import numpy as np

from xray_keras.evaluation import bootstrap, neighbours
from xray_keras.evaluation.metrics import Cell, cell


class Subsets(NamedTuple):
    """Mean and standard deviation (N − 1) of the distance over subsets, and how many subsets of how many images.

    The standard deviation is what papers print beside a KID: it is that of one subset, no error of the mean.
    """

    mean: float
    deviation: float
    subsets: int
    size: int


def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(a·b / C + 1)³ of every pair: (N, C), (M, C) → (N, M)."""
    found = a @ b.T
    found /= a.shape[1]
    found += 1
    return found * found * found


def over_subsets(
    real: np.ndarray, generated: np.ndarray, *, subsets: int = 100, size: int = 1000, seed: int = 0
) -> Subsets:
    """The distance as it is published: over random subsets, drawn without replacement within each.

    Args:
        real: (N, C). generated: (M, C).
        subsets: how many, at least 2.
        size: images of a subset on either side; all of the smaller side where it has fewer.
        seed: of the draws.

    Raises:
        UserError: see `neighbours.pair`.
    """
    real, generated = neighbours.pair(real, generated, ("the real images", "the generated images"))
    size = min(size, len(real), len(generated))
    rng = np.random.default_rng(seed)
    values = np.empty(subsets)
    for number in range(subsets):
        a = real[rng.choice(len(real), size, replace=False)]
        b = generated[rng.choice(len(generated), size, replace=False)]
        within = sum(_apart(kernel(x, x)) for x in (a, b))
        values[number] = within - 2 * kernel(a, b).mean()
    return Subsets(float(values.mean()), float(values.std(ddof=1)), subsets, size)


def estimate(
    real: np.ndarray,
    generated: np.ndarray,
    *,
    clusters: np.ndarray | None = None,
    resamples: int = 1000,
    seed: int = 0,
) -> Cell:
    """The distance of all images, and its interval.

    Pairs of real images of one patient are left out, as an image with itself is: they are more alike than two
    patients, and would count as a distance. Whole patients and single generated images are drawn with replacement;
    what was drawn twice is not paired with itself either, so resamples are as unbiased as the value. Where the
    distributions are equal the statistic is degenerate and the bootstrap not valid (Arcones & Giné 1992, Annals of
    Statistics 20:655): an interval around 0 says "not told apart", no more.

    Args:
        real: (N, C). generated: (M, C).
        clusters: patient of each real image, int (N,), two at least; None where every image has its own.
        resamples: at least 1.
        seed: of the bootstrap.

    Raises:
        UserError: see `neighbours.pair`.
    """
    real, generated = neighbours.pair(real, generated, ("the real images", "the generated images"))
    patients = np.arange(len(real)) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    groups = int(patients.max()) + 1
    if groups == 1:
        return cell(None, reason="one patient; a distance needs two")
    own = np.arange(len(generated))
    once = np.ones((1, groups), np.uint16), np.ones((1, len(own)), np.uint16)
    drawn = bootstrap.weights(groups, resamples, seed), bootstrap.weights(len(own), resamples, seed + 1)
    w, v = (np.concatenate(both).astype(np.float64) for both in zip(once, drawn, strict=True))  # (1 + B, …)
    of_real, of_generated = w[:, patients], v
    with np.errstate(invalid="ignore"):  # one patient alone was drawn: undefined
        values = (
            _within(real, patients, of_real, w)
            + _within(generated, own, of_generated, v)
            - 2 * _across(real, generated, of_real, of_generated)
        )
    interval, reason = bootstrap.interval(values[1:])
    return cell(values[0], interval, "bootstrap", reason)


def _apart(matrix: np.ndarray) -> float:
    """Mean off the diagonal of a square matrix."""
    n = len(matrix)
    return float((matrix.sum() - np.trace(matrix)) / (n * (n - 1)))


def _within(
    features: np.ndarray, groups: np.ndarray, weights: np.ndarray, of_group: np.ndarray
) -> np.ndarray:
    """Weighted mean kernel of pairs from two groups, (B,); weights of images (B, N) and of groups (B, G)."""
    sums = _sum(features, features, weights, weights)
    alike, sizes = np.zeros(of_group.shape[1]), np.bincount(groups)
    order = np.argsort(groups, kind="stable")
    for group, rows in enumerate(np.split(order, np.cumsum(sizes)[:-1])):
        alike[group] = kernel(features[rows], features[rows]).sum()
    squares = np.square(of_group)
    pairs = np.square(of_group @ sizes) - squares @ np.square(sizes)
    return (sums - squares @ alike) / np.where(pairs > 0, pairs, np.nan)


def _across(a: np.ndarray, b: np.ndarray, of_a: np.ndarray, of_b: np.ndarray) -> np.ndarray:
    return _sum(a, b, of_a, of_b) / (of_a.sum(axis=1) * of_b.sum(axis=1))


def _sum(a: np.ndarray, b: np.ndarray, of_a: np.ndarray, of_b: np.ndarray) -> np.ndarray:
    """Σ wᵢ vⱼ k(aᵢ, bⱼ) of each resample, (B,)."""
    total = np.zeros(len(of_a))
    for part in neighbours.blocks(len(a), max(len(b), a.shape[1])):
        total += np.einsum("bi,ib->b", of_a[:, part], kernel(a[part], b) @ of_b.T)
    return total
