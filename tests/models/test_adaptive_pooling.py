import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from region_models import session

from xray_keras.errors import UserError
from xray_keras.models.adaptive_pooling import AdaptiveAveragePooling

SIDES = range(5, 41)


def reference(maps, size):
    """PyTorch's bins, each cut out and averaged on its own."""
    _, height, width, _ = maps.shape
    pooled = np.empty((len(maps), size, size, maps.shape[-1]))
    for i in range(size):
        rows = slice(math.floor(i * height / size), math.ceil((i + 1) * height / size))
        for j in range(size):
            columns = slice(math.floor(j * width / size), math.ceil((j + 1) * width / size))
            pooled[:, i, j] = maps[:, rows, columns].astype(np.float64).mean(axis=(1, 2))
    return pooled


def layer_of_any_size(size, **options):
    maps = keras.Input((None, None, 2), name="image")
    return keras.Model(maps, {"pooled": AdaptiveAveragePooling(size, **options)(maps)})


def maps(height, width, seed=0):
    return np.random.default_rng(seed).normal(3, 1, (2, height, width, 2)).astype(np.float32)


def test_by_hand():
    rows = np.arange(7, dtype=np.float32).reshape(1, 7, 1, 1) * np.ones((1, 1, 5, 1), np.float32)
    found = AdaptiveAveragePooling(5)(rows)
    np.testing.assert_allclose(found[0, :, 0, 0], [0.5, 1.5, 3, 4.5, 5.5])  # 0-1, 1-2, 2-4, 4-5, 5-6
    np.testing.assert_allclose(AdaptiveAveragePooling(3)(rows)[0, :, 2, 0], [1, 3, 5])  # 0-2, 2-4, 4-6


@pytest.mark.parametrize("size", [3, 5])
def test_every_size_in_keras_and_in_onnx_runtime(size):
    model = layer_of_any_size(size)
    assert model.output["pooled"].shape == (None, size, size, 2)
    graph = tf.function(model, input_signature=[tf.TensorSpec((None, None, None, 2), tf.float32)])
    exported = session(model)
    for height, width in zip(SIDES, np.random.default_rng(size).permutation(SIDES), strict=True):
        given = maps(height, width, seed=height)
        expected = reference(given, size)
        np.testing.assert_allclose(graph(given)["pooled"], expected, rtol=1e-5)
        np.testing.assert_allclose(exported.run(["pooled"], {"image": given})[0], expected, rtol=1e-5)


def test_it_agrees_with_the_layer_of_keras_where_the_size_is_known():
    given = maps(13, 22)
    for size in (3, 5):
        theirs = keras.layers.AdaptiveAveragePooling2D(size)(given)
        np.testing.assert_allclose(AdaptiveAveragePooling(size)(given), theirs, rtol=1e-5)


def test_a_smaller_map_is_refused_unless_its_cells_may_be_shared():
    AdaptiveAveragePooling(5)(maps(5, 5))
    for height, width in ((4, 9), (9, 4)):
        with pytest.raises(UserError, match=f"map has {height}×{width} cells is too small for a 5×5 grid"):
            AdaptiveAveragePooling(5)(maps(height, width))
    with pytest.raises(UserError, match="too small"):
        layer_of_any_size(5).predict(maps(4, 9), verbose=0)
    given = maps(3, 9)
    np.testing.assert_allclose(AdaptiveAveragePooling(5, at_least=3)(given), reference(given, 5), rtol=1e-5)
    with pytest.raises(UserError, match="too small"):
        AdaptiveAveragePooling(5, at_least=3)(maps(2, 9))


def test_each_cell_gets_its_share_of_the_gradient():
    given = tf.Variable(maps(7, 7)[:1, :, :, :1])
    with tf.GradientTape() as tape:
        first = AdaptiveAveragePooling(5)(given)[0, 2, 0, 0]  # rows 2 to 4, columns 0 and 1
    expected = np.zeros((7, 7))
    expected[2:5, :2] = 1 / 6
    np.testing.assert_allclose(tape.gradient(first, given)[0, :, :, 0], expected, rtol=1e-6)


def test_it_survives_a_file(tmp_path):
    model = layer_of_any_size(5, at_least=2)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    given = maps(2, 8)
    np.testing.assert_array_equal(again(given)["pooled"], model(given)["pooled"])
