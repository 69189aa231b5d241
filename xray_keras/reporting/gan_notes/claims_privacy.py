"""Rules for the notes' sentences about privacy."""

from typing import Any

import numpy as np

from xray_keras.evaluation.metrics import proportion
from xray_keras.reporting.gan_notes.audits import SPACES, STATES
from xray_keras.reporting.gan_notes.evidence import Evidence
from xray_keras.reporting.gan_notes.found import ALL, ONLY, SCARCE
from xray_keras.reporting.gan_notes.numbers import percent, plus, text
from xray_keras.reporting.verdicts import FAILS, HOLDS, OPEN, Verdict, above, apart, every


def _membership(evidence: Evidence) -> Verdict:
    spaces = evidence.audits[SCARCE]["spaces"]
    areas = {words: spaces[space]["membership"] for space, words in SPACES.items()}
    found = any(above(area, 0.5) == HOLDS for area in areas.values())
    told = ", ".join(f"{words} {text(area)}" for words, area in areas.items())
    return Verdict(HOLDS if found else OPEN, f"membership AUC of the over-trained generator: {told}")


def _near_copies(evidence: Evidence) -> Verdict:
    screen = evidence.audits[SCARCE]["screen"]
    share = screen["generated"]["share"]
    told = f"{percent(share)} of the over-trained generator's images flagged, {100 * screen['error_rate']:.1f} % stated"
    return Verdict(HOLDS if above(share, screen["error_rate"]) == HOLDS else OPEN, told)


def _filtering(evidence: Evidence) -> Verdict:
    """By the copies that are hidden among the images: whether they are known before the screen and still after it."""
    before, after = (
        evidence.audits[SCARCE]["control"][state]["difference"] for state in ("with", "screened")
    )
    own = [evidence.audits[SCARCE]["reidentification"][state]["difference"] for state in STATES]
    leaks = above(before)
    helps = apart(before, after)
    partly = HOLDS if caught(evidence)[0] < caught(evidence)[1] or above(after) == HOLDS else OPEN
    word = partly if leaks == helps == HOLDS else FAILS if helps == FAILS else OPEN
    planted = "{:,} of {:,} hidden copies taken out".format(*caught(evidence))
    return Verdict(
        word,
        f"patients known more than strangers: with copies {plus(before)}, screened {plus(after)}; without copies "
        f"{plus(own[0])}, screened {plus(own[1])}; {planted}",
    )


def caught(evidence: Evidence) -> tuple[int, int]:
    """Copies flagged, and copies planted, among the images of all generators."""
    kinds: list[dict[str, Any]] = [
        kind for audit in evidence.audits.values() for kind in audit["control"]["kinds"].values()
    ]
    return sum(kind["flagged"] for kind in kinds), sum(kind["planted"] for kind in kinds)


def _hidden(evidence: Evidence) -> Verdict:
    flagged, planted = caught(evidence)
    share = proportion(np.repeat([1, 0], [flagged, planted - flagged]), np.ones(planted, int))
    word = {HOLDS: FAILS, FAILS: HOLDS, OPEN: OPEN}[above(share, 0.5)]
    return Verdict(
        word, f"{flagged:,} of {planted:,} hidden copies flagged by whoever has the training images"
    )


def _memorising(evidence: Evidence) -> Verdict:
    audit = evidence.audits[SCARCE]
    near = {words: audit["spaces"][space]["nearer"]["share"] for space, words in SPACES.items()}
    told = ", ".join(f"{words} {percent(share)}" for words, share in near.items())
    return Verdict(every(above(share, 0.5) for share in near.values()), f"nearer to training: {told}")


def _not_exposed(evidence: Evidence) -> Verdict:
    shown = evidence.found.classifiers[ALL].contents[ONLY]["shown"]["real"]
    leak = evidence.audits[ALL]["reidentification"]["before"]["difference"]
    return Verdict(
        FAILS if shown else HOLDS,
        f"{shown:,} real images shown to it; by the generator's images, patients are known more than strangers by "
        f"{plus(leak)}",
    )


RULES = {
    "models_leak": (
        "membership AUC of the over-trained generator is above 0.5 in some space; that it is not refutes nothing, for "
        "this attacker has images alone",
        _membership,
    ),
    "near_copies": (
        "the screen flags more of the over-trained generator's images than its error rate; that it does not refutes "
        "nothing",
        _near_copies,
    ),
    "filtering_partial": (
        "with copies hidden among the over-trained generator's images, patients are known more than strangers; the "
        "screen lowers that, and misses a copy or leaves a difference above 0",
        _filtering,
    ),
    "reals_hidden_among_fakes": (
        "fewer than half of the hidden copies are flagged; more than half: it does not",
        _hidden,
    ),
    "memorising_gan_leaks": (
        "more than half of the over-trained generator's images are nearer to training than to held-out patients, in "
        "every space",
        _memorising,
    ),
    "real_data_exposed": ("the classifier of generated images alone is shown no real image", _not_exposed),
}
