"""Run every check of every paper, and say of every claim whether it holds."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xray_keras.audit.outcome import Outcome, Verdict
from xray_keras.papers import loader


@dataclass(frozen=True)
class Finding:
    """A check and what it found.

    Attributes:
        name: of the check, as the claims refer to it.
        outcome: its answer.
        claims: the claims that it decides.
    """

    name: str
    outcome: Outcome
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """A claim and what can be said of it.

    Attributes:
        claim: as transcribed.
        verdict: holds, fails, needs a run, cannot be checked.
        why: the check's name, the artefact whose run answers it, or why nothing can.
    """

    claim: loader.Claim
    verdict: Verdict
    why: str


@dataclass(frozen=True)
class Audit:
    """Everything that was found in one paper, in the order of the paper."""

    paper: str
    findings: Sequence[Finding]
    answers: Sequence[Answer]

    @property
    def failing(self) -> list[Finding]:
        """Checks that fail."""
        return [finding for finding in self.findings if finding.outcome.verdict is Verdict.FAILS]

    def count(self, verdict: Verdict) -> int:
        """Claims with this verdict."""
        return sum(answer.verdict is verdict for answer in self.answers)


def audit(paper: str) -> Audit:
    """Run the checks of one paper.

    Raises:
        UserError: the suite does not know the paper.
        ValueError: a claim names a check that does not exist.
    """
    claims = loader.claims(paper)
    checks = importlib.import_module(f"xray_keras.audit.{paper}").CHECKS
    deciding: dict[str, list[str]] = {}
    for claim in claims.values():
        deciding.setdefault(claim.by, []).append(claim.id)
    findings = [Finding(check.__name__, check(), tuple(deciding.get(check.__name__, ()))) for check in checks]
    outcomes = {finding.name: finding.outcome for finding in findings}
    if missing := [claim.id for claim in claims.values() if claim.by and claim.by not in outcomes]:
        raise ValueError(f"{paper}: no check decides {', '.join(missing)}")
    return Audit(paper, findings, [_answer(claim, outcomes) for claim in claims.values()])


def _answer(claim: loader.Claim, outcomes: Mapping[str, Outcome]) -> Answer:
    if claim.by:
        return Answer(claim, outcomes[claim.by].verdict, claim.by)
    if claim.needs:
        return Answer(claim, Verdict.NEEDS_A_RUN, claim.needs)
    return Answer(claim, Verdict.CANNOT_BE_CHECKED, claim.cannot)
