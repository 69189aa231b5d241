import numpy as np
import pytest
from scipy.linalg import sqrtm

from xray_keras.errors import UserError
from xray_keras.evaluation import frechet

RNG = np.random.default_rng(3)


def test_closed_forms_of_gaussians():
    # Diagonal covariances: the sum of squared differences of means and of standard deviations.
    mean, sd, sd2 = np.array([1.0, -2.0, 0.0]), np.array([1.0, 3.0, 0.0]), np.array([2.0, 1.0, 5.0])
    found = frechet.from_moments(mean, np.diag(sd**2), np.zeros(3), np.diag(sd2**2))
    assert found == pytest.approx(5 + 1 + 4 + 25)
    assert frechet.from_moments(mean, np.diag(sd**2), mean, np.diag(sd**2)) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("images", [12, 300])
def test_against_the_general_matrix_root(images):
    mixing = RNG.normal(size=(20, 20))
    real, generated = RNG.normal(size=(images, 20)) @ mixing, RNG.normal(0.3, 1, (images + 5, 20))
    a, b = np.cov(real.T), np.cov(generated.T)
    gap = real.mean(axis=0) - generated.mean(axis=0)
    if images > 20:
        root = np.trace(sqrtm(a @ b)).real
    else:  # singular: the trace is the sum of singular values of the product of the centred samples
        product = (real - real.mean(axis=0)) @ (generated - generated.mean(axis=0)).T
        root = np.linalg.svd(product, compute_uv=False).sum() / np.sqrt((images - 1) * (images + 4))
    expected = gap @ gap + np.trace(a + b) - 2 * root
    assert frechet.distance(real, generated) == pytest.approx(expected, rel=1e-6)
    assert frechet.distance(generated, real) == pytest.approx(expected, rel=1e-6)


def test_small_samples_are_too_far_apart():
    halves = [
        np.mean([frechet.distance(*RNG.normal(size=(2, n, 5))) for _ in range(20)]) for n in (50, 100, 200)
    ]
    assert halves[0] / halves[1] == pytest.approx(2, rel=0.25)
    assert halves[1] / halves[2] == pytest.approx(2, rel=0.25)


def test_the_interval_covers_the_distance_of_the_populations():
    # Two shifted unit Gaussians: the value is above 4 · 0.4² on average, the interval about it.
    covered, values = 0, []
    for seed in range(30):
        real, generated = RNG.normal(size=(80, 4)), RNG.normal(0.4, 1, (80, 4))
        found = frechet.estimate(real, generated, resamples=100, seed=seed)
        covered += found["interval"][0] <= 0.64 <= found["interval"][1]
        values.append(found["value"])
    assert np.mean(values) > 0.64 + 0.05
    assert covered >= 26


def test_images_of_one_patient_widen_the_interval():
    people = RNG.normal(size=(60, 3))
    real, generated = np.repeat(people, 4, axis=0), RNG.normal(0.5, 1, (400, 3))
    single = frechet.estimate(real, generated, seed=1)
    whole = frechet.estimate(real, generated, clusters=np.repeat(np.arange(60), 4), seed=1)
    assert single["value"] == whole["value"]
    widths = [found["interval"][1] - found["interval"][0] for found in (single, whole)]
    assert widths[1] > 1.3 * widths[0]
    assert frechet.estimate(real, generated, seed=1) == single


def test_few_images_have_no_interval():
    found = frechet.estimate(RNG.normal(size=(39, 4)), RNG.normal(size=(90, 4)))
    assert found["value"] > 0 and found["interval"] is None and found["method"] is None
    assert "fewer than 40" in found["reason"]
    with pytest.raises(UserError, match="the generated images are 1 rows"):
        frechet.distance(RNG.normal(size=(39, 4)), RNG.normal(size=(1, 4)))
