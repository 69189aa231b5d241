import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image
from scene_trees import write_msra, write_photographs, write_picture

from xray_keras.datasets import cache
from xray_keras.datasets.msra_td500 import read as read_msra
from xray_keras.datasets.photographs import read as read_photographs
from xray_keras.datasets.scenes import rows as scene_rows
from xray_keras.datasets.scenes.originals import Originals, Scaled
from xray_keras.datasets.scenes.pictures import read
from xray_keras.errors import UserError


@pytest.fixture
def frame(tmp_path):
    write_msra(tmp_path, train=2, test=0)
    write_photographs(tmp_path, train=2, test=0)
    return scene_rows.joined(
        [
            scene_rows.rows(read_msra(tmp_path).entries, "msra-td500"),
            scene_rows.rows(read_photographs(tmp_path).entries, "photographs"),
        ]
    )


def test_pictures_keep_their_shape(frame, tmp_path):
    source = Originals(tmp_path)
    images = source.images(frame, 20)
    assert [image.shape for image in images] == [(20, 30, 3)] * 2 + [(30, 20, 3)] * 2
    for image, path in zip(images, frame["path"], strict=True):
        np.testing.assert_array_equal(image, read(tmp_path / path, 20))
    row = next(frame.itertuples())
    whole = source.picture(row)
    assert whole.shape == (40, 60, 3)
    np.testing.assert_array_equal(whole, source.picture(frame.iloc[0]))
    np.testing.assert_array_equal(whole, np.asarray(Image.open(tmp_path / row.path)))
    assert pickle.loads(pickle.dumps(source)) == source


def test_the_cache_takes_them(frame, tmp_path):
    built = cache.build(frame, Originals(tmp_path), 20, tmp_path / "built", workers=1, progress=False)
    array = cache.load(built)
    placed = cache.layout(frame, 20)
    for start, shape, image in zip(
        placed.starts, placed.shapes, Originals(tmp_path).images(frame, 20), strict=True
    ):
        np.testing.assert_array_equal(array[start : start + image.size].reshape(shape), image)


def test_a_picture_that_changed_is_named(frame, tmp_path):
    write_picture(tmp_path / frame["path"].iloc[1], 50, 40)
    source = Originals(tmp_path)
    for use in (lambda: source.images(frame, 20), lambda: source.picture(frame.iloc[1])):
        with pytest.raises(
            UserError, match=r"IMG_tr0001\.JPG is not of the 60 × 40 pixels .*build the manifest again"
        ):
            use()


def test_the_signature_follows_the_files(frame, tmp_path):
    before = Originals(tmp_path).signature(frame)
    assert before.startswith("scene-1, scene_text, ")
    assert before != Originals(tmp_path).signature(frame.iloc[:2])
    write_picture(tmp_path / frame["path"].iloc[1], 50, 40)
    assert before != Originals(tmp_path).signature(frame)


@dataclass(frozen=True)
class Painter:
    def picture(self, row):
        return np.full((row.height, row.width, 3), row.Index % 256, np.uint8)

    def signature(self, rows):
        return f"painted, {len(rows)}"


def test_computed_pictures_are_scaled_alike(frame, tmp_path):
    source = Scaled(Painter())
    images = source.images(frame, 20)
    assert [image.shape for image in images] == [(20, 30, 3)] * 2 + [(30, 20, 3)] * 2
    assert [int(image.mean()) for image in images] == [0, 1, 2, 3] and images[0].dtype == np.uint8
    assert source.signature(frame) == "scene-1, painted, 4"
    assert source.picture(next(frame.itertuples())).shape == (40, 60, 3)

    class FromDisk(Painter):
        def picture(self, row):
            return np.asarray(Image.open(tmp_path / row.path))

    small = Scaled(FromDisk()).images(
        frame, 10
    )  # 60 × 40: too small for a JPEG to be decoded reduced but at 10
    whole = Image.open(tmp_path / frame["path"].iloc[0]).resize((15, 10), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(small[0], np.asarray(whole))
