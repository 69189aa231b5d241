"""What tests of several packages share: a browser. Playwright drives one a process, so there is one for all."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from xray_keras.errors import UserError
from xray_keras.export import browser as chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium of the system."""
    with contextlib.ExitStack() as opened:
        try:
            found = opened.enter_context(chromium.chromium())
        except UserError as error:
            pytest.skip(str(error))
        yield found
