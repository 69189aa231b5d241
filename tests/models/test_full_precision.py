"""Networks of mixed precision become those of float32 with the same weights."""

import keras
import numpy as np
import pytest

from xray_keras.models import ali, binary_cnn, transfer
from xray_keras.models.full_precision import computed_in, full_precision


@pytest.fixture
def mixed():
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy("float32")


def transferred():
    """With a head that does not start from zeros."""
    model = transfer.build("vgg16", size=32, labels=3, weights="random", dropout=0.5, normalised=True)
    kernel = model.layers[-1].kernel
    kernel.assign(np.random.default_rng(0).normal(0, 0.1, kernel.shape))
    return model


@pytest.mark.parametrize(
    "build",
    [
        lambda: binary_cnn.build(size=16, labels=1, dropout=0.1, l2=0.01),
        transferred,
        lambda: ali.autoencoder(ali.encoder(latent=8, width=0.05), ali.generator(latent=8, width=0.05)),
    ],
    ids=["small", "transferred", "autoencoder"],
)
def test_weights_stay_and_sums_are_whole(mixed, build):
    model = build()
    copied = full_precision(model)
    assert "bfloat16" in computed_in(model) and computed_in(copied) == {"float32"}
    for one, other in zip(model.weights, copied.weights, strict=True):
        assert one.path.split("/")[-2:] == other.path.split("/")[-2:]
        np.testing.assert_array_equal(one, other)
    x = np.random.default_rng(0).uniform(0, 255, (2, *model.input_shape[1:])).astype(np.float32)
    short, whole = (keras.tree.flatten(each(x, training=False)) for each in (model, copied))
    assert all("float32" in str(each.dtype) for each in whole)
    for one, other in zip(short, whole, strict=True):
        a, b = np.asarray(keras.ops.cast(one, "float32")), np.asarray(other)
        assert np.abs(a - b).max() < 0.05 * np.abs(b).max() and (a != b).any()


def test_what_computes_in_float32_is_left_alone():
    model = binary_cnn.build(size=16, labels=1, dropout=0.1, l2=0.01)
    assert full_precision(model) is model
