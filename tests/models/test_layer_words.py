import keras
import pytest

from xray_keras.models import layer_words
from xray_keras.models.adaptive_pooling import AdaptiveAveragePooling
from xray_keras.models.graph import Node, nodes

MAP, ROW = (8, 6, 4), (12,)


def node(layer, shape=MAP):
    """A layer behind an input."""
    image = keras.Input(shape)
    return nodes(keras.Model(image, layer(image)))[0][1]


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (keras.layers.Conv2D(32, 3), "3×3 conv, 32"),
        (keras.layers.Conv2D(32, (1, 5), strides=2, activation="relu"), "1×5 conv, 32, stride 2, ReLU"),
        (keras.layers.MaxPooling2D(2), "2×2 max pooling, stride 2"),
        (keras.layers.AveragePooling2D(3, strides=1), "3×3 average pooling"),
        (keras.layers.GlobalAveragePooling2D(), "global average pooling"),
        (AdaptiveAveragePooling(5), "average pooling to 5×5"),
        (keras.layers.UpSampling2D(2), "2×2 upsampling"),
        (keras.layers.BatchNormalization(), "BN"),
        (keras.layers.LeakyReLU(0.2), "leaky ReLU 0.2"),
        (keras.layers.Activation("elu"), "ELU"),
        (keras.layers.ReLU(), "ReLU"),
        (keras.layers.Softmax(), "softmax"),
        (keras.layers.Dropout(0.25), "dropout 0.25"),
        (keras.layers.Flatten(), "flatten"),
        (keras.layers.ZeroPadding2D(1), ""),
        (keras.layers.Reshape((48, 4)), ""),
    ],
)
def test_what_a_layer_does(layer, said):
    assert layer_words.text(node(layer), [MAP]) == said


def test_what_an_operation_does():
    assert layer_words.text(node(lambda x: keras.ops.flip(x, axis=-1)), [MAP]) == "channels reversed"
    assert layer_words.text(node(lambda x: keras.ops.sum(x, axis=1)), [MAP]) == "sum of 8"
    assert layer_words.text(node(lambda x: x[..., 1], (5, 2)), [(5, 2)]) == "last of 2"
    assert layer_words.text(node(lambda x: x[..., 0], (5, 3)), [(5, 3)]) == "first of 3"
    assert layer_words.text(node(lambda x: x[..., 1], (5, 3)), [(5, 3)]) == "entry 1 of 3"
    assert (
        layer_words.text(node(keras.layers.Dense(7, activation="softmax"), ROW), [ROW])
        == "fully connected, 7, softmax"
    )


def test_names_that_keras_numbers_lose_their_number():
    def plain(name, kind):
        return layer_words.plain_name(Node(name, kind, None, (), (), ()))

    assert plain("rescaling_7", "Rescaling") == "rescaling"
    assert plain("max_pooling2d_1", "MaxPooling2D") == "max_pooling2d"
    assert plain("conv5_2", "Conv2D") == "conv5_2"
