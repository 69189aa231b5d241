import keras
import numpy as np
import pytest

from xray_keras.losses import adversarial
from xray_keras.models import description, infogan
from xray_keras.models.infogan_latent import Latent, reading

SMALL = Latent(categorical=(3,), continuous=2, noise=4)
BATCH, EXAMPLE = "BatchNormalization", "LayerNormalization"


def rows(model):
    return [
        (
            row["layer"],
            row["kernel"],
            row["stride"],
            row["output_shape"],
            row["normalisation"],
            row["activation"],
        )
        for row in description.describe(model)[1:]
    ]


@pytest.fixture(scope="module")
def whole():
    latent = reading("printed", prior="normal")
    return infogan.generator(latent, form="code"), infogan.discriminator(latent, form="code")


def test_the_generator_is_the_cited_one(whole):
    three, one = [3, 3], [1, 1]
    expected = [
        ("G_dense1", None, None, [1024], EXAMPLE, "relu"),
        ("G_dense2", None, None, [8, 8, 128], EXAMPLE, "relu"),
    ]
    before = 128
    for number, (side, filters) in enumerate(((16, 64), (32, 32), (64, 16), (128, 8)), start=1):
        expected.append((f"G_up{number}", None, None, [side, side, before], None, None))
        expected.append((f"G_conv{number}", three, one, [side, side, filters], BATCH, "relu"))
        before = filters
    expected.append(("G_conv5", three, one, [128, 128, 1], None, "tanh"))
    assert rows(whole[0]) == expected
    dense = 41 * 1024 + 2 * 1024 + 1025 * 8192 + 2 * 8192
    filters = 9 * (128 * 64 + 64 * 32 + 32 * 16 + 16 * 8 + 8) + 64 + 32 + 16 + 8 + 1
    assert whole[0].count_params() == dense + filters + 4 * (64 + 32 + 16 + 8) == 8_555_809


def test_the_discriminator_is_the_cited_one(whole):
    three, two = [3, 3], [2, 2]
    found = rows(whole[1])
    assert found[:6] == [
        ("DQ_conv1", three, two, [64, 64, 64], None, "leaky_relu(0.2)"),
        ("DQ_conv2", three, two, [32, 32, 64], BATCH, "leaky_relu(0.2)"),
        ("DQ_conv3", three, two, [16, 16, 128], BATCH, "leaky_relu(0.2)"),
        ("DQ_conv4", three, two, [8, 8, 256], BATCH, "leaky_relu(0.2)"),
        ("DQ_dense", None, None, [1024], EXAMPLE, "leaky_relu(0.2)"),
        ("Q_dense", None, None, [128], EXAMPLE, "leaky_relu(0.2)"),
    ]
    assert sorted(found[6:]) == [
        ("categorical", None, None, [4], None, "linear"),
        ("log_sigma", None, None, [4], None, "linear"),
        ("mean", None, None, [4], None, "linear"),
        ("verdict", None, None, [2], None, "linear"),
    ]
    filters = 9 * (64 + 64 * 64 + 64 * 128 + 128 * 256) + 64 + 64 + 128 + 256 + 4 * (64 + 128 + 256)
    dense = 8 * 8 * 256 * 1024 + 3 * 1024
    heads = 1024 * 2 + 2 + 1024 * 128 + 3 * 128 + 128 * 12 + 12
    assert whole[1].count_params() == filters + dense + heads == 17_323_726


def test_the_logit_is_that_of_the_two_way_softmax():
    model = infogan.discriminator(SMALL, size=16, form="code", width=1 / 32)
    verdict = keras.Model(model.input, model.get_layer("verdict").output)
    images = np.random.default_rng(0).uniform(-1, 1, (4, 16, 16, 1)).astype(np.float32)
    softmax = keras.ops.convert_to_numpy(keras.ops.softmax(verdict.predict(images, verbose=0)))
    logit = model.predict(images, verbose=0)["logit"]
    np.testing.assert_allclose(softmax[:, 1:], 1 / (1 + np.exp(-logit)), rtol=1e-5)
    # Its loss is the binary cross-entropy of both sides of the softmax, averaged.
    real = -(np.log(softmax[:, 1]) + np.log(1 - softmax[:, 0])) / 2
    np.testing.assert_allclose(
        adversarial.sigmoid_cross_entropy(np.ones((4, 1), np.float32), logit), real, rtol=1e-4
    )


def test_behind_dense_layers_an_example_is_normalised_by_itself():
    model = infogan.generator(SMALL, size=16, form="code")
    normalised = keras.Model(model.input, model.get_layer("G_dense_norm2").output)
    rows = np.random.default_rng(0).normal(size=(3, SMALL.size)).astype(np.float32)
    found = normalised(rows, training=True)
    np.testing.assert_allclose(np.mean(found, axis=1), 0, atol=1e-5)
    np.testing.assert_allclose(np.std(found, axis=1), 1, rtol=0.05)
    np.testing.assert_allclose(normalised(rows[:1], training=True), found[:1], atol=1e-5)
