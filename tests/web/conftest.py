"""A tiny page for the tests of `xray_keras/web`; without a browser they are skipped, with the reason."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.web import tiny_page
from xray_keras import serve


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built page with tiny models."""
    folder = tmp_path_factory.mktemp("page") / "built"
    tiny_page.build(folder)
    return folder


@pytest.fixture(scope="session")
def address(folder: Path) -> Iterator[str]:
    """Of that page, served."""
    with serve.running(folder) as url:
        yield url


Open = Callable[..., Any]


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Open]:
    """Open the page in a context of its own and wait until it is ready; keywords are the context's."""
    contexts = []

    def visit(url: str = address, *, script: str = "", wait: bool = True, **settings: Any) -> Any:
        context = browser.new_context(**{"service_workers": "block", **settings})
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        if script:
            page.add_init_script(script)
        page.goto(url)
        if wait:
            page.wait_for_selector("html[data-state=ready]")
        return page

    yield visit
    for context in contexts:
        for page in context.pages:
            assert getattr(page, "errors", []) == []
        context.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files: two that the gate accepts, one that it refuses, one that is broken, a wide and a large one."""
    folder = tmp_path_factory.mktemp("pictures")
    arrays: dict[str, np.ndarray] = {
        "chest": tiny_page.radiograph(),
        "other": tiny_page.radiograph(seed=1),
        "wide": tiny_page.radiograph(500, 700, seed=2),
        "noise": tiny_page.noise(),
        "large": tiny_page.radiograph(2000, 2000, seed=3),
    }
    paths = {name: folder / f"{name}.png" for name in [*arrays, "broken"]}
    for name, pixels in arrays.items():
        Image.fromarray(pixels).save(paths[name])
    paths["broken"].write_bytes(b"\x89PNG\r\n\x1a\nand then nothing of the kind")
    return paths


def choose(page: Any, *paths: Path) -> None:
    """Choose files and wait until all are examined."""
    before = page.locator("#list li").count()
    page.set_input_files("#choose", [str(path) for path in paths])
    page.wait_for_function(
        """count => { const rows = [...document.querySelectorAll("#list li")];
        return rows.length === count && rows.every((row) => ["refused", "failed"].includes(row.dataset.state)
          || row.textContent.includes("highest")); }""",
        arg=before + len(paths),
    )


def explained(page: Any, finding: str = "all") -> None:
    """Wait for the explanation of a finding on the screen."""
    page.wait_for_selector(f'#view[data-explained="{finding}"]')
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def words(page: Any, selector: str) -> str:
    """Text of an element, in one line."""
    return re.sub(r"\s+", " ", page.locator(selector).inner_text()).strip()
