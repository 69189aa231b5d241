"""Are generated images nearer to training patients than to held-out ones, in three spaces? Ready for JSON.

The nearer share sees a copier only as far as he copies the drawn references: where these are a third of the training
patients, two thirds of the copies fall to either side by chance. Membership asks of each person and sees him better.
"""

from typing import Any

import numpy as np

from xray_keras.evaluation import neighbours, privacy, structure
from xray_keras.evaluation.intervals import Auc
from xray_keras.evaluation.metrics import cell
from xray_keras.evaluation.neighbours import Neighbours

PIXEL, STRUCTURE, EMBEDDING = "pixel", "structure", "embedding"
QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75)

BothWays = tuple[Neighbours, np.ndarray]  # of each generated image; distance of each person


def by_vectors(generated: np.ndarray, people: np.ndarray) -> BothWays:
    """Nearest person of each generated image, and the distance of each person to the nearest generated image.

    Args:
        generated: (N, C). people: (P, C).
    """
    nearest = neighbours.nearest(people, generated)
    return neighbours.nearest(generated, people), nearest.distance[:, 0]


def by_structure(generated: np.ndarray, people: np.ndarray) -> BothWays:
    """The same by 1 − SSIM, of images uint8 (N, S, S) and (P, S, S)."""
    distance = np.maximum(1 - structure.similarity(generated, people).astype(np.float64), 0)
    rows = distance.argmin(axis=1)[:, np.newaxis]
    return Neighbours(rows, np.take_along_axis(distance, rows, axis=1)), distance.min(axis=0)


def compare(training: BothWays, held_out: BothWays, seed: int) -> dict[str, Any]:
    """What one space tells.

    "nearer": {"share": `Cell`, "p", "ties"}, see `privacy.nearer`; "membership": `Cell`, see `privacy.membership`;
    "quantiles": of the generated images' distances to either side's references, {"at", "training", "held_out"}.

    Args:
        training, held_out: generated images and either side's references, one image of equally many patients.
        seed: of the permutations.
    """
    sides = (training, held_out)
    count = len(training[1])
    share, p, ties = privacy.nearer(training[0], held_out[0], count, seed)
    area: Auc = privacy.membership(training[1], held_out[1], np.arange(count), count + np.arange(count))
    quantiles = [np.quantile(found.distance[:, 0], QUANTILES).tolist() for found, _ in sides]
    return {
        "nearer": {"share": share, "p": p, "ties": ties},
        "membership": cell(area.value, area.interval, area.method),
        "quantiles": {"at": list(QUANTILES), "training": quantiles[0], "held_out": quantiles[1]},
    }
