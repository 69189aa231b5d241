"""Everything that is looked at, in order: the quick things first, TensorFlow last, for its import takes seconds."""

import importlib
from collections.abc import Iterator
from pathlib import Path

from xray_keras.doctor import machine
from xray_keras.doctor.finding import AGAIN, FAILED, Finding

_PARTS = {
    "packages": "packages",
    "weights": "ImageNet weights",
    "browser": "browser",
    "data": "data",
    "tensorflow": "TensorFlow",
}
"""Module of this package → what it is about, for where it cannot be imported itself."""


def examine(data: Path | None = None) -> Iterator[Finding]:
    """Findings one by one, as they come.

    Args:
        data: the user's folder of data sets; else what the variable DATA names, or none.
    """
    yield from machine.examine(Path.cwd())
    for module, about in _PARTS.items():
        try:
            examined = importlib.import_module(f"xray_keras.doctor.{module}")
            found = examined.examine(data) if module == "data" else examined.examine()
            yield from [found] if isinstance(found, Finding) else found
        except Exception as error:
            # A package that is missing, or damaged, which can raise anything; the check of packages names it.
            yield Finding(about, FAILED, f"cannot be looked at ({error})", AGAIN)
