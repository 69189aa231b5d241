"""A classifier to take gradients of: the same network in float32, with log-odds for probabilities."""

import keras

from xray_keras.models import penultimate


def margins(model: keras.Model, labels: int) -> keras.Model:
    """The same classifier with the log-odds of each label as output, (B, labels).

    The loss is climbed on them: where a probability is 1 in float32 its gradient is 0, and a classifier would seem
    robust for being sure.

    Raises:
        UserError: no classifier, see `penultimate.logits`.
    """
    whole = penultimate.logits(model)
    odds = whole.outputs[0]
    if labels == 1 and odds.shape[-1] == 2:
        return keras.Model(whole.inputs[0], odds[:, 1:] - odds[:, :1])
    return whole


def in_float32(model: keras.Model) -> keras.Model:
    """The same network computing in float32: in bfloat16 gray levels from 128 on have no fractions."""
    if all(layer.compute_dtype == "float32" for layer in model.layers):
        return model

    def precise(layer: keras.layers.Layer) -> keras.layers.Layer:
        return type(layer).from_config({**layer.get_config(), "dtype": "float32"})

    copy = keras.models.clone_model(model, clone_function=precise)
    copy.set_weights(model.get_weights())
    return copy
