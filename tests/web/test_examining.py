"""Pictures in, verdicts, scores and explanations out, in a real browser."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.web import tiny_page
from tests.web.conftest import Open, choose, explained, words
from xray_keras import serve
from xray_keras.datasets import radiograph
from xray_keras.evaluation import calibration

RED = """([x, y]) => { const canvas = document.getElementById("canvas");
  return [...canvas.getContext("2d").getImageData(x * canvas.width, y * canvas.height, 1, 1).data].slice(0, 3); }"""


def rows(page: Any) -> list[dict[str, str]]:
    """The findings as shown, from top to bottom."""
    return page.evaluate(
        """() => [...document.querySelectorAll("#rows .finding")].map((row) => ({...row.dataset,
        name: row.querySelector(".name").textContent, shown: row.querySelector(".score")?.textContent}))"""
    )


def test_a_picture_is_gated_scored_and_explained(visit: Open, pictures: dict[str, Path]) -> None:
    page = visit()
    choose(page, pictures["chest"])
    explained(page)
    assert words(page, "#verdict h2") == "Accepted by the gate"
    assert page.get_attribute("#list li", "data-state") == "accepted"
    everything, *found = rows(page)
    assert (everything["finding"], everything["name"]) == ("all", "All findings")
    pixels = radiograph.square(radiograph.read(pictures["chest"]).pixels, tiny_page.SIZE)
    raw = dict(zip(tiny_page.LABELS, tiny_page.probabilities(pixels), strict=True))
    for row in found:
        label = row["finding"]
        point = tiny_page.POINTS.get(label)
        assert float(row["raw"]) == pytest.approx(raw[label], abs=1e-6)
        wanted = raw[label] if point is None else float(calibration.calibrate(raw[label], point))
        assert float(row["score"]) == pytest.approx(wanted, abs=1e-5)
        assert row["kind"] == ("raw" if point is None else "above" if wanted > 0.5 else "below")
        assert row["shown"] == f"{wanted:.2f}"
    scores = [float(row["score"]) for row in found]
    assert scores == sorted(scores, reverse=True)
    assert {row["name"] for row in found} == {"Effusion", "Mass", "Pleural Thickening"}
    assert "Hatched bars are raw outputs" in words(page, "#raw")
    assert words(page, "#note") == "Not for diagnosis"


def test_several_files_and_one_broken(visit: Open, pictures: dict[str, Path]) -> None:
    page = visit()
    choose(page, *(pictures[name] for name in ("chest", "broken", "noise", "other")))
    states = page.eval_on_selector_all("#list li", "rows => rows.map((row) => row.dataset.state)")
    assert states == ["accepted", "failed", "refused", "accepted"]
    assert page.eval_on_selector_all("#list .name", "names => names.map((name) => name.textContent)") == [
        f"{name}.png" for name in ("chest", "broken", "noise", "other")
    ]
    page.click("#list li:nth-child(2) button")
    sentence = words(page, "#list li:nth-child(2) .words")
    assert words(page, "#verdict h2") == "Not examined"
    assert words(page, "#verdict .words") == words(page, "#hint") == sentence
    assert sentence.endswith(".")
    assert ";" in sentence  # what is wrong; the remedy
    assert page.is_hidden("#findings")
    assert page.is_hidden("#canvas")
    page.click("#list li:nth-child(4) button")
    explained(page)
    assert words(page, "#caption") == "other.png · 512 × 512"


def test_a_refused_picture_shows_no_scores_unless_asked(visit: Open, pictures: dict[str, Path]) -> None:
    page = visit()
    choose(page, pictures["noise"])
    assert words(page, "#verdict h2") == "Refused by the gate"
    assert page.is_hidden("#findings")
    assert page.evaluate("performance.getEntriesByName('chester:classify').length") == 0
    assert page.get_attribute("#view", "data-overlay") == "error"
    assert page.is_disabled("[name=overlay][value=saliency]")
    page.click("#despite")
    page.wait_for_selector("#findings:not([hidden])")
    assert words(page, "#verdict h2") == "Refused by the gate"
    assert "which you asked for" in words(page, "#verdict .words")
    assert len([row for row in rows(page) if "score" in row]) == 3
    explained(page)


def test_the_gate_error_is_drawn_where_the_picture_cannot_be_redrawn(visit: Open, tmp_path: Path) -> None:
    pixels = np.full((256, 256), 90, np.uint8)
    pixels[64:128, 64:128] = tiny_page.noise()[:64, :64]  # noise at the scale of the gate
    path = tmp_path / "patch.png"
    Image.fromarray(pixels).save(path)
    page = visit()
    choose(page, path)
    page.click("[name=overlay][value=error] + span")
    page.fill("#opacity", "100")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    at = {place: page.evaluate(RED, [(place + 0.5) / 64] * 2) for place in (4, *range(16, 32), 50, 60)}
    assert at[4] == at[50] == at[60] == [90, 90, 90]
    assert max(at[place][0] - at[place][1] for place in range(16, 32)) > 60


def test_explanations_of_one_finding_and_their_opacity(visit: Open, pictures: dict[str, Path]) -> None:
    page = visit()
    choose(page, pictures["chest"])
    explained(page)
    effusion, mass = (0.3, 0.3), (0.7, 0.5)  # centres of the classifier's discs, across and down

    def redness(place: tuple[float, float]) -> float:
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        red, green, _ = page.evaluate(RED, list(place))
        return red - green

    assert min(redness(effusion), redness(mass)) > 20
    page.click("[data-finding=Mass]")
    explained(page, "Mass")
    assert redness(effusion) < 3
    at_70 = redness(mass)
    page.fill("#opacity", "100")
    at_100 = redness(mass)
    page.fill("#opacity", "0")
    assert redness(mass) == 0
    assert 0.6 * at_100 < at_70 < 0.8 * at_100
    page.fill("#opacity", "70")
    page.click("[name=overlay][value=none] + span")
    assert redness(mass) == 0
    page.click("[data-finding=Effusion]")  # a finding that is chosen is shown
    explained(page, "Effusion")
    assert redness(effusion) > 20 > 3 > redness(mass)
    page.click("[name=overlay][value=cam] + span")
    page.wait_for_selector("#view[data-overlay=cam][data-explained=Effusion]")
    assert "class activation map of Effusion" in str(page.get_attribute("#canvas", "aria-label"))


def test_margins_that_no_model_sees_are_dimmed(visit: Open, pictures: dict[str, Path]) -> None:
    page = visit()
    choose(page, pictures["wide"])
    explained(page)
    page.click("[name=overlay][value=none] + span")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    stored = tiny_page.radiograph(500, 700, seed=2)
    inside, outside = (page.evaluate(RED, [x, 0.5])[0] for x in (0.5, 0.05))
    assert inside == pytest.approx(stored[250, 350], abs=3)
    assert outside == pytest.approx(0.45 * stored[250, 35], abs=3)
    assert "do not see the dimmed margins" in words(page, "#meaning")


def test_maps_lie_over_what_the_models_see(visit: Open, tmp_path: Path) -> None:
    path = tmp_path / "two.png"
    Image.fromarray(np.hstack([tiny_page.noise()] * 2)).save(path)
    page = visit()
    choose(page, path)
    assert page.get_attribute("#view", "data-overlay") == "error"
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    reds = {x: [red - green for red, green, _ in (page.evaluate(RED, [x, y / 40]) for y in range(40))] for x in
            (0.1, 0.2, 0.3, 0.7, 0.8, 0.9)}  # fmt: skip
    assert [x for x, values in reds.items() if max(values) > 20] == [0.3, 0.7]
    assert [x for x, values in reds.items() if max(values) == 0] == [0.1, 0.2, 0.8, 0.9]


def test_the_list_is_cleared(visit: Open, pictures: dict[str, Path]) -> None:
    page = visit()
    choose(page, pictures["chest"], pictures["noise"])
    page.click("#clear")
    assert page.locator("#list li").count() == 0
    assert words(page, "#verdict h2") == "No image yet"
    assert page.is_hidden("#findings")
    assert page.is_hidden("#overlays")
    assert page.is_visible("#hint")
    choose(page, pictures["other"])
    explained(page)


def test_dropped_files_and_samples(visit: Open, pictures: dict[str, Path]) -> None:
    page = visit()
    drop = """async (bytes) => { const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], "dropped.png"));
      for (const type of ["dragover", "drop"])
        document.body.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true})); }"""
    page.evaluate(drop, list(pictures["chest"].read_bytes()))
    page.wait_for_selector("#list li[data-state=accepted]")
    page.click("#samples button")
    page.wait_for_selector("#list li:nth-child(2)[data-state=accepted]")
    assert words(page, "#list li:nth-child(2) .name") == "Smooth picture 1"


@pytest.mark.parametrize(("gate", "cam"), [(False, True), (True, False)])
def test_pages_without_a_gate_or_activation_maps(
    gate: bool, cam: bool, tmp_path: Path, visit: Open, pictures: dict[str, Path]
) -> None:
    tiny_page.build(tmp_path / "page", gate=gate, cam=cam)
    with serve.running(tmp_path / "page") as address:
        page = visit(address)
        choose(page, pictures["noise" if not gate else "chest"])
        explained(page)
        assert words(page, "#verdict h2") == ("Accepted by the gate" if gate else "Not gated")
        assert page.is_visible("[name=overlay][value=cam] + span") == cam
        assert page.is_disabled("[name=overlay][value=error]") == (not gate)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (
            "models/classifier.onnx",
            b"x",
            r"models/classifier.onnx cannot be run \(.+\); build the page again",
        ),
        ("models/gate.onnx", None, r"models/gate.onnx is not there \(404\); check the connection"),
        ("runtime/ort-wasm-simd-threaded.wasm", b"short", r"ends after 5 of \d+ bytes; reload the page"),
    ],
)
def test_what_cannot_be_loaded_is_named(
    name: str, content: bytes | None, sentence: str, folder: Path, visit: Open
) -> None:
    """Damage on the way, as the browser sees it."""
    page = visit(wait=False)
    whole = content * (folder / name).stat().st_size if content == b"x" else content
    page.context.route(
        f"**/{name}",
        lambda route: route.fulfill(status=404) if whole is None else route.fulfill(body=whole),
    )
    page.reload()
    page.wait_for_selector("html[data-state=broken]")
    page.wait_for_function(
        "pattern => new RegExp(pattern).test(document.getElementById('status').textContent)", arg=sentence
    )


def test_a_worker_that_cannot_start_is_told(visit: Open) -> None:
    page = visit(wait=False)
    page.context.route("**/calibrate.js", lambda route: route.fulfill(status=404))
    page.reload()
    page.wait_for_selector("html[data-state=broken]")
    assert words(page, "#status") == "The part of this page that computes has stopped; reload the page."


def test_a_page_without_its_description_says_so(folder: Path, visit: Open) -> None:
    page = visit(wait=False)
    page.context.route("**/chester.json", lambda route: route.fulfill(status=404))
    page.reload()
    page.wait_for_selector("html[data-state=broken]")
    assert words(page, "#status").startswith("chester.json cannot be read; check the connection")
