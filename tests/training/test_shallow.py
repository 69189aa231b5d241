import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from xray_keras.training import shallow

RNG = np.random.default_rng(2)


def bright(images: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise; label 0 brightens a patch, label 1 darkens another."""
    targets = RNG.integers(0, 2, (images, 2))
    pixels = RNG.integers(60, 180, (images, 40, 40))
    pixels[:, 5:15, 5:15] += 40 * targets[:, 0, None, None]
    pixels[:, 22:32, 20:30] -= 40 * targets[:, 1, None, None]
    return pixels.astype(np.uint8), targets.astype(np.float32)


def test_pooling_is_the_mean_by_area():
    images = RNG.integers(0, 256, (3, 40, 40)).astype(np.uint8)
    # 40 px on 16 cells: each pixel as 2 × 2, then cells of 5 × 5.
    finer = np.kron(images, np.ones((1, 2, 2)))
    expected = finer.reshape(3, 16, 5, 16, 5).mean(axis=(2, 4)).reshape(3, -1)
    np.testing.assert_allclose(shallow.pooled(images), expected, rtol=1e-5)
    small = RNG.integers(0, 256, (2, 9, 9)).astype(np.uint8)
    np.testing.assert_allclose(shallow.pooled(small), small.reshape(2, -1), rtol=1e-6)


@pytest.mark.parametrize("classifier", shallow.CLASSIFIERS)
def test_each_learns_each_label(classifier):
    images, targets = bright(300)
    queries, truth = bright(100)
    p = shallow.probabilities(classifier, images, targets, queries, seed=0)
    assert p.shape == (100, 2) and p.dtype == np.float32 and 0 <= p.min() <= p.max() <= 1
    for k in range(2):
        assert roc_auc_score(truth[:, k], p[:, k]) > 0.95
    np.testing.assert_array_equal(p, shallow.probabilities(classifier, images, targets, queries, seed=0))


def test_the_seed_is_the_forests():
    images, targets = bright(60)
    one, other = (shallow.probabilities("random_forest", images, targets, images, seed) for seed in (0, 1))
    assert not np.array_equal(one, other)


def test_a_label_that_all_images_share_is_the_answer():
    images, targets = bright(40)
    targets[:, 0], targets[:, 1] = 1, 0
    p = shallow.probabilities("nearest_neighbours", images, targets, images[:3], seed=0)
    np.testing.assert_array_equal(p, np.tile([1, 0], (3, 1)))


def test_fewer_images_than_neighbours():
    images, targets = bright(6)
    targets[:, 0] = [0, 1, 0, 1, 0, 1]
    p = shallow.probabilities("nearest_neighbours", images, targets, images, seed=0)
    np.testing.assert_allclose(p[:, 0], 0.5)
