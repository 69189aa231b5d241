"""The screen's part in a privacy audit: everything that is to be screened at once, and pictures for a figure."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from xray_keras import npz
from xray_keras.evaluation import near_copies, reidentification
from xray_keras.evaluation.metrics import proportion
from xray_keras.evaluation.near_copies import Rule
from xray_keras.evaluation.neighbours import Neighbours
from xray_keras.evaluation.privacy_sides import Side

GENERATED, HELD_OUT = "generated", "held_out"
MOST_PEOPLE = 300  # who teach the threshold, or on whom it is tried, one image each
SHOWN = 8  # generated images of a figure
_TEACHERS = "teachers"


class Screening(NamedTuple):
    """rule: from validation patients. found: set of pictures → their nearest training images, by `near_copies`."""

    rule: Rule
    found: dict[str, Neighbours]

    def flagged(self, name: str) -> np.ndarray:
        """Which pictures of a set are near copies, bool (N,)."""
        return self.found[name].distance[:, 0] < self.rule.threshold

    def summary(self) -> dict[str, Any]:
        """What was found, ready for JSON.

        Returns:
            "error_rate", stated; "patients", who taught the threshold; "threshold"; and of "generated" and "held_out"
            pictures {"flagged", "images", "share": Cell}.
        """
        counted = {}
        for name in (GENERATED, HELD_OUT):
            flagged = self.flagged(name)
            share = proportion(flagged.astype(int), np.ones(len(flagged), int))
            counted[name] = {"flagged": int(flagged.sum()), "images": len(flagged), "share": share}
        rule = self.rule
        return {
            "error_rate": rule.error_rate,
            "patients": rule.patients,
            "threshold": rule.threshold,
            **counted,
        }


def screen(
    generated: np.ndarray,
    training: Side,
    held_out: Side,
    others: Side,
    copies: Mapping[str, np.ndarray],
    seed: int,
) -> Screening:
    """Look for generated images, held-out ones and hidden copies among the training images.

    At once, because to prepare the training images is half of the work. The error rate is the usual one, or the least
    that so few patients can show.

    Args:
        generated: uint8 (N, S, S).
        training, held_out: of the GAN. others: who teach the threshold.
        copies: kind → uint8 (K, S, S).
        seed: of the choice of people.
    """
    teachers, calm = (side.one_each(MOST_PEOPLE, seed) for side in (others, held_out))
    sets = {_TEACHERS: teachers.images, GENERATED: generated, HELD_OUT: calm.images, **copies}
    near = near_copies.nearest(np.concatenate(list(sets.values())), training.images)
    ends = np.cumsum([len(given) for given in sets.values()])[:-1]
    parts = zip(np.split(near.rows, ends), np.split(near.distance, ends), strict=True)
    found = {name: Neighbours(*part) for name, part in zip(sets, parts, strict=True)}
    rate = reidentification.reachable(near_copies.ERROR_RATE, len(teachers.patients))
    rule = near_copies.calibrate(found[_TEACHERS].distance[:, 0], teachers.patients, rate)
    return Screening(rule, found)


def write_neighbours(
    path: Path, screening: Screening, generated: np.ndarray, rows: np.ndarray, training: Side, held_out: Side
) -> None:
    """Write the generated images nearest to a training image, nearest first, as .npz.

    Arrays: "generated", and the nearest "training" and "held_out" image of all there are, uint8 (n, S, S);
    "to_training" and "to_held_out", distances by `near_copies`, float64 (n,); "flagged" bool (n,); "row", int64 (n,).

    Args:
        path: of the file.
        screening: of the generated images uint8 (N, S, S). rows: of each in the run's file, (N,).
        training, held_out: of the GAN.
    """
    near, flagged = screening.found[GENERATED], screening.flagged(GENERATED)
    shown = np.argsort(near.distance[:, 0], kind="stable")[:SHOWN]
    other = near_copies.nearest(generated[shown], held_out.images)
    arrays = {
        "generated": generated[shown],
        "training": training.images[near.rows[shown, 0]],
        "held_out": held_out.images[other.rows[:, 0]],
        "to_training": near.distance[shown, 0],
        "to_held_out": other.distance[:, 0],
        "flagged": flagged[shown],
        "row": rows[shown],
    }
    npz.write(path, arrays)
