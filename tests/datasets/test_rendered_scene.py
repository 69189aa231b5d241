import numpy as np
import pytest
from PIL import Image

from xray_keras.datasets.rendered import materials
from xray_keras.datasets.rendered import noise as rendered_noise
from xray_keras.datasets.rendered import things as rendered_things
from xray_keras.datasets.rendered.layout import SCENES, Layout, layout
from xray_keras.datasets.rendered.scene import scene


def plan(kind: str, number: int) -> Layout:
    drawn = layout(6, number)
    return Layout(6, number, drawn.width, drawn.height, kind, drawn.wall, ())


@pytest.mark.parametrize("kind", SCENES)
def test_scenes_differ_and_fill_their_picture(kind: str) -> None:
    seen = set()
    for number in range(6):
        here = plan(kind, number)
        picture, noise = scene(here)
        assert picture.size == (here.width, here.height) and picture.mode == "RGB"
        assert noise.shape == (here.height, here.width) and noise.dtype == np.float32
        assert picture.tobytes() == scene(here)[0].tobytes()
        seen.add(picture.tobytes())
        pixels = np.asarray(picture).astype(float)
        assert pixels.std() > 3 and (pixels.max(axis=2) > 0).mean() > 0.98  # no hole
    assert len(seen) == 6


def test_noise_has_unit_variance_and_the_octaves_asked_for() -> None:
    draw = np.random.default_rng(0)
    smooth, rough = (rendered_noise.octaves(draw, 200, 160, 3, rough) for rough in (0.4, 1.0))
    for field in (smooth, rough):
        assert (
            field.shape == (160, 200)
            and abs(field.mean()) < 0.1
            and field.std() == pytest.approx(1, abs=0.25)
        )
    steps = [np.diff(field, axis=1).std() for field in (smooth, rough)]
    assert steps[1] > 3 * steps[0]
    long = rendered_noise.octaves(draw, 200, 200, 20, 0.5, stretch=4)
    assert np.diff(long, axis=0).std() > 2 * np.diff(long, axis=1).std()


def test_a_ramp_goes_through_its_colours() -> None:
    field = np.array([[-9, -2, 0, 1, 2, 9]], np.float32)
    found = np.asarray(rendered_noise.ramp([(0, 0, 0), (100, 50, 10), (200, 50, 10)], field))
    np.testing.assert_allclose(found[0, :, 0], [0, 0, 100, 150, 200, 200], atol=1)
    np.testing.assert_allclose(found[0, :, 1], [0, 0, 50, 50, 50, 50], atol=1)


@pytest.mark.parametrize("material", sorted(set(materials.WALLS), key=lambda material: material.__name__))
def test_walls_follow_their_coordinates(material) -> None:
    """Half as fast coordinates show the same wall twice as large."""
    x = np.arange(96, dtype=np.float32) + 0.5 + np.zeros((96, 1), np.float32)
    flat = np.zeros_like(x)
    near, far = (
        np.asarray(material(np.random.default_rng(3), x * scale, x.T * scale, flat)).astype(float)
        for scale in (0.5, 1)
    )
    assert near.shape == (96, 96, 3)
    halved = near.reshape(48, 2, 48, 2, 3).mean(axis=(1, 3))
    assert np.abs(halved - far[:48, :48]).mean() < 8


def test_every_other_course_of_bricks_is_shifted_by_half_a_brick() -> None:
    seed = 0
    draw = np.random.default_rng(seed)
    high = draw.uniform(9, 30)
    wide = high * (1.0, 2.0, 2.6)[draw.integers(3)]
    assert wide > high  # of two or more, or the test needs another seed
    courses, ends = np.arange(6)[:, None], np.arange(4)[None, :]
    x = ends * wide + wide / 2 * (courses % 2)
    y = (courses + 0.5) * high + 0 * x
    wall = []
    for place in (x, x + wide / 2):  # between bricks, and in their middles
        x32, y32 = place.astype(np.float32), y.astype(np.float32)
        wall.append(np.asarray(materials.bricks(np.random.default_rng(seed), x32, y32, 0 * x32)).astype(int))
    joints, bodies = wall
    assert np.ptp(joints, axis=(0, 1)).max() < 8
    assert (np.abs(bodies - joints.mean(axis=(0, 1))).max(axis=2) > 15).all()


def test_things_stay_in_their_picture_and_are_seen() -> None:
    for seed in range(12):
        draw = np.random.default_rng(seed)
        picture = Image.new("RGB", (120, 90), (255, 0, 255))
        noise = rendered_noise.octaves(draw, 120, 90, 3, 0.6)
        before = picture.tobytes()
        rendered_things.house(draw, picture, noise, -20.0, -15.0, 80.0, 70.0)
        assert picture.tobytes() != before and picture.getpixel((110, 85)) == (255, 0, 255)
        rendered_things.tree(draw, picture)
        rendered_things.clutter(draw, picture)
        assert picture.size == (120, 90)
