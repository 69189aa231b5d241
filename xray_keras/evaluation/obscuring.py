"""Plain ways to make a picture tell less; uint8 (N, S, S) in and out, at strength 0 unchanged."""

import numpy as np
from scipy.ndimage import gaussian_filter


def blended(images: np.ndarray, others: np.ndarray, share: float) -> np.ndarray:
    """Mixtures in which `others`, pixel by pixel, have a share in [0, 1]."""
    return np.round((1 - share) * images.astype(np.float32) + share * others).astype(np.uint8)


def blurred(images: np.ndarray, width: float) -> np.ndarray:
    """A Gaussian blur whose σ is `width` times the side of the image; edges repeat."""
    side = width * images.shape[1]
    smooth = gaussian_filter(images.astype(np.float32), (0, side, side), mode="nearest")
    return np.round(smooth).astype(np.uint8)


def pixelated(images: np.ndarray, cell: float) -> np.ndarray:
    """Cells of one gray each, their mean, whose side is `cell` times that of the image, as nearly as pixels allow."""
    size = images.shape[1]
    cells = size if cell == 0 else min(size, round(1 / cell))
    edges = np.round(np.linspace(0, size, cells + 1)).astype(int)
    sides = np.diff(edges)
    sums = np.add.reduceat(np.add.reduceat(images.astype(np.float64), edges[:-1], axis=1), edges[:-1], axis=2)
    means = np.round(sums / np.outer(sides, sides)).astype(np.uint8)
    return means.repeat(sides, axis=1).repeat(sides, axis=2)
