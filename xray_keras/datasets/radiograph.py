"""A picture from anywhere, read as a radiograph: any usual file and range in, 0 to 255 out, and notes on it."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from xray_keras.datasets import dicom
from xray_keras.datasets.images import read_gray
from xray_keras.errors import UserError

_LONGEST = 4  # of sides to each other: no radiograph of a chest is so narrow
_SMALLEST = 8  # pixels
_MOST = 100_000_000  # pixels
_TOPS = {255: "", 4095: "12-bit values: divided by 4095", 65535: "16-bit values: divided by 65535"}


@dataclass(frozen=True)
class Radiograph:
    """`pixels` uint8 (H, W), 0–255, bone bright as far as the file tells; `notes`: what was done to them."""

    pixels: npt.NDArray[np.uint8]
    notes: tuple[str, ...]


def read(path: Path) -> Radiograph:
    """Read a picture; its kind is told by its content, not by its name.

    PNG and JPEG (colour becomes luminance), TIFF, DICOM, and NumPy arrays (H, W), (H, W, 1) or (H, W, 3). The range of
    what has no window is told by its values: 0–1 (floats), 0–255, 0–4095 or 0–65535.

    Raises:
        UserError: no such file, none of these kinds, damaged; a wrong shape or number of channels; values that are not
            finite, negative, all equal or outside every range; sides beyond 4 : 1, under 8 or over 100 million pixels.
    """
    try:
        with path.open("rb") as opened:
            head = opened.read(132)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); name a picture") from None
    if dicom.is_dicom(head):
        pixels, notes = dicom.read(path)
    elif head.startswith(b"\x93NUMPY"):
        pixels, notes = _from_values(path, *_array(path))
    elif head.startswith((b"II*\0", b"MM\0*")):
        pixels, notes = _from_values(path, *_tiff(path))
    elif not head.startswith((b"\x89PNG", b"\xff\xd8")):
        content = "is neither PNG, JPEG, TIFF, DICOM nor a NumPy array" if head else "is empty"
        raise UserError(f"{path} {content}; name a picture of one of these kinds")
    elif _is_deep(path):
        with Image.open(path) as image:
            pixels, notes = _from_values(path, np.asarray(image), ())
    else:
        pixels, notes = read_gray(path, colour="luminance"), ()
    _check_picture(path, pixels)
    return Radiograph(pixels, notes)


def square(pixels: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    """Scale the short side to `size` and crop the centre, uint8 (size, size): nothing is stretched (cohen2019 §5.1)."""
    height, width = pixels.shape
    scale = size / min(height, width)
    sides = max(size, round(width * scale)), max(size, round(height * scale))
    scaled = Image.fromarray(pixels).resize(sides, Image.Resampling.BILINEAR)
    left, top = (sides[0] - size) // 2, (sides[1] - size) // 2
    return np.array(scaled.crop((left, top, left + size, top + size)))


def _is_deep(path: Path) -> bool:
    """Whether it is a gray PNG of more than eight bits, which `read_gray` refuses for want of a range."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=("PNG",)) as image:
                return image.mode.startswith("I") and image.width * image.height <= _MOST
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False  # `read_gray` says what is wrong


def _array(path: Path) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False), ()
    except (OSError, ValueError, EOFError) as error:
        reason = "it holds Python objects" if "object" in str(error).lower() else "it is damaged"
        raise UserError(
            f"{path} cannot be read as an array ({reason}); save plain numbers with numpy.save"
        ) from None


def _tiff(path: Path) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    try:
        with Image.open(path, formats=("TIFF",)) as image:
            frames = getattr(image, "n_frames", 1)
            if frames > 1:
                raise UserError(f"{path} holds {frames:,} pictures; save the one to look at")
            # Pillow shows stored values; where zero is white, deep ones are those of a negative.
            photometric = getattr(image, "tag_v2", {}).get(262)
            negative = image.mode.startswith(("I", "F")) and photometric == 0
            colour = image.mode in ("P", "CMYK", "YCbCr", "RGBA", "LA")
            values = np.asarray(image.convert("RGB") if colour else image)
    except UserError:
        raise
    except Exception as error:  # Pillow's TIFF reader raises nearly anything on damaged files
        raise UserError(f"{path} is a damaged TIFF ({type(error).__name__}); save it again") from None
    if negative:
        return values.max() - values, ("inverted: zero is white",)
    return values, ()


def _from_values(
    path: Path, values: npt.NDArray[Any], notes: tuple[str, ...]
) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    """Numbers of an unknown range → 0 to 255."""
    if values.dtype.kind not in "uifb" or values.dtype.kind == "b":
        raise UserError(f"{path} holds {values.dtype} values, not gray levels; save whole numbers or floats")
    if values.ndim == 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim not in (2, 3):
        raise UserError(f"{path} has the shape {values.shape}; give one picture, (height, width)")
    if values.ndim == 3 and values.shape[-1] != 3:
        raise UserError(
            f"{path} has the shape {values.shape}, {values.shape[-1]} channels; give gray, or three of colour"
        )
    if values.size == 0 or values.size > 3 * _MOST:
        raise UserError(f"{path} has the shape {values.shape}; give a picture of at most {_MOST:,} pixels")
    numbers = np.asarray(values, np.float64)
    if not np.isfinite(numbers).all():
        raise UserError(f"{path} holds values that are not finite; replace them")
    if numbers.min() < 0:
        raise UserError(
            f"{path} holds negative values (from {numbers.min():g}), so black is unknown; window it to 0–255 first"
        )
    if numbers.ndim == 3:
        if (numbers != numbers[..., :1]).any():
            notes = (*notes, "colour picture: luminance taken")
        numbers = numbers @ np.array([0.299, 0.587, 0.114])
    top, note = _range(path, values, float(values.max()))
    return np.rint(255 * np.clip(numbers / top, 0, 1)).astype(np.uint8), (*notes, *([note] if note else []))


def _range(path: Path, values: npt.NDArray[Any], largest: float) -> tuple[float, str]:
    """What white is, and the note that says so."""
    if largest <= 1:
        if values.dtype.kind == "f":
            return 1.0, "values from 0 to 1: times 255"
        raise UserError(f"{path} holds only 0 and 1, a mask; give gray levels")
    for top, note in _TOPS.items():
        if largest <= top:
            return float(top), note
    raise UserError(f"{path} holds values up to {largest:g}, more than 16 bits; window it to 0–255 first")


def _check_picture(path: Path, pixels: npt.NDArray[np.uint8]) -> None:
    height, width = pixels.shape
    if min(height, width) < _SMALLEST:
        raise UserError(
            f"{path} has {width} × {height} pixels; give a picture of at least {_SMALLEST} a side"
        )
    if max(height, width) > _LONGEST * min(height, width):
        raise UserError(f"{path} has {width} × {height} pixels, too narrow for a chest; crop it to the image")
    if pixels.min() == pixels.max():
        raise UserError(f"{path} shows one gray level only; export it again")
