import pytest
from scene_trees import WORD, write_icdar, write_picture

from xray_keras.datasets import icdar_quadrilaterals
from xray_keras.errors import UserError


def test_words_and_ignored_words(tmp_path):
    root = write_icdar(tmp_path)
    with (root / "train/gt_tr_0.txt").open("a", encoding="utf-8") as opened:
        opened.write("30,5,50,5,50,15,30,15,###\n")
    assert icdar_quadrilaterals.find(tmp_path) == root
    scenes = icdar_quadrilaterals.read(tmp_path)
    assert [entry.image for entry in scenes.entries] == ["tr_0.png", "tr_1.png", "te_0.png"]
    assert scenes.entries[0].outlines == "5 5 25 5 25 15 5 15;#30 5 50 5 50 15 30 15"
    assert scenes.entries[1].outlines == "5 5 25 5 25 15 5 15"
    assert scenes.boxes["text"] == 3 and scenes.boxes["marked as unreadable"] == 1
    assert scenes.left_out == {}


def test_both_names_of_a_box_file(tmp_path):
    path = write_picture(tmp_path / "icdar/test/img_1.jpg")
    path.with_suffix(".txt").write_text(WORD)
    scenes = icdar_quadrilaterals.read(tmp_path)
    assert len(scenes.entries) == 1 and scenes.left_out == {}
    path.with_name("gt_img_1.txt").write_text(WORD.replace("exit", "###"))  # comes first
    with pytest.raises(UserError, match=r"none of the 1 text pictures .*text is all marked as unreadable"):
        icdar_quadrilaterals.read(tmp_path)


def test_absent(tmp_path):
    assert icdar_quadrilaterals.find(tmp_path) is None
    with pytest.raises(UserError, match="icdar has neither train/ nor test/"):
        icdar_quadrilaterals.read(tmp_path)
