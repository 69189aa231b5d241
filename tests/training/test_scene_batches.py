import numpy as np
import pytest

from tests.training import scene_world
from tests.training.scene_world import CONFIG, OPTIONS
from xray_keras.datasets import outlines, region_labels
from xray_keras.errors import UserError
from xray_keras.training import scene_batches, scene_views
from xray_keras.training.scene_data import open_scenes


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return open_scenes(scene_world.write_population(tmp_path_factory.mktemp("scenes")), CONFIG)


def all_of(data, epoch=0, **changes):
    return list(scene_batches.of_epoch(data, {**CONFIG, **changes}, epoch))


def test_pictures_keep_their_shape_in_the_cache(data):
    frame = scene_world.scenes()
    for position in range(len(frame)):
        row = frame.iloc[position]
        assert data.shape(position) == (row["height"], row["width"])
        np.testing.assert_array_equal(data.picture(position), scene_world.Stripes().picture(row))


def test_an_epoch_shows_every_training_picture_once_in_batches_of_one_shape(data):
    batches = all_of(data)
    shown = np.concatenate([batch.positions for batch in batches])
    assert sorted(shown) == sorted(data.part("train")) and len(batches) == scene_batches.steps(data, CONFIG)
    for batch in batches:
        assert len(batch.positions) <= CONFIG["batch_size"] and batch.pictures.dtype == np.uint8
        assert all(edge == 48 or edge % scene_views.GRAIN == 0 for edge in batch.pictures.shape[1:3])
    other = np.concatenate([batch.positions for batch in all_of(data, epoch=1)])
    again = np.concatenate([batch.positions for batch in all_of(data)])
    assert (shown == again).all() and (shown != other).any()


def test_batches_of_one_show_whole_pictures(data):
    for batch in all_of(data, batch_size=1):
        assert batch.pictures.shape[1:3] == data.shape(batch.positions[0])


@pytest.mark.parametrize("batch_size", [1, 4])
def test_labels_follow_the_pixels(data, batch_size):
    """Where a region is labelled as text, its pixels are striped, however the picture is cut, mirrored and turned."""
    seen = 0
    for epoch in range(3):
        for batch in all_of(data, epoch, batch_size=batch_size):
            shown = scene_batches.to_input(batch.pictures, batch.warps).numpy()
            for picture, labels in zip(shown, batch.labels, strict=True):
                height, width, _ = picture.shape
                striped = np.abs(picture[..., 0] - 125) > 40
                for box, label in zip(region_labels.boxes(width, height), labels, strict=True):
                    left, top, right, bottom = np.round(box).astype(int)
                    share = striped[top:bottom, left:right].mean()
                    if share > 0.1:
                        seen += 1
                        assert label == 1
                    if label == 0:
                        assert share < 0.05
    assert seen > 50


def test_a_view_is_the_same_in_another_process_and_batch(data):
    position = data.part("train")[:1]
    first, again = (scene_batches.of_view(data, position, CONFIG, 2) for _ in range(2))
    np.testing.assert_array_equal(first.pictures, again.pictures)
    np.testing.assert_array_equal(first.warps, again.warps)
    other = scene_batches.of_view(data, position, CONFIG, 3)
    assert (first.warps != other.warps).any()
    elsewhere = {**CONFIG, "model_options": {**OPTIONS, "pictures_seed": 1}}
    assert (scene_batches.of_view(data, position, elsewhere, 2).warps != first.warps).any()
    another_run = {**CONFIG, "seed": 9}
    np.testing.assert_array_equal(scene_batches.of_view(data, position, another_run, 2).warps, first.warps)


def test_fixed_views_come_in_turn(data):
    fixed = {"model_options": {**OPTIONS, "views": 2}}
    assert [all_of(data, epoch, **fixed)[0].number for epoch in range(4)] == [0, 1, 0, 1]
    assert [all_of(data, epoch)[0].number for epoch in range(4)] == [0, 1, 2, 3]


def test_without_operations_a_view_is_the_picture(data):
    for batch in all_of(data, augmentation="none", batch_size=1):
        shown = scene_batches.to_input(batch.pictures, batch.warps).numpy()
        np.testing.assert_array_equal(shown[0], data.picture(batch.positions[0]))
        np.testing.assert_array_equal(batch.labels[0], data.labels(batch.positions[0], "area"))


def test_a_mirrored_picture_is_mirrored_exactly():
    view = scene_views.View(0, 0, 5, 7, outlines.flipping(7))
    picture = np.random.default_rng(0).integers(0, 255, (1, 5, 7, 3)).astype(np.uint8)
    shown = scene_batches.to_input(picture, view.warp()[None]).numpy()
    np.testing.assert_array_equal(shown[0], picture[0, :, ::-1])


def test_an_unknown_operation_is_named(data):
    with pytest.raises(UserError, match="'zoom' is unknown for scenes; join some of flip, rotation"):
        all_of(data, augmentation="flip+zoom")


def test_the_split_is_that_of_the_pictures_seed(tmp_path):
    population = scene_world.write_population(tmp_path)
    splits = [open_scenes(population, {**CONFIG, "seed": seed}).split for seed in (3, 4)]
    assert (splits[0] == splits[1]).all()
    other = {**CONFIG, "model_options": {**OPTIONS, "pictures_seed": 5}}
    assert (open_scenes(population, other).split != splits[0]).any()
