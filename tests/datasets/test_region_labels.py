from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from xray_keras.datasets import region_labels
from xray_keras.datasets.outlines import Outline, flipping, mended, rotation, scaling, transformed
from xray_keras.datasets.region_labels import label, shares
from xray_keras.errors import UserError
from xray_keras.papers import loader

WIDTH, HEIGHT = 150, 90
FINE = 24
"""Pixels of a mask a pixel of the picture."""


def box(left: float, top: float, right: float, bottom: float, ignored: bool = False) -> Outline:
    return Outline(np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float), ignored)


def line(x: float, y: float, length: float, height: float, degrees: float) -> Outline:
    """A line of text that is turned about its centre."""
    (outline,) = transformed(
        [box(x - length / 2, y - height / 2, x + length / 2, y + height / 2)], rotation(degrees, 2 * x, 2 * y)
    )
    return outline


SCENE = [
    line(40, 30, 70, 14, 20),
    line(55, 36, 40, 22, -50),  # crosses the first
    line(120, 70, 90, 16, 5),  # leaves the picture at the right
    Outline(np.array([[95.0, 5], [130, 10], [110, 20], [125, 45], [92, 30]]), False),
    box(3, 70, 20, 88),
]
MIRRORED = [*np.arange(25).reshape(5, 5)[:, ::-1].flat, *np.arange(25, 34).reshape(3, 3)[:, ::-1].flat]
LINES = st.builds(
    line, st.floats(0, WIDTH), st.floats(0, HEIGHT), st.floats(1, 150), st.floats(1, 60), st.floats(-90, 90)
)
LISTS = st.lists(LINES, max_size=5)


def drawn(outlines: Sequence[Outline], width: int, height: int) -> Image.Image:
    """The union of outlines as a mask; Pillow draws through centres of pixels, at whole numbers."""
    mask = Image.new("L", (width * FINE, height * FINE))
    for outline in outlines:
        ImageDraw.Draw(mask).polygon([tuple(corner) for corner in outline.polygon * FINE - 0.5], fill=255)
    return mask


def seen(mask: Image.Image) -> np.ndarray:
    """Shares of a mask's regions: means over rectangles, fractions of pixels included."""
    whole = mask.convert("F")
    grids = [np.asarray(whole.resize((side, side), Image.Resampling.BOX)) for side in (5, 3)]
    return np.concatenate([grid.ravel() for grid in grids]) / 255


@cache
def scene() -> Image.Image:
    return drawn(SCENE, WIDTH, HEIGHT)


def same(found: np.ndarray, expected: np.ndarray, tolerance: float = 0.004) -> None:
    assert found.dtype == np.float64 and found.shape == (34,)
    np.testing.assert_allclose(found, expected, atol=tolerance)


def test_grids_and_thresholds_are_the_papers():
    claims = loader.claims("zhao2019")
    sides = claims["pooled_sizes"].values
    assert (sides["large"].value, sides["small"].value) == region_labels.GRIDS
    assert claims["region_count"].values["regions"].value == region_labels.REGIONS
    assert region_labels.thresholds() == (0.01, 0.05, 0.5)
    assert claims["label_threshold_percent"].values["area"].value == region_labels.thresholds().area


def test_order_of_the_regions():
    boxes = region_labels.boxes(WIDTH, HEIGHT)
    assert boxes.shape == (34, 4) and boxes.dtype == np.float64
    assert boxes[[0, 1, 5, 24, 25, 26, 28, 33]].tolist() == [
        [0, 0, 30, 18],
        [30, 0, 60, 18],
        [0, 18, 30, 36],
        [120, 72, 150, 90],
        [0, 0, 50, 30],
        [50, 0, 100, 30],
        [0, 30, 50, 60],
        [100, 60, 150, 90],
    ]


def test_shares_by_hand():
    # 3 × 6 of the first fifth's 30 × 18, then 4 × 6 of the next one; the third's is 50 × 30
    found = shares([box(27, 4, 34, 10)], WIDTH, HEIGHT)
    expected = np.zeros(34)
    expected[[0, 1, 25]] = 18 / 540, 24 / 540, 42 / 1500
    same(found, expected, 1e-12)
    assert shares([], WIDTH, HEIGHT).tolist() == [0] * 34
    assert shares([box(-9, -9, 999, 999)], WIDTH, HEIGHT).tolist() == [1] * 34


