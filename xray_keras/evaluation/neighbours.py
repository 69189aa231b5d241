"""Nearest neighbours among feature vectors by Euclidean distance, a block of distances at a time.

A block holds some 2 million distances (16 MB), so 10,000 × 10,000 never stand in memory at once.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from xray_keras.errors import UserError

BLOCK = 2_000_000  # elements of one float64 work array: 16 MB


class Neighbours(NamedTuple):
    """rows: of the references, int64 (N, k), nearest first. distance: float64 (N, k)."""

    rows: np.ndarray
    distance: np.ndarray


def features(given: np.ndarray, name: str, fewest: int = 2) -> np.ndarray:
    """Features (N, C) as float64.

    Args:
        given: (N, C) numbers.
        name: what they are, for the sentence.
        fewest: rows that are needed.

    Raises:
        UserError: another shape, too few rows, or a value that is no finite number.
    """
    values = np.asarray(given, dtype=np.float64)
    if values.ndim != 2 or not values.shape[1]:
        raise UserError(f"{name} have the shape {values.shape}; give one row of features an image")
    if len(values) < fewest:
        raise UserError(f"{name} are {len(values)} rows; give at least {fewest}")
    if not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values).all(axis=1)))
        raise UserError(f"{name} hold a value that is no finite number in row {row}; compute them again")
    return values


def pair(
    one: np.ndarray, other: np.ndarray, names: tuple[str, str], fewest: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of features of the same length, float64 (N, C) and (M, C).

    Raises:
        UserError: see `features`; the lengths differ.
    """
    first, second = features(one, names[0], fewest), features(other, names[1], fewest)
    if first.shape[1] != second.shape[1]:
        raise UserError(
            f"{names[0]} have {first.shape[1]} features and {names[1]} {second.shape[1]}; "
            "compute both with the same network"
        )
    return first, second


def blocks(rows: int, width: int) -> Iterator[slice]:
    """Slices of `rows` such that a block of `width` columns is one work array."""
    step = max(1, BLOCK // max(width, 1))
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))


def squared_distances(queries: np.ndarray, references: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Which queries, and their squared distances to all references, float64 (b, M), at least 0.

    |a − b|² = |a|² + |b|² − 2ab about the references' mean, where the fewest digits cancel: two equal vectors come
    out within rounding of 0, not at it.
    """
    centre = references.mean(axis=0)
    others = references - centre
    lengths = np.square(others).sum(axis=1)
    for part in blocks(len(queries), max(len(references), references.shape[1])):
        own = queries[part] - centre
        found = own @ others.T
        found *= -2
        found += np.square(own).sum(axis=1)[:, np.newaxis]
        found += lengths
        yield part, np.maximum(found, 0, out=found)


def nearest(
    queries: np.ndarray, references: np.ndarray, k: int = 1, *, among_themselves: bool = False
) -> Neighbours:
    """The k nearest references of each query.

    Distances are recomputed from the differences, so that of equal vectors is 0 exactly.

    Args:
        queries: (N, C). references: (M, C).
        k: how many, at most M (M − 1 among themselves).
        among_themselves: queries are the references, and none is its own neighbour.

    Raises:
        UserError: see `pair`; fewer than k references.
    """
    queries, references = pair(queries, references, ("the queries", "the references"), fewest=1)
    if len(references) - among_themselves < k:
        raise UserError(
            f"{k} nearest neighbours were asked for among {len(references)} references; give more references"
        )
    index = np.empty((len(queries), k), np.int64)
    distance = np.empty((len(queries), k))
    for part, squared in squared_distances(queries, references):
        if among_themselves:
            squared[np.arange(len(squared)), np.arange(part.start, part.stop)] = np.inf
        found = np.argpartition(squared, k - 1, axis=1)[:, :k]
        exact = np.stack(
            [np.linalg.norm(queries[part] - references[column], axis=1) for column in found.T], axis=1
        )
        order = np.lexsort((found, exact), axis=1)
        index[part] = np.take_along_axis(found, order, axis=1)
        distance[part] = np.take_along_axis(exact, order, axis=1)
    return Neighbours(index, distance)
