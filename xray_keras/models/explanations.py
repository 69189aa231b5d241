"""Why a classifier says so: saliency, class activation maps (cohen2019 section 4, Equations 3 and 4) and Grad-CAM.

For functional models that end in global average pooling, then possibly dropout or batch normalisation, then one dense
layer of sigmoids, as `transfer.build` makes them; what lies before the pooling does not matter. Everything is
computed as in prediction: dropout is off, batch normalisation uses its stored statistics. All functions can be traced
by `tf.function`.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import keras
import numpy as np
import tensorflow as tf

from xray_keras.errors import UserError

Label: TypeAlias = int | np.ndarray | tf.Tensor | None
"""A column of the output for all images, or int (B,), one for each image; None for the sum over all columns."""


@dataclass(frozen=True)
class Parts:
    """A classifier in two parts: a network, and a linear layer on its spatial means.

    Attributes:
        network: images (B, S, S, 3) → the last convolutional activation maps f, (B, h, w, K).
        kernel: float32 (K, labels), weights w from the mean of each map to each output before the sigmoid.
        bias: float32 (labels,).
    """

    network: keras.Model
    kernel: tf.Tensor
    bias: tf.Tensor

    def maps(self, images: tf.Tensor) -> tf.Tensor:
        """f of model inputs, float32 (B, h, w, K)."""
        return tf.cast(self.network(images, training=False), tf.float32)

    def logits(self, maps: tf.Tensor) -> tf.Tensor:
        """Outputs before the sigmoid, float32 (B, labels)."""
        return tf.reduce_mean(maps, axis=(1, 2)) @ self.kernel + self.bias


def take_apart(model: keras.Model) -> Parts:
    """The network below the pooling, and what follows it as one kernel and one bias.

    Batch normalisation behind the pooling scales and shifts each mean; the kernel and the bias include it.

    Raises:
        UserError: the model does not end in pooling and a dense layer of sigmoids.
    """
    operations = model.operations
    pools = [k for k, op in enumerate(operations) if isinstance(op, keras.layers.GlobalAveragePooling2D)]
    last = operations[-1]
    between = operations[pools[-1] + 1 : -1] if pools else []
    linear = all(isinstance(op, keras.layers.Dropout | keras.layers.BatchNormalization) for op in between)
    sigmoids = isinstance(last, keras.layers.Dense) and last.activation is keras.activations.sigmoid
    if not (pools and linear and sigmoids):
        raise UserError(
            f"{model.name} does not end in global average pooling and one dense layer of sigmoids; explain a model "
            "that does, such as densenet121"
        )
    kernel = tf.cast(last.kernel, tf.float32)
    bias = tf.cast(last.bias, tf.float32) if last.use_bias else tf.zeros(kernel.shape[1])
    for op in reversed(between):
        if isinstance(op, keras.layers.BatchNormalization):
            scale = tf.math.rsqrt(tf.convert_to_tensor(op.moving_variance) + op.epsilon)
            scale = scale * op.gamma if op.scale else scale
            shift = -tf.convert_to_tensor(op.moving_mean) * scale
            shift = shift + op.beta if op.center else shift
            bias = bias + tf.linalg.matvec(kernel, shift, transpose_a=True)
            kernel = kernel * scale[:, None]
    return Parts(keras.Model(model.inputs[0], operations[pools[-1]].input), kernel, bias)


def saliency(
    model: keras.Model,
    images: tf.Tensor | np.ndarray,
    label: Label = None,
    variant: Literal["paper", "code"] = "paper",
) -> tf.Tensor:
    """Where a brighter pixel raises the outputs: max(0, Σ_i ∂y_i/∂I), Equation 3.

    y are the outputs before the sigmoid (the paper says softmax). I is gray, repeated in three channels, so its
    gradient is the sum over them.

    Args:
        model: see the module.
        images: (B, S, S, 3) float32, 0–255.
        label: what is explained.
        variant: "paper", or "code" as the published page does it: outputs after the sigmoid, the absolute gradient,
            the largest of the three channels.

    Returns:
        float32 (B, S, S), not negative; per grey level of the input.

    Raises:
        UserError: see `take_apart`.
    """
    parts = take_apart(model)
    pixels = tf.convert_to_tensor(images, tf.float32)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(pixels)
        outputs = parts.logits(parts.maps(pixels))
        outputs = tf.sigmoid(outputs) if variant == "code" else outputs
        explained = _of(label, outputs)
    gradient = tape.gradient(explained, pixels)  # (B, S, S, 3): no image depends on another
    if variant == "code":
        return tf.reduce_max(tf.abs(gradient), axis=-1)
    return tf.nn.relu(tf.reduce_sum(gradient, axis=-1))


def cam(
    model: keras.Model, images: tf.Tensor | np.ndarray, label: Label, *, upsampled: bool = True
) -> tf.Tensor:
    """Class activation map M_c(x, y) = Σ_k w_ck f_k(x, y), Equation 4 (Zhou et al., CVPR 2016).

    Before upsampling, its mean plus the bias is the output before the sigmoid. The map of all classes is the sum of
    theirs.

    Args:
        model, images, label: as in `saliency`.
        upsampled: to the size of the image, bilinear, as the paper shows it; else as small as the activation maps.

    Returns:
        float32 (B, S, S), or (B, h, w); of either sign.

    Raises:
        UserError: see `take_apart`.
    """
    parts = take_apart(model)
    found = _cam(parts, parts.maps(tf.convert_to_tensor(images, tf.float32)), label)
    return _upsampled(found, images) if upsampled else found


def grad_cam(
    model: keras.Model, images: tf.Tensor | np.ndarray, label: Label, *, upsampled: bool = True
) -> tf.Tensor:
    """Grad-CAM (Selvaraju et al., arXiv 1610.02391, Equations 1 and 2) on the last convolutional activation maps.

    ReLU(Σ_k α_k f_k) with α_k the mean over the positions of ∂y_c/∂f_k. Behind global average pooling and a dense
    layer α_k is w_ck / (h·w), so that this is the positive part of `cam`, divided by the number of positions.

    Args, raises: as `cam`. Returns: float32 (B, S, S), or (B, h, w); not negative.
    """
    parts = take_apart(model)
    found = _grad_cam(parts, parts.maps(tf.convert_to_tensor(images, tf.float32)), label)
    return _upsampled(found, images) if upsampled else found


class ClassMaps(NamedTuple):
    """Probabilities (B, labels); `cam` and `grad_cam` of one output, `cam` of all, (B, S, S) each."""

    probability: tf.Tensor
    cam: tf.Tensor
    grad_cam: tf.Tensor
    cam_all: tf.Tensor


def class_maps(model: keras.Model, images: tf.Tensor | np.ndarray, label: Label) -> ClassMaps:
    """What one forward pass gives: prediction, class activation maps and Grad-CAM.

    Args, raises: as `cam`.
    """
    parts = take_apart(model)
    maps = parts.maps(tf.convert_to_tensor(images, tf.float32))
    return ClassMaps(
        tf.sigmoid(parts.logits(maps)),
        _upsampled(_cam(parts, maps, label), images),
        _upsampled(_grad_cam(parts, maps, label), images),
        _upsampled(_cam(parts, maps, None), images),
    )


def _cam(parts: Parts, maps: tf.Tensor, label: Label) -> tf.Tensor:
    each = tf.repeat(parts.kernel[None], tf.shape(maps)[0], axis=0)  # (B, K, labels)
    weights = _of(label, each)  # (B, K)
    return tf.einsum("bhwk,bk->bhw", maps, weights)


def _grad_cam(parts: Parts, maps: tf.Tensor, label: Label) -> tf.Tensor:
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(maps)
        explained = _of(label, parts.logits(maps))
    importance = tf.reduce_mean(tape.gradient(explained, maps), axis=(1, 2))  # (B, K)
    return tf.nn.relu(tf.einsum("bhwk,bk->bhw", maps, importance))


def _of(label: Label, outputs: tf.Tensor) -> tf.Tensor:
    """The wanted column of (B, …, labels), or the sum of all."""
    if label is None:
        return tf.reduce_sum(outputs, axis=-1)
    columns = tf.broadcast_to(tf.cast(label, tf.int32), tf.shape(outputs)[:1])
    return tf.gather(outputs, columns, axis=-1, batch_dims=1)


def _upsampled(maps: tf.Tensor, images: tf.Tensor | np.ndarray) -> tf.Tensor:
    return tf.image.resize(maps[..., None], tf.shape(images)[1:3], "bilinear")[..., 0]
