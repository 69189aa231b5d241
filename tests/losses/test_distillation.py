import inspect

import numpy as np
import pytest
import tensorflow as tf

from xray_keras.audit.zhao2019 import losses as exact
from xray_keras.losses import distillation
from xray_keras.papers import loader

FACTS = loader.load("zhao2019")
RNG = np.random.default_rng(0)


def default(function, name):
    return inspect.signature(function).parameters[name].default


def test_settings_are_the_papers_and_those_of_its_sources():
    printed = FACTS["settings"]["adversarial"]
    assert default(distillation.student, "balance") == printed["balance_b"]
    assert default(distillation.next_k, "rate") == printed["rate_f_k"]
    assert default(distillation.next_k, "ratio") == printed["ratio_n"]
    assert (
        default(distillation.activation_boundary, "margin")
        == FACTS["cited"]["activation_boundaries"]["margin"]
    )


def test_activation_boundary_by_hand():
    teacher = np.array([[[2.0, -1.0, 0.0], [0.5, -3.0, 1.0]]], np.float32)
    student = np.array([[[0.5, 0.5, -1.5], [3.0, -0.25, -1.0]]], np.float32)
    first = 0.5**2 + 1.5**2 + 0  # short of 1; above −1; below −1
    second = 0 + 0.75**2 + 2**2
    found = distillation.activation_boundary(teacher, student)
    np.testing.assert_allclose(found, [(first + second) / 2], rtol=1e-6)


def test_the_margin_is_where_the_loss_ends():
    teacher, student = np.array([[[1.0, -1.0]]], np.float32), np.array([[[2.0, -2.0]]], np.float32)
    assert float(distillation.activation_boundary(teacher, student, margin=2.0)[0]) == 0
    assert float(distillation.activation_boundary(teacher, student, margin=2.5)[0]) == pytest.approx(2 * 0.25)


@pytest.mark.parametrize("active", [1.0, -1.0])
def test_an_agreeing_student_is_free_of_loss_and_the_opposite_one_is_not(active):
    teacher = np.full((1, 2, 3), 0.3 * active, np.float32)
    student = np.full((1, 2, 3), active, np.float32)
    assert float(distillation.activation_boundary(teacher, student)[0]) == 0
    assert float(distillation.activation_boundary(teacher, -student)[0]) == pytest.approx(3 * 2**2)


