"""The prose of a family of networks, checked when it is read."""

import functools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

FOLDER = Path(__file__).parent / "families"
PLACEHOLDER = re.compile(r"\{(\w*)\}")
"""A number's place in a text."""

_LISTS = ("intended", "not_intended", "limits", "shortcuts", "patients")


def names() -> tuple[str, ...]:
    """The families."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@functools.cache
def load(name: str) -> dict[str, Any]:
    """Everything that `families/<name>.yaml` says, as nested dictionaries (do not modify).

    Raises:
        ValueError: it breaks the schema, has a text with the place of an unknown number, or a number that no text has a
            place for; the place is named.
    """
    facts = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    error = jsonschema.exceptions.best_match(_validator().iter_errors(facts))
    if error:
        raise ValueError(f"{name}.yaml, {'/'.join(map(str, error.absolute_path)) or 'top'}: {error.message}")
    placed = {found for text in prose(facts) for found in PLACEHOLDER.findall(text)}
    known = set(facts.get("numbers", ()))
    if placed != known:
        unknown, idle = ", ".join(sorted(placed - known)), ", ".join(sorted(known - placed))
        raise ValueError(f"{name}.yaml: unknown numbers in texts ({unknown}), numbers in no text ({idle})")
    return facts


def prose(facts: Mapping[str, Any]) -> Iterator[str]:
    """Every text of a family that may hold places of numbers."""
    yield from (facts["about"], facts["measured"], facts["weights"]["text"])
    for section in _LISTS:
        yield from facts[section]


@functools.cache
def _validator() -> jsonschema.Draft202012Validator:
    schema = yaml.safe_load((FOLDER.parent / "schema.yaml").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)
