"""Lay pictures over the images that they may be copies of, and compare their details."""

import numpy as np

SATURATED = 250  # of 255: what is brighter has lost its detail
DETAIL = 1 / 16  # of the side: the standard deviation beyond which structure is no detail
_MARGIN = 0.08  # of the side, left out at each edge: padding and wrapped shifts
_FEWEST = 0.25  # share of the pixels that must remain to compare
_FLAT = 0.01  # a smaller product of standard deviations is rounding
_STEP = 0.1  # largest change of a warp in one iteration
_STABLE = 0.1  # of the mean variance, added to local ones


def align(pictures: np.ndarray, images: np.ndarray, warps: np.ndarray, iterations: int) -> np.ndarray:
    """Warps such that pictures match images up to brightness and contrast (Gauss–Newton, Lucas & Kanade 1981).

    Args:
        pictures: float32 (N, S, S). images: float32 (N, S, S), 0–255 both.
        warps: where to begin, float64 (N, 3) in the order of `copy_views.Warp`.

    Returns:
        float64 (N, 3).
    """
    size = images.shape[1]
    place = ((np.arange(size) + 0.5) / size * 2 - 1).astype(np.float32)
    found = warps.copy()
    for _ in range(iterations):
        seen, inside = warp(images, found)
        down, across = np.gradient(seen, 2 / size, axis=(1, 2))
        larger = place * across + place[:, np.newaxis] * down
        changes = np.stack([seen, np.ones_like(seen), across, down, larger], axis=1)
        changes *= (inside & (pictures < SATURATED))[:, np.newaxis]
        flat = changes.reshape(len(seen), 5, -1)
        squares = np.matmul(flat, flat.transpose(0, 2, 1)).astype(np.float64)
        # Where a picture is constant some changes are 0, and the ridge leaves the warp as it is.
        squares += np.eye(5) * (1e-6 * np.trace(squares, axis1=1, axis2=2)[:, np.newaxis, np.newaxis] + 1e-6)
        right = np.matmul(flat, pictures.reshape(len(seen), -1, 1)).astype(np.float64)
        fitted = np.linalg.solve(squares, right)[:, :, 0]
        contrast = np.where(np.abs(fitted[:, :1]) > 0.2, fitted[:, :1], 0.2)
        found += found[:, 2:] * np.clip(fitted[:, 2:] / contrast, -_STEP, _STEP)
    return found


def warp(images: np.ndarray, warps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Images as the pictures see them, linearly interpolated, float32 (N, S, S); and what lies inside, bool."""
    size = images.shape[1]
    place = (np.arange(size) + 0.5) / size * 2 - 1
    x, y = ((warps[:, axis, np.newaxis] + warps[:, 2:] * place + 1) / 2 * size - 0.5 for axis in (0, 1))
    inside = _within(y, size)[:, :, np.newaxis] & _within(x, size)[:, np.newaxis, :]
    return np.matmul(np.matmul(_linear(y, size), images), _linear(x, size).transpose(0, 2, 1)), inside


def distance(pictures: np.ndarray, images: np.ndarray, warps: np.ndarray) -> np.ndarray:
    """1 − correlation of the details, float64 (N,), 0 to 2; 1 where too little remains to compare.

    Details are what a wide Gaussian leaves, over their own local standard deviation: brightness, contrast, a gray-level
    curve and slow shading drop out. Pixels outside the image, saturated ones and a margin do not count.

    Args: as in `align`.
    """
    seen, inside = warp(images, warps)
    size = images.shape[1]
    counted = (inside & (pictures < SATURATED)).astype(np.float32)
    edge = round(_MARGIN * size)
    a, b = (
        _details(values, counted)[:, edge : size - edge, edge : size - edge] for values in (pictures, seen)
    )
    mask = counted[:, edge : size - edge, edge : size - edge]
    pixels = mask.sum(axis=(1, 2), dtype=np.float64)
    a, b = (
        (v - (v.sum(axis=(1, 2)) / np.maximum(pixels, 1))[:, np.newaxis, np.newaxis]) * mask for v in (a, b)
    )
    lengths = np.sqrt(np.square(a).sum(axis=(1, 2)) * np.square(b).sum(axis=(1, 2)))
    enough = (pixels >= _FEWEST * mask[0].size) & (lengths > _FLAT * pixels)
    correlation = (a * b).sum(axis=(1, 2)) / np.where(enough, lengths, 1)
    return np.where(enough, np.clip(1 - correlation, 0, 2), 1.0)


def _details(values: np.ndarray, counted: np.ndarray) -> np.ndarray:
    weight = _smooth(counted) + 1e-6
    details = (values - _smooth(values * counted) / weight) * counted
    variance = _smooth(np.square(details)) / weight
    floor = _STABLE * variance.mean(axis=(1, 2), keepdims=True) + 1e-3
    return details / np.sqrt(variance + floor)


def _smooth(values: np.ndarray) -> np.ndarray:
    size = values.shape[1]
    away = np.subtract.outer(np.arange(size), np.arange(size)) / (DETAIL * size)
    weights = np.exp(-np.square(away) / 2).astype(np.float32)
    weights /= weights[size // 2].sum()
    return np.matmul(np.matmul(weights, values), weights)


def _within(at: np.ndarray, size: int) -> np.ndarray:
    return (at >= -0.5) & (at <= size - 0.5)


def _linear(at: np.ndarray, size: int) -> np.ndarray:
    """Interpolation weights, float32 (N, S, S), for positions (N, S) in pixels; beyond the edge, the edge's pixel."""
    away = np.abs(np.clip(at, 0, size - 1)[:, :, np.newaxis] - np.arange(size))
    return np.maximum(1 - away, 0).astype(np.float32)
