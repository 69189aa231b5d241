import numpy as np
import pytest
from scipy import ndimage

from xray_keras.evaluation import alignment

RNG = np.random.default_rng(10)
WHOLE = np.array([[0.0, 0.0, 1.0]])


@pytest.fixture(scope="module")
def textures():
    """Smooth random pictures, float32 (20, 48, 48), 0–255."""
    noise = ndimage.gaussian_filter(RNG.normal(size=(20, 48, 48)), (0, 2, 2))
    return np.clip(110 + 35 * noise / noise.std(), 0, 245).astype(np.float32)


def test_warping_interpolates_as_scipy(textures):
    warps = np.array([[0.1, -0.05, 0.8]] * 20)
    found, inside = alignment.warp(textures, warps)
    place = (np.arange(48) + 0.5) / 48 * 2 - 1
    y, x = (((centre + 0.8 * place) + 1) * 24 - 0.5 for centre in (-0.05, 0.1))
    grid = np.meshgrid(y, x, indexing="ij")
    expected = [ndimage.map_coordinates(image, grid, order=1, mode="nearest") for image in textures]
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert inside.all()
    assert not alignment.warp(textures, np.array([[0.5, 0.0, 1.0]] * 20))[1][:, :, -12:].any()


def test_a_known_warp_is_recovered(textures):
    truth = np.array([[0.06, -0.05, 0.93]] * 20)
    pictures = (0.7 * alignment.warp(textures, truth)[0] + 20).astype(np.float32)
    begun = np.repeat(WHOLE, 20, axis=0)
    found = alignment.align(pictures, textures, begun, 8)
    np.testing.assert_allclose(found, truth, atol=0.01)
    np.testing.assert_array_equal(begun, np.repeat(WHOLE, 20, axis=0))
    before, after = (alignment.distance(pictures, textures, warps) for warps in (begun, found))
    assert after.max() < 0.01 < 0.1 < before.min()


def test_brightness_gray_curve_and_shading_are_no_difference(textures):
    shading, contrast = np.linspace(-30, 30, 48), np.linspace(0.2, 1, 48)
    warps = np.repeat(WHOLE, 20, axis=0)
    for changed in (
        0.5 * textures + 30,
        textures + shading,
        255 * (textures / 255) ** 0.7,
        textures * contrast,
    ):
        assert alignment.distance(changed.astype(np.float32), textures, warps).max() < 0.02
    assert alignment.distance(np.roll(textures, 1, axis=0), textures, warps).min() > 0.5


def test_saturated_pixels_and_edges_do_not_count(textures):
    warps = np.repeat(WHOLE, 20, axis=0)
    burnt = np.minimum(textures * 1.7, 255).astype(np.float32)
    assert 0.1 < (burnt == 255).mean() < 0.6
    assert alignment.distance(burnt, textures, warps).max() < 0.02
    framed = textures.copy()
    framed[:, :3], framed[:, :, -3:] = 0, 200
    assert alignment.distance(framed, textures, warps).max() < 0.2


def test_too_little_to_compare_is_no_likeness(textures):
    warps = np.repeat(WHOLE, 20, axis=0)
    white, gray = np.full_like(textures, 255), np.full_like(textures, 90)
    for picture in (white, gray):
        np.testing.assert_array_equal(alignment.distance(picture, textures, warps), 1)
        assert np.isfinite(alignment.align(picture, textures, warps, 3)).all()
    np.testing.assert_array_equal(alignment.distance(textures, textures, np.array([[1.8, 0.0, 1.0]] * 20)), 1)
