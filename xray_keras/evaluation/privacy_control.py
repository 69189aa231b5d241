"""The positive control of a privacy audit: copies hidden among generated images must be flagged, and known while there.

A screen and an attack that find nothing prove nothing unless they find what is known to be there.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from xray_keras.evaluation import planted, reidentification
from xray_keras.evaluation.neighbours import Neighbours
from xray_keras.evaluation.privacy_sides import Side
from xray_keras.evaluation.reidentification import Attack

PATIENTS = 20  # of whom a copy is hidden, in every disguise

Embed = Callable[[np.ndarray], np.ndarray]  # images uint8 (N, S, S) → (M, D), whatever is tried of each


class Hidden(NamedTuple):
    """Copies of one image each of some patients.

    people: which of the people in a comparison they are, int64 (K,). originals: rows of the training images, (K,).
    copies: kind → uint8 (K, S, S), see `planted.copies`.
    """

    people: np.ndarray
    originals: np.ndarray
    copies: dict[str, np.ndarray]


def hide(training: Side, references: np.ndarray, seed: int) -> Hidden:
    """Copy an image of some of the people in a comparison, drawn at random among each one's own.

    It need not be the image by which he is looked for: the attack must know the patient, not the image.

    Args:
        training: all training images. references: rows of those by which people are looked for. seed: of the draws.
    """
    rng = np.random.default_rng(seed)
    people = np.sort(rng.choice(len(references), min(PATIENTS, len(references)), replace=False))
    names = training.patients[references[people]]
    originals = np.array([rng.choice(np.flatnonzero(training.patients == name)) for name in names])
    return Hidden(people, originals, planted.copies(training.images[originals], seed))


def judge(
    hidden: Hidden,
    found: Mapping[str, Neighbours],
    vectors: np.ndarray,
    passed: np.ndarray,
    attack: Attack,
    threshold: float,
    embed: Embed,
) -> dict[str, Any]:
    """What screen and attack make of hidden copies.

    Args:
        hidden: the copies. found: of each kind, the nearest training images (`near_copies.nearest`).
        vectors: embeddings of the generated images. passed: of those that the screen let pass.
        attack, threshold: of re-identification and of the screen.
        embed: as the generated images were embedded.

    Returns:
        "patients": of whom copies are hidden; "kinds": kind → {"planted", "flagged", "found": with the right original};
        "matched": of these patients, {"without", "with", "screened"}: numbers, without copies, with them, and after the
        screen took out what it flags; "with", "screened": `reidentification.Matched` as dictionaries, of all patients.
    """
    kinds, everything, left = {}, [vectors], [passed]
    for kind, copies in hidden.copies.items():
        flagged = found[kind].distance[:, 0] < threshold
        kinds[kind] = {
            "planted": len(copies),
            "flagged": int(flagged.sum()),
            "found": int((found[kind].rows[:, 0] == hidden.originals).sum()),
        }
        everything.append(embed(copies))
        if not flagged.all():
            left.append(embed(copies[~flagged]))
    states = {"without": vectors, "with": np.concatenate(everything), "screened": np.concatenate(left)}
    wanted = attack.training[hidden.people]
    return {
        "patients": len(hidden.people),
        "kinds": kinds,
        "matched": {
            name: int((reidentification.distances(wanted, images) < attack.limit).sum())
            for name, images in states.items()
        },
        "with": attack.matched(states["with"])._asdict(),
        "screened": attack.matched(states["screened"])._asdict(),
    }
