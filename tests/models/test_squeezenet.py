import keras
import numpy as np
import pytest

from xray_keras.models import squeezenet


@pytest.fixture(scope="module")
def classifier() -> keras.Model:
    return squeezenet.build((227, 227, 3), classes=1000)


def test_as_many_parameters_as_published(classifier: keras.Model) -> None:
    assert classifier.count_params() == 1_235_496
    assert squeezenet.build((227, 227, 3)).count_params() == 722_496


def test_layers_in_the_order_of_release_1_1(classifier: keras.Model) -> None:
    named = [layer.name for layer in classifier.layers if "_" not in layer.name]
    assert named == [
        "image",
        "conv1",
        "pool1",
        "pool3",
        "pool5",
        "drop9",
        "conv10",
        "pool10",
        "probabilities",
    ]
    order = [layer.name for layer in classifier.layers]
    assert order.index("fire3_concat") < order.index("pool3") < order.index("fire4_squeeze1x1")
    assert order.index("fire5_concat") < order.index("pool5") < order.index("fire6_squeeze1x1")


def test_sizes_at_the_published_input(classifier: keras.Model) -> None:
    sizes = [classifier.get_layer(name).output.shape[1:] for name in
             ("conv1", "pool1", "fire3_concat", "fire5_concat", "fire7_concat", "fire9_concat", "conv10")]  # fmt: skip
    assert sizes == [
        (113, 113, 64), (56, 56, 64), (56, 56, 128), (27, 27, 256), (13, 13, 384), (13, 13, 512), (13, 13, 1000),
    ]  # fmt: skip


def test_a_fire_module_squeezes_and_expands_side_by_side() -> None:
    model = squeezenet.build((64, 64, 3))
    fire = keras.Model(model.get_layer("fire2_squeeze1x1").input, model.get_layer("fire2_concat").output)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1, 15, 15, 64)).astype(np.float32)
    squeeze, one, three = (
        [np.asarray(value) for value in model.get_layer(f"fire2_{part}").get_weights()]
        for part in ("squeeze1x1", "expand1x1", "expand3x3")
    )
    s = np.maximum(x[0] @ squeeze[0][0, 0] + squeeze[1], 0)
    left = np.maximum(s @ one[0][0, 0] + one[1], 0)
    padded = np.pad(s, ((1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))  # (15, 15, 16, 3, 3)
    right = np.maximum(np.einsum("yxihw,hwio->yxo", windows, three[0]) + three[1], 0)
    np.testing.assert_allclose(np.asarray(fire(x))[0], np.concatenate([left, right], axis=-1), atol=1e-5)
