"""Every notebook runs, here with fewer images and shorter trainings; `make notebooks` runs them as they are."""

from typing import Any

import pytest

from experiments.notebooks import _render

SHORTER = {
    "ali2019": {"manifest(1200,": "manifest(300,", "epochs=4": "epochs=1", "epochs=3": "epochs=1",
                "(4, 12, 44)": "(1, 1, 1)"},
    "cohen2019": {"manifest(1200,": "manifest(300,", "epochs=8": "epochs=1", "[:600]": "[:64]"},
    "gan_notes": {"rounds=400": "rounds=40", "manifest(1500,": "manifest(600,", "epochs=20": "epochs=1",
                  "180 * 32": "40 * 32", "error_rate=0.01": "error_rate=0.03"},
    "minaee2020": {'"normal": 200, "other": 200': '"normal": 40, "other": 40', "epochs=100": "epochs=1",
                   '"covid"], 16)': '"covid"], 4)'},
    "start_here": {"manifest(2400,": "manifest(800,", "epochs=6": "epochs=1", "faint, 8,": "faint, 1,",
                   "range(3)": "range(1)"},
    "zhao2019": {"manifest(600)": "manifest(150)", "epochs=8": "epochs=1"},
}  # fmt: skip
# Of few batches many are the first of their shape, and TensorFlow warns of that.
NO_WARNINGS = "import tensorflow; tensorflow.get_logger().setLevel('ERROR')\n"


def shorten(notebook: Any, name: str) -> None:
    """Change its cells as `SHORTER` says."""
    for long, short in SHORTER[name].items():
        meant = [cell for cell in notebook.cells if cell.cell_type == "code" and long in cell.source]
        assert meant, f"{name} says {long} nowhere"
        for cell in meant:
            cell.source = cell.source.replace(long, short)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    first.source = NO_WARNINGS + first.source


def printed(notebook: Any) -> str:
    """All that its cells print."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return "\n".join(str(output.get("text", "")) for output in outputs)


@pytest.mark.parametrize("name", _render.names())
def test_it_runs_and_shows_nothing_that_a_reader_should_not_meet(name):
    notebook = _render.read(name)
    shorten(notebook, name)
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
