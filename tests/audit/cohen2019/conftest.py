"""What the tests of cohen2019's checks share."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.audit.changed_facts import changed


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The printed facts of cohen2019; change them before the first check."""
    for copies in changed(monkeypatch, "ali2019", "cohen2019"):
        yield copies["cohen2019"]
