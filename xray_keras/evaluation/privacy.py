"""Do generated images give away who was in the training set? Two questions about distances, in any space.

The space is the caller's: an embedding (`neighbours.nearest`), pixels (`neighbours.nearest` of `pixels`) or structure
(`structure.nearest`).

- Are generated images nearer to training images than to held-out ones? A generator that learned the population and
  nobody in particular has a share of one half.
- Can training images be told from held-out ones by how near the nearest generated image is? (The black-box attack
  of Chen et al., "GAN-Leaks", CCS 2020, §5.1, without calibration.) AUC one half: they cannot.

Both need training and held-out images of one population, and no patient in both.
"""

from typing import NamedTuple

import numpy as np

from xray_keras.errors import UserError
from xray_keras.evaluation import intervals, neighbours
from xray_keras.evaluation.intervals import Auc
from xray_keras.evaluation.metrics import Cell, cell, proportion
from xray_keras.evaluation.neighbours import Neighbours

PERMUTATIONS = 9999


class References(NamedTuple):
    """Rows of the training and of the held-out images, int64 (P,) each: one image of each of P patients."""

    training: np.ndarray
    held_out: np.ndarray


class Nearer(NamedTuple):
    """share: of generated images whose nearest reference is a training image, with its interval.
    p: two-sided, of one half; None without a share. ties: images that were left out, as near to one as to the other.
    """

    share: Cell
    p: float | None
    ties: int


def pixels(images: np.ndarray) -> np.ndarray:
    """Features whose Euclidean distance is the images' root mean square difference: uint8 (N, H, W) → (N, H·W)."""
    flat = images.reshape(len(images), -1)
    return flat / (255 * np.sqrt(flat.shape[1]))


def references(training_patients: np.ndarray, held_out_patients: np.ndarray, seed: int = 0) -> References:
    """Equally many patients of either side, drawn at random, and one image of each.

    The larger of two sets is nearer by its size alone, and a patient with ten images is nearer than one with a single
    image; drawn so, the sides are exchangeable where the generator favours neither.

    Args:
        training_patients: patient of each training image, (N,). held_out_patients: likewise, (M,).
        seed: of the draws.

    Raises:
        UserError: see `check_apart`.
    """
    check_apart(training_patients, held_out_patients)
    rng = np.random.default_rng(seed)
    size = min(len(np.unique(given)) for given in (training_patients, held_out_patients))
    rows = []
    for patients in (training_patients, held_out_patients):
        shuffled = rng.permutation(len(patients))
        _, first = np.unique(np.asarray(patients)[shuffled], return_index=True)
        rows.append(np.sort(shuffled[rng.choice(first, size, replace=False)]))
    return References(*rows)


def check_apart(training_patients: np.ndarray, held_out_patients: np.ndarray) -> None:
    """Raise a UserError where a side has no image or a patient is on both."""
    if not len(training_patients) or not len(held_out_patients):
        raise UserError("there is no training image or no held-out image; give images of both")
    shared = np.intersect1d(training_patients, held_out_patients)
    if len(shared):
        raise UserError(
            f"{len(shared)} patients, the first {shared[0]!s}, are among training and held-out images; "
            "hold out whole patients"
        )


def nearer(to_training: Neighbours, to_held_out: Neighbours, sizes: int, seed: int = 0) -> Nearer:
    """Share of generated images that are nearer to training than to held-out references, against one half.

    Generated images with the same nearest reference are one vote, cast by the side on which that reference happens to
    lie: the interval is Wilson's at the number of votes that these clusters amount to, and the test deals the sides
    to the references anew. Counting images instead would call chance a leak where they crowd about few references.

    Args:
        to_training, to_held_out: nearest neighbours of the generated images among the `References` of a side; the
            first column counts.
        sizes: references on either side.
        seed: of the permutations.
    """
    own, other = (found.distance[:, 0] for found in (to_training, to_held_out))
    decided = own != other
    ties = int((~decided).sum())
    if not decided.any():
        return Nearer(
            cell(None, reason="every generated image is as near to one side as to the other"), None, ties
        )
    hit = own < other
    index = np.where(hit, to_training.rows[:, 0], sizes + to_held_out.rows[:, 0])[decided]
    votes = np.bincount(index, minlength=2 * sizes)
    cast = votes[votes > 0]
    hits = np.where(np.flatnonzero(votes) < sizes, cast, 0)
    return Nearer(proportion(hits, cast), _p_of_half(votes, seed), ties)


def membership(
    training: np.ndarray,
    held_out: np.ndarray,
    training_patients: np.ndarray,
    held_out_patients: np.ndarray,
) -> Auc:
    """AUC of telling training from held-out images by the distance to the nearest generated image.

    The interval knows the patients and takes the generated images as given.

    Args:
        training: distances of training images, float (N,). held_out: likewise, (M,).
        training_patients: patient of each training image, (N,). held_out_patients: likewise, (M,).

    Raises:
        UserError: see `check_apart`.
    """
    check_apart(training_patients, held_out_patients)
    names = np.concatenate([np.asarray(training_patients), np.asarray(held_out_patients)])
    truth = np.repeat([1, 0], [len(training), len(held_out)])
    scores = -np.concatenate([training, held_out]).astype(np.float64)
    return intervals.auc(truth, scores, np.unique(names, return_inverse=True)[1])


def _p_of_half(votes: np.ndarray, seed: int) -> float:
    """Two-sided p by dealing the sides anew; votes of the training references first, then of the held-out ones."""
    rng = np.random.default_rng(seed)
    half, size = votes.sum() / 2, len(votes) // 2
    seen = abs(votes[:size].sum() - half)
    more = 0
    for part in neighbours.blocks(PERMUTATIONS, len(votes)):
        dealt = rng.permuted(np.broadcast_to(votes, (part.stop - part.start, len(votes))), axis=1)
        more += int((abs(dealt[:, :size].sum(axis=1) - half) >= seen).sum())
    return (1 + more) / (1 + PERMUTATIONS)
