"""Which training images may a picture be a copy of? A search over mirrored, cropped and shifted views at 16 × 16.

A view is compared by tangent distance (Simard, LeCun & Denker, NIPS 1993): the share of a picture's variance that a
training image, changed a little in place and size and freely in brightness and contrast, leaves unexplained. Tangents
cover what lies between the views, so that a few of them suffice.
"""

from typing import NamedTuple

import numpy as np

SIZE = 16
KEPT = (0.9, 0.8)  # of the side, what crops keep
BLUR = 0.8  # standard deviation of the sampling filter, in pixels of the result
_QUERIES, _TRAINING = 256, 1024  # images of a block
_PLACES = (0.0, 0.5, 1.0)


class Warp(NamedTuple):
    """Where a picture's pixels lie in another: x → centre + scale · x, coordinates −1 to 1 from edge to edge."""

    x: float
    y: float
    scale: float


class Candidates(NamedTuple):
    """The likeliest originals of each picture, best first.

    rows: of the training images, int64 (N, k). flipped: whether the picture is to be mirrored, bool (N, k).
    warp: where the picture, mirrored or not, lies in the training image, float64 (N, k, 3) in the order of `Warp`.
    """

    rows: np.ndarray
    flipped: np.ndarray
    warp: np.ndarray


WHOLE = Warp(0.0, 0.0, 1.0)
CROPS = {
    kept: [Warp((1 - kept) * (2 * x - 1), (1 - kept) * (2 * y - 1), kept) for y in _PLACES for x in _PLACES]
    for kept in KEPT
}


def sample(images: np.ndarray, size: int, view: Warp = WHOLE) -> np.ndarray:
    """A view of images through a Gaussian filter: (N, H, W) → float32 (N, size, size)."""
    rows = _filter(images.shape[1], size, view.y, view.scale)
    columns = _filter(images.shape[2], size, view.x, view.scale)
    return np.matmul(np.matmul(rows, images.astype(np.float32)), columns.T)


def candidates(pictures: np.ndarray, training: np.ndarray, count: int) -> Candidates:
    """The `count` training images that explain each picture best.

    Args:
        pictures: uint8 (N, H, W). training: uint8 (M, H, W), at least `count` of them.
    """
    views = [WHOLE, *(view for crops in CROPS.values() for view in crops)]
    explained = np.full((len(pictures), count), -1.0, np.float32)
    index = np.zeros((len(pictures), count), np.int64)
    choice = np.zeros((len(pictures), count), np.int64)
    comparisons = _comparisons(views)
    for first in range(0, len(training), _TRAINING):
        block = training[first : first + _TRAINING]
        bases = {view: _basis(sample(block, SIZE, view)) for view in views}
        for start in range(0, len(pictures), _QUERIES):
            part = slice(start, start + _QUERIES)
            best, which = _best(pictures[part], bases, comparisons)
            rows = np.broadcast_to(np.arange(len(block)) + first, best.shape)
            value = np.concatenate([explained[part], best], axis=1)
            top = np.argsort(-value, axis=1, kind="stable")[:, :count]
            for kept, found in ((explained, best), (index, rows), (choice, which)):
                kept[part] = np.take_along_axis(np.concatenate([kept[part], found], axis=1), top, axis=1)
    warps = np.array([warp for _, _, _, warp in comparisons])
    flips = np.array([flipped for flipped, _, _, _ in comparisons])
    return Candidates(index, flips[choice], warps[choice])


def _comparisons(views: list[Warp]) -> list[tuple[bool, Warp, Warp, Warp]]:
    """Mirrored or not, view of the picture, view of the training image, and where the one lies in the other.

    A picture may be a crop of a training image, the reverse (padded and shrunk), or shifted: then a central part of
    it lies off the centre there.
    """
    widest = CROPS[KEPT[0]]
    middle = widest[len(widest) // 2]
    found = []
    for flipped in (False, True):
        found += [(flipped, WHOLE, view, view) for view in views]
        found += [
            (flipped, view, WHOLE, Warp(-view.x / view.scale, -view.y / view.scale, 1 / view.scale))
            for view in widest
        ]
        found += [(flipped, middle, view, Warp(view.x, view.y, 1.0)) for view in widest if view != middle]
    return found


def _best(
    pictures: np.ndarray, bases: dict[Warp, np.ndarray], comparisons: list[tuple[bool, Warp, Warp, Warp]]
) -> tuple[np.ndarray, np.ndarray]:
    """Largest explained share of every pair, and the number of its comparison: float32 and int64 (n, m)."""
    seen: dict[tuple[bool, Warp], np.ndarray] = {}
    best, which = None, None
    for number, (flipped, own, other, _) in enumerate(comparisons):
        if (flipped, own) not in seen:
            seen[flipped, own] = _unit(sample(pictures[:, :, ::-1] if flipped else pictures, SIZE, own))
        basis = bases[other]  # (4, m, 256)
        share = np.square(seen[flipped, own] @ basis[0].T)
        for tangent in basis[1:]:
            share += np.square(seen[flipped, own] @ tangent.T)
        if best is None or which is None:
            best, which = share, np.zeros(share.shape, np.int64)
            continue
        better = share > best
        np.copyto(best, share, where=better)
        which[better] = number
    assert best is not None and which is not None
    return best, which


def _basis(images: np.ndarray) -> np.ndarray:
    """Orthonormal basis of each image and its changes under shifts and scaling, means taken off: (4, N, 256)."""
    down, across = np.gradient(images, axis=(1, 2))
    place = (np.arange(SIZE, dtype=np.float32) + 0.5) / SIZE * 2 - 1
    larger = place * across + place[:, np.newaxis] * down
    columns = np.stack([_unit(change) for change in (images, across, down, larger)], axis=2)  # (N, 256, 4)
    return np.ascontiguousarray(np.linalg.qr(columns).Q.transpose(2, 0, 1))


def _unit(images: np.ndarray) -> np.ndarray:
    """(N, S, S) → (N, S²) of mean 0 and length 1; 0 for a constant image."""
    flat = images.reshape(len(images), -1)
    flat = flat - flat.mean(axis=1, keepdims=True)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)


def _filter(length: int, size: int, centre: float, scale: float) -> np.ndarray:
    """Weights (size, length), rows of sum 1, about `size` points of the view."""
    at = (centre + scale * ((np.arange(size) + 0.5) / size * 2 - 1) + 1) / 2 * length - 0.5
    width = BLUR * max(1.0, scale * length / size)
    weights = np.exp(-np.square((np.arange(length) - at[:, np.newaxis]) / width) / 2)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
