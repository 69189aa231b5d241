"""The front page: what the suite is, its papers and headline results, data sets, model cards, notebooks."""

import html
import os
import posixpath
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from xray_keras.audit.outcome import Verdict
from xray_keras.audit.papers import Audit
from xray_keras.datasets.overview.known import SETS, DataSet
from xray_keras.papers import loader
from xray_keras.reporting import readme
from xray_keras.reporting.site import artefacts, claims, frame, markup, paper
from xray_keras.reporting.site.contents import Contents
from xray_keras.reporting.site.pages import Page
from xray_keras.reporting.site.places import Place

_INTRO = (
    "Published chest X-ray and scene-text experiments, built again in Keras: every table and figure beside the printed "
    "one, with intervals, and every printed number checked. A number says on which data it stands."
)


_TERMS = PurePosixPath("cards/data.md")


def render(
    papers: Sequence[tuple[Contents, Audit]], pages: Mapping[PurePosixPath, Page], root: Path, reports: Path
) -> str:
    """The page `index.html`.

    Args:
        papers: contents and audit of each.
        pages: every report page, by the path of its Markdown below `reports`.
        root: the checkout, for its notebooks.
        reports: the site's folder.
    """
    place = Place(reports)
    kinds = "".join(
        f"<li>{artefacts.chip(kind)} {meaning}</li>\n" for kind, meaning in artefacts.MEANING.items()
    )
    parts = [
        ("papers", "Papers", "".join(_paper(contents, audit, place) for contents, audit in papers)),
        ("results", "Headline results", _results(place)),
        ("audit", "Do the printed numbers hold together?", _audit(pages, place)),
        ("data", "Data sets", _data(pages, place)),
        ("cards", "Model cards", _cards(pages, place)),
        ("notebooks", "Notebooks", _notebooks(root, reports)),
    ]
    body = (
        f'<h1>xray_keras</h1>\n<p class="lead">{_INTRO} <strong>Not for diagnosis.</strong></p>\n'
        f'<ul class="kinds">\n{kinds}</ul>\n'
    )
    body += "".join(
        f'<h2 id="{anchor}">{heading}</h2>\n{content}' for anchor, heading, content in parts if content
    )
    entries = [(anchor, heading, True) for anchor, heading, content in parts if content]
    return frame.page(place, "xray_keras: published experiments, reproduced", body, entries=entries)


def _paper(contents: Contents, audit: Audit, place: Place) -> str:
    facts = loader.load(contents.paper)["paper"]
    home = place.to(PurePosixPath(f"{contents.paper}.html"))
    counts = [
        (artefacts.chip(kind), sum(bool(one.on(kind)) for one in contents.all)) for kind in contents.kinds()
    ]
    counts.append(("not shown", sum(not one.shown for one in contents.all)))
    shown = ", ".join(f"{words} {count}" for words, count in counts if count)
    added = f" and {len(contents.added)} of the suite’s own" if contents.added else ""
    told = f"{len(contents.printed)} printed tables and figures{added}: {shown}"
    cited = paper.citation(facts)
    return (
        f'<article class="paper">\n<h3><a href="{home}">{html.escape(facts["title"])}</a></h3>\n'
        f'<p class="cite"><code>{contents.paper}</code>{f" · {cited}" if cited else ""}.</p>\n<p>{told}.</p>\n'
        f"<p>{claims.sentence(audit)}</p>\n{_bar(audit)}</article>\n"
    )


def _bar(audit: Audit) -> str:
    """The verdicts as a bar; the sentence above it says the same."""
    parts, x = [], 0.0
    for verdict in Verdict:
        width = 100 * audit.count(verdict) / len(audit.answers)
        parts.append(f'<rect class="{claims.CLASS[verdict]}" x="{x:.2f}" width="{width:.2f}" height="4"/>')
        x += width
    box = 'viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"'
    return f'<svg class="bar" {box}>{"".join(parts)}</svg>\n'


def _results(place: Place) -> str:
    """What README shows, each table under the words of its first heading."""
    parts = []
    for block in markup.parse(readme.results(place.reports)):
        label = markup.plain(block.cells()[0][0]) if block.kind == "table" else ""
        parts.append(markup.render([block], place, label))
    return "".join(parts)


def _audit(pages: Mapping[PurePosixPath, Page], place: Place) -> str:
    path = PurePosixPath("audit/index.md")
    if path not in pages:
        return "<p>Not checked yet: <code>make audit</code>.</p>\n"
    said = markup.inline(pages[path].data, place)
    return f'<p>{said} <a href="{place.link(str(path))}">What does not hold</a>.</p>\n'


def _data(pages: Mapping[PurePosixPath, Page], place: Place) -> str:
    rows = [
        [
            f"{_linked(known)}<br><code>{html.escape(known.folder)}</code>",
            html.escape("; ".join(f"{name}: {use}" for name, use in known.papers.items())),
            html.escape(known.licence) + _asked(known),
            html.escape(known.citation),
        ]
        for known in SETS
    ]
    more = ""
    if _TERMS in pages:
        more = f' More on them: <a href="{place.link(str(_TERMS))}">{html.escape(pages[_TERMS].title)}</a>.'
    intro = (
        "<p>None comes with the suite. <code>xray-keras data</code> says how to get each, "
        f"<code>xray-keras data /folder/above/it</code> what of it is there.{more}</p>\n"
    )
    columns = ["Data set, folder below DATA", "Used for", "Licence, registration", "Citation"]
    return intro + markup.table(columns, rows, "Data sets")


def _linked(known: DataSet) -> str:
    """A data set's name, as a link where it has an address."""
    address, _, remark = known.link.partition(" ")
    title = html.escape(known.title)
    if not address.startswith(("https://", "http://")):
        return f"{title}, {html.escape(known.link)}"
    return f'<a href="{html.escape(address)}">{title}</a> {html.escape(remark)}'.rstrip()


def _asked(known: DataSet) -> str:
    return f"<br>Registration: {html.escape(known.registration)}" if known.registration else ""


def _cards(pages: Mapping[PurePosixPath, Page], place: Place) -> str:
    items = [
        f'<li><a href="{place.link(str(path))}">{html.escape(page.title)}</a></li>\n'
        for path, page in pages.items()
        if path.parts[0] == "cards" and path != _TERMS
    ]
    return f"<ul>\n{''.join(items)}</ul>\n" if items else ""


def _notebooks(root: Path, reports: Path) -> str:
    folder = root / "experiments" / "notebooks"
    items = []
    for path in sorted(folder.glob("[!._]*.ipynb")):
        source = path.with_suffix(".py")
        lines = source.read_text(encoding="utf-8").splitlines() if source.is_file() else []
        heading = next((line.removeprefix("# # ") for line in lines if line.startswith("# # ")), "")
        address = posixpath.join(*Path(os.path.relpath(path, reports)).parts)
        items.append(
            f'<li><a href="{address}">{path.name}</a>{f": {html.escape(heading)}" if heading else ""}</li>\n'
        )
    return f"<ul>\n{''.join(items)}</ul>\n" if items else ""
