"""How the tests of the site read its pages, and what they build it from."""

import functools
import html.parser
import shutil
from pathlib import Path
from typing import Any

from xray_keras.audit import papers
from xray_keras.reporting.site import build

ROOT = Path(__file__).parents[3]
_EMPTY = ("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "rect")


class Seen(html.parser.HTMLParser):
    """A page as a reader has it; fails where an element is not closed as it was opened.

    Attributes:
        elements: (tag, attributes), in order.
        ids: anchors; each once.
        headings: (level, words).
        text: all words.
    """

    def __init__(self, source: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, Any]]] = []
        self.ids: set[str] = set()
        self.headings: list[tuple[int, str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if "id" in attributes:
            assert attributes["id"] not in self.ids
            self.ids.add(str(attributes["id"]))
        if tag not in _EMPTY:
            self._open.append(tag)
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append((int(tag[1]), ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._open and self._open[-1] in ("script", "style"):
            assert not data.strip(), "a script or style in the page"
        for tag in self._open:
            if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
                level, words = self.headings[-1]
                self.headings[-1] = level, words + data

    def all(self, tag: str) -> list[dict[str, Any]]:
        """Attributes of every such element."""
        return [attributes for name, attributes in self.elements if name == tag]


@functools.cache
def audited(paper: str) -> papers.Audit:
    """Each paper once a session: its checks take a second."""
    return papers.audit(paper)


def copy(root: Path) -> None:
    """The committed report pages without their site, and the experiments."""
    made = shutil.ignore_patterns("*.html", *build.ASSETS)
    shutil.copytree(ROOT / "reports", root / "reports", ignore=made)
    shutil.copytree(ROOT / "experiments", root / "experiments")
