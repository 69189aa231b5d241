import os
from pathlib import Path

import pytest
from PIL import Image
from scene_trees import BOX, write_picture, write_textdis

from xray_keras.datasets import textdis
from xray_keras.datasets.scenes import gathering as scene_gathering
from xray_keras.datasets.scenes import listing as scene_listing
from xray_keras.errors import UserError


@pytest.fixture
def data(tmp_path):
    write_textdis(tmp_path, train=(1, 1), test=(1, 1))
    return tmp_path


def add(data: Path, boxes: str | None, name: str = "bad.jpg") -> Path:
    path = write_picture(data / "textdis/train/text" / name)
    if boxes is not None:
        path.with_suffix(".txt").write_text(boxes)
    return path


@pytest.mark.parametrize(
    ("boxes", "reason"),
    [
        (None, scene_gathering.NO_FILE),
        ("", scene_gathering.NO_BOX),
        ("\n \n", scene_gathering.NO_BOX),
        ("70 0 20 20\n-30 -30 10 10\n", scene_gathering.NO_AREA),  # outside
        ("10 10 20 0\n5 5 5 5 5 5 5 5\n0 0 10 10 20 20 30 30\n", scene_gathering.NO_AREA),  # no area
    ],
)
@pytest.mark.parametrize("missing", ["error", "skip"])
def test_text_pictures_without_a_usable_box_are_left_out(missing, boxes, reason, data):
    add(data, boxes)
    scenes = textdis.read(data, missing)
    assert scenes.left_out == {reason: 1}
    assert scenes.named == {reason: ["textdis/train/text/bad.jpg"]}
    assert [entry.path for entry in scenes.entries] == [entry.path for entry in without(data)]
    assert scenes.boxes["text"] == 2 and scenes.boxes["without area in the picture, dropped"] == 0


def without(data: Path) -> list[scene_listing.Scene]:
    """The entries where the bad picture is not there."""
    for path in (data / "textdis/train/text").glob("bad.*"):
        path.unlink()
    return textdis.read(data).entries


def test_boxes_are_clipped_mended_and_dropped(data):
    add(data, "50 30 20 20\n0 0 20 20 20 0 0 20\n5 5 10 10\n200 0 5 5\n")
    scenes = textdis.read(data)
    (entry,) = [entry for entry in scenes.entries if "bad" in entry.path]
    clipped, untangled, plain = entry.outlines.split(";")
    numbers = list(map(float, clipped.split()))
    assert max(numbers[::2]) == 60 and max(numbers[1::2]) == 40 and min(numbers[::2]) == 50
    assert sorted(map(float, untangled.split())) == [0] * 4 + [20] * 4
    assert plain == "5 5 15 5 15 15 5 15"
    assert scenes.boxes == {
        "text": 5,
        "marked as unreadable": 0,
        "clipped or mended": 2,
        "without area in the picture, dropped": 1,
    }


def bad_box_file(data: Path) -> Path:
    return add(data, "5 5 20 10\nexit\n").with_suffix(".txt")


def bad_picture(data: Path) -> Path:
    path = add(data, BOX)
    path.write_bytes(b"no picture")
    return path


def strip(data: Path) -> Path:
    path = add(data, BOX)
    Image.new("RGB", (200, 10)).save(path)
    return path


def negative(data: Path) -> Path:
    path = data / "textdis/test/non-text/bad.jpg"
    path.write_bytes(b"")
    return path


@pytest.mark.parametrize(
    ("spoil", "reason", "why"),
    [
        (bad_box_file, scene_gathering.BAD_BOXES, "bad.txt, line 2: 'exit' is no box"),
        (bad_picture, scene_gathering.BAD_PICTURE, "bad.jpg is none of JPEG"),
        (strip, scene_gathering.BAD_PICTURE, "bad.jpg has 200 × 10 pixels"),
        (negative, scene_gathering.BAD_PICTURE, "bad.jpg is empty (0 bytes)"),
    ],
)
def test_bad_files_are_an_error_unless_skipped(spoil, reason, why, data):
    sound = textdis.read(data).entries
    path = spoil(data)
    with pytest.raises(UserError) as caught:
        textdis.read(data)
    assert str(path) in str(caught.value) and why in str(caught.value)
    assert str(caught.value).endswith(", or leave such pictures out with MISSING=skip (--missing skip)")
    scenes = textdis.read(data, "skip")
    assert scenes.entries == sound and scenes.left_out == {reason: 1}
    (named,) = scenes.named[reason]
    assert named.startswith(f"textdis/{path.relative_to(data / 'textdis').parent.as_posix()}/bad.")
    assert why in named and str(data) not in named


def test_only_some_are_named(data):
    for number in range(scene_listing.NAMED + 5):
        add(data, None, f"bad{number:02d}.jpg")
    scenes = textdis.read(data)
    assert scenes.left_out == {scene_gathering.NO_FILE: scene_listing.NAMED + 5}
    assert len(scenes.named[scene_gathering.NO_FILE]) == scene_listing.NAMED


def test_other_files_are_counted(data):
    folder = data / "textdis/train/text"
    for name in (".DS_Store", "._img_0.jpg", "Thumbs.db"):
        (folder / name).write_bytes(b"")
    (folder / "orphan.txt").write_text(BOX)
    (folder / "notes.doc").write_text("")
    (folder / "deeper").mkdir()
    write_picture(folder / "deeper/IMG.PNG").with_suffix(".txt").write_text(BOX)
    scenes = textdis.read(data)
    assert scenes.left_out == {
        "file of the operating system": 3,
        scene_gathering.NO_PICTURE: 1,
        scene_gathering.OTHER: 1,
    }
    assert "text/deeper/IMG.PNG" in [entry.image for entry in scenes.entries]


def test_no_usable_picture_of_a_class_is_an_error(data):
    for path in (data / "textdis").glob("*/text/*.txt"):
        path.unlink()
    with pytest.raises(
        UserError, match=r"none of the 2 text pictures of .*textdis is usable \(2 text picture without a"
    ):
        textdis.read(data, "skip")
    with pytest.raises(UserError, match="missing='ignore' is neither error nor skip"):
        textdis.read(data, "ignore")


@pytest.mark.skipif(os.name == "nt", reason="file names are Unicode there")
def test_names_that_are_no_unicode(data):
    path = Path(os.fsdecode(os.fsencode(data) + b"/textdis/train/text/b\xff.jpg"))
    try:
        path.write_bytes((data / "textdis/train/text/img_0.jpg").read_bytes())
    except OSError:
        pytest.skip("this disk takes Unicode names only")
    with pytest.raises(UserError, match="a name that is not UTF-8; rename it") as caught:
        textdis.read(data)
    str(caught.value).encode()
    scenes = textdis.read(data, "skip")
    assert scenes.left_out == {scene_gathering.BAD_PICTURE: 1}
    assert (
        scenes.named[scene_gathering.BAD_PICTURE][0]
        .encode()
        .startswith(rb"textdis/train/text/b\udcff.jpg has")
    )


def test_folders_and_box_files_are_watched(data):
    (data / "textdis/train/text/deeper").mkdir()
    folder = data / "textdis/train/text"
    assert sorted(scene_listing.watched(folder)) == [folder, folder / "deeper", folder / "img_0.txt"]
    assert scene_listing.count(folder) == 1 and scene_listing.count(data / "nothing") == 0
