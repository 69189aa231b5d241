"""What an examination finds: one thing a record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OK, NOTE, FAILED = "ok", "note", "failed"
AGAIN = "delete .venv and run make again (make table2, or make test)"
"""The remedy for packages that are damaged, missing or others than they should be."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: of the thing, unique in an examination.
        state: `OK`; `NOTE` for something optional, or that one should know; `FAILED` where something needed does not
            work.
        said: what was found.
        remedy: what to do, "" where nothing.
        facts: numbers and names of it, ready for JSON.
    """

    name: str
    state: str
    said: str
    remedy: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
