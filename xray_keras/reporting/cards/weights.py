"""Published weights that networks of a family start from, and their licences."""

from collections.abc import Sequence
from typing import Any

from xray_keras.models.weight_sources import SOURCES

COLUMNS = ("Weights", "trained by", "licence", "or else from a package")


def rows(names: Sequence[str]) -> list[list[str]]:
    """A line an architecture, under `COLUMNS`.

    Raises:
        KeyError: nobody publishes weights under that name.
    """
    return [_row(SOURCES[name]) for name in names]


def _row(source: Any) -> list[str]:
    package = source.package
    return [
        f"{source.architecture}: {source.citation}",
        source.origin,
        source.licence,
        f"{package.ecosystem} {package.name} {package.version}: {package.licence}",
    ]
