"""The features on which a classifier decides: what its last dense layer is given."""

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
    seen = []

    def call(layer: keras.layers.Layer, *inputs: Any, **options: Any) -> Any:
        if layer is last:
            seen.append(inputs[0])
        return layer(*inputs, **options)

    # The graph is laid anew: a layer that several models share does not know which of its inputs is this model's.
    again = keras.models.clone_model(model, clone_function=lambda layer: layer, call_function=call)
    features = keras.layers.Activation("linear", dtype="float32", name="penultimate")(seen[0])
    return keras.Model(again.inputs[0], {"features": features, "probabilities": again.outputs[0]})
