"""The order in which a paper shows its tables and figures, as far as its text tells."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

SECTION = re.compile(r"([IVX]+|\d+)(?:\.([A-Z]|\d+))?(?:\.(\d+))?\b")
"""A section by number: "IV.C", "3.1"."""
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def of(facts: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Name and entry of what a paper prints: tables and figures, each by number, merged by the sections they stand in.

    Args:
        facts: of the paper, see `papers.loader.load`.
    """
    figures = list(facts["figures"].items())
    tables = [(name, entry) for name, entry in facts["tables"].items() if name not in facts["figures"]]
    while figures and tables:
        first = figures if _section(figures[0][1]) < _section(tables[0][1]) else tables
        yield first.pop(0)
    yield from figures or tables


def _section(entry: Mapping[str, Any]) -> tuple[int, int, int]:
    """A key by which sections sort: "IV.C, Table I" → (4, 3, 0)."""
    found = SECTION.match(entry["where"])
    if not found:
        return (0, 0, 0)
    return tuple(map(_ordinal, found.groups()))  # type: ignore[return-value]


def _ordinal(text: str | None) -> int:
    if not text:
        return 0
    if text.isdigit():
        return int(text)
    return _ROMAN.index(text) if text in _ROMAN else ord(text) - ord("A") + 1
