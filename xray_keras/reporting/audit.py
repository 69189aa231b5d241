"""The audit as pages: one a paper, an index, and the summary for the terminal."""

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from xray_keras import experiment
from xray_keras.audit.outcome import Verdict
from xray_keras.audit.papers import Answer, Audit, Finding, audit
from xray_keras.audit.table import TableAudit
from xray_keras.errors import counted
from xray_keras.papers import loader
from xray_keras.papers.loader import Claim
from xray_keras.reporting.document import Document, Section

_COLUMNS = ["Question", "Where", "Printed", "Recomputed", "Arithmetic", "How the suite reads it"]


def write(root: Path, output: Path) -> list[Audit]:
    """Check every paper; write `<output>/<paper>.{md,csv}` and `<output>/index.{md,csv}`.

    Args:
        root: the checkout, whose experiments answer the claims that need a run.
        output: folder of the pages.
    """
    audits = [audit(paper) for paper in loader.names()]
    runnable = _runnable(root)
    for found in audits:
        _page(found, runnable).write(output / found.paper)
    _index(audits).write(output / "index")
    return audits


def summary(audits: Sequence[Audit]) -> str:
    """A line a paper, and what fails by name."""
    width = max(len(found.paper) for found in audits)
    head = f"{'':<{width}}  claims   hold   fail  need a run  cannot be checked   checks  of which fail"
    lines = [head]
    for found in audits:
        counts = [found.count(verdict) for verdict in Verdict]
        lines.append(
            f"{found.paper:<{width}}  {len(found.answers):>6}  {counts[0]:>5}  {counts[1]:>5}  {counts[2]:>10}  "
            f"{counts[3]:>17}  {len(found.findings):>7}  {len(found.failing):>13}"
        )
    for found in audits:
        names = ", ".join(finding.name for finding in found.failing) or "nothing"
        lines.append(textwrap.fill(f"{found.paper} fails: {names}", width=100, subsequent_indent="  "))
    return "\n".join(lines)


def describe(found: TableAudit) -> str:
    """What the audit of somebody's table found, row by row."""
    lines = [f"note: {remark}" for remark in found.remarks]
    for row in found.rows:
        lines += [f"{row.name}: IMPOSSIBLE: {problem}" for problem in row.problems]
        lines += [f"{row.name}: {finding}" for finding in row.findings]
    impossible = sum(bool(row.problems) for row in found.rows)
    return "\n".join([*lines, f"{impossible} of {counted(len(found.rows), 'row')} impossible"])


def _page(found: Audit, runnable: set[str]) -> Document:
    facts = loader.load(found.paper)["paper"]
    by_verdict = {
        verdict: [finding for finding in found.findings if finding.outcome.verdict is verdict]
        for verdict in Verdict
    }
    sections = [
        Section("What does not hold", "", _COLUMNS, _lines(by_verdict[Verdict.FAILS])),
        Section("What holds", "", _COLUMNS, _lines(by_verdict[Verdict.HOLDS])),
        Section("What the print leaves open", "", _COLUMNS, _lines(by_verdict[Verdict.CANNOT_BE_CHECKED])),
        Section(
            "Every claim",
            "In the order of the text, in the suite's own words.",
            ["Claim", "Where", "Printed", "Verdict", "Because"],
            [_claim(answer, found.paper, runnable) for answer in found.answers],
        ),
    ]
    return Document(
        title=f"Audit of {found.paper}",
        lead=[
            f"“{facts['title']}”. Only printed numbers and facts that other sources print were used; nothing was "
            "trained. Tolerances follow from the printed decimals.",
            _sentence(found),
            "Every number that a check looked at stands in the CSV beside this page.",
        ],
        sections=[section for section in sections if section.rows],
        tidy=pd.DataFrame(
            _cells(found), columns=["check", "verdict", "place", "printed", "recomputed", "agrees"]
        ),
        prose=True,
    )


def _sentence(found: Audit) -> str:
    hold, fail, open_, never = (found.count(verdict) for verdict in Verdict)
    return (
        f"**{len(found.answers)} claims**: {hold} hold, {fail} fail, {open_} need a run, {never} cannot be checked. "
        f"**{len(found.findings)} checks**, of which {len(found.failing)} fail."
    )


def _lines(findings: Iterable[Finding]) -> list[list[str]]:
    return [
        [
            f"{finding.outcome.question} (`{finding.name}`)",
            finding.outcome.where,
            finding.outcome.printed,
            finding.outcome.recomputed,
            finding.outcome.arithmetic,
            finding.outcome.reading or "–",
        ]
        for finding in findings
    ]


def _claim(answer: Answer, paper: str, runnable: set[str]) -> list[str]:
    claim = answer.claim
    why = answer.why
    if answer.verdict is Verdict.NEEDS_A_RUN:
        target = f"{paper}-{answer.why}"
        why = (
            f"`make {target}` answers it"
            if target in runnable
            else f"{answer.why}: no experiment in the suite yet"
        )
    elif claim.by:
        why = f"`{answer.why}`"
    return [claim.statement, claim.where, _values(claim), f"**{answer.verdict}**", why]


def _values(claim: Claim) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in claim.values.items()) or "–"


def _cells(found: Audit) -> Iterable[tuple[str, str, str, str, str, bool]]:
    for finding in found.findings:
        outcome = finding.outcome
        for cell in outcome.cells:
            yield finding.name, str(outcome.verdict), cell.place, cell.printed, cell.recomputed, cell.agrees
        if not outcome.cells:
            yield (
                finding.name,
                str(outcome.verdict),
                outcome.where,
                outcome.printed,
                outcome.recomputed,
                outcome.holds,
            )


def _index(audits: Sequence[Audit]) -> Document:
    rows = []
    for found in audits:
        counts = [str(found.count(verdict)) for verdict in Verdict]
        link = f"[{found.paper}]({found.paper}.md)"
        rows.append(
            [link, str(len(found.answers)), *counts, str(len(found.findings)), str(len(found.failing))]
        )
    failures = [
        [
            f"[{found.paper}]({found.paper}.md)",
            f"`{finding.name}`",
            finding.outcome.question,
            finding.outcome.where,
        ]
        for found in audits
        for finding in found.failing
    ]
    columns = ["Paper", "Claims", *(str(verdict) for verdict in Verdict), "Checks", "of which fail"]
    return Document(
        title="Do the printed numbers hold together?",
        lead=[
            "Every number that the five documents print, checked against the others. No data and no model was used."
        ],
        sections=[
            Section("Summary", "", columns, rows),
            Section("What does not hold", "", ["Paper", "Check", "Question", "Where"], failures),
        ],
        tidy=pd.DataFrame(
            [[cell.split("]")[0].lstrip("[") for cell in row] for row in rows], columns=columns
        ),
        prose=True,
    )


def _runnable(root: Path) -> set[str]:
    """Targets that some experiment of the checkout feeds: "ali2019-figure3"."""
    targets = set()
    for name in experiment.names(root):
        paper = name.partition("/")[0]
        targets |= {f"{paper}-{artefact}" for artefact in experiment.load(name, root).artefacts}
    return targets
