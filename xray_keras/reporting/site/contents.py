"""What a paper's page shows, in order: what the paper prints, what the suite adds, where it was run, what runs it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from xray_keras import experiment
from xray_keras.papers import loader
from xray_keras.plan import ON_REQUEST
from xray_keras.reporting.site import order
from xray_keras.reporting.site.pages import Page

PHANTOM, SUBSET, FULL, NETWORKS = "phantom", "subset", "full", "networks"
KINDS: Mapping[str, str] = {
    NETWORKS: "built networks",
    PHANTOM: "phantom",
    SUBSET: "subset",
    FULL: "complete",
}
"""Folder of reports/ → what its pages are called."""

DRAWN = (
    "ali2019/figure1",
    "minaee2020/figure3",
    "minaee2020/figure4",
    "minaee2020/figure5",
    "zhao2019/figure2",
    "zhao2019/figure3",
    "zhao2019/figure4",
)
"""Figures of architectures, which are drawn from the code alone; see `training.architectures`."""

_NUMBERED = re.compile(r"(table|figure)(\d+)")
_PREFIX = re.compile(r"[a-z_]+\d*(?:, [^:]+)?: ")
_UNKNOWN = "not printed"


@dataclass(frozen=True)
class Shown:
    """A page that shows an artefact.

    Attributes:
        kind: key of `KINDS`.
        variant: of the experiments, "" for the usual one.
        path: of its Markdown, below reports/.
        page: what it says.
    """

    kind: str
    variant: str
    path: PurePosixPath
    page: Page


@dataclass(frozen=True)
class Artefact:
    """A table, a figure, or what the suite adds to them.

    Attributes:
        name: as make knows it, e.g. "table6".
        label: as the paper calls it, e.g. "Table VI"; "" for what it does not print.
        caption: what it shows.
        where: section of the paper, "" where none.
        target: of make; "" where nothing in the suite makes it.
        drawn: whether it needs no data, see `DRAWN`.
        missing: what the paper's text tells of it beyond the caption, "" where that is nothing.
        shown: pages, by kind and variant.
    """

    name: str
    label: str
    caption: str
    where: str
    target: str
    drawn: bool = False
    missing: str = ""
    shown: Sequence[Shown] = field(default=(), repr=False)

    @property
    def section(self) -> str:
        """Where the paper has it, in words."""
        return f"Section {self.where}" if order.SECTION.match(self.where) else self.where

    @property
    def title(self) -> str:
        return f"{self.label}: {self.caption}" if self.label else self.caption

    def on(self, *kinds: str) -> list[Shown]:
        """Its pages of these kinds."""
        return [shown for shown in self.shown if shown.kind in kinds]


@dataclass(frozen=True)
class Contents:
    """Everything on a paper's page, in order.

    Attributes:
        paper: identifier.
        printed: what the paper prints, in its own order.
        added: what the suite adds.
    """

    paper: str
    printed: Sequence[Artefact]
    added: Sequence[Artefact]

    @property
    def all(self) -> list[Artefact]:
        return [*self.printed, *self.added]

    def kinds(self) -> list[str]:
        """Keys of `KINDS` that some page has."""
        return [kind for kind in KINDS if any(artefact.on(kind) for artefact in self.all)]


def read(paper: str, root: Path, pages: Mapping[PurePosixPath, Page]) -> Contents:
    """The contents of a paper's page.

    Args:
        paper: identifier.
        root: the checkout, whose experiments say what can be run.
        pages: every report page, by its path below reports/.

    Raises:
        UserError: an experiment is broken.
    """
    targets = _targets(paper, root)
    shown: dict[str, list[Shown]] = {}
    for one in _shown(paper, pages):
        shown.setdefault(one.path.stem.partition("-")[0], []).append(one)
    facts = loader.load(paper)
    printed = [
        _printed(paper, name, entry, targets.get(name, ""), shown.get(name, []))
        for name, entry in order.of(facts)
    ]
    known = {artefact.name for artefact in printed}
    others = [name for name in dict.fromkeys([*targets, *sorted(shown)]) if name not in known]
    added = [_added(name, targets.get(name, ""), shown.get(name, [])) for name in others]
    return Contents(paper, printed, added)


def _targets(paper: str, root: Path) -> dict[str, str]:
    """Artefact → what makes it; what needs a browser is made together."""
    drawn = [each for each in DRAWN if each.startswith(f"{paper}/")]
    found = {PurePosixPath(each).name: each.replace("/", "-") for each in drawn}
    for name in experiment.names(root):
        if name.partition("/")[0] == paper:
            one = experiment.load(name, root)
            for artefact in one.artefacts:
                source = one.made_from.get(artefact, "")
                group = ON_REQUEST.get(source) if isinstance(source, str) else None
                found[artefact] = f"{paper}-{group or artefact}"
    return found


def _shown(paper: str, pages: Mapping[PurePosixPath, Page]) -> Iterator[Shown]:
    """The paper's pages by kind; of one artefact the usual variant first."""
    for kind in KINDS:
        here = [path for path in pages if path.parent == PurePosixPath(kind, paper)]
        for path in sorted(here, key=lambda path: path.stem):
            yield Shown(kind, path.stem.partition("-")[2], path, pages[path])


def _printed(paper: str, name: str, entry: Mapping[str, Any], target: str, shown: list[Shown]) -> Artefact:
    where, _, label = entry["where"].rpartition(", ")
    if not label.startswith(("Table ", "Figure ")):
        found = _NUMBERED.fullmatch(name)
        where, label = entry["where"], f"{found[1].capitalize()} {found[2]}" if found else ""
    content = entry.get("content", "")
    values = entry.get("values", _UNKNOWN)
    told = [content if "caption" in entry else "", "" if values == _UNKNOWN else f"values: {values}"]
    caption = _upper(entry.get("caption") or (_title(shown[0]) if shown else content))
    drawn = f"{paper}/{name}" in DRAWN
    return Artefact(name, label, caption, where, target, drawn, "; ".join(filter(None, told)), shown)


def _added(name: str, target: str, shown: list[Shown]) -> Artefact:
    title = _title(shown[0]) if shown else name.replace("_", " ")
    return Artefact(name, "", _upper(title), "", target, shown=shown)


def _title(shown: Shown) -> str:
    """A page's title without "<paper>, Figure 4: "."""
    return _PREFIX.sub("", shown.page.title, count=1)


def _upper(text: str) -> str:
    """With a capital at its head."""
    return text[:1].upper() + text[1:]
