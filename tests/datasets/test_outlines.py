import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from xray_keras.datasets import outlines
from xray_keras.datasets.outlines import Outline, mended
from xray_keras.errors import UserError

WIDTH, HEIGHT = 100, 80
BOX = np.array([[10.0, 20], [30, 20], [30, 40], [10, 40]])
COORDINATES = st.floats(-60, 160) | st.sampled_from([0.0, 50.0, 80.0, 100.0])
POLYGONS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=9).map(np.array)


def area(polygon: np.ndarray | None) -> float:
    assert polygon is not None
    return float(shapely.Polygon(polygon).area)


def corners(polygon: np.ndarray | None) -> set[tuple[float, ...]]:
    assert polygon is not None
    return {tuple(corner) for corner in polygon.tolist()}


def inside(polygon: np.ndarray) -> np.ndarray:
    return outlines.clipped(outlines.shapes([polygon]), WIDTH, HEIGHT)


def test_text_of_outlines():
    written = [Outline(BOX, False), Outline(np.array([[0.126, -0.001], [7, 2.5], [1e6, 3]]), True)]
    text = "10 20 30 20 30 40 10 40;#0.13 0 7 2.5 1000000 3"
    assert outlines.to_text(written) == text
    first, second = outlines.from_text(text)
    assert first.polygon.dtype == np.float64 and np.array_equal(first.polygon, BOX) and not first.ignored
    assert second.polygon.tolist() == [[0.13, 0], [7, 2.5], [1e6, 3]] and second.ignored
    assert outlines.to_text([]) == "" and outlines.from_text("") == []


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(POLYGONS, st.booleans()), max_size=4))
def test_what_was_written_comes_back(pairs):
    text = outlines.to_text([Outline(*pair) for pair in pairs])
    read = outlines.from_text(text)
    assert outlines.to_text(read) == text
    assert [outline.ignored for outline in read] == [ignored for _, ignored in pairs]
    for outline, (polygon, _) in zip(read, pairs, strict=True):
        np.testing.assert_allclose(outline.polygon, polygon, atol=0.005 + 1e-9)


@pytest.mark.parametrize(
    "text",
    [
        "1 2 3 4",
        "1 2 3 4 5",
        "1 2 3 4 5 six",
        "1 2 3 4 5 6;",
        "nan 2 3 4 5 6",
        "# 1 2 3 4 5 6",
        "1e3 2 3 4 5 6",
    ],
)
def test_other_text_is_no_outline(text):
    with pytest.raises(UserError, match=r"is no outline.*rebuild the manifest"):
        outlines.from_text(text)


@pytest.mark.parametrize("polygon", [BOX[:2], np.where(BOX == 30, np.nan, BOX), BOX * 1e30])
def test_no_outline_is_written(polygon):
    with pytest.raises(ValueError, match="is no outline"):
        outlines.to_text([Outline(polygon, False)])


def test_a_sound_outline_keeps_its_corners():
    assert np.array_equal(mended(BOX, WIDTH, HEIGHT), BOX)
    assert np.array_equal(mended(BOX[::-1], WIDTH, HEIGHT), BOX[::-1])
    arrow = np.array([[10.0, 10], [50, 30], [10, 50], [30, 30]])
    assert np.array_equal(mended(arrow, WIDTH, HEIGHT), arrow)
    whole = np.array([[0.0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]])
    assert np.array_equal(mended(whole, WIDTH, HEIGHT), whole)


def test_repeated_corners_are_dropped():
    repeated = np.concatenate([BOX[:2], BOX[1:2], BOX[2:], BOX[:1]])
    assert np.array_equal(mended(repeated, WIDTH, HEIGHT), BOX)


@pytest.mark.parametrize("order", [(0, 2, 1, 3), (0, 1, 3, 2), (3, 1, 0, 2)])
def test_a_bow_tie_is_a_quadrilateral_in_the_wrong_order(order):
    polygon = mended(BOX[list(order)], WIDTH, HEIGHT)
    assert corners(polygon) == corners(BOX) and area(polygon) == 400
    closed = BOX[[*order, order[0]]]
    assert area(mended(closed, WIDTH, HEIGHT)) == 400


def test_another_polygon_that_crosses_itself_is_untangled():
    # a large and a small square that meet in a crossing at (40, 40)
    eight = np.array([[10.0, 10], [40, 10], [40, 50], [50, 50], [50, 40], [10, 40]])
    assert corners(mended(eight, WIDTH, HEIGHT)) == {(10, 10), (40, 10), (40, 40), (10, 40)}
    assert shapely.area(outlines.shapes([eight])).tolist() == [900 + 100]


def test_an_outline_is_clipped_to_the_picture():
    assert corners(mended(BOX - 20, WIDTH, HEIGHT)) == {(0, 0), (10, 0), (10, 20), (0, 20)}
    assert corners(mended(BOX + np.array([80, 50]), WIDTH, HEIGHT)) == {
        (90, 70),
        (100, 70),
        (100, 80),
        (90, 80),
    }
    around = np.array([[-9e8, -9e8], [9e8, -9e8], [9e8, 9e8], [-9e8, 9e8]])
    assert area(mended(around, WIDTH, HEIGHT)) == WIDTH * HEIGHT


