"""The site in a real browser: phone and screen, light and dark, on paper, by mouse, by keyboard and without scripts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.reporting.site.site_reading import ROOT
from tests.web.test_access import CONTRAST
from xray_keras.reporting.document import Section
from xray_keras.reporting.site import build

PAGES = (
    "index.html",
    "minaee2020.html",
    "gan_notes.html",
    "audit/zhao2019.html",
    "phantom/ali2019/table2.html",
    "phantom/gan_notes/laboratory.html",
    "subset/zhao2019/table1.html",
)
ROWS = [
    ("b", "1,571", "97.5% ± 4.8%", "−0.017 [−0.062 to +0.028]", "10 s"),
    ("a", "–", "9.1% ± 1%", "+0.012", "9 s"),
    ("Figure 10", "20", "100%", "0", "–"),
    ("Figure 9", "3.1e-06", "9.1% ± 0%", "0.899 [0.791–0.954]", "not run"),
    ("c", "<0.001", "9.1%", "(none)", "8 s"),
]
BEYOND = """but => [...document.body.querySelectorAll("*")]
  .filter((one) => !one.matches(but) && one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => one.textContent.trim().slice(0, 60))"""
COLUMN = "k => [...document.querySelectorAll('tbody tr')].map(row => row.cells[k].textContent)"


@pytest.fixture
def visit(browser: Any) -> Iterator[Any]:
    """Open a file in a context of its own; keywords are the context's. Nothing may go wrong, or leave the machine."""
    contexts = []
    wrong: list[str] = []

    def visit(path: Path, **settings: Any) -> Any:
        context = browser.new_context(**settings)
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
        page.on(
            "request", lambda request: request.url.startswith(("file:", "data:")) or wrong.append(request.url)
        )
        page.goto(path.as_uri())
        return page

    yield visit
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def table(write: Any, tmp_path: Path) -> Path:
    """A page with one table of every sort of cell."""
    path = write(
        "phantom/minaee2020/table6", Section("Rates", "", ("Row", "n", "rate", "change", "time"), ROWS)
    )
    build.build(ROOT, tmp_path / "reports")
    return path.with_suffix(".html")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_fit_and_can_be_read(visit, site, width, scheme):
    for name in PAGES:
        page = visit(site / name, viewport={"width": width, "height": 800}, color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(BEYOND, ".scroll *, .unseen, .skip") == [], name
        if width == 360:
            continue  # the colours are those of a larger screen
        faint = [(round(ratio, 2), words) for ratio, words in page.evaluate(CONTRAST) if ratio < 4.5]
        assert faint == [], name


def test_pictures_are_on_white_in_the_dark(visit, site):
    page = visit(site / "phantom/minaee2020/figure10.html", color_scheme="dark")
    image = page.locator("figure img")
    assert image.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(255, 255, 255)"
    assert image.evaluate("one => one.complete && one.naturalWidth > 1000") and image.get_attribute("alt")
    assert "rgb(21, 25, 29)" in page.evaluate("getComputedStyle(document.body).backgroundColor")
    with page.expect_navigation():
        image.click()
    assert page.url.endswith("figure10.svg")


@pytest.mark.parametrize(
    ("column", "ascending"),
    [
        ("Row", ["a", "b", "c", "Figure 9", "Figure 10"]),
        ("n", ["3.1e-06", "<0.001", "20", "1,571", "–"]),
        ("rate", ["9.1% ± 1%", "9.1% ± 0%", "9.1%", "97.5% ± 4.8%", "100%"]),  # equal ones as they were
        ("change", ["−0.017 [−0.062 to +0.028]", "0", "+0.012", "0.899 [0.791–0.954]", "(none)"]),
        ("time", ["8 s", "9 s", "10 s", "–", "not run"]),
    ],
)
def test_tables_sort_by_what_cells_begin_with(visit, table, column, ascending):
    page = visit(table)
    button = page.get_by_role("button", name=column, exact=True)
    heading = page.get_by_role("columnheader", name=column, exact=True)
    k = ["Row", "n", "rate", "change", "time"].index(column)
    before = page.evaluate(COLUMN, k)
    assert heading.get_attribute("aria-sort") == "none"
    button.click()
    assert page.evaluate(COLUMN, k) == ascending and heading.get_attribute("aria-sort") == "ascending"
    button.click()
    last = [cell for cell in ascending if cell in ("–", "not run")]
    said = [cell for cell in ascending if cell not in last]
    backwards = page.evaluate(COLUMN, k)
    assert backwards[len(said) :] == last and heading.get_attribute("aria-sort") == "descending"
    assert backwards[: len(said)] == (said[::-1] if column != "rate" else [*said[:2:-1], *said[:3]])
    button.click()
    assert page.evaluate(COLUMN, k) == before and heading.get_attribute("aria-sort") == "none"


def test_tables_sort_by_keyboard_one_column_at_a_time(visit, table):
    page = visit(table)
    page.get_by_role("button", name="rate", exact=True).focus()
    page.keyboard.press("Enter")
    assert page.evaluate(COLUMN, 0) == ["a", "Figure 9", "c", "b", "Figure 10"]
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.textContent") == "n"
    page.keyboard.press("Space")
    assert page.evaluate(COLUMN, 0) == ["Figure 9", "c", "Figure 10", "b", "a"]
    sorted_by = page.evaluate("[...document.querySelectorAll('th[aria-sort]')].map(one => one.ariaSort)")
    assert sorted_by == ["none", "ascending", "none", "none", "none"]


def test_without_scripts_tables_are_tables(visit, table):
    page = visit(table, java_script_enabled=False)
    assert page.locator("table").is_visible() and page.locator("button").count() == 0
    assert page.locator("tbody tr").count() == len(ROWS)


def test_a_wide_table_scrolls_in_its_box_and_keeps_its_first_column(visit, site):
    page = visit(site / "phantom/ali2019/table2.html", viewport={"width": 360, "height": 800})
    box = page.locator(".scroll.wide").first
    box.evaluate("one => { one.scrollLeft = 400 }")
    assert box.evaluate("one => one.scrollLeft") == 400
    cell = box.locator("tbody th").first.bounding_box()
    assert 0 <= cell["x"] < 40 and page.evaluate("scrollX") == 0
    box.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 400")


def test_the_first_tab_offers_to_skip_and_anchors_lead_to_their_place(visit, site):
    page = visit(site / "minaee2020.html", viewport={"width": 1280, "height": 800})
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.locator("nav.contents").get_by_text("Table VI").click()
    assert abs(page.evaluate("document.getElementById('table-vi').getBoundingClientRect().top")) < 60


def test_on_paper_there_is_black_on_white_and_nothing_cut_off(visit, site):
    portrait, landscape = 688, 1016  # A4 without its margins, in the browser's pixels
    for name in PAGES:
        page = visit(site / name, viewport={"width": portrait, "height": 900}, color_scheme="dark")
        page.emulate_media(media="print")
        style = "one => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]"
        assert page.locator("body").evaluate(style) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
        shown = "[...document.querySelectorAll('header, nav, .more')].some(one => one.checkVisibility())"
        assert not page.evaluate(shown)
        boxes = "[...document.querySelectorAll('.scroll')].every(one => getComputedStyle(one).overflowX === 'visible')"
        assert page.evaluate(boxes)
        assert page.evaluate(BEYOND, ".wide, .wide *, .unseen, .skip") == [], name
        page.set_viewport_size({"width": landscape, "height": 900})
        assert page.evaluate(BEYOND, ".unseen, .skip") == [], name
    assert len(page.pdf(prefer_css_page_size=True)) > 10_000
