"""Every notebook is kept with its outputs, and tells what the suite says of its notebooks."""

import ast
import re
from typing import Any

import nbformat
import pytest

from experiments.notebooks import _render
from xray_keras.papers import loader

NAMES = _render.names()
RADIOGRAPHS = [name for name in NAMES if name != "zhao2019"]
PRIVATE = re.compile(r"\bfrom xray_keras[.\w]* import .*\b_\w|\b[a-z]\w*\._[a-z]\w*")


def kept(name: str) -> Any:
    """The notebook as it is kept, with outputs."""
    return nbformat.read(_render.FOLDER / f"{name}.ipynb", as_version=4)


def words(name: str) -> list[str]:
    """Of its cells of prose."""
    return [cell.source for cell in _render.read(name).cells if cell.cell_type == "markdown"]


def code(name: str) -> str:
    """Of all its cells."""
    return "\n".join(cell.source for cell in _render.read(name).cells if cell.cell_type == "code")


def test_there_is_one_to_start_with_and_one_a_paper():
    assert set(NAMES) == {"start_here", *loader.names()}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_is_what_stands_in_the_source_and_was_run(name):
    """What it printed then is not compared: another processor may round otherwise."""
    source, notebook = _render.read(name), kept(name)
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in source.cells]
    ran = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert ran == list(range(1, len(ran) + 1))
    _render.check(notebook, name)
    assert len((_render.FOLDER / f"{name}.ipynb").read_bytes()) < 1_000_000


@pytest.mark.parametrize("name", NAMES)
def test_it_asks_and_leads_to_real_data(name):
    prose = words(name)
    assert sum("**Question" in text for text in prose) >= 3
    assert "## Now on the real data" in prose[-1]
    assert re.search(r"^make \S+ .*DATA=", prose[-1], re.MULTILINE)


@pytest.mark.parametrize("name", RADIOGRAPHS)
def test_it_says_at_once_that_it_is_not_for_diagnosis(name):
    assert "Not for diagnosis" in words(name)[0]


@pytest.mark.parametrize("name", NAMES)
def test_it_uses_public_functions_of_the_library(name):
    text = code(name)
    ast.parse(re.sub(r"^%.*$", "", text, flags=re.MULTILINE))
    assert "xray_keras" in text and not PRIVATE.search(text)
