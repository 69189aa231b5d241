import keras
import numpy as np
import pytest

from xray_keras.evaluation import projection
from xray_keras.models import infogan_latent as latents
from xray_keras.models.infogan_latent import Latent

LATENT = Latent(categorical=(3, 2), continuous=2, noise=6)
SIZE = 16


@pytest.fixture(scope="module")
def generator() -> keras.Model:
    """Smooth pictures in which every number of a row shows."""
    keras.utils.set_random_seed(1)
    row = keras.Input((LATENT.size,))
    x = keras.layers.Dense(4 * 4 * 2, kernel_initializer=keras.initializers.RandomNormal(0, 0.5))(row)
    x = keras.layers.UpSampling2D(4, interpolation="bilinear")(keras.layers.Reshape((4, 4, 2))(x))
    x = keras.layers.Conv2D(1, 1, activation="tanh", kernel_initializer="ones")(x)
    return keras.Model(row, x)


def drawn(count: int, seed: int) -> np.ndarray:
    return keras.ops.convert_to_numpy(latents.sample(LATENT, count, seed))


def painted(generator: keras.Model, rows: np.ndarray) -> np.ndarray:
    return np.round((generator.predict_on_batch(rows)[..., 0] + 1) * 127.5).astype(np.uint8)


def apart(images: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.abs(images.astype(float) - others).mean(axis=(1, 2))


def test_a_generated_image_is_found_again(generator):
    known = drawn(200, 0)
    truth = drawn(12, 5)
    images = painted(generator, truth)
    starts = projection.candidates(images, painted(generator, known), known)
    rows = projection.project(generator, LATENT, images, starts)
    found = apart(painted(generator, rows), images)
    begun = apart(painted(generator, starts[:, 0]), images)
    random = apart(painted(generator, drawn(12, 9)), images)
    assert begun.mean() < 0.6 * random.mean()
    assert found.mean() < 0.3 * begun.mean()
    np.testing.assert_array_equal(rows, projection.project(generator, LATENT, images, starts))


def test_candidates_are_the_nearest_known_images(generator):
    known = drawn(50, 0)
    pictures = painted(generator, known)
    starts = projection.candidates(pictures[[7, 3]], pictures, known)
    assert starts.shape == (2, projection.CANDIDATES, LATENT.size)
    np.testing.assert_array_equal(starts[:, 0], known[[7, 3]])
    distances = apart(pictures[[7]], painted(generator, starts[0]))
    assert distances.max() < np.median(apart(pictures[[7]], pictures))
    assert projection.candidates(pictures[:1], pictures[:3], known[:3]).shape[1] == 3


def test_the_search_begins_at_the_nearest_start_and_ends_no_farther(generator):
    rows = drawn(20, 2)
    images = painted(generator, rows)
    starts = np.stack([drawn(20, 3), rows, drawn(20, 4)], axis=1)
    np.testing.assert_array_equal(projection.project(generator, LATENT, images, starts, 0), rows)
    kept = projection.project(generator, LATENT, images, starts, 5)
    assert apart(painted(generator, kept), images).max() <= 1


def test_codes_stay_and_the_rest_stays_in_the_range_of_the_starts(generator):
    extremes = np.stack([np.zeros((SIZE, SIZE)), np.full((SIZE, SIZE), 255)]).astype(np.uint8)
    starts = drawn(2, 1)[:, None]
    rows = projection.project(generator, LATENT, extremes, starts)
    np.testing.assert_array_equal(rows[:, :5], starts[:, 0, :5])
    moved = rows[:, 5:]
    assert (moved != starts[:, 0, 5:]).mean() > 0.9
    assert np.abs(moved).max() == np.abs(starts[..., 5:]).max()


def test_batches_do_not_matter(generator, monkeypatch):
    images, starts = painted(generator, drawn(7, 2)), drawn(14, 3).reshape(7, 2, -1)
    whole = projection.project(generator, LATENT, images, starts, 5)
    monkeypatch.setattr(projection, "BATCH", 3)
    np.testing.assert_allclose(projection.project(generator, LATENT, images, starts, 5), whole, atol=1e-4)


@pytest.mark.parametrize("prior", latents.PRIORS)
def test_an_edit_draws_a_share_of_the_noise_anew(prior):
    latent = Latent((3, 2), 2, 40, prior=prior)
    rows = keras.ops.convert_to_numpy(latents.sample(latent, 30, 0))  # of the seed that redraws
    kept = rows.copy()
    edits = {share: projection.edited(latent, rows, share, 0) for share in (0.0, 0.25, 0.5, 1.0)}
    np.testing.assert_array_equal(rows, kept)
    for share, found in edits.items():
        np.testing.assert_array_equal(found[:, :7], rows[:, :7])
        assert ((found != rows).sum(axis=1) == share * 40).all()
    small, large = edits[0.25] != rows, edits[0.5] != rows
    assert (large | ~small).all() and len(np.unique(small, axis=0)) > 25
    np.testing.assert_array_equal(edits[0.5][small], edits[0.25][small])
    spread = rows[:, 7:].std()
    assert edits[1.0][:, 7:].std() == pytest.approx(spread, rel=0.1)
    assert edits[0.5][:, 7:].std() == pytest.approx(spread, rel=0.1)
