"""What tests of several packages share: their order, and a browser: Playwright drives one a process."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from xray_keras.errors import UserError
from xray_keras.export import browser as chromium


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files of few tests come first: they train, and the quick ones fill what is left of two workers' time evenly."""
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: sizes[item.path])


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium of the system."""
    with contextlib.ExitStack() as opened:
        try:
            found = opened.enter_context(chromium.chromium())
        except UserError as error:
            pytest.skip(str(error))
        yield found
