import keras
import numpy as np
import pytest

from xray_keras.models import siamese

RNG = np.random.default_rng(3)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return siamese.build(size=32, width=0.25, length=8)


def gray(count, size=32):
    """Images as runs give them: three equal channels, 0–255."""
    return np.repeat(RNG.uniform(20, 200, (count, size, size, 1)), 3, axis=-1).astype(np.float32)


def test_unit_vectors_of_the_asked_length(model):
    vectors = model.predict(gray(5), verbose=0)
    assert vectors.shape == (5, 8) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.linalg.norm(vectors[0] - vectors[1]) > 1e-3


def test_exposure_and_contrast_tell_nothing(model):
    images = gray(4)
    one, other = (model.predict(given, verbose=0) for given in (images, 0.7 * images + 30))
    np.testing.assert_allclose(one, other, atol=1e-3)
    assert np.isfinite(model.predict(np.zeros((1, 32, 32, 3)), verbose=0)).all()


def test_parameters_and_width():
    whole = siamese.build(size=64)
    convolutions = 25 * 32 + 9 * (32 * 64 + 64 * 96 + 96 * 128)
    assert whole.count_params() == convolutions + 4 * (32 + 64 + 96 + 128) + 2048 * 64 + 64 == 317_536
    assert whole.output_shape == (None, 64)
    assert siamese.build(size=64, width=0.01).get_layer("conv1").filters == 1


def test_it_survives_a_file(model, tmp_path):
    model.save(tmp_path / "model.keras")
    images = gray(3)
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_array_equal(again.predict(images, verbose=0), model.predict(images, verbose=0))


def test_in_bfloat16_it_gives_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        vectors = siamese.build(size=16, width=0.1, length=4)(gray(2, 16))
    finally:
        keras.config.set_dtype_policy("float32")
    assert vectors.dtype == "float32"
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
