import numpy as np
import pytest

from tests.training.scene_world import SHAPES, SHORT, Stripes, scenes, write_population
from xray_keras import files
from xray_keras.datasets import cache, manifest, outlines
from xray_keras.datasets.scenes import cached as cached_scenes
from xray_keras.errors import UserError


class Doubled(Stripes):
    """The same scenes, twice as large in the manifest as in the cache."""

    def images(self, rows, size):
        return [super(Doubled, self).picture(row)[::2, ::2] for row in rows.itertuples()]


def test_pictures_and_outlines_are_those_of_the_cache(tmp_path):
    data = cached_scenes.open_cached(write_population(tmp_path), SHORT)
    assert len(data.frame) == 48 and [data.shape(k) for k in range(len(SHAPES))] == list(SHAPES)
    for position, row in enumerate(data.frame.itertuples()):
        assert np.array_equal(data.picture(position), Stripes().picture(row))
        assert outlines.to_text(data.text(position)) == row.outlines


def test_outlines_follow_the_pictures_scale(tmp_path):
    frame = scenes(times=2)
    population = tmp_path / "scene_text-all"
    manifest.write(frame, population / "manifest.csv")
    cache.build(
        manifest.read(population / "manifest.csv"), Doubled(), SHORT, population, workers=1, progress=False
    )
    data = cached_scenes.open_cached(population, SHORT)
    (position, *_) = np.flatnonzero(frame["Text"] == 1)
    (full,), (small,) = outlines.from_text(frame["outlines"][position]), data.text(position)
    assert data.shape(position) == (frame["height"][position] // 2, frame["width"][position] // 2)
    assert np.allclose(small.polygon, full.polygon / 2)


def test_unreadable_pictures_are_left_out(tmp_path):
    population = write_population(tmp_path)
    (sidecar,) = population.glob("*-48.json")
    files.write_json(sidecar, {**files.read_json(sidecar), "unreadable": ["0", "7"]})
    data = cached_scenes.open_cached(population, SHORT)
    assert len(data.frame) == 46 and data.frame["image"].tolist()[:2] == ["1", "2"]
    for position, row in enumerate(data.frame.itertuples()):
        assert np.array_equal(data.picture(position), Stripes().picture(row))


def test_no_cache_of_that_size_is_refused(tmp_path):
    with pytest.raises(UserError, match="build the image cache first"):
        cached_scenes.open_cached(write_population(tmp_path), SHORT + 1)
