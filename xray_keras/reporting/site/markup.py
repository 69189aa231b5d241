"""Markdown as HTML: tables that scroll in a box, pictures that open their drawing, links between rendered pages."""

import html
import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from xray_keras.reporting.site.places import Place

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_DPI = 150  # of the suite's pictures; a browser draws 96 of its pixels an inch
_PNG = b"\x89PNG\r\n\x1a\n"

_TAG = re.compile(r"<[^>]+>")
_NUMBER = re.compile(r"[<>≤≥~±+−-]?\s?\d")
_INTERVAL, _SMALL = re.compile(r" (\[[^\[\]<>]*\d[^\[\]<>]*\])"), r" <small>\1</small>"
_NOTHING = ("", "–", "not run", "not printed")
_PORTRAIT = 105  # characters side by side; on paper a broader table needs the long side
_LONGEST = 24  # characters; a longer word of a sentence, an address, is broken
_LINE = 34  # characters; longer cells are set over several lines


@dataclass(frozen=True)
class Block:
    """A paragraph, table, list, heading … at the top level of a page.

    Attributes:
        kind: "paragraph", "picture" (a paragraph that is one), "table", "heading", "bullet_list" …
        tokens: of markdown-it.
    """

    kind: str
    tokens: tuple[Token, ...]

    @property
    def source(self) -> str:
        """The Markdown of a heading or paragraph."""
        return self.tokens[1].content

    @property
    def level(self) -> int:
        """Of a heading."""
        return int(self.tokens[0].tag[1:])

    def cells(self) -> list[list[str]]:
        """The Markdown of a table, headings first."""
        rows: list[list[str]] = []
        for token in self.tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(token.content)
        return rows


def parse(text: str) -> list[Block]:
    """CommonMark with tables; HTML in it is text."""
    blocks: list[Block] = []
    inside: list[Token] = []
    for token in _MARKDOWN.parse(text):
        inside.append(token)
        if token.level == 0 and token.nesting <= 0:
            kind = inside[0].type.removesuffix("_open")
            blocks.append(Block("picture" if _picture(inside) else kind, tuple(inside)))
            inside = []
    return blocks


def _picture(tokens: Sequence[Token]) -> Token | None:
    """The picture of a paragraph that holds nothing else."""
    children = (tokens[1].children or []) if len(tokens) == 3 else []
    return children[0] if len(children) == 1 and children[0].type == "image" else None


def inline(text: str, place: Place) -> str:
    """A line of Markdown (a cell, a heading) as HTML."""
    return _rendered(_MARKDOWN.parseInline(text), place)


def plain(text: str) -> str:
    """A line of Markdown without its marks."""
    children = [child for token in _MARKDOWN.parseInline(text) for child in token.children or []]
    return "".join(" " if child.type == "softbreak" else child.content for child in children)


def render(blocks: Iterable[Block], place: Place, label: str = "", caption: str = "") -> str:
    """Blocks as HTML; `label` (text) and `caption` (HTML) are those of a table, see `table`."""
    return "".join(_block(block, place, label, caption) for block in blocks)


def _block(block: Block, place: Place, label: str, caption: str) -> str:
    if block.kind == "picture":
        image = _picture(block.tokens)
        assert image is not None
        return _figure(image, place)
    if block.kind == "table":
        columns, *rows = ([inline(cell, place) for cell in row] for row in block.cells())
        return table(columns, rows, label, caption)
    return _rendered(block.tokens, place)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], label: str, caption: str = "") -> str:
    """A table of cells that are HTML already; the first cell of a row is its heading.

    Args:
        columns: headings.
        rows: of as many cells.
        label: what the table shows, for those who do not see it; text.
        caption: what stands above it; HTML.
    """
    found = [_kind(cells, first=k == 0) for k, cells in enumerate(zip(*rows, strict=True))]
    kinds = found or ["words"] * len(columns)
    head = "".join(
        f'<th scope="col" class="{kind}">{cell}</th>' for kind, cell in zip(kinds, columns, strict=True)
    )
    body = "".join(f"<tr>{_row(row, kinds)}</tr>\n" for row in rows)
    top = f"<caption>{caption}</caption>\n" if caption else ""
    box = "scroll wide" if _breadth([columns, *rows]) > _PORTRAIT else "scroll"
    return (
        f'<div class="{box}" role="region" aria-label="{html.escape(label or "Table")}" tabindex="0">\n'
        f"<table>\n{top}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n</div>\n"
    )


def _row(cells: Sequence[str], kinds: Sequence[str]) -> str:
    tags = ['th scope="row"', *["td"] * (len(cells) - 1)]
    return "".join(
        f'<{tag} class="{kind}">{_INTERVAL.sub(_SMALL, cell) if kind == "number" else cell}</{tag[:2]}>'
        for tag, kind, cell in zip(tags, kinds, cells, strict=True)
    )


def _breadth(rows: Sequence[Sequence[str]]) -> int:
    """Characters side by side where every cell is set as narrow as its words allow."""
    words = [[max(map(len, [*_TAG.sub("", cell).split(), ""])) for cell in row] for row in rows]
    return sum(min(max(column), _LONGEST) + 2 for column in zip(*words, strict=True))


def _kind(cells: Sequence[str], first: bool) -> str:
    """How a column is set: numbers to the right on one line, words to the left, sentences over several lines."""
    texts = [_TAG.sub("", cell) for cell in cells]
    longest = max(map(len, texts), default=0)
    said = [text for text in texts if text not in _NOTHING]
    if not first and longest <= _LINE and sum(bool(_NUMBER.match(text)) for text in said) * 2 > len(said):
        return "number"
    return "words" if longest <= _LINE else "prose"


def _rendered(tokens: Sequence[Token], place: Place) -> str:
    linked = [
        token.copy(children=_linked(token.children, place)) if token.children else token for token in tokens
    ]
    return _MARKDOWN.renderer.render(linked, _MARKDOWN.options, {})


def _linked(children: Sequence[Token], place: Place) -> list[Token]:
    """Links that lead somewhere; of others the words are kept."""
    kept: list[Token] = []
    dead = False
    for child in children:
        if child.type == "link_open":
            address = place.link(str(child.attrs["href"]))
            dead = address is None
            child = child.copy(attrs={**child.attrs, "href": address or ""})
        if not (dead and child.type in ("link_open", "link_close")):
            kept.append(child)
    return kept


def _figure(image: Token, place: Place) -> str:
    """A picture that opens its SVG, where there is one, in full size."""
    name, alt = str(image.attrs["src"]), html.escape(image.content)
    address = place.link(name)
    if address is None:
        return f'<p class="absent">{html.escape(unquote(name))} is not here. What it shows: {alt}</p>\n'
    drawing = place.link(str(PurePosixPath(name).with_suffix(".svg"))) or address
    drawn = f'<img src="{address}" alt="{alt}"{_size(place.file(name))} loading="lazy" decoding="async">'
    return f'<figure><a href="{drawing}">{drawn}</a></figure>\n'


def _size(file: Path) -> str:
    """Width and height of a PNG in a browser's pixels, so that the page does not jump while it loads."""
    with file.open("rb") as opened:
        head = opened.read(24)
    if len(head) < 24 or not head.startswith(_PNG):
        return ""
    width, height = (round(side * 96 / _DPI) for side in struct.unpack(">II", head[16:]))
    return f' width="{width}" height="{height}"'
