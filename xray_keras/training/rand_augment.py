"""RandAugment (Cubuk et al. 2019, arXiv:1909.13719) for gray radiographs.

Each image goes through N operations of one magnitude M, drawn uniformly and with replacement (the paper's Figure 2).
Its list is kept but for "color": a gray image has no saturation to change. The ranges that M scales are those of
AutoAugment (Cubuk et al. 2019, arXiv:1805.09501, Table 6), which the paper takes over; where an operation has two
directions, one is drawn. N and M are those of the paper's ResNet-50 on ImageNet.

Operations are Pillow's, as in the published search spaces: Keras' own layer draws one operation for a whole batch and
computes all of them, and the state of its generator cannot be set to an epoch.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

OPERATIONS_PER_IMAGE = 2  # N
MAGNITUDE = 0.9  # M = 9 of 10

_SHEAR = 0.3  # of the height or width
_TRANSLATION = 150 / 331  # of the height or width
_ROTATION = 30.0  # degrees
_ENHANCEMENT = 0.9  # of contrast, brightness, sharpness: factors 0.1 to 1.9
_BITS = 4  # that posterisation takes from eight
_LEVELS = 256  # from which solarisation's threshold falls to zero

Operation = Callable[[Image.Image, float], Image.Image]


def _affine(image: Image.Image, a: float, b: float, c: float, d: float, e: float, f: float) -> Image.Image:
    """Black enters where the map leaves the image, as around a collimated radiograph."""
    return image.transform(image.size, Image.Transform.AFFINE, (a, b, c, d, e, f), Image.Resampling.BILINEAR)


def _posterise(image: Image.Image, signed: float) -> Image.Image:
    return ImageOps.posterize(image, 8 - round(_BITS * abs(signed)))


def _solarise(image: Image.Image, signed: float) -> Image.Image:
    return ImageOps.solarize(image, round(_LEVELS * (1 - abs(signed))))


# Each takes the image and the magnitude in [-1, 1]; where there is one direction, the sign is irrelevant.
OPERATIONS: dict[str, Operation] = {
    "identity": lambda image, signed: image,
    "autocontrast": lambda image, signed: ImageOps.autocontrast(image),
    "equalise": lambda image, signed: ImageOps.equalize(image),
    "rotation": lambda image, signed: image.rotate(_ROTATION * signed, Image.Resampling.BILINEAR),
    "solarise": _solarise,
    "posterise": _posterise,
    "contrast": lambda image, signed: ImageEnhance.Contrast(image).enhance(1 + _ENHANCEMENT * signed),
    "brightness": lambda image, signed: ImageEnhance.Brightness(image).enhance(1 + _ENHANCEMENT * signed),
    "sharpness": lambda image, signed: ImageEnhance.Sharpness(image).enhance(1 + _ENHANCEMENT * signed),
    "shear x": lambda image, signed: _affine(image, 1, _SHEAR * signed, 0, 0, 1, 0),
    "shear y": lambda image, signed: _affine(image, 1, 0, 0, _SHEAR * signed, 1, 0),
    "translation x": lambda image, signed: _affine(image, 1, 0, _TRANSLATION * image.width * signed, 0, 1, 0),
    "translation y": lambda image, signed: _affine(
        image, 1, 0, 0, 0, 1, _TRANSLATION * image.height * signed
    ),
}


def augment(images: np.ndarray, drawn: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Images after the operations of `draw`, one image's independent of another's.

    Args:
        images: uint8 (N, S, S).
        drawn: indices into `OPERATIONS`, int (N, operations).
        signs: directions, -1 or 1, (N, operations).

    Returns:
        uint8 (N, S, S).
    """
    operations = tuple(OPERATIONS.values())
    augmented = np.empty_like(images)
    for k, pixels in enumerate(images):
        image = Image.fromarray(pixels)
        for index, sign in zip(drawn[k], signs[k], strict=True):
            image = operations[index](image, MAGNITUDE * sign)
        augmented[k] = image
    return augmented


def draw(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Operations and directions for `count` images: int64 and int64 (count, `OPERATIONS_PER_IMAGE`)."""
    shape = (count, OPERATIONS_PER_IMAGE)
    return rng.integers(len(OPERATIONS), size=shape), rng.choice((-1, 1), size=shape)
