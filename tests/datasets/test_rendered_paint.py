import numpy as np
import pytest
import shapely
from PIL import Image

from xray_keras.datasets.rendered import paint as rendered_paint
from xray_keras.datasets.rendered import structures as rendered_structures
from xray_keras.datasets.rendered.layout import layout
from xray_keras.datasets.rendered.text import view

NUMBERS = range(1, 81, 2)
SLACK = 1.6  # pixels


@pytest.fixture(scope="module")
def changes() -> list[tuple[int, np.ndarray]]:
    """Where pictures differ from themselves without their text, grey levels before light and camera."""
    found = []
    for number in NUMBERS:
        plan = layout(8, number)
        pair = (np.asarray(view(plan, text=text)).astype(int) for text in (True, False))
        written, blank = pair
        found.append((number, np.abs(written - blank).max(axis=2)))
    return found


def test_text_changes_nothing_outside_the_outlines(changes: list[tuple[int, np.ndarray]]) -> None:
    for number, change in changes:
        allowed = shapely.union_all([shapely.Polygon(line) for line in layout(8, number).outlines()]).buffer(
            0.75
        )
        y, x = np.nonzero(change)
        assert len(x) > 20
        assert shapely.contains_xy(allowed, x + 0.5, y + 0.5).all()


def test_text_reaches_every_side_of_its_outline(changes: list[tuple[int, np.ndarray]]) -> None:
    """Seen from the front, the ink's own box is the outline, to a pixel and a half."""
    checked = 0
    for number, change in changes:
        plan = layout(8, number)
        y, x = np.nonzero(change > 8)
        points = np.stack([x + 0.5, y + 0.5, np.ones(len(x))], axis=1)
        for line in plan.outlines():
            if line.min() < 0 or (line.max(axis=0) > (plan.width, plan.height)).any():
                continue
            sides = np.linalg.norm(line - np.roll(line, -1, axis=0), axis=1)
            size = (sides[:2] + sides[2:]) / 2
            back = np.append(rendered_paint._back(line, *(size + 2)), 1).reshape(3, 3)
            inside = shapely.contains_xy(shapely.Polygon(line).buffer(1), points[:, 0], points[:, 1])
            seen = points[inside] @ back.T
            seen = seen[:, :2] / seen[:, 2:] - 1
            assert (seen.min(axis=0) < SLACK).all() and (seen.max(axis=0) > size - SLACK).all()
            checked += 1
    assert checked > 40


def test_every_line_can_be_told_from_what_is_behind_it(changes: list[tuple[int, np.ndarray]]) -> None:
    for number, change in changes:
        for line in layout(8, number).outlines():
            corner, far = np.clip(line.min(axis=0), 0, None).astype(int), line.max(axis=0).astype(int) + 1
            assert change[corner[1] : far[1], corner[0] : far[0]].max() >= 12


def test_without_text_a_picture_without_text_is_itself() -> None:
    for number in (0, 2, 4):
        plan = layout(8, number)
        assert view(plan).tobytes() == view(plan, text=False).tobytes()


def test_boards_lie_where_the_layout_says() -> None:
    """A board changes the scene in its middle."""
    plan = next(plan for plan in (layout(8, number) for number in range(0, 99, 2)) if _blank(plan))
    bare = type(plan)(plan.seed, plan.number, plan.width, plan.height, plan.scene, plan.wall, ())
    change = np.abs(np.asarray(view(plan)).astype(int) - np.asarray(view(bare))).max(axis=2)
    board = shapely.Polygon(plan.blocks[0].board)
    y, x = np.indices(change.shape) + 0.5
    within = shapely.contains_xy(board.buffer(-0.2 * np.sqrt(board.area)), x, y)
    assert within.any() and (change[within] > 0).mean() > 0.95


def _blank(plan) -> bool:
    return len(plan.blocks) == 1 and plan.blocks[0].board is not None and not plan.blocks[0].marks


def test_a_mask_is_stretched_to_its_corners() -> None:
    quad = np.array([(10.0, 12.0), (80.0, 5.0), (90.0, 60.0), (15.0, 50.0)])
    mask = Image.new("L", (42, 22), 255)
    back = rendered_paint._back(quad, 42, 22)
    found = np.asarray(mask.transform((100, 70), Image.Transform.PERSPECTIVE, back, Image.Resampling.NEAREST))
    y, x = np.indices(found.shape) + 0.5
    inner = shapely.contains_xy(shapely.Polygon(quad), x, y)
    assert found[inner].min() == 255
    reach = shapely.Polygon(quad).buffer(6)
    assert found[~shapely.contains_xy(reach, x, y)].max() == 0
    for corner, (u, v) in zip(quad, ((1, 1), (41, 1), (41, 21), (1, 21)), strict=True):
        a, b, c, d, e, f, g, h = back
        below = g * corner[0] + h * corner[1] + 1
        assert (a * corner[0] + b * corner[1] + c) / below == pytest.approx(u)
        assert (d * corner[0] + e * corner[1] + f) / below == pytest.approx(v)


def test_inks_keep_their_distance_from_what_is_behind() -> None:
    draw = np.random.default_rng(0)
    for level in (0, 30, 128, 220, 255):
        picture = Image.new("RGB", (60, 40), (level, level, level))
        for _ in range(40):
            first, second = rendered_paint._inks(draw, picture, np.array([(5.0, 5.0), (55.0, 35.0)]))
            shades = [np.array(colour) @ rendered_paint._LUMA for colour in (first, second)]
            assert abs(shades[0] - level) > rendered_paint.CONTRAST[0] - 2
            away = np.array(shades) - level
            assert away[0] * away[1] <= 0 or abs(away).min() < 6  # no room on that side


def test_a_grown_mask_reaches_further_on_all_sides() -> None:
    mask = np.zeros((9, 11), np.uint8)
    mask[4, 5] = 200
    grown = np.asarray(rendered_paint._grown(Image.fromarray(mask), 2))
    expected = np.zeros_like(mask)
    expected[2:7, 3:8] = 200
    assert (grown == expected).all()


@pytest.mark.parametrize("kind", rendered_structures.KINDS + rendered_structures.PLAIN)
def test_structures_fill_their_place(kind, monkeypatch: pytest.MonkeyPatch) -> None:
    for kinds in ("KINDS", "PLAIN"):
        monkeypatch.setattr(rendered_structures, kinds, (kind,))
    draw = np.random.default_rng(len(kind.__name__))
    shares = []
    for width, height in ((120, 20), (60, 60), (200, 14), (9, 30), (4, 4), (1, 1)) * 4:
        mask = np.asarray(rendered_structures.mask(draw, width, height))
        assert mask.shape == (max(height, 4), max(width, 4)) and mask.max() > 60
        rows, columns = (np.flatnonzero(mask.max(axis=axis) > 20) for axis in (1, 0))
        assert np.ptp(rows) >= 0.45 * height and np.ptp(columns) >= 0.6 * width - 2
        shares += [mask.mean() / 255] * (width > 50)
    assert 0.2 < np.mean(shares) < 0.7


def test_three_of_five_marks_without_text_are_plain_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(rendered_structures, "KINDS", (lambda *given: drawn.append("fine"),))
    monkeypatch.setattr(rendered_structures, "PLAIN", (lambda *given: drawn.append("plain"),))
    draw = np.random.default_rng(0)
    for _ in range(400):
        rendered_structures.mask(draw, 20, 8)
    assert 0.53 < drawn.count("plain") / 400 < 0.67
