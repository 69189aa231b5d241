import numpy as np
import pytest
import tensorflow as tf
from skimage.metrics import structural_similarity

from xray_keras.losses import distances


@pytest.fixture
def pair():
    """Smooth images and noisy copies, float32 (4, 64, 64, 1) in [0, 1]."""
    rng = np.random.default_rng(0)
    x, y = np.mgrid[:64, :64] / 64
    images = np.stack([0.5 + 0.4 * np.sin(k * x + 5 * y) for k in range(1, 5)])
    noise = rng.normal(0, 1, images.shape) * np.array([0.02, 0.1, 0.3, 1.0])[:, None, None]
    others = np.clip(images + noise, 0, 1)
    return images[..., None].astype(np.float32), others[..., None].astype(np.float32)


def test_l1_and_l2_by_hand():
    images = np.zeros((2, 2, 2, 1), np.float32)
    others = np.array([[[0.0, 1.0], [0.5, 0.5]], [[0.0, 0.0], [0.0, 1.0]]], np.float32)[..., None]
    np.testing.assert_allclose(distances.l1(images, others), [0.5, 0.25])
    np.testing.assert_allclose(distances.l2(images, others), [np.sqrt(1.5 / 4), 0.5], rtol=1e-6)
    np.testing.assert_array_equal(distances.l2(others, others), 0)


def test_ssim_is_that_of_scikit_image(pair):
    expected = [
        1
        - structural_similarity(
            image[..., 0].astype(np.float64),
            other[..., 0].astype(np.float64),
            data_range=1.0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        for image, other in zip(*pair, strict=True)
    ]
    assert np.ptp(expected) > 0.5
    np.testing.assert_allclose(distances.ssim(*pair), expected, atol=1e-5)


def test_ssim_is_that_of_tensorflow(pair):
    expected = 1 - tf.image.ssim(*map(tf.constant, pair), max_val=1.0).numpy()
    np.testing.assert_allclose(distances.ssim(*pair), expected, atol=1e-5)


def test_equal_images_are_at_no_distance(pair):
    for distance in (distances.l1, distances.l2, distances.ssim):
        np.testing.assert_allclose(distance(pair[0], pair[0]), 0, atol=1e-6)
        found = np.asarray(distance(*pair))
        assert found.shape == (4,) and (np.diff(found) > 0).all()


def test_distance_of_a_code_to_the_centre():
    np.testing.assert_allclose(distances.latent(np.array([[3.0, 4.0], [0.0, 0.0]], np.float32)), [5, 0])