def test_the_picture_as_drawn():
    same(shares(SCENE, WIDTH, HEIGHT), seen(scene()))


@pytest.mark.parametrize("size", [(256, 154), (83, 50), (100, 100)])
def test_a_resized_picture(size):
    scaled = transformed(SCENE, scaling(size[0] / WIDTH, size[1] / HEIGHT))
    pixels = scene().resize(size, Image.Resampling.BILINEAR)
    found = shares(scaled, *size)
    same(found, shares(SCENE, WIDTH, HEIGHT), 1e-9)
    # as drawn anew, and as the picture's own pixels have it, where the filter blurs over a pixel
    same(found, seen(drawn(scaled, *size)))
    same(found, seen(pixels), 0.03)
    assert np.abs(found - seen(pixels)).mean() < 0.007


def test_a_mirrored_picture():
    mirrored = transformed(SCENE, flipping(WIDTH))
    found = shares(mirrored, WIDTH, HEIGHT)
    same(found, seen(scene().transpose(Image.Transpose.FLIP_LEFT_RIGHT)))
    same(found, shares(SCENE, WIDTH, HEIGHT)[MIRRORED], 1e-9)


@pytest.mark.parametrize("degrees", [8, -15, 90])
def test_a_rotated_picture(degrees):
    turned = transformed(SCENE, rotation(degrees, WIDTH, HEIGHT))
    pixels = scene().rotate(degrees, Image.Resampling.NEAREST)
    # the line that leaves the picture has pixels in the outlines that the picture never had
    inside = transformed(
        [Outline(mended(polygon, WIDTH, HEIGHT), ignored) for polygon, ignored in SCENE],
        rotation(degrees, WIDTH, HEIGHT),
    )
    same(shares(inside, WIDTH, HEIGHT), seen(pixels))
    same(shares(turned, WIDTH, HEIGHT), seen(drawn(turned, WIDTH, HEIGHT)))


def test_flipped_turned_and_scaled():
    matrix = scaling(0.7, 0.7) @ rotation(11, WIDTH, HEIGHT) @ flipping(WIDTH)
    inside = [Outline(mended(polygon, WIDTH, HEIGHT), ignored) for polygon, ignored in SCENE]
    pixels = scene().transpose(Image.Transpose.FLIP_LEFT_RIGHT).rotate(11)
    same(shares(transformed(inside, matrix), 0.7 * WIDTH, 0.7 * HEIGHT), seen(pixels))


@settings(deadline=None, max_examples=30)
@given(LISTS, LINES)
def test_laws_of_areas(outlines, another):
    found = shares(outlines, WIDTH, HEIGHT)
    assert found.min() >= 0 and found.max() <= 1 + 1e-9
    assert found[:25].mean() == pytest.approx(found[25:].mean(), abs=1e-9)  # two cuts of one picture
    same(shares([*outlines[::-1], *outlines], WIDTH, HEIGHT), found, 1e-9)  # neither order nor copies count
    more = shares([*outlines, another], WIDTH, HEIGHT)
    assert (more >= found - 1e-9).all()
    assert (more <= found + shares([another], WIDTH, HEIGHT) + 1e-9).all()
    kept = [mended(outline.polygon, WIDTH, HEIGHT) for outline in outlines]
    same(shares([Outline(one, False) for one in kept if one is not None], WIDTH, HEIGHT), found, 1e-6)


@settings(deadline=None, max_examples=30)
@given(LISTS, st.sampled_from(["area", "msp_net"]), st.floats(0.2, 5), st.floats(0.2, 5))
def test_labels_follow_the_picture(outlines, rule, across, down):
    found = label(outlines, WIDTH, HEIGHT, rule)
    assert np.array_equal(label(transformed(outlines, flipping(WIDTH)), WIDTH, HEIGHT, rule), found[MIRRORED])
    scale = (
        down if rule == "msp_net" else across
    )  # the height of a slanted line changes its meaning otherwise
    scaled = transformed(outlines, scaling(scale, down))
    assert np.array_equal(label(scaled, WIDTH * scale, HEIGHT * down, rule), found)


