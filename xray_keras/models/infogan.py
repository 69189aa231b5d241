"""InfoGAN of ali2019 (III.C, Table I): generator, and discriminator and recognition network on a shared trunk.

Table I as printed fits no image: three doublings of a 1×1 map end at 8 pixels, and no map of D has 32×32 three times.
It closes with a first map of an eighth of the image, 16×16×448 for 128 pixels: the first numbers of the generator's
lines are then the maps that its layers take. Kernels are 4×4, as in the table of Chen et al. 2016 (appendix C.2) that
it follows. Images have one channel, as the last line of the generator and IV.A have it. The table prints batch-norm
behind the activation, and before it for Q; it stands before it here, as in the code of Chen et al. and in the cited
one. Momentum and epsilon are from the former, the slope of leaky ReLU from their appendix C.

`form="code"` is the repository that ali2019 cites instead, see `infogan_cited`.
"""

import keras

from xray_keras.errors import UserError
from xray_keras.models import infogan_cited
from xray_keras.models.ali import channels
from xray_keras.models.infogan_latent import Latent

SIZE = 128
TABLE, CODE = "table", "code"
FORMS = (TABLE, CODE)
KERNEL, STRIDE = 4, 2
FIRST_MAP = 448  # channels
GENERATOR = (128, 64)  # channels of upconvolutions before that of the image
TRUNK = (64, 128, 128)
RECOGNITION = 128
SLOPE = 0.1
_STEPS = {TABLE: 8, CODE: infogan_cited.REDUCTION}  # side of the image over that of the smallest map


def generator(latent: Latent, *, size: int = SIZE, form: str = TABLE, width: float = 1.0) -> keras.Model:
    """G of Table I: codes and noise → an image.

    A smaller image starts from a smaller map: all layers stay, and those of convolution keep their parameters.

    Input: (B, latent.size) float32, see `infogan_latent`. Output: (B, size, size, 1) float32 in [−1, 1].

    Args:
        latent: what a row of the input holds.
        size: side of the image, pixels; a multiple of 8 ("table") or 16 ("code").
        form: "table" or "code", one of `FORMS`.
        width: multiplier of the channels of hidden layers.

    Raises:
        UserError: a size or a form that there is not.
    """
    _check(size, form)
    row = keras.Input((latent.size,), name="latent")
    image = infogan_cited.paint(row, size, width) if form == CODE else _paint(row, size, width)
    return keras.Model(row, image, name="generator")


def discriminator(
    latent: Latent, *, size: int = SIZE, form: str = TABLE, width: float = 1.0, sigma: bool = True
) -> keras.Model:
    """D and Q of Table I: is an image real, and which codes made it?

    Input: (B, size, size, 1) float32 in [−1, 1]. Output: a dictionary, all float32: "logit" (B, 1), high where the
    image looks real; "categorical" (B, sum of categories), logits of each categorical code's softmax; "mean" and, with
    `sigma`, "log_sigma" (B, continuous codes), a Gaussian for each continuous code, its σ the exponential of an output
    (Chen et al. 2016, appendix C). The shared trunk ends in the layer "trunk".

    Args:
        latent, size, form, width: as in `generator`.
        sigma: whether Q says how sure it is; without, σ is 1, as in the code of Chen et al. for MNIST (`fix_std`).

    Raises:
        UserError: as in `generator`.
    """
    _check(size, form)
    image = keras.Input((size, size, 1), name="image")
    if form == CODE:
        features = infogan_cited.look(image, width)
        logit = infogan_cited.judge(features)
        q = infogan_cited.recognise(features, width)
    else:
        features = _look(image, width)
        logit = keras.layers.Dense(1, dtype="float32", name="logit")(features)
        q = _recognise(features, width)
    heads = {"categorical": sum(latent.categorical), "mean": latent.continuous}
    outputs = {
        name: keras.layers.Dense(units, dtype="float32", name=name)(q) for name, units in heads.items()
    }
    if sigma:
        # From zeros, so σ begins at 1: a random σ is tiny for some images, and their surprise drowns everything else.
        # The cited code begins at random.
        initial = "glorot_uniform" if form == CODE else "zeros"
        outputs["log_sigma"] = keras.layers.Dense(
            latent.continuous, kernel_initializer=initial, dtype="float32", name="log_sigma"
        )(q)
    return keras.Model(image, {"logit": logit, **outputs}, name="discriminator")


def _paint(x: keras.KerasTensor, size: int, width: float) -> keras.KerasTensor:
    side, first = size // _STEPS[TABLE], channels(FIRST_MAP, width)
    x = keras.layers.Dense(side * side * first, name="G_dense")(x)  # (B, 114688)
    x = _normalise(x, "G_norm0")
    x = keras.layers.ReLU(name="G_relu0")(x)
    x = keras.layers.Reshape((side, side, first), name="G_map")(x)  # (B, 16, 16, 448)
    for number, printed in enumerate(GENERATOR, start=1):  # (B, 32, 32, 128) (B, 64, 64, 64)
        x = keras.layers.Conv2DTranspose(
            channels(printed, width), KERNEL, strides=STRIDE, padding="same", name=f"G_upconv{number}"
        )(x)
        x = _normalise(x, f"G_norm{number}")
        x = keras.layers.ReLU(name=f"G_relu{number}")(x)
    x = keras.layers.Conv2DTranspose(1, KERNEL, strides=STRIDE, padding="same", name="G_upconv3")(x)
    return keras.layers.Activation("tanh", dtype="float32", name="G_tanh")(x)  # (B, 128, 128, 1)


def _look(x: keras.KerasTensor, width: float) -> keras.KerasTensor:
    """The shared trunk, whose first layer has no batch-norm."""
    for number, printed in enumerate(TRUNK, start=1):  # (B, 64, 64, 64) (B, 32, 32, 128) (B, 16, 16, 128)
        x = keras.layers.Conv2D(
            channels(printed, width), KERNEL, strides=STRIDE, padding="same", name=f"DQ_conv{number}"
        )(x)
        if number > 1:
            x = _normalise(x, f"DQ_norm{number}")
        x = keras.layers.LeakyReLU(SLOPE, name=f"DQ_relu{number}")(x)
    return keras.layers.Flatten(name="trunk")(x)  # (B, 32768)


def _recognise(x: keras.KerasTensor, width: float) -> keras.KerasTensor:
    x = keras.layers.Dense(channels(RECOGNITION, width), name="Q_dense")(x)  # (B, 128)
    x = _normalise(x, "Q_norm")
    return keras.layers.LeakyReLU(SLOPE, name="Q_relu")(x)


def _normalise(x: keras.KerasTensor, name: str) -> keras.KerasTensor:
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def _check(size: int, form: str) -> None:
    if form not in FORMS:
        raise UserError(f"InfoGAN has no form {form!r}; choose {' or '.join(FORMS)} in the experiment")
    if size < _STEPS[form] or size % _STEPS[form]:
        raise UserError(
            f"InfoGAN in the form {form!r} makes images of a multiple of {_STEPS[form]} pixels, not {size}; change "
            "size in the experiment"
        )
