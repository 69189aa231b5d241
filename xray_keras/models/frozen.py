"""The seam between what is frozen and what is trained: features behind it never change, so they are computed once."""

from typing import Any

import keras

FROZEN = "frozen"  # name of the layer whose output is an image's unchanging features


def split(model: keras.Model) -> tuple[keras.Model, keras.Model] | None:
    """Cut a model behind its frozen part: (images → features, features → probabilities), layers shared.

    Training the second on cached features equals training the whole, at a fraction of the cost.
    None where nothing is frozen.
    """
    if FROZEN not in [operation.name for operation in model.operations]:
        return None
    found = {}

    def call(operation: keras.Operation, *inputs: Any, **options: Any) -> Any:
        output = operation(*inputs, **options)
        if operation.name == FROZEN:
            found["features"] = output
        return output

    # Goes through the model once more, layers as they are: the output of a layer that is a model itself is not that of
    # its call, and there is no other way to ask for the latter.
    again = keras.models.clone_model(model, call_function=call, clone_function=lambda layer: layer)
    features = found["features"]
    return keras.Model(again.input, features, name="stem"), keras.Model(features, again.output, name="head")
