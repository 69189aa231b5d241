"""One look for every figure: where it is set, and that nothing goes past it."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest

from xray_keras.reporting import drawing

REPORTING = Path(drawing.__file__).parent
MODULES = sorted(path for path in REPORTING.rglob("*.py") if "matplotlib" in path.read_text())


def calls(path):
    """Every call of a module: the name of what is called, and its keywords."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, {each.arg: each.value for each in node.keywords}


def test_there_are_figures():
    assert len(MODULES) > 20


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(REPORTING)))
def test_figures_are_saved_and_styled_in_one_place(path):
    if path.name == "drawing.py":
        return
    for name, keywords in calls(path):
        assert name not in ("savefig", "use", "rc", "rc_context"), name
        assert "frameon" not in keywords, "drawing.STYLE says it"
        size = keywords.get("fontsize")
        if isinstance(size, ast.Constant):
            assert size.value >= 7, "too small on a page"
        for key in ("color", "facecolor", "edgecolor", "ecolor"):
            value = keywords.get(key)
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                # Grays and black; colours are drawing's.
                assert value.value in ("black", "white", "gray", "silver", "none") or value.value.startswith(
                    "0."
                ), value.value


def test_the_style_is_set_when_the_module_is_there():
    for name, value in drawing.STYLE.items():
        found = matplotlib.rcParams[name]
        assert (found == [value]) if name == "font.family" else (found == value), name


def test_series_differ_for_sixteen_in_colour_and_dash_and_four_by_marker_alone():
    looks = [drawing.series(k) for k in range(16)]
    assert len({(each["color"], each["linestyle"]) for each in looks}) == 16
    assert len({each["marker"] for each in looks[:5]}) == 5


@pytest.mark.parametrize(("said", "used"), [({}, "agg"), ({"MPLBACKEND": "svg"}, "svg")])
def test_a_notebook_keeps_its_backend(said, used):
    code = "import matplotlib; from xray_keras.reporting import drawing; print(matplotlib.get_backend())"
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"} | said
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip().lower() == used


def test_a_picture_alone(tmp_path):
    made, panel = drawing.plt.subplots(figsize=(2, 1))
    drawing.pictures_only(panel)
    assert not panel.get_xticks().size and not any(spine.get_visible() for spine in panel.spines.values())
    drawing.pictures_only(panel, frame=True)
    assert all(spine.get_visible() for spine in panel.spines.values())
    drawing.picture(made, tmp_path / "kept" / "picture.png")
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["picture.png"]
    assert not drawing.plt.get_fignums()
