import pytest
from scene_trees import write_textdis

from xray_keras.datasets import textdis
from xray_keras.errors import UserError


def test_both_classes_of_both_parts(tmp_path):
    root = write_textdis(tmp_path, train=(1, 2), test=(1, 1))
    assert textdis.find(tmp_path) == root
    scenes = textdis.read(tmp_path)
    # Both parts use the same names, so that the part stays in them; img_1 is in one part only.
    assert [(entry.image, entry.part, entry.text) for entry in scenes.entries] == [
        ("train/text/img_0.jpg", "train_val", 1),
        ("train/non-text/img_0.jpg", "train_val", 0),
        ("non-text/img_1.jpg", "train_val", 0),
        ("test/text/img_0.jpg", "test", 1),
        ("test/non-text/img_0.jpg", "test", 0),
    ]
    assert [entry.outlines for entry in scenes.entries] == [
        "5 5 25 5 25 15 5 15" * entry.text for entry in scenes.entries
    ]
    assert scenes.left_out == {}


def test_boxes_beside_pictures_without_text_are_not_read(tmp_path):
    root = write_textdis(tmp_path)
    (root / "train/non-text/img_0.txt").write_text("1 2 3 4\n")
    scenes = textdis.read(tmp_path)
    assert all(entry.outlines == "" for entry in scenes.entries if not entry.text)
    assert scenes.left_out == {"neither a picture nor a box file by its name": 1}


def test_one_class_is_enough(tmp_path):
    write_textdis(tmp_path, train=(2, 0), test=(1, 0)).rename(tmp_path / "TextDis")
    assert {entry.text for entry in textdis.read(tmp_path).entries} == {1}


def test_absent(tmp_path):
    (tmp_path / "textdis/train").mkdir(parents=True)
    assert textdis.find(tmp_path) is None and not textdis.is_complete(tmp_path)
    with pytest.raises(UserError, match="textdis has no folder train/text or the like; put the release"):
        textdis.read(tmp_path)


def test_what_the_paper_prints():
    assert textdis.printed() == {
        "train_val": {"text": 5302, "non_text": 6000},
        "test": {"text": 2000, "non_text": 2000},
    }


def test_complete_is_what_the_paper_prints(tmp_path, monkeypatch):
    monkeypatch.setattr(
        textdis,
        "printed",
        lambda: {"train_val": {"text": 2, "non_text": 3}, "test": {"text": 2, "non_text": 1}},
    )
    root = write_textdis(tmp_path)
    assert textdis.is_complete(tmp_path)
    (root / "test/text/img_1.jpg").rename(root / "test/non-text/img_1.jpg")
    assert not textdis.is_complete(tmp_path)
