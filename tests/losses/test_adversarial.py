import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from xray_keras.losses import adversarial

REAL, FAKE = (0.7, 1.1), (-0.1, 0.3)


def softplus(a):
    return np.log1p(np.exp(a))


def test_cross_entropy_by_hand_also_outside_the_unit_interval():
    targets = np.array([[1.0], [0.0], [0.25], [1.1], [-0.1]], np.float32)
    logits = np.array([[2.0], [2.0], [-1.0], [3.0], [3.0]], np.float32)
    sigmoid = 1 / (1 + np.exp(-logits))
    by_definition = -targets * np.log(sigmoid) - (1 - targets) * np.log(1 - sigmoid)
    found = adversarial.sigmoid_cross_entropy(targets, logits)
    np.testing.assert_allclose(found, by_definition[:, 0], rtol=1e-5)
    assert float(found[3]) < 0
    assert float(found[0]) == pytest.approx(0.126928, rel=1e-4)


@pytest.mark.parametrize("logit", [-500.0, 500.0])
def test_cross_entropy_of_certainty_stays_finite(logit):
    found = adversarial.sigmoid_cross_entropy(np.array([[0.5]], np.float32), np.array([[logit]], np.float32))
    assert float(found[0]) == pytest.approx(250)


def test_losses_by_hand():
    targets = adversarial.Targets(np.array([[0.9], [1.1]], np.float32), np.array([[0.1], [-0.1]], np.float32))
    real, fake = np.array([[1.0], [-2.0]], np.float32), np.array([[0.5], [3.0]], np.float32)
    both = np.mean(softplus(real)) + np.mean(softplus(fake))
    discriminator = both - (0.9 * 1 + 1.1 * -2) / 2 - (0.1 * 0.5 - 0.1 * 3) / 2
    generator = both - (0.1 * 1 - 0.1 * -2) / 2 - (0.9 * 0.5 + 1.1 * 3) / 2
    assert float(adversarial.discriminator_loss(real, fake, targets)) == pytest.approx(discriminator)
    assert float(adversarial.generator_loss(real, fake, targets)) == pytest.approx(generator)


def test_a_discriminator_that_tells_nothing_apart_loses_twice_log_2():
    targets = adversarial.Targets(np.full((4, 1), 0.9, np.float32), np.full((4, 1), 0.1, np.float32))
    none = np.zeros((4, 1), np.float32)
    assert float(adversarial.discriminator_loss(none, none, targets)) == pytest.approx(2 * np.log(2))


@pytest.mark.parametrize("loss", [adversarial.discriminator_loss, adversarial.generator_loss])
def test_gradients_against_central_differences(loss):
    rng = np.random.default_rng(0)
    targets = adversarial.Targets(rng.uniform(*REAL, (3, 1)), rng.uniform(*FAKE, (3, 1)))
    logits = rng.normal(size=(6, 1))

    def value(z):
        return loss(z[:3], z[3:], targets)

    z = tf.Variable(logits)
    with tf.GradientTape() as tape:
        total = value(z)
    gradient = tape.gradient(total, z).numpy()
    step = 1e-5
    for index in np.ndindex(logits.shape):
        up, down = logits.copy(), logits.copy()
        up[index] += step
        down[index] -= step
        numeric = (float(value(tf.constant(up))) - float(value(tf.constant(down)))) / (2 * step)
        assert gradient[index] == pytest.approx(numeric, rel=1e-5, abs=1e-9)


def test_targets_fill_both_ranges_one_draw_an_example():
    targets = adversarial.draw_targets(4000, REAL, FAKE, keras.random.SeedGenerator(1))
    for drawn, (low, high) in zip(targets, (REAL, FAKE), strict=True):
        values = ops.convert_to_numpy(drawn)
        assert values.shape == (4000, 1) and len(np.unique(values)) > 3000
        assert low <= values.min() < low + 0.01 and high - 0.01 < values.max() <= high
        assert values.mean() == pytest.approx((low + high) / 2, abs=0.01)
    assert abs(np.corrcoef(targets.real[:, 0], targets.fake[:, 0])[0, 1]) < 0.1


def test_the_pair_rests_while_the_discriminator_loses_more_than_four():
    found = [bool(adversarial.is_too_good(tf.constant(loss))) for loss in (-1.0, 1.39, 4.0, 4.01)]
    assert found == [False, False, False, True]
