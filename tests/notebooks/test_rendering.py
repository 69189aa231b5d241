"""Rendering refuses what a reader should not meet, names the cell, and writes whole files or none."""

import nbformat
import pytest

from experiments.notebooks import _render
from xray_keras.errors import UserError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Instead of the one with the suite's notebooks."""
    monkeypatch.setattr(_render, "FOLDER", tmp_path)
    return tmp_path


def source(folder, *cells):
    """Write `some.py` with these cells of code."""
    (folder / "some.py").write_text(
        "# %% [markdown]\n# # A notebook\n\n" + "".join(f"# %%\n{cell}\n\n" for cell in cells)
    )


def with_output(**output):
    """A notebook of one cell that shows this."""
    cell = nbformat.v4.new_code_cell("1")
    cell.outputs = [nbformat.v4.new_output(**output)]
    return nbformat.v4.new_notebook(cells=[cell])


def test_a_rendered_notebook_is_the_same_each_time_and_runs_in_an_empty_folder(folder):
    source(folder, "import os\nprint(os.listdir())", "print('one'); print('two')\n3 + 4")
    assert _render.render("some").startswith("some: 3 cells")
    first = (folder / "some.ipynb").read_bytes()
    _render.render("some")
    assert (folder / "some.ipynb").read_bytes() == first
    cells = nbformat.reads(first.decode(), as_version=4).cells
    assert cells[1].outputs[0].text == "[]\n"
    assert cells[2].outputs[0].text == "one\ntwo\n"
    assert cells[2].outputs[1].data["text/plain"] == "7"
    assert [path.name for path in sorted(folder.iterdir())] == ["some.ipynb", "some.py"]


def test_a_cell_that_fails_is_named_and_the_kept_notebook_stays(folder):
    (folder / "some.ipynb").write_text("kept")
    source(folder, "a = 1", "a / 0  # here")
    with pytest.raises(
        UserError, match=r"some, cell 3 \(a / 0  # here\) raises ZeroDivisionError: division by zero"
    ):
        _render.render("some")
    assert (folder / "some.ipynb").read_text() == "kept"


def test_a_name_that_is_none_is_told_with_those_that_are(folder, capsys):
    source(folder, "1")
    assert _render.main(["other"]) == 2
    assert "other.py is absent; the notebooks are some" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (
            {"output_type": "stream", "name": "stderr", "text": "careful\nnow"},
            "standard error: careful; mend",
        ),
        ({"output_type": "error", "ename": "KeyError", "evalue": "'a'"}, "ends in KeyError: 'a'; mend it"),
        (
            {"output_type": "stream", "name": "stdout", "text": "in /home/me/data"},
            "shows '/home/', which is this",
        ),
        ({"output_type": "stream", "name": "stdout", "text": r"C:\data"}, "which is this machine's"),
        (
            {"output_type": "stream", "name": "stdout", "text": "<Model at 0x7f00deadbeef>"},
            "shows '0x7f00deadbeef'",
        ),
        (
            {"output_type": "display_data", "data": {"image/png": "A" * 1_000_001}},
            r"more than 1,000,000; draw fewer pixels",
        ),
    ],
)
def test_outputs_that_a_reader_should_not_meet_are_refused(output, words):
    with pytest.raises(UserError) as refused:
        _render.check(with_output(**output), "some")
    assert words in str(refused.value)


def test_a_path_within_the_suite_and_a_fraction_are_no_places_of_the_machine():
    text = "reports/phantom/ali2019/table2.md, 3/4, and/or, https://example.org/home/page"
    _render.check(with_output(output_type="stream", name="stdout", text=text), "some")
