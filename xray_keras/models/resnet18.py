"""ResNet18 (He et al., CVPR 2016, Table 1, 18-layer; blocks of Fig. 5 left), padded as its published weights expect.

torchvision's weights count on symmetric padding before a strided window, where Keras' "same" pads the far side only.
"""

import keras

_STAGES = ((64, 2), (128, 2), (256, 2), (512, 2))  # filters, blocks: conv2_x … conv5_x
_EPSILON = 1e-5


def build(input_shape: tuple[int | None, int | None, int], *, classes: int | None = None) -> keras.Model:
    """Convolutional base, or with `classes` the whole classifier.

    Input: (B, H, W, 3) float32, preprocessed. Output: (B, ⌈H/32⌉, ⌈W/32⌉, 512) float32, non-negative; with
    `classes`, (B, classes) probabilities. Layer names follow keras.applications' ResNets.

    Args:
        input_shape: (H, W, 3), pixels.
        classes: outputs of the softmax; None leaves the head off.
    """
    images = keras.Input(input_shape, name="image")
    x = _convolution(images, 64, 7, strides=2, name="conv1")  # (B, 112, 112, 64) at 224
    x = keras.layers.ReLU(name="conv1_relu")(x)
    x = keras.layers.ZeroPadding2D(1, name="pool1_pad")(x)
    x = keras.layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)  # (B, 56, 56, 64)
    for stage, (filters, blocks) in enumerate(_STAGES, start=2):
        for block in range(1, blocks + 1):
            strides = 2 if block == 1 and stage > 2 else 1
            x = _block(x, filters, strides=strides, name=f"conv{stage}_block{block}")
    # (B, 7, 7, 512)
    if classes is not None:
        x = keras.layers.GlobalAveragePooling2D(name="avg_pool")(x)  # (B, 512)
        x = keras.layers.Dense(classes, activation="softmax", dtype="float32", name="predictions")(x)
    return keras.Model(images, x, name="resnet18")


def _block(x: keras.KerasTensor, filters: int, *, strides: int, name: str) -> keras.KerasTensor:
    """Two 3×3 convolutions beside a shortcut, which is projected where the shape changes (option B, §4.1)."""
    shortcut = x
    if strides != 1:
        shortcut = _convolution(x, filters, 1, strides=strides, name=f"{name}_0")
    x = _convolution(x, filters, 3, strides=strides, name=f"{name}_1")
    x = keras.layers.ReLU(name=f"{name}_1_relu")(x)
    x = _convolution(x, filters, 3, strides=1, name=f"{name}_2")
    x = keras.layers.Add(name=f"{name}_add")([shortcut, x])
    return keras.layers.ReLU(name=f"{name}_out")(x)


def _convolution(
    x: keras.KerasTensor, filters: int, size: int, *, strides: int, name: str
) -> keras.KerasTensor:
    if size > 1:
        x = keras.layers.ZeroPadding2D(size // 2, name=f"{name}_pad")(x)
    x = keras.layers.Conv2D(
        filters, size, strides=strides, use_bias=False, kernel_initializer="he_normal", name=f"{name}_conv"
    )(x)
    return keras.layers.BatchNormalization(epsilon=_EPSILON, momentum=0.9, name=f"{name}_bn")(x)
