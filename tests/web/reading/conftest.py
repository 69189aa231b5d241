"""A page of the readers, open in the tests' Chromium."""

import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.reading import in_browser
from xray_keras import serve


@pytest.fixture(scope="session")
def reader(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[in_browser.InBrowser]:
    folder = tmp_path_factory.mktemp("reading") / "built"
    in_browser.build(folder)
    with serve.running(folder) as address:
        page = browser.new_page()
        page.goto(address)
        page.wait_for_function("() => window.run")
        yield in_browser.InBrowser(page)
        page.close()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """pydicom's complaints about its own files."""
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logging.disable(logging.NOTSET)
