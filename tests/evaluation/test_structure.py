import numpy as np
import pytest
from skimage.metrics import structural_similarity

from xray_keras.errors import UserError
from xray_keras.evaluation import neighbours, structure

RNG = np.random.default_rng(7)


@pytest.fixture(scope="module")
def pictures():
    """Smooth pictures and noisy ones, uint8 (9, 20, 23)."""
    x, y = np.meshgrid(np.arange(23), np.arange(20))
    smooth = np.stack([120 + 100 * np.sin((k * x + 5 * y) / 20) for k in range(1, 10)])
    return np.clip(
        smooth + RNG.normal(0, 30, smooth.shape) * (np.arange(9) % 3)[:, None, None], 0, 255
    ).astype(np.uint8)


def oracle(one, other, stride):
    _, full = structural_similarity(one, other, data_range=255, use_sample_covariance=False, full=True)
    return full[3:-3:stride, 3:-3:stride].mean()


@pytest.mark.parametrize("stride", [1, 4])
@pytest.mark.parametrize("block", [2, 256])
def test_against_scikit_image(stride, block, pictures, monkeypatch):
    monkeypatch.setattr(structure, "_BLOCK", block)
    monkeypatch.setattr(neighbours, "BLOCK", 1)
    found = structure.similarity(pictures, pictures[:5], stride)
    expected = [[oracle(one, other, stride) for other in pictures[:5]] for one in pictures]
    assert np.ptp(expected) > 0.5
    np.testing.assert_allclose(found, expected, atol=2e-6)
    nearest = structure.nearest(pictures[5:], pictures[:5], stride)
    np.testing.assert_array_equal(nearest.rows[:, 0], np.argmax(expected[5:], axis=1))
    np.testing.assert_allclose(nearest.distance[:, 0], 1 - np.max(expected[5:], axis=1), atol=2e-6)


def test_with_stride_1_it_is_scikit_images_mean(pictures):
    expected = structural_similarity(pictures[0], pictures[1], data_range=255, use_sample_covariance=False)
    assert structure.similarity(pictures[:1], pictures[1:2], 1)[0, 0] == pytest.approx(expected, abs=2e-6)


def test_a_copy_is_found(pictures):
    found = structure.nearest(pictures, pictures)
    np.testing.assert_array_equal(found.rows[:, 0], np.arange(9))
    np.testing.assert_allclose(found.distance, 0, atol=1e-5)


def test_what_is_no_image_is_refused(pictures):
    for images, others, sentence in (
        (pictures.astype(float), pictures, "float64; give 8-bit gray"),
        (pictures[0], pictures, "give 8-bit gray"),
        (pictures, pictures[:0], "give 8-bit gray"),
        (pictures, pictures[:, :10], "resize"),
        (pictures[:, :6], pictures[:, :6], "smaller than 7"),
    ):
        with pytest.raises(UserError, match=sentence):
            structure.similarity(images, others)
