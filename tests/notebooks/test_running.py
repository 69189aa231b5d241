"""Every notebook runs."""

from typing import Any

import pytest

from experiments.notebooks import _render


def printed(notebook: Any) -> str:
    """All that its cells print."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return "\n".join(str(output.get("text", "")) for output in outputs)


@pytest.mark.parametrize("name", _render.names())
def test_it_runs_and_shows_nothing_that_a_reader_should_not_meet(name):
    notebook = _render.read(name)
    _render.execute(notebook, name)
    _render.check(notebook, name)
    assert "(None, " in printed(notebook)  # shapes of what it builds, step by step
    pictures = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "image/png" in output.get("data", {})
    ]
    assert pictures
