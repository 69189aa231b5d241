"""Printed facts that a test may change, and what an outcome says of its cells."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from xray_keras.audit.outcome import Cell, Outcome
from xray_keras.papers import loader


def changed(monkeypatch: pytest.MonkeyPatch, *papers: str) -> Iterator[dict[str, dict[str, Any]]]:
    """Copies of the papers' facts, which the checks read instead; change them before the first check."""
    copies = {paper: copy.deepcopy(loader.load(paper)) for paper in papers}
    caches = loader.claims, loader.table
    for cache in caches:
        cache.cache_clear()
    monkeypatch.setattr(loader, "load", copies.__getitem__)
    yield copies
    for cache in caches:
        cache.cache_clear()


def claim(facts: dict[str, Any], name: str) -> dict[str, Any]:
    """A claim as its paper's file has it."""
    return next(entry for entry in facts["claims"] if entry["id"] == name)


def values(facts: dict[str, Any], name: str) -> dict[str, str]:
    """The printed numbers of a claim."""
    return claim(facts, name)["values"]


def cells(outcome: Outcome) -> dict[str, Cell]:
    """Cells by place."""
    return {cell.place: cell for cell in outcome.cells}


def wrong(outcome: Outcome) -> set[str]:
    """Places that do not agree."""
    return {cell.place for cell in outcome.cells if not cell.agrees}
