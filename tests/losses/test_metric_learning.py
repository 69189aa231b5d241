import math

import numpy as np
import pytest
import tensorflow as tf

from xray_keras.losses import metric_learning


def test_by_hand():
    # Cosines: a with a' 0.6, with b 0, with b' 1; a' with b 0.8, with b' 0.6; b with b' 0.
    embeddings = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0], [1.0, 0.0]])
    found = metric_learning.nt_xent(np.array([5, 5, 9, 9]), embeddings, 0.5)

    def surprise(partner, *others):
        return -math.log(math.exp(partner / 0.5) / sum(math.exp(x / 0.5) for x in (partner, *others)))

    by_hand = [surprise(0.6, 0, 1), surprise(0.6, 0.8, 0.6), surprise(0, 0, 0.8), surprise(0, 1, 0.6)]
    np.testing.assert_allclose(found, by_hand, rtol=1e-6)


def test_the_order_and_the_names_of_patients_say_nothing():
    rng = np.random.default_rng(0)
    embeddings = rng.normal(size=(8, 3))
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    patients, order = np.array([1, 1, 2, 2, 3, 3, 4, 4]), rng.permutation(8)
    found = np.array(metric_learning.nt_xent(patients, embeddings, 0.1))
    moved = metric_learning.nt_xent(10 * patients[order, None], embeddings[order], 0.1)
    np.testing.assert_allclose(moved, found[order], rtol=1e-6)


def test_ends_of_the_scale():
    patients = np.array([0.0, 0, 1, 1, 2, 2])
    equal = metric_learning.nt_xent(patients, np.tile([[0.6, 0.8]], (6, 1)), 0.1)
    np.testing.assert_allclose(equal, math.log(5), rtol=1e-6)
    perfect = metric_learning.nt_xent(patients, np.repeat(np.eye(3), 2, axis=0), 0.05)
    assert float(np.max(perfect)) < 1e-7


def test_a_colder_temperature_punishes_the_same_mistake_more():
    embeddings = np.array([[1.0, 0.0], [0.6, 0.8], [1.0, 0.0], [0.0, 1.0]])
    losses = [float(metric_learning.nt_xent(np.array([0, 0, 1, 1]), embeddings, t)[0]) for t in (1.0, 0.1)]
    assert losses[1] > 3 * losses[0]


def test_gradient_against_central_differences():
    rng = np.random.default_rng(1)
    outputs, patients = rng.normal(size=(6, 4)), np.array([2, 7, 7, 2, 4, 4])

    def value(z):
        unit = z / tf.norm(z, axis=1, keepdims=True)
        return tf.reduce_mean(metric_learning.nt_xent(patients, unit, 0.3))

    z = tf.Variable(outputs)
    with tf.GradientTape() as tape:
        total = value(z)
    gradient = tape.gradient(total, z).numpy()
    assert np.isfinite(gradient).all() and np.abs(gradient).max() > 0.01
    step = 1e-5
    for index in np.ndindex(outputs.shape):
        up, down = outputs.copy(), outputs.copy()
        up[index] += step
        down[index] -= step
        numeric = (float(value(tf.constant(up))) - float(value(tf.constant(down)))) / (2 * step)
        assert gradient[index] == pytest.approx(numeric, rel=1e-5, abs=1e-9)
