"""A report page as HTML: the whole Markdown, the way to its neighbours, the files beside it."""

import html
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from xray_keras.reporting.site import frame, markup
from xray_keras.reporting.site.artefacts import MEANING, chip
from xray_keras.reporting.site.contents import Artefact, Contents, Shown
from xray_keras.reporting.site.pages import Page
from xray_keras.reporting.site.places import Place

_FILES = {
    ".md": "Markdown",
    ".csv": "numbers (CSV)",
    ".tex": "LaTeX",
    ".svg": "drawing (SVG)",
    ".png": "picture (PNG)",
}


def render(
    page: Page, path: PurePosixPath, reports: Path, trail: Sequence[tuple[str, str]], top: str = ""
) -> str:
    """The HTML of a page.

    Args:
        page: its content.
        path: of its Markdown, below `reports`.
        reports: the site's folder.
        trail: the pages above it.
        top: what stands below the title; HTML.
    """
    place = Place(reports, path.parent, path.parent)
    anchors = frame.Anchors()
    body = [f"<h1>{html.escape(page.title)}</h1>\n{top}", markup.render(page.lead, place, page.title)]
    entries = []
    for section in page.sections:
        words = markup.plain(section.heading)
        anchor = anchors.add(words)
        entries.append((anchor, html.escape(words), False))
        content = markup.render(section.blocks, place, words)
        heading = markup.inline(section.heading, place)
        body.append(f'<section>\n<h2 id="{anchor}">{heading}</h2>\n{content}</section>\n')
    body.append(_files(path, place))
    return frame.page(place, page.title, "".join(body), trail=trail, entries=entries)


def _files(path: PurePosixPath, place: Place) -> str:
    names = {path.with_suffix(suffix): words for suffix, words in _FILES.items()}
    found = [
        f'<a href="{place.to(name)}">{words}</a>'
        for name, words in names.items()
        if (place.reports / name).is_file()
    ]
    return f'<p class="files">This page as files: {", ".join(found)}.</p>\n'


def top(contents: Contents, artefact: Artefact, shown: Shown, place: Place) -> str:
    """On which data a page stands, the same on other data, and what comes before and after it in the paper."""
    others = [
        f'<a href="{_address(other, place)}">{chip(other.kind, other.variant)}</a>'
        for other in artefact.shown
        if other is not shown
    ]
    also = f" Also on: {' '.join(others)}" if others else ""
    stands = f"<p>{chip(shown.kind, shown.variant)} {MEANING[shown.kind]}.{also}</p>\n"
    line = [other for each in contents.all for other in each.on(shown.kind) if other.variant == shown.variant]
    names = {other.path: each for each in contents.all for other in each.shown}
    k = line.index(shown)
    steps = [
        f'<a href="{_address(line[n], place)}" rel="{rel}">{sign.format(html.escape(_short(names[line[n].path])))}</a>'
        for n, rel, sign in ((k - 1, "prev", "← {}"), (k + 1, "next", "{} →"))
        if 0 <= n < len(line)
    ]
    return stands + (
        f'<nav class="steps" aria-label="In the paper’s order">{" ".join(steps)}</nav>\n' if steps else ""
    )


def _short(artefact: Artefact) -> str:
    return artefact.label or artefact.caption


def _address(shown: Shown, place: Place) -> str:
    return place.to(shown.path.with_suffix(".html"))
