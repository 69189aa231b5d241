"""The features on which a classifier decides, and what it makes of them before its sigmoids or softmax."""

from typing import Any

import keras

from xray_keras.errors import UserError


def with_features(model: keras.Model) -> keras.Model:
    """The same classifier (layers shared) that also gives its penultimate features.

    Input: that of `model`. Output: a dictionary of "features" (B, C) float32, the input of the last dense layer, and
    "probabilities" (B, labels), the output of `model`.

    Raises:
        UserError: no dense layer stands at the end of the model.
    """
    last = next((layer for layer in reversed(model.layers) if layer.count_params()), None)
    if not isinstance(last, keras.layers.Dense):
        raise UserError(
            f"{model.name} does not end in a dense layer, so it has no penultimate features to compare; use a model "
            "that does, such as densenet121"
        )
    again, given = _again(model, last)
    features = keras.layers.Activation("linear", dtype="float32", name="penultimate")(given)
    return keras.Model(again.inputs[0], {"features": features, "probabilities": again.outputs[0]})


def logits(model: keras.Model) -> keras.Model:
    """The same classifier without its last activation: input of `model` → (B, labels) float32, unbounded.

    All layers are shared but a last dense one, whose weights are copied.

    Raises:
        UserError: the model ends neither in a dense layer nor in a softmax layer.
    """
    last = model.layers[-1]
    if not isinstance(last, keras.layers.Dense | keras.layers.Softmax):
        raise UserError(f"{model.name} ends neither in a dense layer nor in softmax; use a classifier")
    again, given = _again(model, last)
    if isinstance(last, keras.layers.Softmax):
        return keras.Model(again.inputs[0], given)
    linear = keras.layers.Dense(last.units, use_bias=last.use_bias, dtype="float32", name="logits")
    found = keras.Model(again.inputs[0], linear(given))
    linear.set_weights(last.get_weights())
    return found


def _again(model: keras.Model, wanted: keras.layers.Layer) -> tuple[keras.Model, keras.KerasTensor]:
    """The model with its graph laid anew, and what `wanted` is given in it.

    A layer that several models share does not know which of its inputs is this model's.
    """
    seen = []

    def call(layer: keras.layers.Layer, *inputs: Any, **options: Any) -> Any:
        if layer is wanted:
            seen.append(inputs[0])
        return layer(*inputs, **options)

    again = keras.models.clone_model(model, clone_function=lambda layer: layer, call_function=call)
    return again, seen[0]
