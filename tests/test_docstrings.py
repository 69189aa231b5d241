"""`help()` of every module, class and function of the package says what it is, in a first line that fits."""

import importlib
import inspect
import pkgutil
import pydoc
from types import ModuleType

import pytest

import xray_keras

MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(xray_keras.__path__, "xray_keras.")
    if "._" not in found.name
)
WIDTH = 120


def imported(name: str) -> ModuleType:
    """The module; a test of one that needs a package which is not installed is skipped, and says so."""
    if name == "xray_keras.__main__":
        pytest.skip("runs the command line")
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("xray_keras"):
            raise
        pytest.skip(f"needs {error.name}")


def public(module: ModuleType) -> dict[str, object]:
    """Classes and functions that a module defines and does not hide, and public methods of these classes."""
    found: dict[str, object] = {}
    for name, value in vars(module).items():
        own = getattr(value, "__module__", None) == module.__name__
        if not own or name.startswith("_") or not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        found[name] = value
        if inspect.isclass(value):
            found |= {
                f"{name}.{each}": method
                for each, method in vars(value).items()
                if inspect.isfunction(method) and not each.startswith("_")
            }
    return found


def says(value: object) -> str:
    """The first line of a docstring; "" for none, or one that Python made up."""
    if inspect.isclass(value):
        text = value.__dict__.get("__doc__") or ""
        text = "" if text.startswith(f"{value.__name__}(") else text  # of dataclasses and named tuples
    else:
        text = inspect.getdoc(value) or ""
    return inspect.cleandoc(text).partition("\n")[0]


@pytest.mark.parametrize("name", MODULES)
def test_help_says_what_everything_is(name):
    module = imported(name)
    lines = {name: says(module)} | {key: says(value) for key, value in public(module).items()}
    silent = [key for key, line in lines.items() if not line]
    assert not silent, f"without a docstring: {', '.join(silent)}"
    wide = [key for key, line in lines.items() if len(line) > WIDTH]
    assert not wide, f"first line wider than {WIDTH} columns: {', '.join(wide)}"
    torn = [key for key, line in lines.items() if line and not line.endswith((".", ":", "?", "!"))]
    assert not torn, f"the first line is no sentence: {', '.join(torn)}"
    assert name in pydoc.render_doc(module, renderer=pydoc.plaintext)
    for value in public(module).values():
        pydoc.render_doc(value, renderer=pydoc.plaintext)
