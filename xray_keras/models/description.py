"""A built model in the terms of a printed table of layers, ready for JSON."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras

NORMALISATIONS = (keras.layers.BatchNormalization, keras.layers.LayerNormalization)
ACTIVATIONS = (keras.layers.Activation, keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.Softmax)
_FOLLOWERS = (*NORMALISATIONS, *ACTIVATIONS, keras.layers.Reshape)


def leaves(model: keras.Model) -> Iterator[keras.Layer]:
    """The layers of a model and of the models in it, in order."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from leaves(layer)
        else:
            yield layer


def describe(model: keras.Model) -> list[dict[str, Any]]:
    """Inputs, upsamplings and layers with weights, in order, each with what directly follows it on a single path.

    Normalisation, activation and reshaping belong to the row of the layer before them, as papers print it; flattening
    and dropout are no rows.

    Args:
        model: functional, of layers called once, not of other models.

    Returns:
        A dictionary a row: "layer", its name; "kind", its class; "kernel" and "stride", [height, width] or None;
        "output_shape" without the batch; "parameters", normalisation and its statistics included; "normalisation", a
        class or None; "activation", "relu", "leaky_relu(0.1)" or "tanh", "linear" where there is none, None for rows
        without weights. Parameters add up to those of the model.

    Raises:
        ValueError: a layer with weights that belongs to no row.
    """
    consumers: dict[int, list[keras.Layer]] = defaultdict(list)
    for layer in model.layers:
        if not isinstance(layer, keras.layers.InputLayer):
            for tensor in keras.tree.flatten(layer.input):
                consumers[id(tensor)].append(layer)
    rows, described = [], 0
    for layer in model.layers:
        if _heads_a_row(layer):
            row = _row(layer, list(_followers(layer, consumers)))
            described += row["parameters"]
            rows.append(row)
    if described != model.count_params():
        raise ValueError(
            f"{model.name}: rows have {described:,} of {model.count_params():,} parameters; a normalisation without "
            "a layer before it or a nested model has no row"
        )
    return rows


def _heads_a_row(layer: keras.Layer) -> bool:
    if isinstance(layer, keras.layers.InputLayer | keras.layers.UpSampling2D):
        return True
    return bool(layer.count_params()) and not isinstance(layer, (keras.Model, *NORMALISATIONS))


def _followers(layer: keras.Layer, consumers: Mapping[int, Sequence[keras.Layer]]) -> Iterator[keras.Layer]:
    """Layers that finish a row: none behind an input, which several rows may take."""
    if isinstance(layer, keras.layers.InputLayer):
        return
    behind = consumers.get(id(layer.output), ())
    while len(behind) == 1 and isinstance(behind[0], _FOLLOWERS):
        yield behind[0]
        behind = consumers.get(id(behind[0].output), ())


def _row(layer: keras.Layer, followers: Sequence[keras.Layer]) -> dict[str, Any]:
    whole = [layer, *followers]
    weighted = bool(layer.count_params())
    normalisations = [type(part).__name__ for part in followers if isinstance(part, NORMALISATIONS)]
    return {
        "layer": layer.name,
        "kind": type(layer).__name__,
        "kernel": _pair(layer, "kernel_size"),
        "stride": _pair(layer, "strides"),
        "output_shape": list(whole[-1].output.shape[1:]),
        "parameters": sum(part.count_params() for part in whole),
        "normalisation": " ".join(normalisations) or None,
        "activation": _activation(whole) if weighted else None,
    }


def _pair(layer: keras.Layer, name: str) -> list[int] | None:
    value = getattr(layer, name, None)
    return None if value is None else list(value)


def _activation(whole: Sequence[keras.Layer]) -> str:
    return next((name for name in map(activation, whole) if name != "linear"), "linear")


def activation(layer: keras.Layer) -> str:
    """What a layer ends with: "relu", "leaky_relu(0.1)", "tanh", "softmax"; "linear" where there is nothing."""
    if isinstance(layer, keras.layers.LeakyReLU):
        return f"leaky_relu({layer.negative_slope:g})"
    if isinstance(layer, keras.layers.ReLU | keras.layers.Softmax):
        return type(layer).__name__.lower()
    return getattr(getattr(layer, "activation", None), "__name__", "linear")
