import re

import keras
import numpy as np
import pytest

from xray_keras.errors import UserError
from xray_keras.models import description, infogan
from xray_keras.models.infogan_latent import Latent, reading, sample
from xray_keras.papers import loader

SMALL = Latent(categorical=(3, 2), continuous=2, noise=4)


def rows(model):
    """(name, kernel, stride, output shape, activation) of the rows behind the input."""
    return [
        (row["layer"], row["kernel"], row["stride"], row["output_shape"], row["activation"])
        for row in description.describe(model)[1:]
    ]


def normalised(model):
    return [row["layer"] for row in description.describe(model) if row["normalisation"]]


@pytest.fixture(scope="module")
def whole():
    latent = reading("described")
    return infogan.generator(latent), infogan.discriminator(latent)


def test_the_generator_is_that_of_table_1(whole):
    four, two = [4, 4], [2, 2]
    assert rows(whole[0]) == [
        ("G_dense", None, None, [16, 16, 448], "relu"),
        ("G_upconv1", four, two, [32, 32, 128], "relu"),
        ("G_upconv2", four, two, [64, 64, 64], "relu"),
        ("G_upconv3", four, two, [128, 128, 1], "tanh"),
    ]
    assert normalised(whole[0]) == ["G_dense", "G_upconv1", "G_upconv2"]
    first = 16 * 16 * 448
    weights = 76 * first + 16 * 448 * 128 + 16 * 128 * 64 + 16 * 64
    biases, statistics = first + 128 + 64 + 1, 4 * (first + 128 + 64)
    assert whole[0].count_params() == weights + biases + statistics == 10_340_289


def test_the_discriminator_is_that_of_table_1(whole):
    four, two = [4, 4], [2, 2]
    found = rows(whole[1])
    assert found[:4] == [
        ("DQ_conv1", four, two, [64, 64, 64], "leaky_relu(0.1)"),
        ("DQ_conv2", four, two, [32, 32, 128], "leaky_relu(0.1)"),
        ("DQ_conv3", four, two, [16, 16, 128], "leaky_relu(0.1)"),
        ("Q_dense", None, None, [128], "leaky_relu(0.1)"),
    ]
    assert sorted(found[4:]) == [
        ("categorical", None, None, [40], "linear"),
        ("log_sigma", None, None, [4], "linear"),
        ("logit", None, None, [1], "linear"),
        ("mean", None, None, [4], "linear"),
    ]
    assert normalised(whole[1]) == ["DQ_conv2", "DQ_conv3", "Q_dense"]
    trunk = 16 * 64 + 64 + 16 * 64 * 128 + 128 + 16 * 128 * 128 + 128 + 4 * (128 + 128)
    d = 32768 + 1
    q = 32768 * 128 + 128 + 4 * 128 + 128 * 48 + 48
    assert whole[1].count_params() == trunk + d + q == 4_629_489


def test_batch_norm_stands_before_the_activation(whole):
    for model, activation in zip(whole, ("ReLU", "LeakyReLU"), strict=True):
        kinds = [type(layer).__name__ for layer in model.layers]
        behind = [kinds[place + 1] for place, kind in enumerate(kinds) if kind == "BatchNormalization"]
        assert behind == [activation] * 3
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                assert (layer.momentum, layer.epsilon) == (0.9, 1e-5)


def test_the_layers_are_the_printed_ones_where_table_1_can_be_read(whole):
    printed = list(loader.load("ali2019")["tables"]["table1"]["rows"].values())
    generator, discriminator = (description.describe(model) for model in whole)
    upconvolutions = [line for _, line in printed if "upconv" in line]
    channels = [int(re.findall(r"upconv, (\d+)", line)[0]) for line in upconvolutions]
    assert [row["output_shape"][-1] for row in generator[2:]] == channels
    maps = [[int(side) for side in re.findall(r"(\d+)x(\d+) upconv", line)[0]] for line in upconvolutions]
    assert [row["output_shape"][:2] for row in generator[1:-1]] == maps
    full = next(line for _, line in printed if line.startswith("FC"))
    assert generator[1]["output_shape"][-1] == int(re.findall(r"x (\d+) RELU", full)[0])
    convolutions = [line for line, _ in printed if "conv" in line]
    channels = [int(re.findall(r"(?:conv, |x\d+ )(\d+)", line)[0]) for line in convolutions]
    assert [row["output_shape"][-1] for row in discriminator[1:4]] == channels
    both = [
        *zip(discriminator[1:4], convolutions, strict=True),
        *zip(generator[2:], upconvolutions, strict=True),
    ]
    for row, line in both:
        assert row["stride"] == [int(re.findall(r"Stride (\d+)", line)[0])] * 2
        assert (row["normalisation"] is not None) == ("batch-norm" in line)
        assert row["activation"].split("(")[0].replace("leaky_relu", "lrelu") in line.lower()
    assert discriminator[0]["output_shape"][:2] == generator[-1]["output_shape"][:2] == [128, 128]
    recognition = next(line for line, _ in printed if "for Q" in line)
    (row,) = [row for row in discriminator if row["layer"] == "Q_dense"]
    assert row["output_shape"] == [int(re.findall(r"FC, (\d+)", recognition)[0])]


