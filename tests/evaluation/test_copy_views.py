import numpy as np
import pytest
from scipy import ndimage

from xray_keras.evaluation import copy_views
from xray_keras.evaluation.copy_views import WHOLE, Warp

RNG = np.random.default_rng(9)


@pytest.fixture(scope="module")
def textures():
    """Smooth random pictures, uint8 (60, 64, 64)."""
    noise = ndimage.gaussian_filter(RNG.normal(size=(60, 64, 64)), (0, 4, 4))
    return np.clip(128 + 45 * noise / noise.std(), 0, 255).astype(np.uint8)


def test_a_view_is_the_crop(textures):
    # The left upper half of the picture, at the pixels' own pitch.
    view = Warp(-0.5, -0.5, 0.5)
    found = copy_views.sample(textures, 32, view)
    expected = ndimage.gaussian_filter(textures[:, :32, :32].astype(float), (0, 0.8, 0.8), mode="nearest")
    inner = np.s_[:, 4:-4, 4:-4]
    np.testing.assert_allclose(found[inner], expected[inner], atol=0.5)
    ramp = np.tile(np.arange(64, dtype=np.uint8), (1, 64, 1))
    across = copy_views.sample(ramp, 16, WHOLE)[0, 8]
    np.testing.assert_allclose(across[3:-3], 4 * np.arange(3, 13) + 1.5, atol=0.01)
    np.testing.assert_allclose(copy_views.sample(ramp.transpose(0, 2, 1), 16)[0, :, 8], across)


def test_where_the_picture_lies(textures, monkeypatch):
    monkeypatch.setattr(copy_views, "_TRAINING", 25)
    monkeypatch.setattr(copy_views, "_QUERIES", 2)
    image = textures[41]
    upper_right = ndimage.zoom(image[:58, 6:], 64 / 58, order=1)
    padded = np.full((80, 80), image.mean(), np.uint8)
    padded[8:72, 8:72] = image
    shrunk = ndimage.zoom(padded, 0.8, order=1)
    shifted = np.roll(image, (6, -6), (0, 1))
    pictures = np.stack([image, image[:, ::-1], upper_right, shrunk, shifted])
    found = copy_views.candidates(pictures, textures, 3)
    np.testing.assert_array_equal(found.rows[:, 0], 41)
    np.testing.assert_array_equal(found.flipped[:, 0], [False, True, False, False, False])
    expected = [(0, 0, 1), (0, 0, 1), (0.1, -0.1, 0.9), (0, 0, 1.2), (0.2, -0.2, 1)]
    np.testing.assert_allclose(found.warp[:, 0], expected, atol=0.13)
    assert all(len(set(rows)) == 3 for rows in found.rows)


def test_tangents_explain_small_changes(textures):
    low = copy_views.sample(textures, copy_views.SIZE)
    basis = copy_views._basis(low)
    np.testing.assert_allclose(
        np.einsum("anp,bnp->nab", basis, basis), np.broadcast_to(np.eye(4), (60, 4, 4)), atol=1e-4
    )
    moved = copy_views._unit(copy_views.sample(textures, copy_views.SIZE, Warp(0.03, -0.02, 0.98)))
    plain = np.square(np.einsum("np,np->n", moved, basis[0]))
    tangent = np.square(np.einsum("np,anp->na", moved, basis)).sum(axis=1)
    assert ((1 - tangent) < 0.25 * (1 - plain)).mean() > 0.9
