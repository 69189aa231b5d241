"""ALI of cohen2019 §3: encoder and generator at 64×64, layer for layer as in the code that its authors published.

Kernels fit 64 pixels alone: without padding every stage must leave a whole map. The joint discriminator is in
`ali_discriminator`.
"""

import keras

SIZE = 64
LATENTS = (64, 128, 256, 512)  # sizes tried, §3.1
SLOPE = 0.1  # of LeakyReLU
# kernel, stride, channels
ENCODER = ((2, 1, 64), (7, 2, 128), (5, 2, 256), (7, 2, 512), (4, 1, 512))
GENERATOR = ((4, 1, 256), (7, 2, 128), (5, 2, 64), (7, 2, 32), (2, 1, 32))
_HALF_RANGE = 127.5  # 0–255 is [−1, 1] inside


def channels(printed: int, width: float) -> int:
    """Channels of a layer at a `width`, the multiplier of every hidden layer's channels; at least 1."""
    return max(1, round(width * printed))


def encoder(*, latent: int = 512, width: float = 1.0, stochastic: bool = True) -> keras.Model:
    """E: an image → the Gaussian N(μ, σ) of its latent code (§3).

    Input: (B, 64, 64, 1) float32 in [−1, 1]. Output: a dictionary of "mean" (B, latent) and, if `stochastic`,
    "log_sigma" (B, latent), both float32 and unbounded. Published code has the mean alone: its encoder is
    deterministic.

    Args:
        latent: length of the code.
        width: multiplier of the channels of hidden layers.
        stochastic: whether there is a σ.
    """
    image = keras.Input((SIZE, SIZE, 1), name="image")
    x = image  # (B, 64, 64, 1)
    for number, (kernel, stride, printed) in enumerate(ENCODER, start=1):
        # (B, 63, 63, 64) (B, 29, 29, 128) (B, 13, 13, 256) (B, 4, 4, 512) (B, 1, 1, 512)
        x = keras.layers.Conv2D(
            channels(printed, width), kernel, strides=stride, use_bias=False, name=f"E_conv{number}"
        )(x)
        x = keras.layers.LeakyReLU(SLOPE, name=f"E_relu{number}")(x)
        x = _normalise(x, f"E_norm{number}")
    outputs = {"mean": _code(x, latent, "mu")}
    if stochastic:
        outputs["log_sigma"] = _code(x, latent, "log_sigma")
    return keras.Model(image, outputs, name="encoder")


def generator(*, latent: int = 512, width: float = 1.0) -> keras.Model:
    """The decoder of §3 and Figure 4, G to tell it from the discriminator: a latent code → an image.

    Input: (B, latent) float32. Output: (B, 64, 64, 1) float32 in [−1, 1].

    Args: as in `encoder`.
    """
    code = keras.Input((latent,), name="latent")
    x = keras.layers.Reshape((1, 1, latent), name="G_reshape")(code)  # (B, 1, 1, 512)
    for number, (kernel, stride, printed) in enumerate(GENERATOR, start=1):
        # (B, 4, 4, 256) (B, 13, 13, 128) (B, 29, 29, 64) (B, 63, 63, 32) (B, 64, 64, 32)
        x = keras.layers.Conv2DTranspose(
            channels(printed, width), kernel, strides=stride, use_bias=False, name=f"G_conv{number}"
        )(x)
        x = keras.layers.ReLU(name=f"G_relu{number}")(x)
        x = _normalise(x, f"G_norm{number}")
    x = keras.layers.Conv2DTranspose(1, 1, use_bias=False, name="G_conv6")(x)  # (B, 64, 64, 1)
    x = keras.layers.Activation("tanh", dtype="float32", name="G_tanh")(x)
    return keras.Model(code, x, name="generator")


def autoencoder(encoder: keras.Model, generator: keras.Model) -> keras.Model:
    """D(E(img)) of Equation 2, on the mean of E(img): what a trained ALI is kept as.

    Input: "image", (B, 64, 64, 1) float32, 0–255. Output: a dictionary of "latent" (B, latent) float32, the mean,
    and "reconstruction" (B, 64, 64, 1) float32, 0–255.
    """
    image = keras.Input((SIZE, SIZE, 1), name="image")
    x = keras.layers.Rescaling(1 / _HALF_RANGE, offset=-1.0, name="to_symmetric")(image)
    latent = encoder(x)["mean"]
    x = generator(latent)
    x = keras.layers.Rescaling(_HALF_RANGE, offset=_HALF_RANGE, dtype="float32", name="to_byte")(x)
    return keras.Model(image, {"latent": latent, "reconstruction": x}, name="ali")


def _normalise(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Batch-norm with the momentum and epsilon of the published code's framework."""
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def _code(x: keras.KerasTensor, latent: int, name: str) -> keras.KerasTensor:
    """(B, 1, 1, channels) → (B, latent): the last 1×1 convolution, without activation."""
    x = keras.layers.Conv2D(latent, 1, use_bias=False, name=f"E_conv6_{name}")(x)
    return keras.layers.Flatten(dtype="float32", name=name)(x)
