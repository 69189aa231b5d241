"""Run cards: data, versions, device, seeds and times of everything behind a paper's pages, each run once."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xray_keras.reporting.provenance import CELLS
from xray_keras.reporting.site import artefacts, markup
from xray_keras.reporting.site.contents import KINDS, Artefact, Contents, Shown
from xray_keras.reporting.site.places import Place

HEADING = "Runs"
"""The section of a page that `reporting.provenance.settings` writes."""

_NAMING = ("Run", "Model", "seed")


@dataclass
class _Run:
    """A line of a card: its cells by column (Markdown), and the artefacts that show it."""

    cells: dict[str, str]
    used: dict[str, str] = field(default_factory=dict)

    def same(self, cells: Mapping[str, str]) -> bool:
        """Whether another line may be the same run: it has the same name, and nothing that both tell differs."""
        names = [key for key in _NAMING if key in self.cells or key in cells]
        return all(self.cells.get(key) == cells.get(key) for key in names) and all(
            self.cells[key] == text for key, text in cells.items() if key in self.cells
        )


@dataclass
class _Card:
    """Runs of one population and machine."""

    shown: Shown
    words: str
    data: dict[str, None] = field(default_factory=dict)
    runs: list[_Run] = field(default_factory=list)


def render(contents: Contents, anchors: Mapping[str, str], reports: Path) -> str:
    """A card a population and machine, in the order of the paper; "" where no page tells of a run.

    Args:
        contents: the paper's pages.
        anchors: artefact's name → its place on the paper's page.
        reports: the site's folder.
    """
    place = Place(reports)
    return "".join(_card(card, place) for card in _cards(contents, anchors))


def _cards(contents: Contents, anchors: Mapping[str, str]) -> list[_Card]:
    cards: dict[tuple[str, str, str], _Card] = {}
    for artefact in contents.all:
        for shown in artefact.shown:
            section = shown.page.named(HEADING)
            if section is None:
                continue
            words = next((block.source for block in section.blocks if block.kind == "paragraph"), "")
            card = cards.setdefault((shown.kind, shown.variant, words), _Card(shown, words))
            card.data[shown.page.data] = None
            for block in section.blocks:
                if block.kind == "table":
                    _add(card, block, artefact, anchors[artefact.name])
    return list(cards.values())


def _add(card: _Card, block: markup.Block, artefact: Artefact, anchor: str) -> None:
    columns, *rows = block.cells()
    for row in rows:
        cells = dict(zip(columns, row, strict=True))
        run = next((run for run in card.runs if run.same(cells)), None)
        if run is None:
            run = _Run({})
            card.runs.append(run)
        run.cells |= cells
        run.used[anchor] = artefact.label or artefact.name


def _card(card: _Card, place: Place) -> str:
    told = {column for run in card.runs for column in run.cells}
    columns = [column for column in CELLS if column in told] + sorted(told - set(CELLS))
    rows = [
        [markup.inline(run.cells.get(column, "–"), place) for column in columns]
        + [", ".join(f'<a href="#{anchor}">{html.escape(name)}</a>' for anchor, name in run.used.items())]
        for run in card.runs
    ]
    data = "".join(f"<p>{markup.inline(text, place)}</p>\n" for text in card.data)
    kind = card.shown.kind
    return (
        f'<section class="panel {kind}">\n<h3>{artefacts.chip(kind, card.shown.variant)} '
        f"{len(card.runs)} {'run' if len(card.runs) == 1 else 'runs'}</h3>\n{data}"
        f"<p>{markup.inline(card.words, place)}</p>\n"
        + markup.table([*columns, "shown in"], rows, f"Runs, {KINDS[kind]}")
        + "</section>\n"
    )
