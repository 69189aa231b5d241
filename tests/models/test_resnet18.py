import keras
import numpy as np
import pytest

from xray_keras.models import resnet18


@pytest.fixture(scope="module")
def classifier() -> keras.Model:
    return resnet18.build((224, 224, 3), classes=1000)


def trained(model: keras.Model) -> int:
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)


def test_as_many_parameters_as_published(classifier: keras.Model) -> None:
    assert trained(classifier) == 11_689_512
    base = resnet18.build((224, 224, 3))
    assert trained(base) == 11_176_512
    assert base.count_params() == 11_186_112  # with the statistics of 4,800 normalised channels


def test_stages_have_the_sizes_of_table_1(classifier: keras.Model) -> None:
    stages = ("conv1_relu", "conv2_block2_out", "conv3_block2_out", "conv4_block2_out", "conv5_block2_out")
    sizes = [classifier.get_layer(name).output.shape[1:] for name in stages]
    assert sizes == [(112, 112, 64), (56, 56, 64), (28, 28, 128), (14, 14, 256), (7, 7, 512)]


def test_eighteen_weighted_layers_beside_three_projections(classifier: keras.Model) -> None:
    weighted = [
        layer for layer in classifier.layers if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense)
    ]
    projections = [layer.name for layer in weighted if layer.name.endswith("_0_conv")]
    assert projections == ["conv3_block1_0_conv", "conv4_block1_0_conv", "conv5_block1_0_conv"]
    assert len(weighted) - len(projections) == 18


def test_normalisation_follows_every_convolution_with_torchs_epsilon(classifier: keras.Model) -> None:
    normalisations = [
        layer for layer in classifier.layers if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert {layer.epsilon for layer in normalisations} == {1e-5}
    convolutions = {layer.name for layer in classifier.layers if isinstance(layer, keras.layers.Conv2D)}
    assert {layer.name.replace("_bn", "_conv") for layer in normalisations} == convolutions


def test_a_strided_window_is_padded_on_both_sides() -> None:
    """conv1 at stride 2: the first window is centred on the first pixel, which "same" would miss by one."""
    model = resnet18.build((32, 32, 3))
    first = keras.Model(model.input, model.get_layer("conv1_conv").output)
    kernel = np.zeros((7, 7, 3, 64), np.float32)
    kernel[3, 3, 0, 0] = 1
    model.get_layer("conv1_conv").set_weights([kernel])
    images = np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype(np.float32)
    np.testing.assert_allclose(np.asarray(first(images))[0, :, :, 0], images[0, ::2, ::2, 0], rtol=1e-6)


def test_a_block_adds_its_input() -> None:
    model = resnet18.build((32, 32, 3))
    for part in ("1", "2"):
        layer = model.get_layer(f"conv2_block1_{part}_conv")
        layer.set_weights([np.zeros(layer.kernel.shape)])
    around = keras.Model(
        model.input, [model.get_layer("pool1_pool").output, model.get_layer("conv2_block1_out").output]
    )
    before, after = around(np.random.default_rng(0).normal(size=(1, 32, 32, 3)).astype(np.float32))
    np.testing.assert_allclose(after, before, atol=1e-6)
