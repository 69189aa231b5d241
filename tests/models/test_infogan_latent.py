import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from xray_keras.errors import UserError
from xray_keras.models import infogan_latent as latents
from xray_keras.models.infogan_latent import Latent

SMALL = Latent(categorical=(3, 2), continuous=2, noise=4)


def drawn(latent, count, seed):
    return ops.convert_to_numpy(latents.sample(latent, count, seed))


def test_readings_of_the_text_and_of_its_printed_sum():
    described, printed = latents.reading("described"), latents.reading("printed")
    assert described == Latent((10, 10, 10, 10), 4, 32) and described.size == 76 and described.codes == 8
    assert printed == Latent((4,), 4, 32) and printed.size == 40 and printed.codes == 5
    assert latents.reading("printed", prior="normal").prior == "normal"


def test_readings_and_priors_that_there_are_not():
    with pytest.raises(UserError, match="no reading 'true'; choose described or printed"):
        latents.reading("true")
    with pytest.raises(UserError, match="no prior 'beta'; choose uniform or normal"):
        Latent((2,), 1, 1, prior="beta")


def test_entropy_by_hand():
    assert latents.reading("described").entropy == pytest.approx(4 * math.log(10) + 4 * math.log(2))
    normal = Latent((4,), 2, 32, prior="normal").entropy
    assert normal == pytest.approx(math.log(4) + 2 * (0.5 * math.log(2 * math.pi) + 0.5 + math.log(0.5)))


def test_a_seed_gives_its_rows_and_no_other():
    rows = drawn(SMALL, 6, 5)
    assert rows.shape == (6, SMALL.size) and rows.dtype == np.float32
    np.testing.assert_array_equal(rows, drawn(SMALL, 6, 5))
    assert (rows != drawn(SMALL, 6, 6)).mean() > 0.5


def test_a_generator_moves_on_also_within_a_graph():
    generator = keras.random.SeedGenerator(5)
    step = tf.function(lambda count: latents.sample(SMALL, count, generator))
    first, second = step(tf.constant(6)).numpy(), step(tf.constant(6)).numpy()
    np.testing.assert_array_equal(first, drawn(SMALL, 6, 5))
    assert (first != second).mean() > 0.5


@pytest.mark.parametrize(("prior", "sd"), [("uniform", 1 / math.sqrt(3)), ("normal", 0.5)])
def test_draws_follow_the_prior_and_each_other_not_at_all(prior, sd):
    latent = Latent((10, 10, 4), 2, 3, prior=prior)
    parts = latents.split(latent, drawn(latent, 20_000, 1))
    assert [part.shape[1] for part in parts] == [24, 2, 3]
    categories = []
    for code in np.split(parts.categorical, (10, 20), axis=1):
        assert set(np.unique(code)) == {0, 1} and (code.sum(axis=1) == 1).all()
        np.testing.assert_allclose(code.mean(axis=0), 1 / code.shape[1], atol=0.012)
        categories.append(code.argmax(axis=1))
    rest = np.concatenate([parts.continuous, parts.noise], axis=1)
    np.testing.assert_allclose(rest.std(axis=0), sd, rtol=0.02)
    np.testing.assert_allclose(rest.mean(axis=0), 0, atol=0.02)
    assert (np.abs(rest).max() <= 1) == (prior == "uniform")
    together = np.corrcoef(np.vstack([*categories, rest.T]))
    assert np.abs(together - np.eye(len(together))).max() < 0.04


def test_a_categorical_code_is_traversed_through_its_categories():
    starts = drawn(SMALL, 5, 3)
    rows = latents.traverse(SMALL, starts, code=1, steps=7)
    assert rows.shape == (5, 2, SMALL.size) and rows.dtype == np.float32
    for number, start in enumerate(starts):
        np.testing.assert_array_equal(rows[number, :, 3:5], np.eye(2))
        np.testing.assert_array_equal(np.delete(rows[number], [3, 4], axis=1), [np.delete(start, [3, 4])] * 2)


def test_a_continuous_code_is_traversed_from_end_to_end():
    starts = drawn(SMALL, 5, 3)
    rows = latents.traverse(SMALL, starts, code=3, steps=5, reach=2)
    assert rows.shape == (5, 5, SMALL.size)
    for number, start in enumerate(starts):
        np.testing.assert_array_equal(rows[number, :, 6], [-2, -1, 0, 1, 2])
        np.testing.assert_array_equal(np.delete(rows[number], 6, axis=1), [np.delete(start, 6)] * 5)
    np.testing.assert_array_equal(starts, drawn(SMALL, 5, 3))


@pytest.mark.parametrize("code", [-1, 4])
def test_noise_is_no_code(code):
    with pytest.raises(ValueError, match="among 4"):
        latents.traverse(SMALL, drawn(SMALL, 2, 3), code)
