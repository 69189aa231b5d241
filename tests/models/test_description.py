import json

import keras
import pytest

from xray_keras.models import ali, description


def small():
    image = keras.Input((8, 8, 1), name="image")
    x = keras.layers.Conv2D(4, 3, strides=2, padding="same", name="conv")(image)  # (B, 4, 4, 4)
    x = keras.layers.BatchNormalization(name="norm")(x)
    x = keras.layers.LeakyReLU(0.2, name="relu")(x)
    x = keras.layers.Dropout(0.5, name="dropout")(x)
    x = keras.layers.UpSampling2D(2, name="up")(x)  # (B, 8, 8, 4)
    x = keras.layers.Flatten(name="flat")(x)  # (B, 256)
    map_ = keras.layers.Dense(18, activation="tanh", name="map")(x)
    map_ = keras.layers.Reshape((3, 3, 2), name="as_map")(map_)
    return keras.Model(image, [map_, keras.layers.Dense(2, name="other")(x)])


def test_rows_by_hand(tmp_path):
    expected = [
        ("image", "InputLayer", None, None, [8, 8, 1], 0, None, None),
        (
            "conv",
            "Conv2D",
            [3, 3],
            [2, 2],
            [4, 4, 4],
            9 * 4 + 4 + 16,
            "BatchNormalization",
            "leaky_relu(0.2)",
        ),
        ("up", "UpSampling2D", None, None, [8, 8, 4], 0, None, None),
        ("map", "Dense", None, None, [3, 3, 2], 257 * 18, None, "tanh"),
        ("other", "Dense", None, None, [2], 257 * 2, None, "linear"),
    ]
    model = small()
    found = description.describe(model)
    assert [tuple(row.values()) for row in found] == expected
    assert list(found[0]) == [
        "layer", "kind", "kernel", "stride", "output_shape", "parameters", "normalisation", "activation"
    ]  # fmt: skip
    assert json.loads(json.dumps(found)) == found
    model.save(tmp_path / "model.keras")
    assert description.describe(keras.saving.load_model(tmp_path / "model.keras", compile=False)) == found


def test_a_path_that_forks_ends_the_row():
    image = keras.Input((4,), name="image")
    x = keras.layers.Dense(3, name="dense")(image)
    model = keras.Model(
        image, [keras.layers.ReLU(name="relu")(x), keras.layers.Activation("tanh", name="tanh")(x)]
    )
    assert [row["activation"] for row in description.describe(model)] == [None, "linear"]


def test_models_that_are_parts_of_another_are_described_all_the_same():
    encoder, generator = ali.encoder(latent=8, width=1 / 16), ali.generator(latent=8, width=1 / 16)
    found = description.describe(encoder)
    whole = ali.autoencoder(encoder, generator)
    assert description.describe(encoder) == found
    assert [row["kernel"] for row in found][1:6] == [[2, 2], [7, 7], [5, 5], [7, 7], [4, 4]]
    assert sum(row["parameters"] for row in found) == encoder.count_params()
    with pytest.raises(ValueError, match="ali: rows have 0 of"):
        description.describe(whole)


def test_a_normalisation_without_a_layer_has_no_row():
    image = keras.Input((4,))
    model = keras.Model(image, keras.layers.Dense(1)(keras.layers.BatchNormalization()(image)), name="odd")
    with pytest.raises(ValueError, match="odd: rows have 5 of 21 parameters"):
        description.describe(model)
