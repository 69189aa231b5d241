import numpy as np
import pytest
from sklearn.covariance import LedoitWolf
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from xray_keras.errors import UserError
from xray_keras.evaluation.detectors import DETECTORS, Mahalanobis, NearestNeighbour

RNG = np.random.default_rng(0)
MIXED = RNG.normal(size=(12, 12)) * np.geomspace(0.01, 30, 12)


def features(images: int, seed: int, away: float = 0.0) -> np.ndarray:
    """Correlated features of very different scales; `away` moves them along the direction of least spread."""
    rng = np.random.default_rng(seed)
    plain = rng.normal(size=(images, 12))
    return (plain @ MIXED + away * np.linalg.svd(MIXED)[2][-1]).astype(np.float32)


def test_mahalanobis_against_scikit_learn():
    training, others = features(300, 1), features(40, 2)
    scale, mean = training.astype(float).std(axis=0), training.astype(float).mean(axis=0)
    oracle = LedoitWolf().fit((training - mean) / scale)
    expected = np.sqrt(oracle.mahalanobis((others - mean) / scale))
    assert np.allclose(Mahalanobis.fit(training).score(others), expected, rtol=1e-5)


def test_mahalanobis_with_fewer_images_than_features():
    training = RNG.normal(size=(20, 100))
    detector = Mahalanobis.fit(training)
    inside, outside = RNG.normal(size=(50, 100)), RNG.normal(size=(50, 100)) + 1
    assert np.isfinite(detector.score(outside)).all()
    assert roc_auc_score([0] * 50 + [1] * 50, np.r_[detector.score(inside), detector.score(outside)]) > 0.9


def test_mahalanobis_does_not_depend_on_the_scale_of_a_feature():
    training, others = features(200, 1), features(30, 2)
    factors = np.geomspace(1e-3, 1e4, 12)
    rescaled = Mahalanobis.fit(training * factors).score(others * factors)
    assert np.allclose(Mahalanobis.fit(training).score(others), rescaled, rtol=1e-4)


def test_a_shift_in_the_direction_of_least_spread_is_seen():
    training = features(400, 1)
    inside, outside = features(100, 2), features(100, 3, away=1.0)
    truth = np.repeat([0, 1], 100)
    score = Mahalanobis.fit(training).score(np.r_[inside, outside])
    assert roc_auc_score(truth, score) > 0.8
    distance = np.linalg.norm(np.r_[inside, outside] - training.mean(axis=0), axis=1)
    assert roc_auc_score(truth, distance) < 0.6


def test_channels_that_never_vary_are_left_out():
    training, others = features(200, 1), features(30, 2)
    dead = np.full((200, 1), 0.25)
    detector = Mahalanobis.fit(np.c_[training, dead])
    plain = Mahalanobis.fit(training).score(others)
    assert np.allclose(detector.score(np.c_[others, np.full(30, 7.0)]), plain, rtol=0.05)
    assert np.corrcoef(detector.score(np.c_[others, np.full(30, 7.0)]), plain)[0, 1] > 0.999


def test_neighbours_against_scikit_learn():
    training, others = features(60, 1), features(20, 2)
    unit = [values / np.linalg.norm(values, axis=1, keepdims=True) for values in (training, others)]
    expected = NearestNeighbors(n_neighbors=7).fit(unit[0]).kneighbors(unit[1])[0][:, -1]
    found = NearestNeighbour.fit(training, 7).score(others)
    assert np.allclose(found, expected, atol=1e-6) and found.min() >= 0 and found.max() <= 2
    assert np.allclose(NearestNeighbour.fit(training, 7).score(3 * others), expected, atol=1e-6)
    assert (NearestNeighbour.fit(training, 1).score(training) < 1e-6).all()
    farthest = NearestNeighbour.fit(training, 10_000)
    assert farthest.k == 60


@pytest.mark.parametrize("detector", DETECTORS.values(), ids=DETECTORS)
@pytest.mark.parametrize("wrong", [np.zeros((1, 4)), np.zeros(5), np.full((4, 3), np.nan)])
def test_tables_that_cannot_be_fitted(detector, wrong):
    with pytest.raises(UserError, match=r"detector needs a table|overflow"):
        detector.fit(wrong)


def test_features_that_are_all_the_same():
    with pytest.raises(UserError, match="the same features"):
        Mahalanobis.fit(np.ones((5, 3)))
    with pytest.raises(UserError, match="k=0"):
        NearestNeighbour.fit(np.ones((5, 3)), 0)
    assert np.isfinite(NearestNeighbour.fit(np.zeros((5, 3))).score(np.ones((2, 3)))).all()