def test_a_share_of_the_threshold_is_enough():
    # a hundredth of a region of 30 × 18 is 5.4: 2.7 × 2
    found = label([box(10, 5, 12.7, 7)], WIDTH, HEIGHT)
    assert found.dtype == np.float32 and found.shape == (34,)
    assert np.flatnonzero(found).tolist() == [0] and found[0] == 1
    assert not label([box(10, 5, 12.69, 7)], WIDTH, HEIGHT).any()
    assert not label([], WIDTH, HEIGHT).any()


@pytest.mark.parametrize("size", [(256, 341), (437, 256), (500, 333), (97, 61)])
def test_exactly_the_threshold_whatever_the_size(size):
    regions = region_labels.boxes(*size)
    for left, top, right, bottom in regions[:25]:
        for outline in (
            box(left, top, left + (right - left) * 0.1, top + (bottom - top) * 0.1),
            box(right - (right - left) * 0.01, top, right, bottom),
        ):
            flipped = transformed([outline], flipping(size[0]))
            assert label([outline], *size).sum() == label(flipped, *size).sum() == 1
    for left, top, right, bottom in regions[
        [0, 7, 18, 21]
    ]:  # a twentieth here, most of it in the next region
        outlines = [box(right - (right - left) * 0.05, top, 2 * right - left, bottom)]
        flipped = transformed(outlines, flipping(size[0]))
        assert (
            label(outlines, *size, "msp_net")[:25].sum() == label(flipped, *size, "msp_net")[:25].sum() == 1
        )


def test_broken_outlines_do_no_harm():
    bow = Outline(np.array([[10.0, 5], [20, 15], [20, 5], [10, 15]]), False)
    sound = [box(10, 5, 20, 15)]
    broken = [
        Outline(np.array([[10.0, 5], [20, 5]]), False),
        Outline(np.array([[10.0, 5], [np.nan, 5], [20, 80]]), False),
        Outline(np.array([[10.0, 5], [np.inf, 5], [20, 80]]), False),
        Outline(np.array([[10.0, 5], [1e200, 5], [20, 80]]), False),
        Outline(np.array([[10.0, 5], [60, 45], [110, 85]]), False),
        box(150, 0, 170, 90),
        box(200, 100, 300, 200),
        Outline(np.empty((0, 2)), False),
    ]
    same(shares([bow], WIDTH, HEIGHT), shares(sound, WIDTH, HEIGHT), 1e-12)
    assert shares(broken, WIDTH, HEIGHT).tolist() == [0] * 34
    assert not label(broken, WIDTH, HEIGHT).any() and not label(broken, WIDTH, HEIGHT, "msp_net").any()
    same(shares([*broken, *sound], WIDTH, HEIGHT), shares(sound, WIDTH, HEIGHT), 1e-12)


def test_ignored_text_is_not_to_be_learned_from():
    readable, ignored = box(2, 2, 12, 12), box(8, 2, 40, 12, ignored=True)
    found = label([readable, ignored], WIDTH, HEIGHT)
    expected = np.zeros(34)
    expected[[0, 25]] = 1  # readable text decides, whatever else is there
    expected[1] = np.nan
    np.testing.assert_array_equal(found, expected)
    assert shares([readable, ignored], WIDTH, HEIGHT)[1] == 0
    np.testing.assert_array_equal(np.isnan(label([ignored], WIDTH, HEIGHT)), expected != 0)


def test_readable_and_ignored_text_may_decide_together():
    # 3 of 540 and 3 of 540: neither is a hundredth, both are; together twice on one place they are not
    halves = box(1, 1, 4, 2), box(5, 1, 8, 2, ignored=True)
    assert np.isnan(label(halves, WIDTH, HEIGHT)[0])
    assert label([halves[0], box(1, 1, 4, 2, ignored=True)], WIDTH, HEIGHT)[0] == 0
    assert label([halves[0], box(5, 1, 8, 2)], WIDTH, HEIGHT)[0] == 1


