import keras
import numpy as np
import pytest

from xray_keras.models import region_autoencoder


def features(count, regions, dimension, seed=0):
    return np.random.default_rng(seed).normal(0, 3, (count, regions, dimension)).astype(np.float32)


def dense(model):
    return [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]


def test_it_narrows_to_a_code_and_widens_again():
    model = region_autoencoder.build(dimension=20, widths=(16, 8, 3))
    assert [layer.units for layer in dense(model)] == [16, 8, 3, 8, 16, 20]
    activations = [layer.activation.__name__ for layer in dense(model)]
    assert activations == ["elu", "elu", "linear", "elu", "elu", "linear"]


def test_widths_by_default():
    model = region_autoencoder.build(dimension=1280)
    assert [layer.units for layer in dense(model)] == [512, 128, 512, 1280]
    weights = 1280 * 512 + 512 * 128 + 128 * 512 + 512 * 1280
    assert model.count_params() == weights + 512 + 128 + 512 + 1280


@pytest.mark.parametrize("regions", [34, 1])
def test_regions_are_reconstructed_each_on_its_own(regions):
    model = region_autoencoder.build(dimension=6, widths=(5, 2))
    given = features(2, regions, 6)
    found = model.predict(given, verbose=0)
    assert found.shape == given.shape and found.dtype == np.float32
    np.testing.assert_allclose(model.predict(given[:, ::-1], verbose=0), found[:, ::-1], atol=1e-5)
    np.testing.assert_allclose(model(given[1:, -1:])[0, 0], found[1, -1], atol=1e-5)


def test_by_hand():
    model = region_autoencoder.build(dimension=2, widths=(2, 1))
    values = [np.eye(2), [0, 0], [[1], [2]], [0.5], [[-1, 1]], [0, 0], np.eye(2), [0, 0.25]]
    model.set_weights([np.array(value, np.float32) for value in values])
    given = np.array([[[1.0, -2.0]]], np.float32)
    code = 1 + 2 * np.expm1(-2.0) + 0.5  # ELU leaves 1 as it is; the code is negative
    np.testing.assert_allclose(model(given)[0, 0], [-code, np.expm1(code) + 0.25], rtol=1e-5)


def test_in_bfloat16_it_gives_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        found = region_autoencoder.build(dimension=6, widths=(5, 2))(features(1, 3, 6))
    finally:
        keras.config.set_dtype_policy("float32")
    assert found.numpy().dtype == np.float32
