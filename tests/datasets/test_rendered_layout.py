import itertools

import numpy as np
import pytest
import shapely
from scipy import stats

from xray_keras.datasets.rendered import blocks
from xray_keras.datasets.rendered import layout as layouts

LAYOUTS = [layouts.layout(3, number) for number in range(500)]
WITHOUT, WITH = LAYOUTS[::2], LAYOUTS[1::2]
LINES = [(layout, line) for layout in LAYOUTS for line in layout.outlines()]


def test_odd_pictures_hold_one_to_six_lines_and_even_ones_none() -> None:
    counts = [len(layout.outlines()) for layout in WITH]
    assert min(counts) == 1 and 4 <= max(counts) <= layouts.LINES
    assert not any(layout.outlines() for layout in WITHOUT)
    for layout in LAYOUTS:
        marks = [mark for block in layout.blocks for mark in block.marks]
        assert len(marks) <= layouts.LINES
        assert len({mark.number for mark in marks}) == len(marks)
        assert all(
            mark.written == bool(number % 2)
            for number, mark in zip([layout.number] * 9, marks[:1], strict=False)
        )


def test_sizes() -> None:
    short = np.array([min(layout.width, layout.height) for layout in LAYOUTS])
    long = np.array([max(layout.width, layout.height) for layout in LAYOUTS])
    assert short.min() >= 256 and short.max() <= 400 and short.std() > 30
    nearest = np.abs(long / short - np.array(layouts.ASPECTS)[:, None]).min(axis=0)
    assert nearest.max() < 0.5 / 256
    assert 0.15 < np.mean([layout.height > layout.width for layout in LAYOUTS]) < 0.4
    assert {layout.scene for layout in LAYOUTS} == set(layouts.SCENES)


def test_nothing_but_text_tells_the_classes_apart() -> None:
    """Sizes, boards, their areas and the marks' heights come from one distribution."""
    for of in (
        lambda layout: [layout.width],
        lambda layout: [layout.height],
        lambda layout: [sum(block.board is not None for block in layout.blocks)],
        lambda layout: [
            shapely.Polygon(block.board).area for block in layout.blocks if block.board is not None
        ],
        lambda layout: [np.ptp(mark.outline[:, 1]) for block in layout.blocks for mark in block.marks],
        lambda layout: [np.ptp(mark.outline[:, 0]) for block in layout.blocks for mark in block.marks],
    ):
        first, second = ([value for layout in part for value in of(layout)] for part in (WITHOUT, WITH))
        assert stats.ks_2samp(first, second).pvalue > 0.01
    empty = [
        np.mean(
            [any(block.board is not None and not block.marks for block in layout.blocks) for layout in part]
        )
        for part in (WITHOUT, WITH)
    ]
    assert empty[0] > empty[1] > 0  # boards without writing stand beside text, too


def test_lines_are_as_high_as_they_should_be() -> None:
    heights = np.array(
        [
            (np.linalg.norm(line[3] - line[0]) + np.linalg.norm(line[2] - line[1]))
            / 2
            / min(layout.width, layout.height)
            for layout, line in LINES
        ]
    )
    low, high = blocks.HEIGHTS
    assert (
        heights.min() > 0.85 * low and heights.max() < 1.2 * high
    )  # perspective changes them off the middle
    assert (heights < 0.15).mean() > 0.1 and (heights > 0.25).mean() > 0.03


def test_most_of_each_line_is_in_the_picture_and_some_leave_it() -> None:
    shares = []
    for layout, line in LINES:
        whole = shapely.Polygon(line)
        assert whole.is_valid and whole.equals(whole.convex_hull)
        assert not whole.exterior.is_ccw or layout.height  # y points down
        across, down = line[1] - line[0], line[3] - line[0]
        assert across[0] * down[1] - across[1] * down[0] > 0  # clockwise as one looks
        shares.append(whole.intersection(shapely.box(0, 0, layout.width, layout.height)).area / whole.area)
    assert min(shares) >= blocks.INSIDE - 1e-9
    assert 0.02 < np.mean(np.array(shares) < 0.999) < 0.4


def test_perspective_and_tilt() -> None:
    ratios = [np.linalg.norm(line[3] - line[0]) / np.linalg.norm(line[2] - line[1]) for _, line in LINES]
    assert np.std(np.log(ratios)) > 0.03
    angles = np.degrees([np.arctan2(*(line[1] - line[0])[::-1]) for _, line in LINES])
    assert (np.abs(angles) > 10).mean() > 0.05 and (np.abs(angles) < 5).mean() > 0.4


def test_blocks_do_not_overlap() -> None:
    several = 0
    for layout in LAYOUTS:
        shapes = [
            shapely.union_all(
                [shapely.Polygon(mark.outline) for mark in block.marks] or [shapely.Point(-9999, -9999)]
            )
            if block.board is None
            else shapely.Polygon(block.board)
            for block in layout.blocks
        ]
        for first, second in itertools.combinations(shapes, 2):
            several += 1
            assert first.disjoint(second)
        for block in layout.blocks:
            for first, second in itertools.combinations(block.marks, 2):
                assert shapely.Polygon(first.outline).disjoint(shapely.Polygon(second.outline))
            if block.board is not None:
                board = shapely.Polygon(block.board).buffer(1e-6)
                assert all(board.covers(shapely.Polygon(mark.outline)) for mark in block.marks)
    assert several > 50


def test_a_plane_seen_from_the_front_is_itself_and_a_turned_one_shrinks_with_distance() -> None:
    square = np.array([(-50.0, -50.0), (50.0, -50.0), (50.0, 50.0), (-50.0, 50.0)])
    np.testing.assert_allclose(blocks.project(blocks._turned(0, 0, 0, 400), square), square)
    np.testing.assert_allclose(
        blocks.project(blocks._turned(0, 0, 90, 400), square), np.roll(square, -1, axis=0), atol=1e-9
    )
    turned = blocks.project(blocks._turned(30, 0, 0, 400), square)
    # by hand: x cos 30° over 1 − x sin 30°/400
    assert turned[1] == pytest.approx((43.3013 / 0.9375, -50 / 0.9375), rel=1e-4)
    assert turned[0] == pytest.approx((-43.3013 / 1.0625, -50 / 1.0625), rel=1e-4)


def test_a_layout_is_a_function_of_seed_and_number() -> None:
    again = layouts.layout(3, 7)
    assert again.outlines()[0].tolist() == LAYOUTS[7].outlines()[0].tolist()
    assert again.stream(2).random() == LAYOUTS[7].stream(2).random() != again.stream(3).random()
    other = layouts.layout(4, 7)
    assert (other.width, other.height, other.scene) != (again.width, again.height, again.scene)
