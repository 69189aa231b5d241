"""Attacks on a logistic regression, whose worst case is known, and on a small network."""

import keras
import numpy as np
import pytest

from xray_keras.evaluation import perturbations
from xray_keras.losses import adversarial, classification
from xray_keras.models import log_odds

SIZE = 12
RNG = np.random.default_rng(3)


def logistic(scale: float = 0.002) -> tuple[keras.Model, np.ndarray]:
    """A logistic regression, and its weight of each gray pixel; some are exactly 0."""
    weights = RNG.normal(0, scale, (SIZE, SIZE, 3)).astype(np.float32)
    weights[:3] = 0
    image = keras.Input((SIZE, SIZE, 3))
    head = keras.layers.Dense(1, "sigmoid")
    model = keras.Model(image, head(keras.layers.Flatten()(image)))
    head.set_weights([weights.reshape(-1, 1), np.array([-0.3], np.float32)])
    return model, weights.sum(axis=-1)


def network() -> keras.Model:
    """Two labels, through a hidden layer."""
    keras.utils.set_random_seed(4)
    image = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Rescaling(1 / 255)(image)
    x = keras.layers.Conv2D(8, 3, activation="gelu")(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(16, activation="gelu")(x)
    return keras.Model(image, keras.layers.Dense(2, "sigmoid")(x))


def climbs(model: keras.Model, labels: int) -> perturbations.Ascent:
    return perturbations.ascent(log_odds.margins(model, labels), perturbations.cross_entropy)


def pictures(count: int, low: int = 0, high: int = 256) -> np.ndarray:
    return RNG.integers(low, high, (count, SIZE, SIZE)).astype(np.float32)


def truths(count: int, labels: int = 1) -> np.ndarray:
    return RNG.integers(0, 2, (count, labels)).astype(np.float32)


def test_cross_entropy_by_hand():
    targets, odds = np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([[2.0, -1.0], [3.0, 0.0]])
    p = 1 / (1 + np.exp(-odds))
    by_hand = -np.log(np.where(targets == 1, p, 1 - p)).mean(axis=1)
    np.testing.assert_allclose(perturbations.cross_entropy(targets, odds), by_hand, rtol=1e-5)


def margin(images: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return (images.astype(np.float64) * weights).sum(axis=(1, 2)) - 0.3


def test_loss_and_gradient_of_a_logistic_regression():
    model, weights = logistic()
    images, y = pictures(40), truths(40)
    loss, gradient = climbs(model, 1)(images, y)
    z = margin(images, weights)
    np.testing.assert_allclose(loss, np.log1p(np.exp(z)) - y[:, 0] * z, rtol=1e-4)
    slope = 1 / (1 + np.exp(-z)) - y[:, 0]
    np.testing.assert_allclose(gradient, slope[:, None, None] * weights, rtol=1e-3, atol=1e-9)
    assert gradient.dtype == np.float32


@pytest.mark.parametrize("epsilon", [0.5, 8.0])
def test_both_attacks_find_the_worst_case_of_a_logistic_regression(epsilon):
    model, weights = logistic()
    inside, y = pictures(40, 10, 246), truths(40)
    sign = 2 * y[:, 0] - 1
    worst = sign * margin(inside, weights) - epsilon * np.abs(weights).sum()
    for attack in (perturbations.fgsm, perturbations.pgd):
        attacked = attack(climbs(model, 1), inside, y, epsilon)
        np.testing.assert_allclose(sign * margin(attacked, weights), worst, atol=1e-5)


def test_at_black_and_white_the_worst_case_is_cut_off():
    model, weights = logistic()
    images, y = np.where(pictures(30) < 128, 0, 255).astype(np.float32), truths(30)
    sign = 2 * y - 1
    step = -4.0 * sign[..., None] * np.sign(weights)
    worst = (sign[..., None] * np.clip(images + step, 0, 255) * weights).sum(axis=(1, 2)) - 0.3 * sign[:, 0]
    for attack in (perturbations.fgsm, perturbations.pgd):
        attacked = attack(climbs(model, 1), images, y, 4.0)
        assert attacked.min() >= 0 and attacked.max() <= 255
        np.testing.assert_allclose(sign[:, 0] * margin(attacked, weights), worst, atol=1e-5)


def test_a_pixel_without_gradient_stays():
    model, _ = logistic()
    images = pictures(4)
    attacked = perturbations.fgsm(climbs(model, 1), images, truths(4), 2.0)
    np.testing.assert_array_equal(attacked[:, :3], images[:, :3])
    assert (attacked[:, 3:] != images[:, 3:]).mean() > 0.95


def test_attacks_stay_in_the_ball_and_among_gray_levels():
    ascend, images, y = climbs(network(), 2), pictures(40), truths(40, 2)
    for epsilon in (0.0, 0.5, 2.0, 8.0):
        for attacked in (
            perturbations.fgsm(ascend, images, y, epsilon),
            perturbations.pgd(ascend, images, y, epsilon),
            perturbations.noise(images, epsilon, 0),
        ):
            assert attacked.dtype == np.float32
            assert np.abs(attacked - images).max() <= epsilon
            assert attacked.min() >= 0 and attacked.max() <= 255
            assert epsilon or (attacked == images).all()


def test_several_steps_are_worse_than_one_and_noise_is_harmless():
    ascend, images, y = climbs(network(), 2), pictures(40), truths(40, 2)
    clean, one, several, noisy = (
        ascend(given, y)[0]
        for given in (
            images,
            perturbations.fgsm(ascend, images, y, 4.0),
            perturbations.pgd(ascend, images, y, 4.0),
            perturbations.noise(images, 4.0, 0),
        )
    )
    assert (one > clean).all()
    assert several.mean() > one.mean() and (several >= one - 1e-3).mean() > 0.9
    assert abs(noisy - clean).mean() < 0.2 * (one - clean).mean()


def test_the_worst_image_on_the_way_is_kept():
    ascend, images, y = climbs(network(), 2), pictures(12), truths(12, 2)
    seen = []

    def watched(now, targets):
        loss, gradient = ascend(now, targets)
        seen.append(loss)
        return loss, -gradient if len(seen) > 3 else gradient  # it loses its way

    attacked = perturbations.pgd(watched, images, y, 8.0, steps=6, step_size=3.0)
    assert len(seen) == 7
    np.testing.assert_allclose(ascend(attacked, y)[0], np.max(seen, axis=0), rtol=1e-5)
    assert (np.max(seen, axis=0) > seen[-1]).all()


def test_a_seed_gives_its_start():
    ascend, images, y = climbs(network(), 2), pictures(3), truths(3, 2)
    one, same, other = (
        perturbations.pgd(ascend, images, y, 4.0, steps=1, step_size=1.0, seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert (one != other).mean() > 0.3
    inside = pictures(3, 10, 240)
    change = perturbations.noise(inside, 4.0, 1) - inside
    assert set(np.unique(change)) == {-4.0, 4.0} and abs(change.mean()) < 1


def test_a_classifier_that_is_sure_is_attacked_all_the_same():
    model, weights = logistic(0.02)
    images = pictures(400)
    z = margin(images, weights)
    sure = images[(z > 20) & (z < 60)]
    y = np.ones((len(sure), 1), np.float32)
    assert len(sure) > 20
    for blind in (
        perturbations.ascent(model, classification.binary_cross_entropy),
        perturbations.ascent(log_odds.margins(model, 1), adversarial.sigmoid_cross_entropy),
    ):
        assert not blind(sure, y)[1].any()
    attacked = perturbations.fgsm(climbs(model, 1), sure, y, 2.0)
    np.testing.assert_array_equal(attacked, np.clip(sure - 2 * np.sign(weights), 0, 255))
