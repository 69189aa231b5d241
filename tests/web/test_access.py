"""For everybody: by keyboard alone, on small screens, in light and dark, with words for what is only to be seen."""

from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import Open, choose, explained, words

FOCUSED = """() => { const at = document.activeElement;
  if (at === document.body) return null;
  const ring = [at, at.nextElementSibling, at.parentElement, at.closest("label")].some((near) => {
    const style = near && getComputedStyle(near);
    const seen = style && style.opacity !== "0" && style.clipPath === "none";
    return seen && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 1; });
  const row = at.closest("[data-finding]")?.dataset.finding ?? "";
  const text = at.labels?.[0]?.textContent ?? at.getAttribute("aria-label") ?? at.textContent;
  return {key: at.id || row || at.value || at.closest("[id]")?.id, ring, named: Boolean(text.trim())}; }"""

# Contrast of each text on the surfaces behind it (WCAG 2.2, 1.4.3); canvases and what is hidden are left out.
CONTRAST = """() => {
  const rgba = (text) => { const [, inside] = text.match(/\\((.*)\\)/);
    const numbers = inside.replace("srgb", "").split(/[ ,/]+/).filter(Boolean).map(parseFloat);
    const scale = text.startsWith("color(") ? 255 : 1;
    return [...numbers.slice(0, 3).map((value) => value * scale), numbers[3] ?? 1]; };
  const over = ([r, g, b, a], below) => [r, g, b].map((value, k) => value * a + below[k] * (1 - a));
  const luminance = (rgb) => rgb.map((value) => value / 255)
    .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, k) => sum + value * [0.2126, 0.7152, 0.0722][k], 0);
  const surface = (element) => { const colour = rgba(getComputedStyle(element).backgroundColor);
    const last = colour[3] === 1 || !element.parentElement;
    return last ? colour.slice(0, 3) : over(colour, surface(element.parentElement)); };
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    const below = surface(element);
    const text = over(rgba(getComputedStyle(element).color), below);
    const both = [luminance(text), luminance(below)].sort((a, b) => b - a);
    found.push([(both[0] + 0.05) / (both[1] + 0.05), texts.currentNode.textContent.trim().slice(0, 40)]);
  }
  return found; }"""


def tab_until(page: Any, key: str, reverse: bool = False) -> None:
    for _ in range(40):
        page.keyboard.press("Shift+Tab" if reverse else "Tab")
        at = page.evaluate(FOCUSED)
        if at is None:
            continue
        assert at["ring"], f"focus on {at['key']} cannot be seen"
        assert at["named"], f"{at['key']} has no name"
        if at["key"] == key:
            return
    raise AssertionError(f"{key} is not reached")


def test_by_keyboard_alone(visit: Open) -> None:
    """From the top: a sample, an explanation, its method and opacity; out at the end."""
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the image"
    tab_until(page, "choose")
    tab_until(page, "samples")
    page.keyboard.press("Enter")
    page.wait_for_selector("#list li[data-state=accepted]")
    explained(page)
    tab_until(page, "saliency")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#view[data-overlay=cam]")
    page.keyboard.press("ArrowLeft")
    tab_until(page, "opacity")
    page.keyboard.press("ArrowRight")
    assert page.input_value("#opacity") == "75"
    tab_until(page, "all")
    page.keyboard.press("ArrowDown")
    first = page.evaluate("document.querySelectorAll('#rows .finding')[1].dataset.finding")
    explained(page, first)
    assert page.evaluate("document.activeElement.closest('[data-finding]').dataset.finding") == first
    tab_until(page, "about")  # its link
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) is None  # back in the browser
    tab_until(page, "clear", reverse=True)
    page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED)["key"] == "choose"


def test_scores_of_a_refused_picture_by_keyboard(visit: Open, pictures: dict[str, Path]) -> None:
    page = visit()
    choose(page, pictures["noise"])
    tab_until(page, "despite")
    page.keyboard.press("Enter")
    page.wait_for_selector("#findings:not([hidden])")
    assert page.evaluate(FOCUSED)["key"] == "results"
    tab_until(page, "all")


def test_results_are_announced(visit: Open, pictures: dict[str, Path]) -> None:
    page = visit()
    assert page.get_attribute("#said", "role") == "status"
    choose(page, pictures["chest"])
    assert page.text_content("#said").startswith("chest.png: Accepted; highest: Effusion 0.")
    choose(page, pictures["noise"])
    assert page.text_content("#said") == "noise.png: Refused: unlike the training radiographs."
    meanings = page.eval_on_selector_all("#rows .meaning", "all => all.map((each) => each.textContent)")
    assert {"above the operating point", "raw output"} <= set(meanings)
    page.click("#list li button")
    explained(page)
    label = page.get_attribute("#canvas", "aria-label")
    assert label == "chest.png; saliency of all findings in red, opacity 70 %"


@pytest.mark.parametrize("width", [320, 360, 800, 1360])
def test_no_screen_scrolls_sideways(width: int, visit: Open, pictures: dict[str, Path]) -> None:
    page = visit(viewport={"width": width, "height": 740})
    choose(page, pictures["chest"], pictures["broken"], pictures["noise"])
    explained(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """() => [...document.querySelectorAll("body *")].filter((each) => each.checkVisibility()
        && !each.closest("#samples ul, .visually-hidden, .skip")
        && each.getBoundingClientRect().right > innerWidth + 1).map((each) => each.outerHTML.slice(0, 80))"""
    )
    assert outside == []
    assert page.locator("#canvas").bounding_box()["width"] > min(width, 480) * 0.6
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, .button, .switch span, .finding")]
        .filter((each) => each.checkVisibility() && each.getBoundingClientRect().height < 24)
        .map((each) => each.textContent)"""
    )
    assert small == []  # WCAG 2.2, 2.5.8


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(scheme: str, visit: Open, pictures: dict[str, Path]) -> None:
    page = visit(color_scheme=scheme)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(14, 19, 23)") == (scheme == "dark")
    found = page.evaluate(CONTRAST)
    choose(page, pictures["chest"], pictures["broken"], pictures["noise"])
    explained(page)
    for k in range(3):
        page.click(f"#list li:nth-child({k + 1}) button")
        found += page.evaluate(CONTRAST)
    assert len(found) > 100
    assert min(found)[0] >= 4.5, sorted(found)[:5]


def test_nothing_moves_where_that_is_asked(visit: Open, pictures: dict[str, Path]) -> None:
    page = visit(reduced_motion="reduce")
    choose(page, pictures["chest"])
    moving = page.evaluate(
        """() => [...document.querySelectorAll("*")].filter((each) => { const style = getComputedStyle(each);
        return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0; }).map((each) => each.id)"""
    )
    assert moving == []


def test_print_has_the_picture_the_findings_and_the_note(visit: Open, pictures: dict[str, Path]) -> None:
    page = visit(color_scheme="dark")
    choose(page, pictures["chest"])
    explained(page)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for shown in ("#note", "#canvas", "#caption", "#meaning", "#verdict", "#rows"):
        assert page.is_visible(shown), shown
    for hidden in ("#pictures", ".switch", ".slider", "#about", "#loading"):
        assert page.is_hidden(hidden), hidden
    assert words(page, "#caption") == "chest.png · 512 × 512"