def test_the_printed_input_narrows_the_first_and_the_last_layers_alone(whole):
    latent = reading("printed")
    generator, discriminator = infogan.generator(latent), infogan.discriminator(latent)
    assert generator.input_shape == (None, 40)
    assert whole[0].count_params() - generator.count_params() == 36 * 16 * 16 * 448
    assert discriminator.output["categorical"].shape == (None, 4)
    assert whole[1].count_params() - discriminator.count_params() == 36 * 129


def test_a_smaller_image_starts_from_a_smaller_map_with_the_same_convolutions(whole):
    latent = reading("described")
    small = infogan.generator(latent, size=64), infogan.discriminator(latent, size=64)
    assert [row["output_shape"] for row in description.describe(small[0])[1:]] == [
        [8, 8, 448], [16, 16, 128], [32, 32, 64], [64, 64, 1]
    ]  # fmt: skip
    assert small[1].get_layer("trunk").output.shape == (None, 8 * 8 * 128)
    for model, smaller in zip(whole, small, strict=True):
        pairs = zip(description.describe(model)[1:], description.describe(smaller)[1:], strict=True)
        for row, other in pairs:
            assert row["layer"] == other["layer"] and row["stride"] == other["stride"]
            if row["kernel"]:
                assert row["parameters"] == other["parameters"]


@pytest.mark.parametrize("form", infogan.FORMS)
def test_images_go_round(form, tmp_path):
    generator = infogan.generator(SMALL, size=32, form=form, width=1 / 16)
    discriminator = infogan.discriminator(SMALL, size=32, form=form, width=1 / 16)
    images = generator.predict(sample(SMALL, 3, 0), verbose=0)
    assert images.shape == (3, 32, 32, 1) and images.dtype == np.float32 and np.abs(images).max() <= 1
    found = discriminator.predict(images, verbose=0)
    assert {name: value.shape for name, value in found.items()} == {
        "logit": (3, 1),
        "categorical": (3, 5),
        "mean": (3, 2),
        "log_sigma": (3, 2),
    }
    assert {value.dtype for value in found.values()} == {np.dtype("float32")}
    discriminator.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False).predict(images, verbose=0)
    for name, value in found.items():
        np.testing.assert_allclose(again[name], value, atol=1e-6)


@pytest.mark.parametrize("form", infogan.FORMS)
def test_both_heads_see_the_trunk_and_not_each_other(form):
    model = infogan.discriminator(SMALL, size=32, form=form, width=1 / 16)
    head = model.get_layer("log_sigma")
    head.set_weights([np.ones(value.shape) for value in head.get_weights()])
    images = np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 1)).astype(np.float32)
    before = model.predict(images, verbose=0)

    def moved(name):
        layer = model.get_layer(name)
        kept = layer.get_weights()
        layer.set_weights(
            [value + 0.1 * np.cos(np.arange(value.size)).reshape(value.shape) for value in kept]
        )
        after = model.predict(images, verbose=0)
        layer.set_weights(kept)
        return {key for key in after if np.abs(after[key] - before[key]).max() > 1e-6}

    assert moved("DQ_conv1") == set(before)
    assert moved("Q_dense") == {"categorical", "mean", "log_sigma"}
    assert moved({"table": "logit", "code": "verdict"}[form]) == {"logit"}


def test_width_multiplies_hidden_channels_alone():
    model = infogan.generator(SMALL, size=64, width=0.25)
    assert [row["output_shape"][-1] for row in description.describe(model)[1:]] == [112, 32, 16, 1]
    model = infogan.discriminator(SMALL, size=64, width=0.25)
    widths = {row["layer"]: row["output_shape"][-1] for row in description.describe(model)[1:]}
    assert [widths[name] for name in ("DQ_conv1", "DQ_conv2", "DQ_conv3", "Q_dense")] == [16, 32, 32, 32]
    assert [widths[name] for name in ("logit", "categorical", "mean")] == [1, 5, 2]


@pytest.mark.parametrize("form", infogan.FORMS)
def test_sigma_begins_at_one_but_for_the_cited_form(form):
    model = infogan.discriminator(SMALL, size=32, form=form, width=1 / 16)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 1)).astype(np.float32)
    found = model.predict(images, verbose=0)["log_sigma"]
    assert (found == 0).all() == (form == "table")


def test_without_sigma_there_is_no_head_for_it():
    model = infogan.discriminator(SMALL, size=32, width=1 / 16, sigma=False)
    assert list(model.output) == ["logit", "categorical", "mean"]


@pytest.mark.parametrize("build", [infogan.generator, infogan.discriminator])
def test_sizes_and_forms_that_there_are_not(build):
    for size, form, multiple in ((100, "table", 8), (0, "table", 8), (72, "code", 16)):
        with pytest.raises(
            UserError, match=f"'{form}' makes images of a multiple of {multiple} pixels, not {size}"
        ):
            build(SMALL, size=size, form=form)
    with pytest.raises(UserError, match="no form 'deconv'; choose table or code"):
        build(SMALL, form="deconv")
