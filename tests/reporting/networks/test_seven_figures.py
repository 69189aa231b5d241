"""The papers' figures of architectures, from the built networks to the page."""

import itertools
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from xray_keras.papers import loader
from xray_keras.reporting import drawing
from xray_keras.reporting.networks import layout, pages, single, taught
from xray_keras.training import architectures

ROOT = Path(__file__).parents[3]
FIGURES = sorted({*architectures.ALONE, *architectures.TAUGHT})


@pytest.fixture(scope="module")
def shown():
    """Figure → what it shows, as a file would hold it."""
    return {name: json.loads(json.dumps(architectures.described(name, ROOT))) for name in FIGURES}


def network(shown, figure, role=""):
    return shown[figure]["networks"][role]


def stages(found, kind):
    return [stage for stage in found["stages"] if stage["kind"] == kind]


def operations(found):
    return {each["name"]: each for stage in found["stages"] for each in stage["operations"]}


def test_parameters_of_the_whole_networks(shown):
    """As the models' own docstrings and the papers have them."""
    assert {name: network(shown, name)["parameters"] for name in architectures.ALONE} == {
        "ali2019/figure1": 67_145_666,
        "minaee2020/figure3": 11_176_512
        + 9_600
        + 1_026,  # ResNet18's base, its moving statistics, two outputs
        "minaee2020/figure4": 722_496 + 1_026,
        "minaee2020/figure5": 7_037_504 + 2_050,
        "zhao2019/figure2": 16_030_530,
        "zhao2019/figure3": 86_882 + 2 * 176,
    }
    assert network(shown, "zhao2019/figure3")["trained"] == 86_882
    for name in ("figure3", "figure4", "figure5"):
        found = network(shown, f"minaee2020/{name}")
        assert [stage["trained"] for stage in found["stages"] if stage["trained"]] == [found["trained"]]


def test_resnet18_has_two_blocks_four_times(shown):
    blocks = stages(network(shown, "minaee2020/figure3"), "residual block")
    assert [stage["name"] for stage in blocks] == [
        f"conv{number}_block{block}" for number in (2, 3, 4, 5) for block in (1, 2)
    ]
    assert [stage["shape"] for stage in blocks[::2]] == [
        [56, 56, 64],
        [28, 28, 128],
        [14, 14, 256],
        [7, 7, 512],
    ]
    projected = [len(stage["operations"]) == 4 for stage in blocks]
    assert projected == [False, False, True, False, True, False, True, False]


def test_squeezenet_has_the_eight_fire_modules_of_its_paper(shown):
    fires = stages(network(shown, "minaee2020/figure4"), "fire module")
    filters = [
        [int(re.search(r"conv, (\d+)", each["text"])[1]) for each in stage["operations"][:3]]
        for stage in fires
    ]
    assert filters == loader.load("minaee2020")["cited"]["squeezenet"]["fire"]
    assert [stage["name"] for stage in fires] == [f"fire{number}" for number in range(2, 10)]


def test_densenet121_has_6_12_24_16_layers(shown):
    found = network(shown, "minaee2020/figure5")
    assert [stage["times"] for stage in stages(found, "dense block")] == [6, 12, 24, 16]
    assert [stage["shape"][-1] for stage in stages(found, "dense block")] == [256, 512, 1024, 1024]
    assert [stage["shape"][-1] for stage in stages(found, "transition")] == [128, 256, 512]


def test_the_teacher_looks_at_two_layers_on_two_grids(shown):
    found = operations(network(shown, "zhao2019/figure2"))
    assert found["last_two"]["inputs"] == ["block5_conv2", "block5_conv3"]
    assert found["features"]["inputs"] == ["map5", "map3"]
    assert [found[name]["shape"] for name in ("pooled5", "pooled3", "features")] == [
        [25, 512],
        [9, 512],
        [34, 1280],
    ]


def test_the_student_has_six_convolutions_and_pools_the_last_two(shown):
    found = network(shown, "zhao2019/figure3")
    assert len(stages(found, "convolution")) == 6 and len(stages(found, "fully connected")) == 2
    assert [operations(found)[name]["inputs"] for name in ("pooled5", "pooled3")] == [["conv5"], ["conv6"]]


def test_the_taught_student(shown):
    found = shown["zhao2019/figure4"]
    assert list(found["networks"]) == ["teacher", "student", "discriminator"]
    assert found["networks"]["teacher"]["trained"] == 0
    assert {each["name"]: each["equation"] for each in found["losses"]} == {
        "L_A": 1,
        "L_K": 3,
        "L_G": 5,
        "L_D": 4,
    }
    assert found["options"] == {"balance": 0.2, "pretraining": 10, "epochs": 30}
    before, behind = taught.halves(found["networks"]["student"], "features")
    assert behind["parameters"] == 1280 * 2 + 2 and before["parameters"] == 87_234 - behind["parameters"]
    assert before["text"][0] == "6 convolutions"


