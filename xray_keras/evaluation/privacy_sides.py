"""The people of a privacy audit: their images and embeddings, and how well the embedding tells them apart."""

from typing import Any, NamedTuple

import numpy as np

from xray_keras.evaluation import intervals, neighbours, recognition
from xray_keras.evaluation.metrics import Cell, cell

LOOKED_UP = 400  # images by which an embedding is judged, at most


class Side(NamedTuple):
    """Images uint8 (N, S, S), the patient and the view of each (N,) str, and its embedding (N, D)."""

    images: np.ndarray
    patients: np.ndarray
    views: np.ndarray
    vectors: np.ndarray

    def take(self, rows: np.ndarray) -> "Side":
        """Some of the images."""
        return Side(*(given[rows] for given in self))

    def without(self, patients: np.ndarray) -> "Side":
        """The images of all other patients."""
        return self.take(np.flatnonzero(~np.isin(self.patients, patients)))

    def one_each(self, most: int, seed: int) -> "Side":
        """One image each of at most `most` patients, all drawn at random."""
        order = np.random.default_rng(seed).permutation(len(self.patients))
        _, first = np.unique(self.patients[order], return_index=True)
        return self.take(np.sort(order[np.sort(first)[:most]]))

    def counts(self) -> dict[str, int]:
        """Numbers of images and patients."""
        return {"images": len(self.patients), "patients": len(np.unique(self.patients))}


def recognised(side: Side, seed: int) -> dict[str, Any]:
    """How well the embedding knows people again whom it has not learned from: an attack is as strong as this.

    Args:
        side: images of such people. seed: of the choice of those who are looked up.

    Returns:
        "looked_up" and "gallery", numbers of images; "rank_one", "chance" and "verification", see
        `recognition.Recognised`; "same_view", the verification among pairs of one view, for a view alone tells two
        people apart. Cells have a reason for a value where there is none, and chance is None.
    """
    asked = recognition.queries(side.patients, LOOKED_UP, seed)
    found: dict[str, Any] = {"looked_up": int(asked.sum()), "gallery": int((~asked).sum())}
    if not asked.any():
        nothing = cell(None, reason="no patient has two images")
        return {**found, "rank_one": nothing, "chance": None, "verification": nothing, "same_view": nothing}
    squared = [block for _, block in neighbours.squared_distances(side.vectors[asked], side.vectors[~asked])]
    distance = np.concatenate(squared)
    same = side.patients[asked][:, np.newaxis] == side.patients[~asked]
    clusters = np.unique(side.patients[asked], return_inverse=True)[1]
    known = recognition.recognised(distance, same, clusters)
    alike = side.views[asked][:, np.newaxis] == side.views[~asked]
    return {
        **found,
        "rank_one": known.rank_one,
        "chance": known.chance,
        "verification": known.verification,
        "same_view": _among(alike, distance, same, clusters),
    }


def _among(chosen: np.ndarray, distance: np.ndarray, same: np.ndarray, clusters: np.ndarray) -> Cell:
    """AUC among the chosen pairs; all (Q, M), clusters of the queries (Q,)."""
    truth = same[chosen].astype(int)
    if len(np.unique(truth)) < 2:
        return cell(None, reason="no pairs of one view to tell apart")
    area = intervals.auc(
        truth, -distance[chosen], np.broadcast_to(clusters[:, np.newaxis], same.shape)[chosen]
    )
    return cell(area.value, area.interval, area.method)
