import json

import keras
import pytest

from xray_keras.models import outline


def block(x, name, filters, *, projected=False):
    """A residual block of two 3×3 convolutions without bias."""
    shortcut = x
    if projected:
        shortcut = keras.layers.Conv2D(filters, 1, strides=2, use_bias=False, name=f"{name}_0_conv")(x)
    x = keras.layers.ZeroPadding2D(1, name=f"{name}_pad")(x)
    x = keras.layers.Conv2D(filters, 3, strides=2 if projected else 1, use_bias=False, name=f"{name}_1_conv")(
        x
    )
    x = keras.layers.BatchNormalization(name=f"{name}_bn")(x)
    x = keras.layers.ReLU(name=f"{name}_relu")(x)
    x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"{name}_2_conv")(x)
    x = keras.layers.Add(name=f"{name}_add")([shortcut, x])
    return keras.layers.ReLU(name=f"{name}_out")(x)


def residual():
    image = keras.Input((16, 16, 3), name="image")
    x = keras.layers.Rescaling(1 / 255)(image)  # named by Keras
    x = keras.layers.Conv2D(4, 3, padding="same", activation="relu", name="conv1")(x)
    for number in range(1, 5):
        x = block(x, f"conv2_block{number}", 4)
    x = block(x, "conv3_block1", 8, projected=True)
    x = block(x, "conv3_block2", 8)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, keras.layers.Dense(2, activation="softmax", name="last")(x), name="small")


def test_stages_by_hand():
    model = residual()
    found = outline.outline(model)
    assert [(each["name"], each["last"], each["times"], each["kind"]) for each in found["stages"]] == [
        ("image", None, 1, "input"),
        ("conv1", None, 1, "convolution"),
        ("conv2_block1", "conv2_block4", 4, "residual block"),
        ("conv3_block1", None, 1, "residual block"),
        ("conv3_block2", None, 1, "residual block"),
        ("pool", None, 1, "pooling"),
        ("last", None, 1, "fully connected"),
    ]
    # Weights, and of a normalisation gamma and beta; its two moving statistics are not trained.
    one, two = 4 * 4 * 9, 8 * 8 * 9
    projected = 4 * 8 + 4 * 8 * 9 + two
    assert [each["parameters"] for each in found["stages"]] == [
        0, 3 * 4 * 9 + 4, 4 * (2 * one + 4 * 4), projected + 4 * 8, 2 * two + 4 * 8, 0, 8 * 2 + 2
    ]  # fmt: skip
    assert found["parameters"] == model.count_params()
    assert found["trained"] == found["parameters"] - 4 * 2 * 4 - 2 * 2 * 8
    assert [each["shape"] for each in found["stages"]] == [
        [16, 16, 3], [16, 16, 4], [16, 16, 4], [8, 8, 8], [8, 8, 8], [8], [2]
    ]  # fmt: skip
    assert found["outputs"] == {"": "last"}
    assert json.loads(json.dumps(found)) == found


def test_operations_and_what_they_take():
    stages = {each["name"]: each["operations"] for each in outline.outline(residual())["stages"]}
    assert [(each["name"], each["text"], each["inputs"]) for each in stages["conv3_block1"]] == [
        ("conv3_block1_1_conv", "3×3 conv, 8, stride 2, BN, ReLU", ["conv2_block1_add"]),
        ("conv3_block1_0_conv", "1×1 conv, 8, stride 2", ["conv2_block1_add"]),
        ("conv3_block1_2_conv", "3×3 conv, 8", ["conv3_block1_1_conv"]),
        ("conv3_block1_add", "add, ReLU", ["conv3_block1_0_conv", "conv3_block1_2_conv"]),
    ]
    assert stages["image"][0]["text"] == "input, rescaling"
    # The shortcut of a block without projection.
    assert stages["conv2_block1"][-1]["inputs"] == ["conv1", "conv2_block1_2_conv"]


def test_the_same_network_is_the_same_however_many_were_built_before():
    assert outline.outline(residual()) == outline.outline(residual())


def test_frozen_layers_are_not_trained():
    model = residual()
    for layer in model.layers[:-1]:
        layer.trainable = False
    found = outline.outline(model)
    assert found["trained"] == 18 and [each["trained"] for each in found["stages"]] == [0] * 6 + [18]


def test_what_an_output_ends_is_not_drawn_into_it():
    """Normalisation before a convolution, an output between two layers, padding that nobody else takes."""
    image = keras.Input((8, 8, 2), name="image")
    joined = keras.layers.Concatenate(name="joined")([image, keras.layers.Conv2D(2, 1, name="conv1")(image)])
    x = keras.layers.BatchNormalization(name="norm")(joined)
    x = keras.layers.ZeroPadding2D(1, name="pad")(x)
    features = keras.layers.Conv2D(5, 3, name="conv2")(x)
    last = keras.layers.Dense(1, name="last")(keras.layers.ReLU(name="active")(features))
    model = keras.Model(image, {"features": features, "last": last}, name="two")
    found = outline.outline(model)
    texts = {each["name"]: each["operations"][0]["text"] for each in found["stages"]}
    assert texts == {
        "image": "input",
        "conv1": "1×1 conv, 2",
        "joined": "concatenate",
        "conv2": "BN, 3×3 conv, 5",
        "last": "ReLU, fully connected, 1",
    }
    assert found["outputs"] == {"features": "conv2", "last": "last"}


class Around(keras.layers.Layer):
    """Another layer in a layer of its own."""

    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner

    def call(self, x):
        return self.inner(x)

    def get_config(self):
        return {"name": self.name}


def test_layers_that_share_weights_are_refused():
    inner = keras.layers.Dense(4)
    image = keras.Input((4,), name="image")
    model = keras.Model(image, Around(inner, name="two")(Around(inner, name="one")(image)), name="shared")
    assert model.count_params() == 20
    with pytest.raises(ValueError, match="shared: its stages have 40 of 20 parameters"):
        outline.outline(model)
