"""What every page of the site has: head, way back, skip link, the list of what is on it, the line that closes it."""

import html
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from xray_keras.reporting.document import WARNING
from xray_keras.reporting.site.places import Place

MARK = '<meta name="generator" content="xray-keras report">'
"""Stands in every page of the site, so that no other page is taken for one of them."""

HOME = "index.html"

Entry = tuple[str, str, bool]
"""Anchor on the page, words (HTML), and whether it heads a part of the page."""


def page(
    place: Place,
    title: str,
    body: str,
    *,
    trail: Sequence[tuple[str, str]] = (),
    entries: Sequence[Entry] = (),
) -> str:
    """A whole HTML page.

    Args:
        place: where it goes.
        title: of the window; text.
        body: HTML, the heading first.
        trail: the pages above this one: name below reports/, words (text).
        entries: what is on the page.
    """
    above = [f'<a href="{place.to(PurePosixPath(name))}">{html.escape(words)}</a>' for name, words in trail]
    crumbs = (
        f'<nav class="trail" aria-label="Pages above">{" <span>/</span> ".join(above)}</nav>' if above else ""
    )
    name = f"{title} · xray_keras" if above else title
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
{MARK}
<title>{html.escape(name)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{place.to(PurePosixPath("style.css"))}">
<script src="{place.to(PurePosixPath("site.js"))}" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>{crumbs}</header>
<div class="sheet">
{_contents(entries)}<main id="content">
{body}</main>
</div>
<footer><p>{WARNING}</p></footer>
</body>
</html>
"""


def _contents(entries: Sequence[Entry]) -> str:
    if len(entries) < 3:
        return ""
    items = "".join(
        f'<li{" class=part" if part else ""}><a href="#{anchor}">{words}</a></li>\n'
        for anchor, words, part in entries
    )
    return f'<nav class="contents" aria-label="On this page">\n<ul>\n{items}</ul>\n</nav>\n'


class Anchors:
    """Names for places on a page, each once: "table-vi", "runs", "runs-2"."""

    def __init__(self, taken: Iterable[str] = ("content",)):
        self._taken = set(taken)

    def add(self, words: str) -> str:
        """An anchor for a heading (text)."""
        stem = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "part"
        anchor, k = stem, 1
        while anchor in self._taken:
            k += 1
            anchor = f"{stem}-{k}"
        self._taken.add(anchor)
        return anchor
