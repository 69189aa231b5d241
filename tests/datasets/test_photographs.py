from pathlib import Path

import pytest
from scene_trees import write_photographs

from xray_keras.datasets import photographs
from xray_keras.errors import UserError

SHARED = Path(__file__).parents[3] / "shared" / "data"


def test_photographs_show_no_text(tmp_path):
    root = write_photographs(tmp_path, train=2, test=1)
    (root / "train/tr0000.txt").write_text("1 2 3 4\n")
    assert photographs.find(tmp_path) == root
    scenes = photographs.read(tmp_path)
    assert [(entry.image, entry.part) for entry in scenes.entries] == [
        ("tr0000.jpg", "train_val"),
        ("tr0001.jpg", "train_val"),
        ("te0000.jpg", "test"),
    ]
    assert all(entry.text == 0 and entry.outlines == "" for entry in scenes.entries)
    assert (scenes.entries[0].width, scenes.entries[0].height) == (40, 60)
    assert scenes.left_out == {"neither a picture nor a box file by its name": 1} and scenes.boxes == {}


def test_absent(tmp_path):
    assert photographs.find(tmp_path) is None
    with pytest.raises(
        UserError, match="photographs-without-text has neither train/ nor test/; put photographs"
    ):
        photographs.read(tmp_path)


@pytest.mark.skipif(not (SHARED / photographs.FOLDER).is_dir(), reason="needs ../shared/data")
def test_the_shared_photographs():
    scenes = photographs.read(SHARED)
    assert sum(entry.part == "train_val" for entry in scenes.entries) == 270
    assert len(scenes.entries) == 441 and scenes.left_out == {}
