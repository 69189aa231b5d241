"""A paper's page: what it prints and what the suite made of it, what was assumed, what holds, what was run."""

import html
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from xray_keras.audit.papers import Audit
from xray_keras.papers import loader
from xray_keras.reporting.site import artefacts, assumptions, claims, frame, markup, runs
from xray_keras.reporting.site.contents import FULL, KINDS, NETWORKS, PHANTOM, SUBSET, Artefact, Contents
from xray_keras.reporting.site.places import Place

_UNKNOWN = "not printed"


def render(contents: Contents, audit: Audit, root: Path, reports: Path) -> str:
    """The page `<paper>.html`.

    Args:
        contents: what the paper prints and the suite made of it.
        audit: of its printed numbers.
        root: the checkout, whose experiments list what they assume.
        reports: the site's folder.

    Raises:
        UserError: an experiment is broken.
    """
    facts = loader.load(contents.paper)
    place = Place(reports)
    anchors = frame.Anchors()
    at = {artefact.name: anchors.add(artefact.label or artefact.name) for artefact in contents.all}
    at |= {finding.name: anchors.add(f"check-{finding.name}") for finding in audit.failing}
    parts = [
        ("", "", _head(facts["paper"]) + _kinds(contents) + _gaps(facts)),
        ("overview", "What was run", _overview(contents, at, place)),
        ("printed", "Tables and figures", _articles(contents.printed, at, reports)),
        ("added", "Beyond the paper", _articles(contents.added, at, reports)),
        ("assumptions", "Assumptions", assumptions.render(contents.paper, root)),
        ("claims", "Claims", _claims(audit, contents, at, reports)),
        ("fails", "Printed numbers that do not hold", _failing(audit, at, place)),
        ("runs", "Runs", runs.render(contents, at, reports)),
    ]
    entries: list[frame.Entry] = []
    body = ""
    for anchor, heading, content in parts:
        if heading and content:
            entries.append((anchor, heading, True))
            body += f'<h2 id="{anchor}">{heading}</h2>\n'
        body += content
        if anchor in ("printed", "added"):
            group = contents.printed if anchor == "printed" else contents.added
            entries += [(at[one.name], html.escape(one.label or one.caption), False) for one in group]
    return frame.page(
        place, facts["paper"]["title"], body, trail=[(frame.HOME, "xray_keras")], entries=entries
    )


def citation(paper: dict[str, Any]) -> str:
    """Authors, venue, year, links: what is printed of them; HTML."""
    authors = paper["authors"]
    said = [] if authors == _UNKNOWN else [html.escape(", ".join(authors))]
    said += [
        html.escape(str(paper[key])) for key in ("affiliation", "venue", "year") if paper[key] != _UNKNOWN
    ]
    if (doi := paper.get("doi", _UNKNOWN)) != _UNKNOWN:
        said.append(f'<a href="https://doi.org/{html.escape(doi)}">doi:{html.escape(doi)}</a>')
    if (code := paper["code"]) != _UNKNOWN:
        said.append(f'<a href="{html.escape(code)}">code of the paper</a>')
    return ". ".join(said)


def _head(paper: dict[str, Any]) -> str:
    cited = citation(paper)
    lines = [
        f"<code>{paper['id']}</code>",
        *([cited] if cited else ["The text names no authors, venue or year"]),
    ]
    return f'<h1>{html.escape(paper["title"])}</h1>\n<p class="cite">{" · ".join(lines)}.</p>\n'


def _kinds(contents: Contents) -> str:
    """On which data something was run, and what that allows to say."""
    lines = []
    for kind in contents.kinds():
        count = sum(bool(artefact.on(kind)) for artefact in contents.all)
        share = f"<small>{count} of {len(contents.all)}</small>"
        lines.append(f"<li>{artefacts.chip(kind)} {artefacts.MEANING[kind]}. {share}</li>\n")
    if not lines:
        return '<p class="box">Nothing of this paper was run yet.</p>\n'
    return f'<ul class="kinds">\n{"".join(lines)}</ul>\n'


def _gaps(facts: dict[str, Any]) -> str:
    gaps = [html.escape(gap) for gap in facts.get("gaps", [])]
    return (
        f'<p class="gaps">Missing in the text that was transcribed: {"; ".join(gaps)}.</p>\n' if gaps else ""
    )


def _overview(contents: Contents, at: dict[str, str], place: Place) -> str:
    """A line an artefact, a column a kind of data: a page, or none."""
    wanted = {PHANTOM, SUBSET, FULL, *contents.kinds(), *(NETWORKS for one in contents.all if one.drawn)}
    kinds = [kind for kind in KINDS if kind in wanted]
    rows = []
    for artefact in contents.all:
        cells = [f'<a href="#{at[artefact.name]}">{html.escape(artefact.title)}</a>']
        for kind in kinds:
            pages = [
                f'<a href="{place.to(PurePosixPath(shown.path).with_suffix(".html"))}" class="kind {kind}">'
                f"{html.escape(shown.variant) or 'page'}"
                f'<span class="unseen"> of {html.escape(artefact.label or artefact.caption)}, {KINDS[kind]}</span></a>'
                for shown in artefact.on(kind)
            ]
            runs_here = artefact.target and artefact.drawn == (kind == NETWORKS)
            cells.append(" ".join(pages) or ("not run" if runs_here else "–"))
        rows.append(cells)
    return markup.table(["Table or figure", *(KINDS[kind] for kind in kinds)], rows, "What was run")


def _articles(group: Sequence[Artefact], at: dict[str, str], reports: Path) -> str:
    return "".join(artefacts.render(artefact, at[artefact.name], reports) for artefact in group)


def _claims(audit: Audit, contents: Contents, at: dict[str, str], reports: Path) -> str:
    return (
        f"<p>{claims.sentence(audit)} In the order of the text, in the suite’s own words.</p>\n"
        + claims.table(audit, contents, at, reports)
    )


def _failing(audit: Audit, at: dict[str, str], place: Place) -> str:
    whole = place.link(f"audit/{audit.paper}.md")
    others = f' <a href="{whole}">The whole audit</a> has those that hold, too.' if whole else ""
    intro = f"<p>{len(audit.failing)} of {len(audit.findings)} checks fail; nothing was trained for them.{others}</p>\n"
    return intro + "".join(claims.failing(finding, at[finding.name]) for finding in audit.failing)
