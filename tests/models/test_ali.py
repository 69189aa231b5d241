import json
from pathlib import Path

import keras
import numpy as np
import pytest

from xray_keras.models import ali, ali_discriminator


def convolutions(model):
    """(name, kernel, stride, output shape) of every convolution, in order."""
    return [
        (layer.name, *layer.kernel_size[:1], *layer.strides[:1], tuple(layer.output.shape)[1:])
        for layer in model.layers
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Conv2DTranspose)
    ]


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


@pytest.fixture(scope="module")
def whole():
    return ali.encoder(), ali.generator(), ali_discriminator.build()


def test_the_encoder_is_the_published_one(whole):
    assert convolutions(whole[0]) == [
        ("E_conv1", 2, 1, (63, 63, 64)),
        ("E_conv2", 7, 2, (29, 29, 128)),
        ("E_conv3", 5, 2, (13, 13, 256)),
        ("E_conv4", 7, 2, (4, 4, 512)),
        ("E_conv5", 4, 1, (1, 1, 512)),
        *((f"E_conv6_{name}", 1, 1, (1, 1, 512)) for name in ("log_sigma", "mu")),
    ]
    assert kinds(whole[0])[1:16] == ["Conv2D", "LeakyReLU", "BatchNormalization"] * 5
    assert "BatchNormalization" not in kinds(whole[0])[16:]
    kernels = 4 * 64 + 49 * 64 * 128 + 25 * 128 * 256 + 49 * 256 * 512 + 16 * 512 * 512 + 2 * 512 * 512
    statistics = 4 * (64 + 128 + 256 + 512 + 512)
    assert whole[0].count_params() == kernels + statistics == 12_367_872


def test_the_generator_is_the_published_one(whole):
    assert convolutions(whole[1]) == [
        ("G_conv1", 4, 1, (4, 4, 256)),
        ("G_conv2", 7, 2, (13, 13, 128)),
        ("G_conv3", 5, 2, (29, 29, 64)),
        ("G_conv4", 7, 2, (63, 63, 32)),
        ("G_conv5", 2, 1, (64, 64, 32)),
        ("G_conv6", 1, 1, (64, 64, 1)),
    ]
    assert kinds(whole[1])[2:17] == ["Conv2DTranspose", "ReLU", "BatchNormalization"] * 5
    assert kinds(whole[1])[17:] == ["Conv2DTranspose", "Activation"]
    kernels = 16 * 512 * 256 + 49 * 256 * 128 + 25 * 128 * 64 + 49 * 64 * 32 + 4 * 32 * 32 + 32
    statistics = 4 * (256 + 128 + 64 + 32 + 32)
    assert whole[1].count_params() == kernels + statistics == 4_014_112


def test_the_discriminator_is_the_published_one(whole):
    model = whole[2]
    assert convolutions(model) == [
        ("Dx_conv1", 2, 1, (63, 63, 64)),
        ("Dx_conv2", 7, 2, (29, 29, 128)),
        ("Dx_conv3", 5, 2, (13, 13, 256)),
        ("Dx_conv4", 7, 2, (4, 4, 256)),
        ("Dx_conv5", 4, 1, (1, 1, 512)),
    ]
    assert "BatchNormalization" not in kinds(model)
    rates = {layer.name: layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)}
    assert rates.pop("Dx_1_dropout") == 0.5
    assert set(rates.values()) == {0.2} and len(rates) == 8
    image = 4 * 64 + 49 * 64 * 128 + 25 * 128 * 256 + 49 * 256 * 256 + 16 * 256 * 512
    code = 512 * 512 + 512 * 512
    pair = 1024 * 2048 + 2048 * 2048 + 2048
    assert model.count_params() == image + code + pair == 13_347_072


def test_no_layer_has_a_bias_and_slopes_are_as_published(whole):
    for model in whole:
        for layer in model.layers:
            assert not getattr(layer, "use_bias", False), layer.name
            if isinstance(layer, keras.layers.LeakyReLU):
                assert layer.negative_slope == pytest.approx(0.1)


def test_kernels_and_strides_are_those_of_the_released_graph(whole):
    folder = Path(__file__).parents[3] / "shared" / "data" / "chester-published"
    released = folder / "ae-chest-savedmodel-64-512" / "model.json"
    if not released.is_file():
        pytest.skip("Chester's released graph is not at hand")
    content = json.loads(released.read_text())
    arrays = [array for group in content["weightsManifest"] for array in group["weights"]]
    shapes = {array["name"]: array["shape"] for array in arrays if array["name"].startswith("split")}
    ours = [layer for model in whole[:2] for layer in model.layers if "_conv" in layer.name]
    ours = [layer for layer in ours if "log_sigma" not in layer.name]
    in_order = [shapes[name] for name in sorted(shapes, key=lambda name: int(name.partition("_")[2] or 0))]
    assert [list(layer.kernel.shape) for layer in ours] == in_order
    nodes = content["modelTopology"]["node"]
    strides = [
        [int(side) for side in node["attr"]["strides"]["list"]["i"][1:3]]
        for node in nodes
        if node["op"].startswith("Conv2D")
    ]
    assert [list(layer.strides) for layer in ours] == strides


@pytest.mark.parametrize("latent", ali.LATENTS)
def test_every_latent_size_of_the_search(latent):
    encoder = ali.encoder(latent=latent, width=1 / 16)
    generator = ali.generator(latent=latent, width=1 / 16)
    assert {name: code.shape for name, code in encoder.output.items()} == {
        "mean": (None, latent),
        "log_sigma": (None, latent),
    }
    assert generator.output_shape == (None, 64, 64, 1)
    assert ali_discriminator.build(latent=latent, width=1 / 16).output_shape == (None, 1)


def test_published_code_has_no_sigma():
    assert list(ali.encoder(latent=8, width=1 / 16, stochastic=False).output) == ["mean"]


def test_width_multiplies_hidden_channels():
    assert [ali.channels(64, width) for width in (1, 0.125, 0.001)] == [64, 8, 1]
    assert ali.encoder(latent=8, width=0.125).get_layer("E_conv4").filters == 64


def test_the_autoencoder_takes_and_gives_bytes(tmp_path):
    encoder, generator = ali.encoder(latent=8, width=1 / 16), ali.generator(latent=8, width=1 / 16)
    ali.autoencoder(encoder, generator).save(tmp_path / "model.keras")
    model = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert model.input_shape == (None, 64, 64, 1) and model.inputs[0].name == "image"
    images = np.random.default_rng(0).uniform(0, 255, (3, 64, 64, 1)).astype(np.float32)
    found = model.predict(images, verbose=0)
    assert found["latent"].shape == (3, 8) and found["reconstruction"].shape == (3, 64, 64, 1)
    codes = encoder.predict(images / 127.5 - 1, verbose=0)["mean"]
    np.testing.assert_allclose(found["latent"], codes, atol=1e-5)
    made = (generator.predict(codes, verbose=0) + 1) * 127.5
    np.testing.assert_allclose(found["reconstruction"], made, atol=1e-3)
    assert found["reconstruction"].min() >= 0 and found["reconstruction"].max() <= 255
    assert {value.dtype for value in found.values()} == {np.dtype("float32")}
