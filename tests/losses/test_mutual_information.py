import math

import numpy as np
import pytest
import tensorflow as tf

from xray_keras.losses import mutual_information

WAYS = (3, 2)


def test_categorical_by_hand():
    codes = np.array([[0, 1, 0, 1, 0], [1, 0, 0, 0, 1]], np.float32)
    logits = np.log(np.array([[0.2, 0.5, 0.3, 0.9, 0.1], [0.2, 0.5, 0.3, 4.0, 4.0]], np.float32))
    found = mutual_information.categorical(codes, logits, WAYS)
    by_hand = [[-math.log(0.5), -math.log(0.9)], [-math.log(0.2), math.log(2)]]
    np.testing.assert_allclose(found, by_hand, rtol=1e-5)


def test_categorical_knows_nothing_and_everything():
    codes = np.array([[0, 0, 1, 1, 0]], np.float32)
    nothing = mutual_information.categorical(codes, np.full((1, 5), 7, np.float32), WAYS)
    np.testing.assert_allclose(nothing, [[math.log(3), math.log(2)]], rtol=1e-5)
    certain = mutual_information.categorical(codes, np.array([[0, 0, 500, -500, 0]], np.float32), WAYS)
    np.testing.assert_allclose(certain, [[0, 500]], atol=1e-6)


def density(c, mean, sigma):
    return math.exp(-(((c - mean) / sigma) ** 2) / 2) / (sigma * math.sqrt(2 * math.pi))


def test_gaussian_by_hand():
    codes, mean = np.array([[0.5, -1.0]], np.float32), np.array([[0.0, 1.0]], np.float32)
    sigma = np.array([[0.25, 2.0]], np.float32)
    found = mutual_information.gaussian(codes, mean, np.log(sigma))
    by_hand = [[-math.log(density(0.5, 0, 0.25)), -math.log(density(-1, 1, 2))]]
    np.testing.assert_allclose(found, by_hand, rtol=1e-5)
    assert float(found[0, 0]) == pytest.approx(0.918939 - 1.386294 + 2, rel=1e-5)
    fixed = mutual_information.gaussian(codes, mean)
    np.testing.assert_allclose(fixed, mutual_information.gaussian(codes, mean, np.zeros((1, 2), np.float32)))
    np.testing.assert_allclose(fixed, [[0.918939 + 0.125, 0.918939 + 2]], rtol=1e-5)


def test_log_sigma_has_a_floor_where_it_stops_moving():
    codes = tf.constant([[0.3, 0.3]])
    log_sigma = tf.Variable([[-1000.0, -15.9]])
    with tf.GradientTape() as tape:
        found = mutual_information.gaussian(codes, codes, log_sigma)
    np.testing.assert_allclose(found, [[0.918939 - 16, 0.918939 - 15.9]], rtol=1e-5)
    np.testing.assert_array_equal(tape.gradient(found, log_sigma), [[0, 1]])
    far = mutual_information.gaussian(codes + 2, codes, tf.constant([[-1000.0, -1000.0]]))
    assert np.isfinite(far).all()


@pytest.mark.parametrize("sigma", [True, False])
def test_gradients_against_central_differences(sigma):
    rng = np.random.default_rng(0)
    codes = np.concatenate([np.eye(3)[[0, 2, 1]], np.eye(2)[[1, 1, 0]]], axis=1)
    continuous = rng.uniform(-1, 1, (3, 2))
    outputs = rng.normal(size=(3, 9))  # logits, mean, log σ

    def value(z):
        spread = z[:, 7:] if sigma else None
        return mutual_information.bound(
            1.5,
            mutual_information.categorical(codes, z[:, :5], WAYS),
            mutual_information.gaussian(continuous, z[:, 5:7], spread),
        )

    z = tf.Variable(outputs)
    with tf.GradientTape() as tape:
        total = value(z)
    gradient = tf.convert_to_tensor(tape.gradient(total, z)).numpy()
    assert (np.abs(gradient[:, 7:]).max() > 0) == sigma
    step = 1e-5
    for index in np.ndindex(outputs.shape):
        up, down = outputs.copy(), outputs.copy()
        up[index] += step
        down[index] -= step
        numeric = (float(value(tf.constant(up))) - float(value(tf.constant(down)))) / (2 * step)
        assert gradient[index] == pytest.approx(numeric, rel=1e-5, abs=1e-9)


def test_the_bound_adds_codes_and_averages_examples():
    first, second = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.5], [1.5]])
    assert float(mutual_information.bound(7.0, first)) == pytest.approx(7 - 5)
    assert float(mutual_information.bound(7.0, first, second)) == pytest.approx(7 - 5 - 1)


def test_the_bound_is_the_mutual_information_of_a_noisy_channel_under_the_true_posterior():
    rng = np.random.default_rng(0)
    sent = rng.integers(0, 4, 200_000)
    # One time in five the symbol is drawn anew, so 15 % come out wrong.
    received = np.where(rng.random(sent.size) < 0.2, rng.integers(0, 4, sent.size), sent)
    codes = np.eye(4)[sent]
    posterior = 0.8 * np.eye(4)[received] + 0.05
    exact = math.log(4) + 0.85 * math.log(0.85) + 0.15 * math.log(0.05)
    true = mutual_information.bound(
        math.log(4), mutual_information.categorical(codes, np.log(posterior), (4,))
    )
    assert float(true) == pytest.approx(exact, abs=0.01)
    sure = np.log(0.96 * np.eye(4)[received] + 0.01)
    assert (
        float(mutual_information.bound(math.log(4), mutual_information.categorical(codes, sure, (4,))))
        < exact
    )


def test_the_bound_is_the_mutual_information_of_a_gaussian_channel_under_the_true_posterior():
    rng = np.random.default_rng(0)
    code = rng.normal(0, 0.5, (200_000, 1))
    image = code + rng.normal(0, 0.25, code.shape)
    entropy = 0.5 * math.log(2 * math.pi * math.e * 0.25)
    mean, sigma = image * 0.25 / (0.25 + 0.0625), math.sqrt(1 / (1 / 0.25 + 1 / 0.0625))
    exact = 0.5 * math.log(1 + 0.25 / 0.0625)

    def bound(log_sigma):
        return float(mutual_information.bound(entropy, mutual_information.gaussian(code, mean, log_sigma)))

    assert bound(np.full_like(mean, math.log(sigma))) == pytest.approx(exact, abs=0.01)
    assert bound(np.full_like(mean, math.log(2 * sigma))) < exact - 0.1
    assert bound(None) < exact - 0.5


def test_with_sigma_one_even_the_perfect_guess_of_a_uniform_code_has_a_negative_bound():
    code = np.random.default_rng(0).uniform(-1, 1, (10, 1))
    found = mutual_information.bound(math.log(2), mutual_information.gaussian(code, code))
    assert float(found) == pytest.approx(-0.225791, abs=1e-6)
