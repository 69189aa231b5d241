import numpy as np
import pytest
from PIL import Image

from xray_keras.datasets.rendered import camera


def test_a_photograph_depends_on_scene_and_draws_alone() -> None:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (70, 90, 3), np.uint8))
    first, again = (camera.photograph(np.random.default_rng(4), picture) for _ in range(2))
    assert first.dtype == np.uint8 and first.shape == (70, 90, 3) and first.flags.writeable
    assert (first == again).all()
    assert (first != camera.photograph(np.random.default_rng(5), picture)).any()


def test_brightness_varies_about_that_of_the_scene() -> None:
    picture = Image.new("RGB", (64, 48), (128, 128, 128))
    levels = np.array([camera.photograph(np.random.default_rng(k), picture).mean() for k in range(60)])
    assert 100 < levels.mean() < 150 and 15 < levels.std() < 45


@pytest.mark.parametrize("seed", range(8))
def test_blur_moves_nothing_and_loses_nothing(seed: int) -> None:
    pixels = np.zeros((41, 51, 3), np.uint8)
    pixels[18:23, 22:31] = 250
    found = np.asarray(camera._blurred(np.random.default_rng(seed), Image.fromarray(pixels))).astype(float)[
        ..., 0
    ]
    y, x = np.indices(found.shape) + 0.5
    assert (found * x).sum() / found.sum() == pytest.approx(26.5, abs=0.1)
    assert (found * y).sum() / found.sum() == pytest.approx(20.5, abs=0.1)
    assert found.sum() == pytest.approx(250 * 45, rel=0.1)  # Pillow rounds down
    assert found[17].max() > 20  # and it does blur


def test_blur_repeats_the_edge() -> None:
    flat = Image.new("RGB", (20, 16), (90, 120, 30))
    assert camera._blurred(np.random.default_rng(0), flat).tobytes() == flat.tobytes()


def test_grain_is_normal_noise_about_the_middle() -> None:
    for seed in range(6):
        noise = np.asarray(camera._grain(np.random.default_rng(seed), 120, 100)).astype(float) - 128
        assert abs(noise.mean()) < 0.6 and 0.3 < noise.std() < 7.5
    quantiles = camera._quantiles()
    assert quantiles.std() == pytest.approx(1, abs=0.01) and (np.diff(quantiles) > 0).all()


def test_tones_rise_and_colours_stay_near() -> None:
    for seed in range(10):
        table = np.array(camera._tones(np.random.default_rng(seed))).reshape(3, 256)
        assert (np.diff(table, axis=1) >= 0).all() and table.min() >= 0 and table.max() <= 255
        assert np.ptp(table[:, 100]) < 60
