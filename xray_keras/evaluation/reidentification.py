"""Can patients who were learned from be known in generated images, more than people who were not?

The attacker has one radiograph of a person and an embedding of identity, and asks whether any generated image shows the
same person. He knows nothing of the generator but its images.

A verifier's usual error rate, one false match in 1000 pairs, means nothing here: among 1000 images it matches two
thirds of all people, whoever they are. So the error is stated of a person, not of a pair, and the threshold comes from
people who took no part: one of them is matched by at least one of the generated images with a chance of at most
`CHANCE`. It knows how many images there are and how like real ones they look to the embedding.

Of the matched training patients alone, a privacy officer cannot say who was matched by chance; an image that looks like
many people matches patients and strangers alike. What learning from somebody adds is the difference to equally many
held-out patients, one image each. It is the number to watch, with its interval: "not significant" of a small sample, or
of an embedding that knows nobody again (see `recognition`), is no all-clear. The least that a screen must do is to
bring the difference down to where its interval holds 0.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.stats import hypergeom

from xray_keras.evaluation import intervals, near_copies, neighbours
from xray_keras.evaluation.intervals import Interval
from xray_keras.evaluation.metrics import Cell, cell, proportion

CHANCE = 0.05  # of a person who took no part


class Matched(NamedTuple):
    """training, held_out: shares of the patients of either side that are matched by some image.

    difference: of the two, in [−1, 1]. p: two-sided, of the sides being exchangeable.
    """

    training: Cell
    held_out: Cell
    difference: Cell
    p: float


class Attack(NamedTuple):
    """training, held_out: embeddings of one image of each of P patients, (P, D).

    limit: distance below which a person counts as matched; chance: that a stranger is; strangers: who taught the limit.
    """

    training: np.ndarray
    held_out: np.ndarray
    limit: float
    chance: float
    strangers: int

    def matched(self, images: np.ndarray) -> Matched:
        """What generated images with the embeddings (N, D) give away."""
        return matched(distances(self.training, images), distances(self.held_out, images), self.limit)


def attack(
    training: np.ndarray,
    held_out: np.ndarray,
    strangers: np.ndarray,
    images: np.ndarray,
    chance: float = CHANCE,
) -> Attack:
    """An attack whose limit is conformal, see `near_copies`.

    Args:
        training, held_out: embeddings of one image of each of P patients, (P, D).
        strangers: embeddings of one image each of people whom neither generator nor embedding learned from, (M, D).
        images: embeddings of all generated images, (N, D).
        chance: that a further stranger is matched by one of these; fewer than 19 strangers cannot show 0.05, and the
            least is taken that they can.
    """
    stated = reachable(chance, len(strangers))
    rule = near_copies.calibrate(distances(strangers, images), np.arange(len(strangers)), stated)
    return Attack(training, held_out, rule.threshold, stated, len(strangers))


def reachable(rate: float, patients: int) -> float:
    """The rate, or the least that so few patients can show (`near_copies.calibrate`)."""
    return max(rate, 1 / (patients + 1))


def distances(people: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Distance of each person to the nearest generated image, float64 (P,); infinite where there is no image.

    Args:
        people: embeddings of one image a person, (P, D). images: embeddings of generated images, (N, D).
    """
    if not len(images):
        return np.full(len(people), np.inf)
    return neighbours.nearest(people, images).distance[:, 0]


def false_match(embeddings: np.ndarray, patients: np.ndarray, limit: float) -> float:
    """Share of the pairs of two patients that are nearer than `limit`: how the threshold is stated in the literature.

    Args:
        embeddings: (N, D). patients: (N,), at least two different.
    """
    near = different = 0
    for part, squared in neighbours.squared_distances(embeddings, embeddings):
        other = np.asarray(patients)[part, np.newaxis] != np.asarray(patients)
        near += int((squared[other] < limit**2).sum())
        different += int(other.sum())
    return near / different


def matched(training: np.ndarray, held_out: np.ndarray, limit: float) -> Matched:
    """How many patients of either side are matched, and whether the sides differ.

    The generated images are taken as given; people of a side are then matched or not each for himself, and the interval
    of the difference is that of two independent proportions (Newcombe 1998, Statistics in Medicine 17:873, method 10).
    The test deals the matched people to the sides anew, all ways of it at once (hypergeometric), and holds also where
    one image matches many.

    Args:
        training, held_out: `distances` of one image of each of P patients, (P,) and (P,).
        limit: see `Attack`.
    """
    size, one, other = len(training), int((training < limit).sum()), int((held_out < limit).sum())
    return Matched(
        _share(training < limit),
        _share(held_out < limit),
        cell((one - other) / size, _of_difference(one, other, size), "newcombe"),
        _p(one, other, size),
    )


def _share(hits: np.ndarray) -> Cell:
    return proportion(hits.astype(int), np.ones(len(hits), int))


def _of_difference(one: int, other: int, size: int) -> Interval:
    (low, high), (least, most) = (intervals.wilson(hits, size) for hits in (one, other))
    a, b = one / size, other / size
    return a - b - math.hypot(a - low, most - b), a - b + math.hypot(high - a, b - least)


def _p(one: int, other: int, size: int) -> float:
    if one == other:
        return 1.0  # the sum is within rounding of it
    total = one + other
    dealt = np.arange(total + 1)
    chances = hypergeom.pmf(dealt, 2 * size, total, size)
    return float(chances[np.abs(2 * dealt - total) >= abs(one - other)].sum())
