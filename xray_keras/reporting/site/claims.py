"""A paper's claims with their verdicts, and the checks that fail with their arithmetic."""

import html
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from xray_keras.audit.outcome import Verdict
from xray_keras.audit.papers import Answer, Audit, Finding
from xray_keras.reporting.site import artefacts, markup
from xray_keras.reporting.site.contents import Artefact, Contents
from xray_keras.reporting.site.places import Place

CLASS: Mapping[Verdict, str] = {
    Verdict.HOLDS: "holds",
    Verdict.FAILS: "fails",
    Verdict.NEEDS_A_RUN: "open",
    Verdict.CANNOT_BE_CHECKED: "never",
}


def sentence(audit: Audit) -> str:
    """How many claims hold, fail, need a run, cannot be checked."""
    hold, fail, open_, never = (audit.count(verdict) for verdict in Verdict)
    return f"{len(audit.answers)} claims: {hold} hold, {fail} fail, {open_} need a run, {never} cannot be checked."


def table(audit: Audit, contents: Contents, anchors: Mapping[str, str], reports: Path) -> str:
    """Every claim in the order of the text.

    Args:
        audit: of the paper.
        contents: of its page, whose artefacts answer what needs a run.
        anchors: artefact's name → its place on the page; a failing check's name → its.
        reports: the site's folder.
    """
    known = {artefact.name: artefact for artefact in contents.all}
    rows = [
        [
            html.escape(answer.claim.statement),
            html.escape(answer.claim.where),
            html.escape(_values(answer)),
            f'<span class="verdict {CLASS[answer.verdict]}">{answer.verdict}</span>',
            _because(answer, known, anchors, Place(reports)),
        ]
        for answer in audit.answers
    ]
    return markup.table(
        ["Claim", "Where", "Printed", "Verdict", "Because"], rows, "Every claim and its verdict"
    )


def _values(answer: Answer) -> str:
    values = answer.claim.values.items()
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in values) or "–"


def _because(answer: Answer, known: Mapping[str, Artefact], anchors: Mapping[str, str], place: Place) -> str:
    """The check that decides, the pages that answer, or why nothing can."""
    if answer.verdict is Verdict.NEEDS_A_RUN:
        artefact = known.get(answer.why)
        if artefact is None:
            return f"{html.escape(answer.why)}: no experiment in the suite yet"
        pages = [
            f'<a href="{place.to(PurePosixPath(shown.path).with_suffix(".html"))}">{artefacts.chip(shown.kind)}</a>'
            for shown in artefact.shown
        ]
        name = f'<a href="#{anchors[artefact.name]}">{html.escape(artefact.label or artefact.name)}</a>'
        return (
            f"{name}: {' '.join(pages)}" if pages else f"{name}, not run: <code>make {artefact.target}</code>"
        )
    if not answer.claim.by:
        return html.escape(answer.why)
    check = f"<code>{html.escape(answer.why)}</code>"
    return f'<a href="#{anchors[answer.why]}">{check}</a>' if answer.why in anchors else check


def failing(finding: Finding, anchor: str) -> str:
    """A check that fails: what was asked, what is printed, what it should be, and how that follows."""
    outcome = finding.outcome
    told = {
        "Printed": outcome.printed,
        "Recomputed": outcome.recomputed,
        "Arithmetic": outcome.arithmetic,
        "How the suite reads it": outcome.reading,
    }
    facts = "".join(f"<dt>{name}</dt><dd>{html.escape(text)}</dd>\n" for name, text in told.items() if text)
    return (
        f'<article class="finding" id="{anchor}">\n<h3>{html.escape(outcome.question)}</h3>\n'
        f'<p class="where">{html.escape(outcome.where)} · <code>{html.escape(finding.name)}</code></p>\n'
        f"<dl>\n{facts}</dl>\n</article>\n"
    )
