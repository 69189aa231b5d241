"""The joint discriminator of ALI (cohen2019 §3): does an image belong to the code beside it?"""

import keras

from xray_keras.models.ali import SIZE, SLOPE, channels

# kernel, stride, channels
IMAGE = ((2, 1, 64), (7, 2, 128), (5, 2, 256), (7, 2, 256), (4, 1, 512))
CODE = (512, 512)
PAIR = (2048, 2048)
_FIRST, _LATER = 0.5, 0.2  # dropout behind the first layer that sees the image, and behind every other


def build(*, latent: int = 512, width: float = 1.0) -> keras.Model:
    """D(x, z): features of the image, features of the code, and a verdict on both.

    Input: a dictionary of "image" (B, 64, 64, 1) float32 in [−1, 1] and "latent" (B, latent) float32. Output: (B, 1)
    float32 logit, high where the pair looks like a real image with its encoding. Layers of 1×1 kernels on 1×1 maps are
    dense layers here; none has a bias.

    Args:
        latent: length of the code.
        width: multiplier of the channels of hidden layers.
    """
    image = keras.Input((SIZE, SIZE, 1), name="image")
    code = keras.Input((latent,), name="latent")
    x = image  # (B, 64, 64, 1)
    for number, (kernel, stride, printed) in enumerate(IMAGE, start=1):
        # (B, 63, 63, 64) (B, 29, 29, 128) (B, 13, 13, 256) (B, 4, 4, 256) (B, 1, 1, 512)
        x = keras.layers.Conv2D(
            channels(printed, width), kernel, strides=stride, use_bias=False, name=f"Dx_conv{number}"
        )(x)
        x = _activate(x, f"Dx_{number}", _FIRST if number == 1 else _LATER)
    x = keras.layers.Flatten(name="Dx")(x)  # (B, 512)
    z = _dense(code, CODE, width, "Dz")  # (B, 512)
    pair = keras.layers.Concatenate(name="xz")([x, z])  # (B, 1024)
    pair = _dense(pair, PAIR, width, "Dxz")  # (B, 2048)
    logit = keras.layers.Dense(1, use_bias=False, dtype="float32", name="logit")(pair)  # (B, 1)
    return keras.Model({"image": image, "latent": code}, logit, name="discriminator")


def _dense(x: keras.KerasTensor, sizes: tuple[int, ...], width: float, name: str) -> keras.KerasTensor:
    for number, printed in enumerate(sizes, start=1):
        x = keras.layers.Dense(channels(printed, width), use_bias=False, name=f"{name}_dense{number}")(x)
        x = _activate(x, f"{name}_{number}", _LATER)
    return x


def _activate(x: keras.KerasTensor, name: str, dropout: float) -> keras.KerasTensor:
    x = keras.layers.LeakyReLU(SLOPE, name=f"{name}_relu")(x)
    return keras.layers.Dropout(dropout, name=f"{name}_dropout")(x)
