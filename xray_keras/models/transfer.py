"""What the transfer-learning models share: a published backbone, cut where training begins, and a new head."""

import keras

from xray_keras.models import weights as published
from xray_keras.models.frozen import FROZEN


def build(
    architecture: str,
    *,
    size: int,
    labels: int,
    weights: str,
    dropout: float,
    frozen_layers: int = 0,
    normalised: bool = False,
    batch_norm_momentum: float | None = None,
) -> keras.Model:
    """Preprocessing, frozen part, trained part, global average pooling, dropout, one sigmoid a label.

    The head starts from zeros, as Kolesnikov et al. (2020, Big Transfer) do; the papers print no initial values.

    Input: (B, size, size, 3) float32, 0–255, gray repeated three times. Output: (B, labels) float32 in [0, 1].

    Args:
        architecture: as in `xray_keras.models.weights`.
        size: side of the input, pixels.
        labels: sigmoids in the output.
        weights: "imagenet" or "random".
        dropout: rate before the output layer.
        frozen_layers: how many of the backbone's layers, the input layer included, are not trained. The cut must
            lie on a single path. Frozen means frozen: batch normalisation there uses its stored statistics.
        normalised: whether batch normalisation stands behind the pooling, so that a slow learning rate moves the new
            layer although the backbone's features differ in scale.
        batch_norm_momentum: of the backbone's moving statistics, None for Keras' own. They forget ImageNet over
            some 1 / (1 − momentum) steps, so a training of few steps needs less than Keras' 0.99.
    """
    backbone = published.load_backbone(architecture, weights=weights, input_shape=(size, size, 3))
    if batch_norm_momentum is not None:
        for layer in backbone.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.momentum = batch_norm_momentum
    images = keras.Input((size, size, 3), name="image")  # (B, size, size, 3)
    x = published.preprocess(architecture, images)
    if frozen_layers:
        cut = backbone.layers[frozen_layers - 1].output
        stem = keras.Model(backbone.input, cut, name=FROZEN)
        stem.trainable = False
        x = stem(x)
        if frozen_layers < len(backbone.layers):
            x = keras.Model(cut, backbone.output, name="trained")(x)
    else:
        x = backbone(x)  # (B, h, w, channels)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)  # (B, channels)
    if normalised:
        x = keras.layers.BatchNormalization(momentum=0.9, name="pool_normalisation")(x)
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    # From zeros: a random head over thousands of features is noise that a slow rate takes many epochs to unlearn.
    head = keras.layers.Dense(
        labels, activation="sigmoid", kernel_initializer="zeros", dtype="float32", name="probabilities"
    )
    return keras.Model(images, head(x), name=architecture)  # (B, labels)
