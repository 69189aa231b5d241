"""Drawings show which regions reach the threshold, in two styles, and harm no picture."""

import numpy as np
import pytest
from filter_world import picture, save
from PIL import Image

from xray_keras.errors import UserError
from xray_keras.textfilter import draw

GRAY = np.full((256, 384, 3), 128, np.uint8)
BLUE, ORANGE = ((0, 114, 178), (213, 94, 0))


def regions(*numbers, level=0.9):
    found = np.full(34, 0.1, np.float32)
    found[list(numbers)] = level
    return found


def where(image, colour):
    """Rows and columns from the first to behind the last pixel of a colour."""
    rows, columns = np.nonzero((np.asarray(image) == colour).all(axis=-1))
    return (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) if rows.size else None


def test_each_grid_has_its_style_and_place():
    shown = draw.outlined(GRAY, regions(24, 25), 0.5)
    assert where(shown, BLUE) == (1, 84, 1, 127)  # first of 3×3: rows 0 to 85, columns 0 to 128
    assert where(shown, ORANGE) == (214, 247, 316, 375)  # last of 5×5: rows 205 to 256, columns 307 to 384
    pixels = np.asarray(shown)
    thick = [(pixels[40] == colour).all(axis=-1).sum() for colour in (BLUE,)]
    thin = [(pixels[230] == colour).all(axis=-1).sum() for colour in (ORANGE,)]
    assert thick == [10] and thin == [4]
    assert (pixels[100:200, 10:300] == 128).all()
    assert (GRAY == 128).all()


def test_regions_at_the_threshold_are_drawn_and_those_below_are_not():
    at = np.float32(0.7)
    assert where(draw.outlined(GRAY, regions(3, level=at), float(at)), ORANGE)
    assert (
        where(draw.outlined(GRAY, regions(3, level=np.nextafter(at, np.float32(0))), float(at)), ORANGE)
        is None
    )


def test_both_grids_are_seen_where_they_begin_together():
    shown = draw.outlined(GRAY, regions(0, 25), 0.5)
    assert where(shown, BLUE) == (1, 84, 1, 127)
    assert where(shown, ORANGE)[::2] == (9, 9)


def test_every_region_of_the_narrowest_picture_can_be_drawn():
    shown = draw.outlined(np.full((256, 257, 3), 128, np.uint8), np.ones(34), 0.5)
    assert where(shown, BLUE) and where(shown, ORANGE)


def test_drawings_are_of_a_size_to_look_at():
    assert draw.short_edge(4000, 3000) == 512
    assert draw.short_edge(300, 4000) == 300
    assert draw.short_edge(40, 33) == 256


def test_names_are_the_pictures_and_never_the_same(tmp_path):
    pictures = [
        tmp_path / name for name in ("a/x.png", "b/x.jpg", "c/X.gif", "d/x-2.png", f"e/{'long' * 60}.png")
    ]
    drawings = draw.Drawings(tmp_path / "drawn", pictures)
    drawing = Image.fromarray(GRAY)
    written = [drawings.write(path, drawing).name for path in pictures]
    assert written == ["x.jpg", "x-2.jpg", "X-3.jpg", "x-2-2.jpg", f"{'long' * 15}.jpg"]
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == sorted(written)
    with Image.open(tmp_path / "drawn" / "x-2.jpg") as image:
        assert image.size == (384, 256)


def test_a_folder_of_pictures_that_are_looked_at_is_refused(tmp_path):
    path = save(tmp_path / "photographs" / "x.jpg", picture())
    (tmp_path / "link").symlink_to(tmp_path / "photographs", target_is_directory=True)
    for folder in (path.parent, tmp_path / "link", path.parent / ".." / "photographs"):
        with pytest.raises(UserError, match="holds pictures that are looked at"):
            draw.Drawings(folder, [path])
    draw.Drawings(path.parent / "drawn", [path])
