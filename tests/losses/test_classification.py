import keras
import numpy as np
import pytest
from keras import ops

from xray_keras.losses import classification


def test_softmax_cross_entropy_by_hand():
    y_true = np.array([[1.0], [0.0], [1.0]], np.float32)
    y_pred = np.array([[0.2, 0.8], [0.9, 0.1], [0.5, 0.5]], np.float32)
    plain = [-np.log(0.8), -np.log(0.9), -np.log(0.5)]
    np.testing.assert_allclose(classification.softmax_cross_entropy(y_true, y_pred), plain, rtol=1e-5)
    weighted = [3 * plain[0], plain[1], 3 * plain[2]]
    np.testing.assert_allclose(classification.softmax_cross_entropy(y_true, y_pred, 3.0), weighted, rtol=1e-5)


def test_binary_cross_entropy_by_hand_and_against_keras():
    y_true = np.array([[1, 0, 1], [0, 0, 1]], np.float32)
    y_pred = np.array([[0.8, 0.3, 0.5], [0.1, 0.9, 0.6]], np.float32)
    by_hand = [-(np.log(0.8) + np.log(0.7) + np.log(0.5)) / 3, -(np.log(0.9) + np.log(0.1) + np.log(0.6)) / 3]
    ours = classification.binary_cross_entropy(y_true, y_pred)
    np.testing.assert_allclose(ours, by_hand, rtol=1e-5)
    np.testing.assert_allclose(ours, keras.losses.binary_crossentropy(y_true, y_pred), rtol=1e-5)


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_certainty_stays_finite(certain):
    y_true = np.array([[1 - certain]], np.float32)
    softmax = classification.softmax_cross_entropy(y_true, np.array([[1 - certain, certain]], np.float32))
    sigmoid = classification.binary_cross_entropy(y_true, np.array([[certain]], np.float32))
    assert 10 < softmax[0] < 20 and 10 < sigmoid[0] < 20


@pytest.mark.parametrize("loss", ["softmax", "binary"])
def test_gradients_against_central_differences(loss):
    import tensorflow as tf

    rng = np.random.default_rng(0)
    y_true = rng.integers(0, 2, (4, 1 if loss == "softmax" else 3)).astype(np.float64)
    logits = rng.normal(size=(4, 2 if loss == "softmax" else 3))

    def value(z):
        if loss == "softmax":
            return ops.sum(classification.softmax_cross_entropy(y_true, ops.softmax(z), 2.5))
        return ops.sum(classification.binary_cross_entropy(y_true, ops.sigmoid(z)))

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
        assert gradient[index] == pytest.approx(numeric, rel=1e-4, abs=1e-6)


def test_positive_weight_balances_both_classes():
    assert classification.positive_weight(20, 100) * 20 == 80
    for positives in (0, 100):
        with pytest.raises(ValueError):
            classification.positive_weight(positives, 100)
