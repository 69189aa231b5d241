"""Seeded DenseNet-121 classifiers in other people's formats; the oracle is the Keras model they were written from."""

from functools import cache

import keras
import numpy as np

from xray_keras.models import imported_densenet121

SIZE = 64
Tensors = dict[str, np.ndarray]


@cache
def original(channels: int = 3, classes: int = 14) -> tuple[keras.Model, Tensors]:
    """A classifier of preprocessed images, and its tensors under Keras' names; statistics that are not trivial."""
    rng = np.random.default_rng(channels)
    preprocessing = "none" if channels == 3 else "signed_1024"
    _, core = imported_densenet121.build(size=SIZE, labels=classes, preprocessing=preprocessing)
    tensors = {}
    for layer in [*core.get_layer("densenet121").layers, core.get_layer("probabilities")]:
        for variable in layer.weights:
            shape = tuple(variable.shape)
            if variable.name == "kernel":
                value = rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape)
            elif variable.name in ("gamma", "moving_variance"):
                value = rng.uniform(0.7, 1.3, shape)
            else:
                value = rng.normal(0, 0.2, shape)
            tensors[f"{layer.name}/{variable.name}"] = value.astype(np.float32)
    imported_densenet121.set_weights(core, {name: (name, value) for name, value in tensors.items()}, "test")
    return core, tensors


def images(channels: int = 3, count: int = 2) -> np.ndarray:
    """Float32 (count, SIZE, SIZE, channels) in [0, 1]: smooth shapes, each unlike the other."""
    x, y = np.meshgrid(*[np.linspace(0, 3, SIZE)] * 2)
    waves = [np.sin((2 + number) * x + number) * np.cos((3 - number) * y) for number in range(count)]
    return np.repeat((0.5 + 0.5 * np.stack(waves))[..., None], channels, -1).astype(np.float32)


def torch_state(tensors: Tensors) -> Tensors:
    """torchvision's names and layouts."""
    parts = {
        "kernel": "weight",
        "gamma": "weight",
        "beta": "bias",
        "bias": "bias",
        "moving_mean": "running_mean",
    }
    state = {}
    for name, value in tensors.items():
        layer, variable = name.split("/")
        value = value.transpose(3, 2, 0, 1) if value.ndim == 4 else value.T
        state[f"{torch_layer(layer)}.{parts.get(variable, 'running_var')}"] = np.ascontiguousarray(value)
    return state


def torch_layer(layer: str) -> str:
    """`conv3_block2_1_conv` → `features.denseblock2.denselayer2.conv1`."""
    fixed = {"conv1_conv": "conv0", "conv1_bn": "norm0", "bn": "norm5"}
    if layer == "probabilities":
        return "classifier"
    if layer in fixed:
        return f"features.{fixed[layer]}"
    stage, *block, kind = layer.split("_")
    if not block:
        return f"features.transition{int(stage[-1]) - 1}.{'conv' if kind == 'conv' else 'norm'}"
    number = int(block[1]) + (kind == "bn")
    name = f"{'conv' if kind == 'conv' else 'norm'}{number}"
    return f"features.denseblock{int(stage[-1]) - 1}.denselayer{block[0].removeprefix('block')}.{name}"
