import keras
import numpy as np
import pytest

from xray_keras.errors import UserError
from xray_keras.models import log_odds

X = np.random.default_rng(0).uniform(0, 255, (5, 8, 8, 3)).astype(np.float32)


def classifier(units: int, activation: str, dtype: str = "float32") -> keras.Model:
    keras.utils.set_random_seed(2)
    image = keras.Input((8, 8, 3))
    x = keras.layers.Rescaling(1 / 255, dtype=dtype)(image)
    x = keras.layers.Conv2D(4, 3, activation="relu", dtype=dtype)(x)
    x = keras.layers.BatchNormalization(dtype=dtype)(x)
    x = keras.layers.GlobalAveragePooling2D(dtype=dtype)(x)
    return keras.Model(image, keras.layers.Dense(units, activation, dtype="float32")(x))


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize(
    ("units", "activation", "labels"), [(1, "sigmoid", 1), (2, "sigmoid", 2), (2, "softmax", 1)]
)
def test_log_odds_are_those_of_the_probabilities(units, activation, labels):
    model = classifier(units, activation)
    odds = log_odds.margins(model, labels).predict_on_batch(X)
    expected = model.predict_on_batch(X)[:, -labels:]
    assert odds.shape == (5, labels)
    np.testing.assert_allclose(sigmoid(odds), expected, rtol=1e-5)


def test_no_classifier():
    image = keras.Input((8, 8, 3))
    with pytest.raises(UserError, match="use a classifier"):
        log_odds.margins(keras.Model(image, keras.layers.Conv2D(1, 3)(image)), 1)


def test_float32_network_of_a_bfloat16_one():
    rough = classifier(1, "sigmoid", "mixed_bfloat16")
    copy, exact = log_odds.in_float32(rough), classifier(1, "sigmoid")
    assert {layer.compute_dtype for layer in copy.layers} == {"float32"}
    np.testing.assert_array_equal(copy.predict_on_batch(X), exact.predict_on_batch(X))
    assert (copy.predict_on_batch(X) != rough.predict_on_batch(X)).any()
    assert log_odds.in_float32(exact) is exact