def drawn(shown, figure):
    found = shown[figure]
    return taught.draw(found, figure) if found["losses"] else single.draw(found["networks"][""], figure)


@pytest.mark.parametrize("figure", FIGURES)
def test_words_stay_on_the_page_in_their_boxes_and_off_each_other(shown, figure):
    made = drawn(shown, figure)
    made.canvas.draw()
    page = made.bbox
    texts = [text for text in made.axes[0].texts if text.get_text()]
    extents = [text.get_window_extent().padded(-0.5) for text in texts]
    for text, extent in zip(texts, extents, strict=True):
        assert page.x0 < extent.x0 and extent.x1 < page.x1 and page.y0 < extent.y0 and extent.y1 < page.y1, (
            text
        )
    for (one, first), (other, second) in itertools.combinations(zip(texts, extents, strict=True), 2):
        assert not first.overlaps(second), (one.get_text(), other.get_text())
    boxes = [
        patch.get_window_extent()
        for patch in made.axes[0].patches
        if isinstance(patch, FancyBboxPatch) and patch.zorder == 2
    ]
    inside = 0
    for text, extent in zip(texts, extents, strict=True):
        for box in boxes:
            if box.contains((extent.x0 + extent.x1) / 2, (extent.y0 + extent.y1) / 2):
                assert (
                    box.x0 < extent.x0 and extent.x1 < box.x1 and box.y0 < extent.y0 and extent.y1 < box.y1
                ), text
                inside += 1
    assert inside >= 10 and made.get_figwidth() <= drawing.WIDTH
    assert any(isinstance(patch, FancyArrowPatch) for patch in made.axes[0].patches)
    plt.close(made)


@pytest.mark.parametrize("figure", sorted(architectures.ALONE))
def test_arrows_pass_beside_the_boxes(shown, figure):
    placed = layout.lay_out(network(shown, figure), 0.0, {})
    taken = sum(len(each["inputs"]) for each in operations(network(shown, figure)).values())
    assert len(placed.arrows) == taken
    for corners in placed.arrows:
        for (x0, y0), (x1, y1) in itertools.pairwise(corners):
            assert x0 == x1 or y0 == y1
            for box in placed.boxes:
                within_x = max(min(x0, x1), box.x - box.width / 2) < min(max(x0, x1), box.right) or (
                    x0 == x1 and box.x - box.width / 2 < x0 < box.right
                )
                within_y = max(min(y0, y1), box.top) < min(max(y0, y1), box.bottom) or (
                    y0 == y1 and box.top < y0 < box.bottom
                )
                assert not (within_x and within_y), (corners, box.name)


@pytest.mark.parametrize("figure", FIGURES)
def test_the_page_adds_up_and_says_what_is_printed(shown, figure, tmp_path):
    for folder in ("one", "two"):
        pages.write(shown[figure], tmp_path / folder / "figure")
    for suffix in (".png", ".svg", ".csv", ".md"):
        first, second = (
            (tmp_path / folder / "figure").with_suffix(suffix).read_bytes() for folder in ("one", "two")
        )
        assert first == second
    rows, page = pd.read_csv(tmp_path / "one" / "figure.csv"), (tmp_path / "one" / "figure.md").read_text()
    for found in shown[figure]["networks"].values():
        assert f"**{found['parameters']:,} parameters**" in page
    sums = sum(found["parameters"] for found in shown[figure]["networks"].values())
    assert rows["parameters"].sum() == sums
    assert page.count("\n| `") == len(rows) and "Neither data nor weights" in page
    alt = re.search(r"!\[(.+)\]\(figure\.png\)", page)[1]
    assert "[" not in alt and "]" not in alt
    assert all(f"{found['parameters']:,} parameters" in alt for found in shown[figure]["networks"].values())
    said = {
        "zhao2019/figure2": ["Teacher Network: 16.03M"],
        "zhao2019/figure3": ["Student Network: 0.087M"],
        "zhao2019/figure4": ["Teacher Network: 16.03M", "Student Network: 0.087M"],
        "ali2019/figure1": ["make 67,145,666 by arithmetic"],
        "minaee2020/figure4": ["(50x)", "60M", "1,248,424"],
    }.get(figure, ["prints no number of parameters"])
    assert all(words in page for words in said)

    assert ("left as they are" in page) == (figure.startswith("minaee2020") or figure == "zhao2019/figure4")
