"""A built page in a real Chromium: what it answers, how long that takes, and what it asks the network for."""

import os
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xray_keras import files, serve
from xray_keras.errors import UserError
from xray_keras.export.chromium import VARIABLE, program

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

COLD_STARTS = 5
STEPS = ("load", "read", "gate", "classify", "explain")
VIEWPORT = {"width": 1280, "height": 860}
_FLAGS = ("--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync")
_PATIENCE = 120_000  # milliseconds
# What stands on the page of the picture on view, with all digits.
_ANSWER = """() => ({
  distance: Number(document.querySelector("#verdict").dataset.distance),
  raw: [...document.querySelectorAll("#rows [data-raw]")].map(({ dataset }) => [dataset.finding, Number(dataset.raw)]),
})"""


@contextmanager
def chromium() -> Iterator["Browser"]:
    """The user's Chromium or Chrome, headless.

    Raises:
        UserError: there is none, or playwright, which drives it, is not installed.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise UserError("playwright is not installed; pip install playwright") from None
    found = program()
    if found is None:
        raise UserError(f"no Chromium was found; install one, or name its program in {VARIABLE}")
    # Chromium refuses its own sandbox to the system's administrator, as in containers.
    flags = [*_FLAGS, *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=flags)
        except Error as error:
            reason = str(error).splitlines()[0]
            raise UserError(f"{found} does not start ({reason}); name another one in {VARIABLE}") from None
        try:
            yield browser
        finally:
            browser.close()


def visit(browser: "Browser", folder: Path, pictures: Sequence[Path], shots: Path) -> dict[str, Any]:
    """Examine pictures as a user would, and look at the page.

    Args:
        browser: see `chromium`.
        folder: a built page.
        pictures: files to examine; each is also photographed, its reconstruction error laid over it, as
            `<shots>/<number>.png`, 1, 2, …
        shots: folder for these and `page.png`, the page with a sample examined and explained.

    Returns:
        Ready for JSON: "browser", its name and version; "processors"; "times" by number of threads, see `measure`;
        "images": file name, "distance", "refused" and "raw" (label → output) of each picture, the scores that a user
        has to ask for included; "foreign_origins", those other than the page's own that were asked for anything;
        "requests_while_examining", how many requests came once the page was there.

    Raises:
        UserError: the page does not load, or cannot read a picture.
    """
    with serve.running(folder) as url:
        page = browser.new_page(viewport=VIEWPORT)  # type: ignore[arg-type]
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        _open(page, url)
        page.wait_for_selector("html:is([data-offline=ready], [data-offline=unavailable])", timeout=_PATIENCE)
        before = len(asked)
        page.locator("#choose").set_input_files(list(pictures))
        images = []
        for number, picture in enumerate(pictures):
            row = _show(page, number)
            if row.get_attribute("data-state") == "failed":
                raise UserError(f"the page cannot examine {picture}: {row.locator('.words').inner_text()}")
            answer = page.evaluate(_ANSWER)
            refused = row.get_attribute("data-state") == "refused"
            images.append({"image": picture.name, "refused": refused, **answer, "raw": dict(answer["raw"])})
            _photograph(page, shots / f"{number + 1}.png")
        after = len(asked) - before
        page.locator("#clear").click()
        page.locator("#samples button").nth(3).click()
        _show(page, len(pictures))
        page.locator("label:has(input[name=overlay][value=saliency])").click()
        page.wait_for_selector("#view[data-explained='all']", timeout=_PATIENCE)
        page.evaluate("scrollTo(0, 0)")
        _shoot(page, shots / "page.png")
        page.close()
        # Last, for a picture that cannot be read has been named by now.
        times = {
            str(threads): measure(browser, f"{url}?threads={threads}", pictures[0], COLD_STARTS)
            for threads in (1, os.cpu_count() or 1)
        }
        found = {"browser": f"Chromium {browser.version}", "processors": os.cpu_count(), "times": times}
    origins = sorted(
        {"/".join(each.split("/")[:3]) for each in asked if not each.startswith(("blob:", "data:"))}
    )
    foreign = [origin for origin in origins if f"{origin}/" != url]
    return {**found, "images": images, "foreign_origins": foreign, "requests_while_examining": after}


def measure(browser: "Browser", url: str, picture: Path, repeats: int) -> dict[str, Any]:
    """Seconds of each step from a cold start, a new profile each time: median and range."""
    found: dict[str, list[float]] = {step: [] for step in STEPS}
    for _ in range(repeats):
        context = browser.new_context(viewport=VIEWPORT)  # type: ignore[arg-type]
        page = context.new_page()
        _open(page, url)
        page.locator("#choose").set_input_files(picture)
        _show(page, 0)
        page.wait_for_selector("#view[data-overlay='saliency'][data-explained='all']", timeout=_PATIENCE)
        for step in STEPS:
            durations = page.evaluate(
                "n => performance.getEntriesByName(n).map(e => e.duration)", f"chester:{step}"
            )
            found[step].append(durations[-1] / 1e3)
        context.close()
    return {
        step: {"median": statistics.median(values), "least": min(values), "most": max(values)}
        for step, values in found.items()
    }  # fmt: skip


def _open(page: "Page", url: str) -> None:
    page.goto(url)
    page.wait_for_selector("html[data-state=ready], html[data-state=broken]", timeout=_PATIENCE)
    if page.locator("html[data-state=broken]").count():
        raise UserError(f"the page does not start: {page.locator('#status').inner_text()}")


def _show(page: "Page", number: int) -> "Locator":
    """Put a picture on view and wait for its scores, which are asked for if it is refused; its row of the list."""
    row = f"#list [data-id='{number}']"
    page.wait_for_selector(f"{row}:not([data-state=waiting], [data-state=examining])", timeout=_PATIENCE)
    page.locator(f"{row} button").click()
    if page.locator("#despite").is_visible():
        page.locator("#despite").click()
    if not page.locator(f"{row}[data-state=failed]").count():
        page.wait_for_selector("#findings:not([hidden])", timeout=_PATIENCE)
    return page.locator(row)


def _photograph(page: "Page", path: Path) -> None:
    """The picture on view under its reconstruction error."""
    error = page.locator("label:has(input[name=overlay][value=error])")
    if error.is_visible():
        error.click()
        page.wait_for_selector("#view[data-overlay='error']")
    with files.publish(path) as temporary:
        page.locator("#canvas").screenshot(path=temporary)


def _shoot(page: "Page", path: Path) -> None:
    with files.publish(path) as temporary:
        page.screenshot(path=temporary)
