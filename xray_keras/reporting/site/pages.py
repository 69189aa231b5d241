"""A report page as it lies on disk: title, the paragraphs above the first heading, sections."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from xray_keras.errors import UserError
from xray_keras.reporting.document import WARNING
from xray_keras.reporting.site import markup
from xray_keras.reporting.site.markup import Block

_MARKED = re.compile(r"\*\*.+?\*\*")


@dataclass(frozen=True)
class Section:
    """A heading (Markdown) and what stands below it."""

    heading: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        title: its heading, without marks.
        lead: what stands above the first section; the first paragraph says on which data the numbers stand.
        sections: in order.
    """

    title: str
    lead: Sequence[Block]
    sections: Sequence[Section]

    @property
    def data(self) -> str:
        """On which data it stands: the Markdown of its first paragraph, "" where it has none."""
        return next((block.source for block in self.lead if block.kind == "paragraph"), "")

    @property
    def stands(self) -> str:
        """The words of that paragraph that are marked: which data, how many; all of it where none are."""
        return found[0] if (found := _MARKED.search(self.data)) else self.data

    def first(self, kind: str) -> tuple[str, Block] | None:
        """The first table or picture, with the heading (Markdown) above it, "" where there is none."""
        for heading, blocks in [("", self.lead), *((each.heading, each.blocks) for each in self.sections)]:
            for block in blocks:
                if block.kind == kind:
                    return heading, block
        return None

    def named(self, heading: str) -> Section | None:
        """The section with that heading."""
        return next((section for section in self.sections if section.heading == heading), None)


def read_all(reports: Path) -> dict[PurePosixPath, Page]:
    """Every page below a folder, by its path there and in that order; hidden files are none.

    Raises:
        UserError: see `read`.
    """
    paths = sorted(path for path in reports.rglob("*.md") if not path.name.startswith("."))
    return {PurePosixPath(path.relative_to(reports).as_posix()): read(path) for path in paths}


def read(path: Path) -> Page:
    """Read a page; the line that closes every page of the suite is left out, the site says it on all.

    Raises:
        UserError: it cannot be read, is not UTF-8, or does not begin with one title.
    """
    try:
        blocks = markup.parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); make it readable, or delete it") from None
    except UnicodeDecodeError:
        raise _broken(path, "is not UTF-8") from None
    titles = [block for block in blocks if block.kind == "heading" and block.level == 1]
    if len(titles) != 1 or blocks[0] is not titles[0] or not markup.plain(titles[0].source).strip():
        raise _broken(path, "does not begin with a title, its only line that begins with #")
    lead: list[Block] = []
    sections: list[tuple[str, list[Block]]] = []
    for block in blocks[1:]:
        if block.kind == "heading" and block.level == 2:
            sections.append((block.source, []))
        elif block.kind != "paragraph" or block.source != f"*{WARNING}*":
            (sections[-1][1] if sections else lead).append(block)
    found = [Section(heading, inside) for heading, inside in sections]
    return Page(markup.plain(titles[0].source), lead, found)


def _broken(path: Path, why: str) -> UserError:
    return UserError(f"{path} {why}; render it again with the command that made it, or delete it")
