"""What the notes claim and runs can answer, each with a verdict by a rule that was stated before."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from xray_keras.papers import loader
from xray_keras.reporting.document import Section
from xray_keras.reporting.gan_notes import claims_augmentation, claims_diversity, claims_privacy
from xray_keras.reporting.gan_notes.evidence import Evidence
from xray_keras.reporting.gan_notes.found import PAPER
from xray_keras.reporting.gan_notes.numbers import Answer
from xray_keras.reporting.verdicts import FAILS, HOLDS, OPEN, Verdict

ARTEFACT = "laboratory"
KINDS = {
    "phantom": "On the phantom a verdict says that the experiment works and which way it points there, and nothing of "
    "patients.",
    "subset": "On a subset a verdict is of these images, these small networks and this scale alone.",
    "full": "A verdict is of these networks on this release.",
}


class Rule(NamedTuple):
    """When a sentence holds, in words, and what asks that of the runs."""

    words: str
    ask: Callable[[Evidence], Verdict]


def rules() -> Mapping[str, Rule]:
    """Claim → its rule."""
    asked = claims_augmentation.RULES | claims_diversity.RULES | claims_privacy.RULES
    return {name: Rule(*pair) for name, pair in asked.items()}


def judged(evidence: Evidence) -> dict[str, Verdict]:
    """Every claim that names this page, in the order of the notes, and its verdict."""
    asked = rules()
    return {
        name: asked[name].ask(evidence)
        for name, claim in loader.claims(PAPER).items()
        if claim.needs == ARTEFACT
    }


def section(evidence: Evidence, verdicts: Mapping[str, Verdict]) -> Section:
    """A line a claim."""
    said, asked = loader.claims(PAPER), rules()
    lines = [
        [said[name].statement, said[name].where, f"**{verdict.word}**", asked[name].words, verdict.numbers]
        for name, verdict in verdicts.items()
    ]
    return Section(
        "The notes' sentences",
        f"“{HOLDS}” and “{FAILS}” where 95 % intervals decide it by the rule, “{OPEN}” otherwise. The notes print no "
        f"number to compare with. {KINDS[evidence.found.first.kind]} Rules are not corrected for being "
        f"{len(verdicts)}.",
        ["The notes say", "where", "verdict", "rule", "numbers"],
        lines,
    )


def answer(verdicts: Mapping[str, Verdict]) -> Answer:
    """How many hold."""
    words = [verdict.word for verdict in verdicts.values()]
    counts = f"{words.count(HOLDS)} hold, {words.count(FAILS)} do not, {words.count(OPEN)} are not shown to"
    return Answer("How many of the notes' sentences hold in these runs?", counts, f"{len(words)} sentences")
