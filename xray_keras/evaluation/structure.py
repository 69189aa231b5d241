"""Structural similarity (SSIM) of every pair of two sets of images, a block of pairs at a time.

The index of Wang et al. (2004, IEEE Transactions on Image Processing 13:600) in uniform windows of 7×7 pixels, with
K₁ 0.01, K₂ 0.03, range 255 and population moments. Means and variances belong to one image; only the mean of the
product is a pair's, one matrix product a window. With `stride` 1 it is scikit-image's mean SSIM; the default looks at
every fourth window along either axis, which costs a sixteenth.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from xray_keras.errors import UserError
from xray_keras.evaluation import neighbours
from xray_keras.evaluation.neighbours import Neighbours

WINDOW = 7
STRIDE = 4
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
_BLOCK = 256  # images on either side of a block of pairs: its matrices stay in the processor's cache


class _Windows(NamedTuple):
    """Of images: values about each window's mean, float32 (W, N, 49); means and variances, float32 (W, N)."""

    centred: np.ndarray
    mean: np.ndarray
    variance: np.ndarray


def similarity(images: np.ndarray, others: np.ndarray, stride: int = STRIDE) -> np.ndarray:
    """Mean SSIM over the windows of every pair, float32 (N, M), at most 1.

    Args:
        images: uint8 (N, H, W). others: uint8 (M, H, W), H and W at least 7.
        stride: pixels between windows along both axes.

    Raises:
        UserError: the images are no uint8 of one size, or smaller than a window.
    """
    check(images, others)
    found = np.empty((len(images), len(others)), np.float32)
    for rows, columns, block in _blocks(images, others, stride):
        found[rows, columns] = block
    return found


def nearest(queries: np.ndarray, references: np.ndarray, stride: int = STRIDE) -> Neighbours:
    """The most similar reference of each query; the distance is 1 − SSIM, in [0, 2].

    Args, Raises: as in `similarity`; there is at least one reference.
    """
    check(queries, references)
    best = np.full(len(queries), -np.inf, np.float32)
    index = np.zeros(len(queries), np.int64)
    for rows, columns, block in _blocks(queries, references, stride):
        at = block.argmax(axis=1)
        value = block[np.arange(len(block)), at]
        better = value > best[rows]
        best[rows][better] = value[better]
        index[rows][better] = at[better] + columns.start
    return Neighbours(index[:, np.newaxis], np.maximum(1 - best.astype(np.float64), 0)[:, np.newaxis])


def check(images: np.ndarray, others: np.ndarray) -> None:
    """Raise a UserError unless both are uint8 images of one size, at least one each and as large as a window."""
    for given in (images, others):
        if given.ndim != 3 or given.dtype != np.uint8 or not len(given):
            raise UserError(
                f"images have the shape {given.shape} and type {given.dtype}; give 8-bit gray images, (N, H, W)"
            )
    if images.shape[1:] != others.shape[1:]:
        raise UserError(
            f"images of {images.shape[1:]} and {others.shape[1:]} pixels do not compare; resize them to one size"
        )
    if min(images.shape[1:]) < WINDOW:
        raise UserError(
            f"images of {images.shape[1:]} pixels are smaller than {WINDOW} × {WINDOW}; give larger"
        )


def _blocks(images: np.ndarray, others: np.ndarray, stride: int) -> Iterator[tuple[slice, slice, np.ndarray]]:
    width = len(range(0, images.shape[1], stride)) * len(range(0, images.shape[2], stride)) * WINDOW**2
    held = max(_BLOCK, neighbours.BLOCK * 8 // width)
    for first in range(0, len(others), held):
        columns = slice(first, min(first + held, len(others)))
        right = _windows(others[columns], stride)
        for start in range(0, len(images), _BLOCK):
            rows = slice(start, min(start + _BLOCK, len(images)))
            yield rows, columns, _compare(_windows(images[rows], stride), right)


def _compare(left: _Windows, right: _Windows) -> np.ndarray:
    total = np.zeros((left.mean.shape[1], right.mean.shape[1]), np.float32)
    for k in range(len(left.mean)):
        covariance = left.centred[k] @ right.centred[k].T
        covariance *= 2 / WINDOW**2
        covariance += _C2
        covariance /= np.add.outer(left.variance[k] + np.float32(_C2), right.variance[k])
        means = np.multiply.outer(2 * left.mean[k], right.mean[k])
        means += _C1
        means /= np.add.outer(np.square(left.mean[k]) + np.float32(_C1), np.square(right.mean[k]))
        covariance *= means
        total += covariance
    return total / len(left.mean)


def _windows(images: np.ndarray, stride: int) -> _Windows:
    views = np.lib.stride_tricks.sliding_window_view(images, (WINDOW, WINDOW), axis=(1, 2))
    views = views[:, ::stride, ::stride].astype(np.float32)
    values = views.reshape(len(images), -1, WINDOW**2).transpose(1, 0, 2)
    mean = values.mean(axis=2)
    centred = np.ascontiguousarray(values - mean[:, :, np.newaxis])
    return _Windows(centred, mean, np.square(centred).mean(axis=2))
