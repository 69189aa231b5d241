"""Described layers counted by arithmetic, against Keras' own count and against hand-computed values."""

from itertools import pairwise

import keras
import pytest

from xray_keras.audit import layers
from xray_keras.models import binary_cnn
from xray_keras.papers import loader


def test_the_described_baseline_is_the_built_one():
    described = loader.load("ali2019")["settings"]["binary_cnn"]
    counted = layers.build(tuple(described["input"]), described["layers"])
    assert layers.parameters(counted) == 67_145_666
    assert (
        layers.parameters(counted) == binary_cnn.build(size=128, labels=1, dropout=0.5, l2=0.0).count_params()
    )
    assert [layer.shape for layer in counted if layer.name.startswith("pool")] == [(64, 64, 32), (32, 32, 64)]


def test_vgg16_is_the_published_one():
    counted = layers.build((224, 224, 3), layers.vgg16_features())
    built = keras.applications.VGG16(weights=None, include_top=False, input_shape=(224, 224, 3))
    assert layers.parameters(counted) == built.count_params() == 14_714_688
    assert counted[-1].shape == (7, 7, 512)
    # 3·3·3·64 · 224² + 3·3·64·64 · 224² + … for the 13 convolutions
    sides = [224] * 2 + [112] * 2 + [56] * 3 + [28] * 3 + [14] * 3
    channels = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    by_hand = sum(9 * a * b * s * s for (a, b), s in zip(pairwise(channels), sides, strict=True))
    assert layers.multiplications(counted) == by_hand


def test_strides_padding_and_the_rest():
    described = [
        {"op": "conv", "filters": 8, "kernel": [5, 5], "stride": 2, "padding": "valid", "bias": False},
        {"op": "batch_norm"},
        {"op": "relu"},
        {"op": "conv", "filters": 4, "kernel": [3, 3], "stride": 2},
        {"op": "adaptive_pool", "size": [3, 3]},
        {"op": "dropout"},
        {"op": "dense", "units": 10},
    ]
    counted = layers.build((33, 33, 1), described)
    model = keras.Sequential(
        [
            keras.Input((33, 33, 1)),
            keras.layers.Conv2D(8, 5, strides=2, padding="valid", use_bias=False),
            keras.layers.Conv2D(4, 3, strides=2, padding="same"),
        ]
    )
    assert counted[0].shape == model.layers[0].output.shape[1:] == (15, 15, 8)
    assert counted[3].shape == model.layers[1].output.shape[1:] == (8, 8, 4)
    assert [layer.parameters for layer in counted] == [25 * 8, 16, 0, 9 * 8 * 4 + 4, 0, 0, 36 * 10 + 10]
    assert counted[0].multiplications == 25 * 8 * 15 * 15


def test_an_unknown_layer_is_an_error():
    with pytest.raises(ValueError, match="unknown op 'attention'"):
        layers.build((8, 8, 1), [{"op": "attention"}])