def test_of_an_outline_in_pieces_the_largest_is_kept():
    # a bracket whose back is outside the picture, arms of 10 × 10 and 10 × 20
    bracket = np.array([[10.0, 10], [-5, 10], [-5, 60], [10, 60], [10, 40], [-2, 40], [-2, 20], [10, 20]])
    assert corners(mended(bracket, WIDTH, HEIGHT)) == {(0, 40), (10, 40), (10, 60), (0, 60)}
    assert shapely.area(inside(bracket)).tolist() == [300]


def test_an_outline_that_also_touches_the_edge_of_the_picture():
    # one tooth reaches into the picture, the other ends on its edge: GEOS gives a polygon and a point
    teeth = np.array([[-10.0, 0], [20, 10], [-10, 20], [0, 30], [-10, 40]])
    (shape,) = inside(teeth)
    assert shape.geom_type == "Polygon"
    assert shape.area == pytest.approx(area(mended(teeth, WIDTH, HEIGHT))) == pytest.approx(20 * 40 / 3 / 2)


@pytest.mark.parametrize(
    "polygon",
    [
        [],
        BOX[:1],
        BOX[:2],
        [[10, 10], [10, 10], [10, 10], [10, 10]],
        [[10, 10], [30, 30], [10, 10]],
        [[10, 10], [20, 20], [30, 30], [40, 40]],
        [[10, 10], [10.001, 10], [10.001, 10.001], [10, 10.001]],
        BOX + np.array([0, HEIGHT - 20]),  # touches the picture's lower edge from outside
        BOX - (30, 40),  # touches its corner
        BOX + 500,
        np.where(BOX == 30, np.nan, BOX),
        np.where(BOX == 30, np.inf, BOX),
        np.where(BOX == 30, -1e300, BOX),
    ],
)
def test_nothing_is_left(polygon):
    assert mended(np.array(polygon, float), WIDTH, HEIGHT) is None


def test_shapes_are_those_that_cover_something():
    flat = np.array([[10.0, 10], [20, 20], [30, 30]])
    (shape,) = outlines.shapes([flat, BOX[:2], BOX, BOX * np.nan])
    assert shape.area == 400
    assert outlines.shapes([flat]).shape == outlines.shapes([]).shape == inside(BOX + 500).shape == (0,)


@settings(deadline=None, max_examples=60)
@given(POLYGONS)
def test_a_mended_outline_is_sound(polygon):
    found = mended(polygon, WIDTH, HEIGHT)
    if found is None:
        return
    assert found.min() >= 0 and (found.max(axis=0) <= (WIDTH, HEIGHT)).all() and len(found) >= 3
    assert (
        outlines.LEAST_AREA
        <= area(found)
        <= area(shapely.MultiPoint(polygon).convex_hull.exterior.coords) + 1e-6
    )
    assert area(mended(found, WIDTH, HEIGHT)) == pytest.approx(area(found), abs=1e-6)
    pieces = shapely.get_parts(inside(polygon))
    assert shapely.is_valid(pieces).all()
    if len(pieces) == 1 and not len(pieces[0].interiors):
        assert area(found) == pytest.approx(pieces[0].area)


def test_matrices():
    point = [Outline(np.array([[30.0, 10], [0, 0], [WIDTH, HEIGHT]]), True)]

    def moved(matrix):
        (outline,) = outlines.transformed(point, matrix)
        assert matrix.dtype == outline.polygon.dtype == np.float64 and outline.ignored
        return pytest.approx(outline.polygon)

    assert moved(outlines.scaling(2.5, 0.5)) == np.array([[75, 5], [0, 0], [250, 40]])
    assert moved(outlines.flipping(WIDTH)) == np.array([[70, 10], [100, 0], [0, 80]])
    # counter-clockwise: (30, 10), up and left of the centre (50, 40), goes down and left of it
    assert moved(outlines.rotation(90, WIDTH, HEIGHT)) == np.array([[20, 60], [10, 90], [90, -10]])
    assert moved(outlines.rotation(180, WIDTH, HEIGHT)) == np.array([[70, 70], [100, 80], [0, 0]])
    first, second = outlines.scaling(2, 1), outlines.flipping(2 * WIDTH)
    assert (
        moved(second @ first) == outlines.transformed(outlines.transformed(point, first), second)[0].polygon
    )
    back = outlines.rotation(-33, WIDTH, HEIGHT) @ outlines.rotation(33, WIDTH, HEIGHT)
    assert moved(back) == point[0].polygon


@pytest.mark.parametrize(
    "matrix", [np.eye(2), np.diag([1, 1, 2]), np.array([[1, 0, 0], [0, 1, 0], [0.01, 0, 1]])]
)
def test_other_maps_are_refused(matrix):
    with pytest.raises(ValueError, match="no affine map"):
        outlines.transformed([], matrix)