def test_msp_nets_rule():
    # fifths are 30 × 18, thirds 50 × 30: lines must be higher than 9, and than 15
    def positive(*outlines):
        return np.flatnonzero(label(outlines, WIDTH, HEIGHT, "msp_net")).tolist()

    assert positive(box(2, 2, 28, 11)) == []  # half is not more than half
    assert positive(box(2, 2, 28, 11.1)) == [0]
    assert positive(box(2, 2, 28, 17.1)) == [0, 25]
    assert positive(box(15, 2, 32.7, 17.1)) == [0, 1, 25]
    assert positive(box(20, 15, 46, 25)) == [0, 1, 5, 6]  # its own height counts, not that of its part above
    assert positive(box(20, 16, 46, 26)) == [1, 5, 6]  # 20 of 540 are too little
    assert positive(box(28.2, 1, 31.5, 18)) == []  # an upright line is as high as it is wide
    assert positive(box(0, 0, 2.7, 10), box(40, 40, 50, 50)) == [11]


def test_msp_nets_share_must_exceed_its_threshold():
    # a line of which 27 of 540 lie in a fifth, or a little more
    assert label([box(28.5, 0, 50, 18)], WIDTH, HEIGHT, "msp_net")[:2].tolist() == [0, 1]
    assert label([box(28.4, 0, 50, 18)], WIDTH, HEIGHT, "msp_net")[:2].tolist() == [1, 1]


def test_msp_net_asks_both_of_the_same_lines():
    small, sliver = box(2, 2, 28, 8), box(29.5, 0, 55, 18)
    assert shares([small, sliver], WIDTH, HEIGHT)[0] > 0.05
    assert label([small, sliver], WIDTH, HEIGHT, "msp_net")[:2].tolist() == [0, 1]


def test_the_height_of_a_line_ignores_its_slant():
    for degrees in (0, 20, 45, 90):
        low, high = line(45, 45, 40, 8.9, degrees), line(45, 45, 40, 9.2, degrees)
        assert not label([low], WIDTH, HEIGHT, "msp_net").any()
        assert label([high], WIDTH, HEIGHT, "msp_net")[:25].sum() >= 2


@pytest.mark.parametrize("degrees", range(0, 180, 20))
def test_the_height_of_a_triangle_is_its_least_altitude(degrees):
    # altitudes of 8.9, 9.1 and 9.6: rectangles along its three sides are equally large, but not equally high
    for altitude, high in ((8.9, False), (9.1, True)):
        triangle = Outline(np.array([[39, 40], [50, 40], [45, 40 + altitude]]), False)
        turned = transformed([triangle], rotation(degrees, 90, 90))
        assert label(turned, WIDTH, HEIGHT, "msp_net").any() == high


def test_the_height_of_a_line_is_what_the_picture_shows():
    outside = box(40, -6, 60, 8.9)
    assert not label([outside], WIDTH, HEIGHT, "msp_net").any()
    assert label([box(40, -6, 60, 9.1)], WIDTH, HEIGHT, "msp_net").any()
    kept = Outline(mended(outside.polygon, WIDTH, HEIGHT), False)
    assert not label([kept], WIDTH, HEIGHT, "msp_net").any()


def test_msp_net_and_ignored_text():
    # under the rule, an ignored line that is too low cannot have made the region positive
    assert label([box(2, 2, 28, 8, ignored=True)], WIDTH, HEIGHT, "msp_net")[0] == 0
    assert np.isnan(label([box(2, 2, 28, 12, ignored=True)], WIDTH, HEIGHT, "msp_net")[0])


@settings(deadline=None, max_examples=30)
@given(LISTS)
def test_what_msp_net_marks_the_paper_marks_too(outlines):
    theirs, own = (label(outlines, WIDTH, HEIGHT, rule) for rule in ("msp_net", "area"))
    assert (theirs <= own).all()


def test_another_rule():
    with pytest.raises(UserError, match=r"no rule 'height'.*area or msp_net"):
        label([], WIDTH, HEIGHT, "height")
