"""The backward pass in ONNX, rule by rule, against TensorFlow's own and against differences of the forward pass."""

import keras
import numpy as np
import onnx
import pytest
import tensorflow as tf

from xray_keras.errors import UserError
from xray_keras.export import gradient, parity, to_onnx
from xray_keras.models import penultimate

L = keras.layers
SIZE = 13  # odd and prime: paddings differ at both ends, windows leave rows unreached


def _branch(x):
    return L.Concatenate()([x, L.Conv2D(3, 3, padding="same", activation="relu")(x), x])


def _residual(x):
    y = L.Conv2D(x.shape[-1], 3, padding="same")(x)
    return L.ReLU()(L.Subtract()([L.Add()([x, y]), L.Multiply()([x, y])]))


def _normalised(x):
    """Behind a ReLU, where no exporter folds it into a convolution."""
    layer = L.BatchNormalization()
    y = layer(L.ReLU()(x))
    rng = np.random.default_rng(1)
    layer.set_weights([rng.uniform(0.5, 2, weight.shape) for weight in layer.get_weights()])
    return y


BODIES = {
    "same, stride 2": lambda x: L.Conv2D(4, 3, strides=2, padding="same", activation="relu")(x),
    "valid, stride 3": lambda x: L.Conv2D(4, (2, 4), strides=3, activation="relu")(x),
    "dilated": lambda x: L.Conv2D(4, 3, dilation_rate=2, padding="same", activation="relu")(x),
    "depthwise": lambda x: L.DepthwiseConv2D(3, depth_multiplier=2, padding="same")(x),
    "padded": lambda x: L.Conv2D(4, 3, activation="relu")(L.ZeroPadding2D(((2, 1), (0, 3)))(x)),
    "averages, same": lambda x: L.AveragePooling2D(3, strides=2, padding="same")(x),
    "averages, rows left over": lambda x: L.AveragePooling2D(4)(x),
    "averages, overlapping": lambda x: L.AveragePooling2D(3, strides=1, padding="same")(x),
    "maxima, overlapping": lambda x: L.MaxPooling2D(3, strides=2, padding="same")(x),
    "maxima": lambda x: L.MaxPooling2D(2)(L.Conv2D(4, 3, activation="relu")(x)),
    "dense block": lambda x: _branch(_branch(x)),
    "residual block": _residual,
    "normalised": _normalised,
    "reversed channels": lambda x: L.Conv2D(4, 3)(keras.ops.flip(x, axis=-1)),
    "rescaled": lambda x: L.Conv2D(4, 3)(L.Rescaling([0.5, 2.0, 1.0], [0.1, -0.3, 0.0])(x)),
}
HEADS = {
    "pooled": lambda x: L.Dense(3, "sigmoid")(L.GlobalAveragePooling2D()(x)),
    "flat": lambda x: L.Dense(2, "softmax")(L.Dense(5, "relu")(L.Flatten()(x))),
    "convolved": lambda x: L.Softmax()(L.GlobalAveragePooling2D()(L.Conv2D(3, 1, activation="relu")(x))),
}


def classifier(body, head="pooled"):
    keras.utils.set_random_seed(0)
    image = keras.Input((SIZE, SIZE, 3))
    return keras.Model(image, HEADS[head](BODIES[body](L.Rescaling(1 / 128, -1.0)(image))))


def signed(opened, image, explained):
    """The gradient itself: its positive part, less that of the opposite."""
    parts = [
        parity.run(opened, image, explained=sign * explained, explain=np.array(True))["saliency"][0]
        for sign in (1, -1)
    ]
    return parts[0] - parts[1]


@pytest.mark.parametrize(
    ("body", "head"), [*((body, "pooled") for body in BODIES), ("maxima", "flat"), ("maxima", "convolved")]
)
def test_gradient_is_that_of_tensorflow_and_of_differences(body, head):
    model = classifier(body, head)
    opened = parity.session(gradient.with_saliency(to_onnx.classifier(model)))
    rng = np.random.default_rng(2)
    image = rng.uniform(0, 255, (SIZE, SIZE)).astype(np.float32)
    explained = rng.normal(0, 1, (1, model.outputs[0].shape[1])).astype(np.float32)
    ours = signed(opened, image, explained)
    gray = tf.constant(image[None])
    logits = penultimate.logits(model)
    with tf.GradientTape() as tape:
        tape.watch(gray)
        total = tf.reduce_sum(logits(tf.stack([gray] * 3, axis=-1)) * explained)
    theirs = tape.gradient(total, gray).numpy()[0]
    assert np.abs(theirs).max() > 0
    np.testing.assert_allclose(ours, theirs, atol=1e-4 * np.abs(theirs).max())

    def value(pixels):
        answered = parity.run(opened, pixels, explained=explained, explain=np.array(False))
        return float((answered["logit"] * explained).sum())

    direction = np.sign(ours).astype(np.float32)
    step = 0.05  # gray levels
    slope = (value(image + step * direction) - value(image - step * direction)) / (2 * step)
    assert slope == pytest.approx(float((ours * direction).sum()), rel=0.02)


def test_nothing_is_computed_unless_it_is_asked_for():
    model = classifier("dense block")
    opened = parity.session(gradient.with_saliency(to_onnx.classifier(model)))
    image = np.random.default_rng(0).uniform(0, 255, (SIZE, SIZE))
    one = np.ones((1, 3), np.float32)
    asked = parity.run(opened, image, explained=one, explain=np.array(True))
    unasked = parity.run(opened, image, explained=one, explain=np.array(False))
    assert asked["saliency"].shape == unasked["saliency"].shape == (1, SIZE, SIZE)
    assert asked["saliency"].max() > 0 and unasked["saliency"].max() == 0
    np.testing.assert_array_equal(asked["probability"], unasked["probability"])


@pytest.mark.parametrize("body", ["dense block", "depthwise", "residual block"])
def test_weights_are_stored_once(body):
    forward = to_onnx.classifier(classifier(body))
    both = gradient.with_saliency(forward)
    values = [onnx.numpy_helper.to_array(tensor) for tensor in both.graph.initializer]
    large = [value.tobytes() for value in values if value.size > 8]
    assert len(set(large)) == len(large)
    assert sum(value.size for value in values if value.dtype == np.float32) <= 8 + sum(
        onnx.numpy_helper.to_array(tensor).size
        for tensor in forward.graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT
    )


def test_an_operation_without_a_rule_is_named():
    image = keras.Input((SIZE, SIZE, 3))
    x = L.GlobalAveragePooling2D()(L.Activation("softsign")(image))
    model = keras.Model(image, L.Dense(1, "sigmoid")(x))
    with pytest.raises(UserError, match=r"(Abs|Softsign|Div) .* has no gradient here"):
        gradient.with_saliency(to_onnx.classifier(model))


def test_what_is_no_classifier_is_named():
    image = keras.Input((SIZE, SIZE, 3))
    model = keras.Model(image, L.Dense(1)(L.Flatten()(image)), name="regressor")
    with pytest.raises(UserError, match=r"regressor ends in .* not in sigmoids or softmax"):
        to_onnx.classifier(model)
