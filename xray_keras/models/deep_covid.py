"""Deep-COVID (minaee2020, III): a published backbone as feature extractor, and a new last layer for two classes."""

import keras

from xray_keras.models import weights as published
from xray_keras.models.frozen import FROZEN

_TORCH_MOMENTUM = 0.9  # of moving statistics, PyTorch's default in Keras' terms


def build(
    *, size: int, labels: int, weights: str, architecture: str, moving_statistics: bool = False
) -> keras.Model:
    """Preprocessing, frozen backbone, last layer, softmax over [non-COVID, COVID-19].

    The head is not printed. ResNet18, ResNet50 and DenseNet-121 get the one of the published script, a dense layer on
    the pooled features; SqueezeNet has no dense layer, so its own classifier is kept: a 1×1 convolution to two
    channels, ReLU, global average (Iandola et al. 2016, Fig. 2; without the dropout before it).

    Input: (B, size, size, 3) float32, 0–255, gray repeated three times. Output: (B, 2) float32 in [0, 1], rows sum to
    1; column 1 is COVID-19. The layer `frozen.FROZEN` gives the features: (B, channels), SqueezeNet (B, h, w, 512).

    Args:
        size: side of the input, pixels, at least 32.
        labels: 1; the networks answer one question.
        weights: "imagenet" or "random".
        architecture: "resnet18", "resnet50", "squeezenet" or "densenet121".
        moving_statistics: let batch normalisation see each batch's own statistics in training and move the stored
            ones, as the authors' script does; kernels, gammas and betas stay. Features then depend on the batch and
            the epoch, so no layer is named `frozen.FROZEN`.

    Raises:
        ValueError: more than one label.
        UserError: see `weights.load_backbone`.
    """
    if labels != 1:
        raise ValueError(f"deep_covid answers one question, not {labels}")
    backbone = published.load_backbone(architecture, weights=weights, input_shape=(size, size, 3))
    features = backbone.output  # (B, h, w, channels)
    if architecture != "squeezenet":
        features = keras.layers.GlobalAveragePooling2D(name="pool")(features)  # (B, channels)
    name = "backbone" if moving_statistics else FROZEN
    extractor = keras.Model(backbone.input, features, name=name)
    extractor.trainable = False
    if moving_statistics:
        _release_statistics(extractor)
    images = keras.Input((size, size, 3), name="image")  # (B, size, size, 3)
    x = extractor(published.preprocess(architecture, images))
    if architecture == "squeezenet":
        probabilities = _squeezenet_classifier(x)
    else:
        last = keras.layers.Dense(2, activation="softmax", dtype="float32", name="probabilities")
        probabilities = last(x)
    return keras.Model(images, probabilities, name=architecture)  # (B, 2)


def _squeezenet_classifier(x: keras.KerasTensor) -> keras.KerasTensor:
    """Channels are born alive: a bias of one keeps both above zero, where ReLU would leave a dead one dead for good.

    The features are never negative and alike from image to image, so that under a bias of zero the sign of a channel
    is drawn once for all images; one seed in four would start with two dead channels and never learn.
    """
    x = keras.layers.Conv2D(
        2,
        1,
        activation="relu",
        kernel_initializer=keras.initializers.RandomNormal(
            stddev=0.01
        ),  # as the authors of SqueezeNet start it
        bias_initializer="ones",
        dtype="float32",
        name="conv10",
    )(x)  # (B, h, w, 2)
    x = keras.layers.GlobalAveragePooling2D(dtype="float32", name="pool10")(x)  # (B, 2)
    return keras.layers.Softmax(dtype="float32", name="probabilities")(x)


def _release_statistics(extractor: keras.Model) -> None:
    """Put batch normalisation into training mode, but for gamma and beta; everything else stays frozen."""
    for layer in extractor.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = True
            layer.momentum = _TORCH_MOMENTUM
            for variable in (layer.gamma, layer.beta):
                variable.trainable = False
