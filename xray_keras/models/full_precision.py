"""A network that was trained in mixed precision, as one of float32: other runtimes compute in nothing else."""

import re

import keras

from xray_keras.models.description import leaves

_SHORT = re.compile(r'"(?:mixed_)?b?float16"')


def full_precision(model: keras.Model) -> keras.Model:
    """The same layers and weights, computing in float32; the model itself where it does so already.

    Nothing is lost: in mixed precision weights are kept as float32, and only what is computed with them is shorter.
    """
    if computed_in(model) == {"float32"}:
        return model
    copied: keras.Model = keras.models.model_from_json(_SHORT.sub('"float32"', model.to_json()))
    copied.set_weights(model.get_weights())
    return copied


def computed_in(model: keras.Model) -> set[str]:
    """The types that its layers compute in."""
    return {layer.compute_dtype for layer in leaves(model) if not isinstance(layer, keras.layers.InputLayer)}
