"""The networks without an ImageNet head in reach, against an independent implementation of the same weights."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy_networks import densenet121, resnet18
from PIL import Image

from xray_keras.models import backbones, weight_cache, weights

NETWORKS = {"resnet18": resnet18, "densenet121": densenet121}
PHOTOGRAPHS = Path(__file__).parents[3] / "shared" / "data" / "imagenet-sample"


def relative_error(model: keras.Model, image: np.ndarray, oracle: Callable[..., np.ndarray]) -> float:
    """Largest difference over the largest feature."""
    values = {
        f"{layer.name}/{variable.name}": variable.numpy()
        for layer in model.layers
        for variable in layer.weights
    }
    expected = oracle(values, image.astype(np.float64))
    plain = keras.Model(model.inputs[0], model.outputs[0])
    found = np.asarray(plain(image[np.newaxis], training=False))[0]
    assert found.shape == expected.shape and expected.max() > 0
    return float(np.abs(found - expected).max() / expected.max())


@pytest.mark.parametrize("architecture", NETWORKS)
def test_random_weights_and_statistics(architecture: str) -> None:
    rng = np.random.default_rng(0)
    keras.utils.set_random_seed(0)
    model = backbones.build(architecture, (64, 64, 3))
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            channels = layer.gamma.shape[0]
            layer.set_weights(
                [rng.uniform(0.5, 1.5, channels), rng.normal(0, 0.2, channels), rng.normal(0, 0.2, channels),
                 rng.uniform(0.5, 2, channels)]
            )  # fmt: skip
    image = rng.normal(size=(64, 64, 3)).astype(np.float32)
    assert relative_error(model, image, NETWORKS[architecture]) < 1e-4


@pytest.mark.parametrize("architecture", NETWORKS)
def test_published_weights_on_a_photograph(architecture: str) -> None:
    cached = weight_cache.cache_folder() / f"{architecture}.npz"
    if not PHOTOGRAPHS.is_dir() or not cached.is_file():
        pytest.skip(f"needs {PHOTOGRAPHS} and {cached}")
    model = weights.load_backbone(architecture, weights="imagenet", input_shape=(224, 224, 3))
    with Image.open(sorted(PHOTOGRAPHS.iterdir())[0]) as opened:
        photograph = np.asarray(opened.convert("RGB").resize((224, 224)), np.float32)
    image = np.asarray(weights.preprocess(architecture, photograph[np.newaxis]))[0]
    assert relative_error(model, image, NETWORKS[architecture]) < 1e-4