def test_activation_boundary_is_the_published_loss_neuron_by_neuron():
    teacher, student = np.meshgrid([-2.0, -0.1, 0.0, 0.1, 2.0], np.linspace(-3, 3, 25))
    found = distillation.activation_boundary(
        teacher.reshape(-1, 1, 1).astype(np.float32), student.reshape(-1, 1, 1).astype(np.float32)
    )
    expected = [
        float(exact.published(t, s, 1.0)) for t, s in zip(teacher.ravel(), student.ravel(), strict=True)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_soft_regions_by_hand():
    soft = np.array([[0.9, 0.2], [0.5, 1.0]], np.float32)
    predicted = np.array([[0.7, 0.4], [0.5, 0.25]], np.float32)
    first = 0.9 * np.log(0.7) + 0.1 * np.log(0.3) + 0.2 * np.log(0.4) + 0.8 * np.log(0.6)
    second = np.log(0.5) + np.log(0.25)
    np.testing.assert_allclose(
        distillation.soft_regions(soft, predicted), [-first / 2, -second / 2], rtol=1e-5
    )


def test_soft_labels_are_met_by_the_same_probability():
    soft = np.array([[0.3]], np.float32)
    at = [float(distillation.soft_regions(soft, np.array([[p]], np.float32))[0]) for p in (0.25, 0.3, 0.35)]
    assert at[1] < at[0] and at[1] < at[2]


@pytest.mark.parametrize("loss", [distillation.soft_regions, distillation.hard_regions])
def test_certainty_stays_finite(loss):
    found = loss(np.array([[1.0, 0.0]], np.float32), np.array([[0.0, 1.0]], np.float32))
    assert 10 < float(found[0]) < 20


def test_hard_regions_leave_out_what_is_not_to_be_learned_from():
    nan = np.nan
    labels = np.array([[1, nan, 0], [nan, nan, 1], [nan, nan, nan], [1, 0, 0]], np.float32)
    predicted = np.array([[0.8, 0.1, 0.4], [0.9, 0.9, 0.5], [0.2, 0.3, 0.4], [0.8, 0.1, 0.4]], np.float32)
    expected = [
        -(np.log(0.8) + np.log(0.6)) / 2,
        -np.log(0.5),
        0,
        -(np.log(0.8) + np.log(0.9) + np.log(0.6)) / 3,
    ]
    found = distillation.hard_regions(labels, predicted)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(found[3:], distillation.soft_regions(labels[3:], predicted[3:]), rtol=1e-6)


def test_nothing_unknown_reaches_the_gradient():
    labels = np.array([[1, np.nan], [np.nan, np.nan]], np.float32)
    predicted = tf.Variable(np.array([[0.8, 0.0], [0.3, 1.0]], np.float32))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(distillation.hard_regions(labels, predicted))
    np.testing.assert_allclose(tape.gradient(total, predicted), [[-1 / 0.8, 0], [0, 0]], rtol=1e-5)


def test_reconstruction_is_the_mean_distance():
    features = np.array([[[1.0, -1.0], [0.0, 2.0]], [[0.0, 0.0], [0.0, 0.0]]], np.float32)
    made = np.array([[[0.0, 1.0], [0.5, 2.0]], [[0.0, 0.0], [0.0, -4.0]]], np.float32)
    np.testing.assert_allclose(distillation.reconstruction(made, features), [3.5 / 4, 1.0])


def test_discriminator_by_hand():
    real, fake = np.array([0.4, 1.0], np.float32), np.array([0.2, 3.0], np.float32)
    np.testing.assert_allclose(distillation.discriminator(real, fake, 0.0), real)
    np.testing.assert_allclose(distillation.discriminator(real, fake, 0.5), [0.3, -0.5], rtol=1e-6)


def test_student_by_hand():
    soft, generator = np.array([1.0, 0.0], np.float32), np.array([0.5, 2.0], np.float32)
    np.testing.assert_allclose(distillation.student(soft, generator), [1.1, 0.4], rtol=1e-6)
    np.testing.assert_allclose(distillation.student(soft, generator, balance=1.0), [1.5, 2.0])


def test_k_follows_equation_6_and_rests_in_equilibrium():
    real, fake = np.array([1.0, 3.0], np.float32), np.array([0.5, 0.5], np.float32)
    found = float(distillation.next_k(0.25, real, fake))
    assert found == pytest.approx(0.25 + 1e-3 * (0.75 * 2 - 0.5), abs=1e-7)
    assert found == pytest.approx(0.25 + float(exact.equation6(0, 2, 0.5)), abs=1e-7)
    assert float(distillation.next_k(0.25, real, np.array([1.5, 1.5], np.float32))) == 0.25
    found = float(distillation.next_k(0.5, real, fake, rate=0.1, ratio=0.5))
    assert found == pytest.approx(0.5 + 0.1 * (0.5 * 2 - 0.5))


@pytest.mark.parametrize(("k", "real", "fake", "end"), [(0.0, 1.0, 2.0, 0.0), (1.0, 2.0, 1.0, 1.0)])
def test_k_is_clipped_at_both_ends(k, real, fake, end):
    found = distillation.next_k(k, np.array([real], np.float32), np.array([fake], np.float32), rate=0.5)
    assert float(found) == end


def test_what_the_student_gains_is_what_the_discriminator_punishes():
    """A step down the student's loss makes its features easier for D, which weighs them against the teacher's."""
    features = tf.Variable(RNG.normal(size=(1, 2, 3)))
    with tf.GradientTape(persistent=True) as tape:
        fake = distillation.reconstruction(0.5 * features, features)
        student = distillation.student(0.0, fake)
        critic = distillation.discriminator(tf.constant([1.0], tf.float64), fake, 0.5)
    np.testing.assert_allclose(
        tape.gradient(critic, features), -2.5 * tape.gradient(student, features), rtol=1e-6
    )


TARGETS = RNG.uniform(0.1, 0.9, (2, 4))
LABELS = np.where(RNG.random((2, 4)) < 0.3, np.nan, (TARGETS > 0.5).astype(float))
FEATURES = RNG.normal(size=(2, 3, 4))
LOSSES = {
    "activation boundary": (
        lambda x: distillation.activation_boundary(FEATURES, x),
        RNG.normal(size=(2, 3, 4)),
    ),
    "soft regions": (lambda x: distillation.soft_regions(TARGETS, x), RNG.uniform(0.1, 0.9, (2, 4))),
    "hard regions": (lambda x: distillation.hard_regions(LABELS, x), RNG.uniform(0.1, 0.9, (2, 4))),
    "reconstruction": (lambda x: distillation.reconstruction(x, FEATURES), RNG.normal(size=(2, 3, 4))),
    "discriminator": (lambda x: distillation.discriminator(x[0], x[1], 0.3), RNG.uniform(0, 2, (2, 4))),
    "student": (lambda x: distillation.student(x[0], x[1]), RNG.uniform(0, 2, (2, 4))),
}


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_against_central_differences(name):
    function, at = LOSSES[name]
    weights = tf.constant(RNG.uniform(0.5, 2, function(tf.constant(at)).shape))

    def value(given):
        return tf.reduce_sum(weights * function(given))

    given = tf.Variable(at)
    with tf.GradientTape() as tape:
        total = value(given)
    gradient = tape.gradient(total, given).numpy()
    step = 1e-6
    for index in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[index] += step
        down[index] -= step
        numeric = (float(value(tf.constant(up))) - float(value(tf.constant(down)))) / (2 * step)
        assert gradient[index] == pytest.approx(numeric, rel=1e-5, abs=1e-7)
