import keras
import numpy as np
import pytest

from xray_keras.errors import UserError
from xray_keras.models import binary_cnn, frozen, penultimate

IMAGES = np.random.default_rng(0).uniform(0, 255, (3, 32, 32, 3)).astype(np.float32)


def test_features_are_what_the_last_layer_sees():
    keras.utils.set_random_seed(0)
    image = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(6, 3, activation="relu")(keras.layers.Rescaling(1 / 255)(image))
    x = keras.layers.Dropout(0.5)(keras.layers.GlobalAveragePooling2D()(x))
    head = keras.layers.Dense(4, "sigmoid", bias_initializer="random_normal")
    model = keras.Model(image, head(x))
    both = penultimate.with_features(model).predict(IMAGES, verbose=0)
    assert both["features"].shape == (3, 6) and both["features"].dtype == np.float32
    logits = both["features"] @ head.kernel.numpy() + head.bias.numpy()
    assert np.allclose(1 / (1 + np.exp(-logits)), both["probabilities"], atol=1e-5)
    assert np.allclose(both["probabilities"], model.predict(IMAGES, verbose=0), atol=1e-6)


def test_features_of_half_precision_are_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = binary_cnn.build(size=32, labels=1, dropout=0.1, l2=0.0)
    finally:
        keras.config.set_dtype_policy("float32")
    assert penultimate.with_features(model).predict(IMAGES, verbose=0)["features"].dtype == np.float32


def test_a_model_without_a_dense_layer_at_its_end():
    x = keras.Input((32, 32, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(2, 3)(x))
    with pytest.raises(UserError, match=r"does not end in a dense layer.*densenet121"):
        penultimate.with_features(keras.Model(x, pooled, name="convolutions"))
    early = keras.layers.Conv2D(2, 1)(keras.layers.Dense(3)(x))
    with pytest.raises(UserError, match="does not end in a dense layer"):
        penultimate.with_features(keras.Model(x, early))


def test_layers_that_another_model_shares():
    """The same dense layer on other inputs: its features are those of the model that is asked."""
    keras.utils.set_random_seed(0)
    image = keras.Input((32, 32, 3))
    stem = keras.Model(image, keras.layers.Conv2D(6, 3)(image), name=frozen.FROZEN)
    whole = keras.Input((32, 32, 3))
    x = keras.layers.GlobalAveragePooling2D()(stem(whole))
    model = keras.Model(whole, keras.layers.Dense(2, "sigmoid")(x))
    parts = frozen.split(model)
    assert parts is not None
    kept = parts[0].predict(IMAGES, verbose=0)
    expected = penultimate.with_features(model).predict(IMAGES, verbose=0)
    found = penultimate.with_features(parts[1]).predict(kept, verbose=0)
    assert np.allclose(found["features"], kept.mean(axis=(1, 2)), rtol=1e-4)
    for name in expected:
        assert np.allclose(found[name], expected[name], rtol=1e-4)


def test_a_model_whose_ends_are_lists():
    image = keras.Input((32, 32, 3))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3)(image))
    model = keras.Model([image], [keras.layers.Dense(2, "sigmoid")(pooled)])
    both = penultimate.with_features(model).predict(IMAGES, verbose=0)
    assert both["probabilities"].shape == (3, 2)
