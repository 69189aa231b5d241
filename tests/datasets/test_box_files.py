import math

import numpy as np
import pytest
from PIL import Image, ImageDraw

from xray_keras.datasets import box_files
from xray_keras.errors import UserError


@pytest.fixture
def written(tmp_path):
    def write(text: str | bytes):
        path = tmp_path / "x.txt"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def corners(outline):
    assert outline.polygon.dtype == np.float64 and outline.polygon.shape == (4, 2)
    return outline.polygon.tolist()


def test_textdis_takes_boxes_and_corners(written):
    first, second, third = box_files.textdis(written("1 2 30 4\n\n 1.5,2, 3,4, 5,6, 7,8 \r\n-1, -2, 0, 4,\n"))
    assert corners(first) == [[1, 2], [31, 2], [31, 6], [1, 6]]
    assert corners(second) == [[1.5, 2], [3, 4], [5, 6], [7, 8]]
    assert corners(third) == [[-1, -2], [-1, -2], [-1, 2], [-1, 2]]  # no area: for the caller to mend
    assert not any(outline.ignored for outline in (first, second, third))


def test_msra_turns_boxes_about_their_centre(written):
    lines = f"0 0 10 20 40 10 0\n1 1 10 20 40 10 {math.pi / 2:.9f}\n2 0 10 20 40 10 {math.pi / 6:.9f}\n"
    flat, standing, tilted = box_files.msra_td500(written(lines))
    assert corners(flat) == [[10, 20], [50, 20], [50, 30], [10, 30]]
    # A quarter turn, clockwise as one looks at it: what was the upper left corner is now the upper right one.
    np.testing.assert_allclose(standing.polygon, [[35, 5], [35, 45], [25, 45], [25, 5]], atol=1e-6)
    # The text goes downhill to the right: its right end is lower, in pixels of y downwards.
    assert tilted.polygon[1, 1] - tilted.polygon[0, 1] == pytest.approx(40 * math.sin(math.pi / 6), abs=1e-6)
    assert tilted.polygon.mean(axis=0).tolist() == pytest.approx([30, 25])
    assert not any(outline.ignored for outline in (flat, standing, tilted))  # difficult text is text


def test_msra_turns_as_pillow_turns_a_picture(written):
    """Drawn: a bar that Pillow turns by minus the angle (it counts counter-clockwise) lies in the outline."""
    angle = 0.4
    bar = Image.new("L", (100, 80))
    ImageDraw.Draw(bar).rectangle((30, 35, 69, 44), fill=255)
    turned = np.asarray(bar.rotate(-math.degrees(angle), Image.Resampling.BICUBIC, center=(50, 40))) > 127
    (outline,) = box_files.msra_td500(written(f"0 0 30 35 40 10 {angle}\n"))
    drawn = Image.new("L", (100, 80))
    ImageDraw.Draw(drawn).polygon([tuple(corner) for corner in outline.polygon.tolist()], fill=255)
    inside = np.asarray(drawn) > 0
    assert (turned & inside).sum() > 0.9 * turned.sum()


def test_icdar_takes_any_text(written):
    lines = (
        "\ufeff1,2,30,2,30,9,1,9,exit\r\n"
        " 1, 2, 30,2,30,9,1,9,red, white and ### blue\r\n"
        "1,2,30,2,30,9,1,9,###\n"
        "1,2,30,2,30,9,1,9,Latin,###\n"
        "1,2,30,2,30,9,1,9,,\n"
        "1,2,30,2,30,9,1,9\n"
        "1,2,30,2,30,9,1,9,\u51fa\u2028\u53e3\n"
    )
    outlines = box_files.icdar(written(lines))
    assert [outline.ignored for outline in outlines] == [False, False, True, True, False, False, False]
    assert all(corners(outline) == [[1, 2], [30, 2], [30, 9], [1, 9]] for outline in outlines)


@pytest.mark.parametrize("parse", [box_files.textdis, box_files.msra_td500, box_files.icdar])
@pytest.mark.parametrize("text", ["", "\n \r\n\t\n", "\ufeff"])
def test_empty_files_list_nothing(parse, text, written):
    assert parse(written(text)) == []


@pytest.mark.parametrize(
    ("parse", "line", "message"),
    [
        (box_files.textdis, "1 2 3", "3 numbers instead of x y w h or of four corners"),
        (box_files.textdis, "1 2 3 4 5 6", "6 numbers"),
        (box_files.textdis, "1 2 -3 4", "a negative width or height"),
        (box_files.textdis, "1 2 3 4px", "'4px' is no number"),
        (box_files.textdis, "1,,2,3", "3 numbers"),
        (box_files.textdis, "1 2 3 nan", "'nan' is no number"),
        (box_files.textdis, "1 2 3 1e999", "'1e999' is no number"),
        (box_files.textdis, "1 2 3 1_0", "'1_0' is no number"),
        (box_files.textdis, "1 2 3 ١", "is no number"),
        (box_files.msra_td500, "0 0 1 2 3 4", "6 fields instead of index, difficult"),
        (box_files.msra_td500, "0 2 1 2 3 4 0", "begin with an index and 0 or 1 for difficult"),
        (box_files.msra_td500, "a 0 1 2 3 4 0", "begin with an index"),
        (box_files.msra_td500, "0 0 1 2 3 -4 0", "a negative width or height"),
        (box_files.msra_td500, "0 0 1 2 3 4 inf", "'inf' is no number"),
        (box_files.icdar, "1,2,3,4,5,6,7", "fewer than the eight coordinates"),
        (box_files.icdar, "1,2,3,4,5,6,7,exit", "'exit' is no number"),
        (box_files.icdar, "1 2 3 4 5 6 7 8,x", "fewer than the eight"),
    ],
)
def test_malformed_lines_are_named_with_their_file(parse, line, message, written):
    good = {
        box_files.textdis: "1 2 3 4",
        box_files.msra_td500: "0 0 1 2 3 4 0.5",
        box_files.icdar: "1,2,3,4,5,6,7,8,a",
    }[parse]
    with pytest.raises(UserError, match=rf"x\.txt, line 3: .*{message}.*; mend the line"):
        parse(written(f"{good}\n\n{line}\n{good}\n"))


def test_lines_are_shown_shortened(written):
    with pytest.raises(UserError) as caught:
        box_files.icdar(written("9" * 200_000))
    assert len(str(caught.value)) < 400


def test_what_is_no_box_file(written, tmp_path):
    with pytest.raises(UserError, match=r"x\.txt is not UTF-8"):
        box_files.icdar(written(b"1,2,3,4,5,6,7,8,\xff\n"))
    with pytest.raises(UserError, match=r"x\.txt has more than 262,144 bytes"):
        box_files.textdis(written(b"\n" * (box_files.MOST_BYTES + 1)))
    assert box_files.textdis(written(b"\n" * box_files.MOST_BYTES)) == []
    with pytest.raises(UserError, match=r"x\.txt lists more than 4,000 boxes"):
        box_files.textdis(written("1 2 3 4\n" * (box_files.MOST_BOXES + 1)))
    assert len(box_files.textdis(written("1 2 3 4\n" * box_files.MOST_BOXES))) == box_files.MOST_BOXES
    with pytest.raises(UserError, match=r"absent\.txt cannot be read \(No such file"):
        box_files.textdis(tmp_path / "absent.txt")
