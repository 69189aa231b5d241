from pathlib import Path

import numpy as np
import pytest
from scene_trees import write_msra

from xray_keras.datasets import box_files, msra_td500
from xray_keras.datasets.outlines import from_text
from xray_keras.datasets.scenes.pictures import read
from xray_keras.errors import UserError

SHARED = Path(__file__).parents[3] / "shared" / "data"


def test_both_parts_are_read_with_their_lines(tmp_path):
    root = write_msra(tmp_path, train=2, test=1)
    assert msra_td500.find(tmp_path) == root
    scenes = msra_td500.read(tmp_path)
    assert [(entry.image, entry.part) for entry in scenes.entries] == [
        ("IMG_tr0000.JPG", "train_val"),
        ("IMG_tr0001.JPG", "train_val"),
        ("IMG_te0000.JPG", "test"),
    ]
    first = scenes.entries[0]
    assert first.path == "msra-td500/train/IMG_tr0000.JPG" and (first.width, first.height) == (60, 40)
    assert all(entry.text == 1 for entry in scenes.entries)
    (outline,) = from_text(first.outlines)
    (expected,) = box_files.msra_td500(root / "train/IMG_tr0000.gt")
    np.testing.assert_allclose(outline.polygon, expected.polygon, atol=0.005)
    assert scenes.left_out == {} and scenes.boxes["text"] == 3


def test_the_official_name_of_the_folder_does_too(tmp_path):
    write_msra(tmp_path).rename(tmp_path / "MSRA-TD500")
    assert msra_td500.find(tmp_path) == tmp_path / "MSRA-TD500"
    assert len(msra_td500.read(tmp_path).entries) == 5


def test_one_part_is_enough(tmp_path):
    write_msra(tmp_path, train=2, test=0)
    assert {entry.part for entry in msra_td500.read(tmp_path).entries} == {"train_val"}


def test_absent(tmp_path):
    (tmp_path / "msra-td500").mkdir()
    assert msra_td500.find(tmp_path) is None
    with pytest.raises(UserError, match=r"msra-td500 has neither train/ nor test/; unpack http"):
        msra_td500.read(tmp_path)
    (tmp_path / "msra-td500/train").mkdir()
    with pytest.raises(UserError, match=r"msra-td500 holds no picture \(\.jpg, .*put some there"):
        msra_td500.read(tmp_path)


@pytest.mark.skipif(not (SHARED / msra_td500.FOLDER).is_dir(), reason="needs ../shared/data")
def test_the_shared_pictures():
    scenes = msra_td500.read(SHARED)
    assert len(scenes.entries) == 491 and scenes.left_out == {"text picture whose box file lists nothing": 9}
    assert scenes.boxes["text"] == 1719 and scenes.boxes["without area in the picture, dropped"] == 0
    # Yellow letters on a board that hangs askew: where the outlines are turned the right way there are more edges.
    (entry,) = [entry for entry in scenes.entries if entry.image == "IMG_0545.JPG"]
    pixels = read(SHARED / entry.path).astype(float).mean(axis=2)
    edges = np.hypot(*np.gradient(pixels))

    def inside(polygon: np.ndarray) -> float:
        y, x = np.mgrid[: entry.height, : entry.width] + 0.5
        a, b = polygon, np.roll(polygon, -1, axis=0)
        sides = [
            (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0]) >= 0 for p, q in zip(a, b, strict=True)
        ]
        return float(edges[np.all(sides, axis=0)].mean())

    widest = max((outline.polygon for outline in from_text(entry.outlines)), key=lambda p: np.ptp(p[:, 0]))
    mirrored = widest[::-1] * (1, -1) + (0, 2 * widest[:, 1].mean())
    assert inside(widest) > 1.5 * inside(mirrored)
