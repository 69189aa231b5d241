"""Pictures that come with scikit-learn: crops of its two sample photographs, and handwritten digits of 8×8 pixels.

They stand for photographs and for drawn digits where nothing was downloaded, and are called what they are: overlapping
crops of two photographs are not CIFAR-100, and 1,797 coarse digits of thirteen writers are not MNIST.
"""

import functools

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image
from sklearn import datasets

from xray_keras.datasets.ood_listing import Entry
from xray_keras.datasets.ood_rows import numbers
from xray_keras.datasets.phantom.labels import generator

PHOTOGRAPHS = (
    "Crops of china.jpg by danielbuechele (flickr.com/photos/danielbuechele/6061409035) and flower.jpg by vultilion "
    "(flickr.com/photos/vultilion/6056698931), as scikit-learn bundles them."
)
PHOTOGRAPHS_LICENCE = "CC BY 2.0 (https://creativecommons.org/licenses/by/2.0/)."
DIGITS = (
    "E. Alpaydin and C. Kaynak: Optical Recognition of Handwritten Digits. UCI Machine Learning Repository, 1998; its "
    "test set as scikit-learn bundles it."
)
DIGITS_LICENCE = "CC BY 4.0 (https://archive.ics.uci.edu/dataset/80)."
SMALLEST = 96  # side of a crop, pixels of the photograph
FIRST = 82_000_000  # numbers above those of the other phantoms


def crop_entries(seed: int, images: int) -> list[Entry]:
    """Crops; each counts as its own although they overlap, so intervals speak of crops of these photographs alone."""
    return [Entry(f"{number:08d}", f"{number:08d}", "") for number in range(images)]


def crops(seed: int, rows: pd.DataFrame, size: int) -> npt.NDArray[np.uint8]:
    """Square crops of manifest rows as luminance, uint8 (B, size, size): either photograph, any place, side and flip.

    Raises:
        UserError: a row is no crop of this phantom.
    """
    found = np.empty((len(rows), size, size), np.uint8)
    for row, number in enumerate(numbers(rows)):
        draw = generator(seed, FIRST + number, 0, 1)
        picture = _photographs()[draw.integers(2)]
        side = int(np.exp(draw.uniform(np.log(SMALLEST), np.log(min(picture.shape)))))
        top, left = (int(draw.integers(whole - side + 1)) for whole in picture.shape)
        crop = picture[top : top + side, left : left + side][:, :: 1 if draw.random() < 0.5 else -1]
        found[row] = _resized(crop, size)
    return found


def digit_entries(seed: int, images: int) -> list[Entry]:
    """Digits in an order that the seed fixes, none twice: at most as many as there are."""
    order = generator(seed, FIRST, 0, 2).permutation(len(_digits()))[:images]
    return [Entry(f"{number:08d}", f"{number:08d}", "") for number in order]


def digits(seed: int, rows: pd.DataFrame, size: int) -> npt.NDArray[np.uint8]:
    """Digits of manifest rows, white on black, uint8 (B, size, size).

    Raises:
        UserError: a row is no digit of this phantom.
    """
    return np.stack([_resized(_digits()[number], size) for number in numbers(rows)])


def _resized(pixels: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    return np.array(Image.fromarray(pixels).resize((size, size), Image.Resampling.BILINEAR))


@functools.cache
def _photographs() -> list[npt.NDArray[np.uint8]]:
    return [
        np.array(Image.fromarray(picture).convert("L")) for picture in datasets.load_sample_images().images
    ]


@functools.cache
def _digits() -> npt.NDArray[np.uint8]:
    """uint8 (1797, 8, 8), 0 … 255."""
    return np.rint(datasets.load_digits().images * (255 / 16)).astype(np.uint8)
