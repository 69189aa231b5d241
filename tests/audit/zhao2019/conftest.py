"""What the tests of zhao2019's checks share."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.audit.changed_facts import changed


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The printed facts of zhao2019; change them before the first check."""
    for copies in changed(monkeypatch, "zhao2019"):
        yield copies["zhao2019"]
