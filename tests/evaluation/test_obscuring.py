import itertools

import numpy as np
import pytest

from xray_keras.evaluation import obscuring

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (3, 20, 20)).astype(np.uint8)


def test_a_mixture_goes_from_one_image_to_the_other():
    others = RNG.integers(0, 256, IMAGES.shape).astype(np.uint8)
    np.testing.assert_array_equal(obscuring.blended(IMAGES, others, 0.0), IMAGES)
    np.testing.assert_array_equal(obscuring.blended(IMAGES, others, 1.0), others)
    pair = np.full((1, 1, 1), 10, np.uint8), np.full((1, 1, 1), 250, np.uint8)
    assert obscuring.blended(*pair, 0.25).item() == 70 and obscuring.blended(*pair, 0.25).dtype == np.uint8


@pytest.mark.parametrize("change", [obscuring.blurred, obscuring.pixelated])
def test_strength_hides_and_none_changes_nothing(change):
    np.testing.assert_array_equal(change(IMAGES, 0.0), IMAGES)
    left = [change(IMAGES, strength).astype(float).var(axis=(1, 2)) for strength in (0.0, 0.1, 0.25)]
    assert (np.diff(left, axis=0) < 0).all()
    flat = np.full((1, 20, 20), 255, np.uint8)
    np.testing.assert_array_equal(change(flat, 0.3), flat)
    assert change(IMAGES, 0.1).dtype == np.uint8


def test_the_blur_is_as_wide_in_a_larger_image():
    edge = np.zeros((1, 20, 20), np.uint8)
    edge[:, :, 10:] = 200
    large = edge.repeat(4, axis=1).repeat(4, axis=2)
    shrunk = obscuring.blurred(large, 0.1).reshape(1, 20, 4, 20, 4).mean(axis=(2, 4))
    np.testing.assert_allclose(shrunk, obscuring.blurred(edge, 0.1), atol=3)


def test_cells_are_means_also_where_they_do_not_fit():
    image = np.arange(25, dtype=np.uint8).reshape(1, 5, 5)
    found = obscuring.pixelated(image, 0.5)[0]
    edges = [0, 2, 5]  # 2.5 rounds to even
    for top, bottom in itertools.pairwise(edges):
        for left, right in itertools.pairwise(edges):
            mean = np.round(image[0, top:bottom, left:right].mean())
            assert (found[top:bottom, left:right] == mean).all()
    assert len(np.unique(obscuring.pixelated(IMAGES, 1.0)[0])) == 1
    np.testing.assert_array_equal(obscuring.pixelated(IMAGES, 1 / 64), IMAGES)
