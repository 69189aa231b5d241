"""A picture from anywhere, read as a radiograph: any usual file and range in, 0 to 255 out, and notes on it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

from xray_keras import files, npz
from xray_keras.datasets import dicom, gray_levels, images
from xray_keras.errors import Damaged, UserError, reason

_LONGEST = 4  # of sides to each other: no radiograph of a chest is so narrow
_SMALLEST = 8  # pixels
_FEWEST = 8  # gray levels from the darkest to the lightest; masks and label maps have fewer
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # the last two: above 4 GB
# EXIF's orientation → (quarter turns against the clock, mirrored left to right afterwards)
_TURNS = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False), 7: (1, True), 8: (1, False)}


@dataclass(frozen=True)
class Radiograph:
    """`pixels` uint8 (H, W), 0–255, bone bright as far as the file tells; `notes`: what was done to them."""

    pixels: npt.NDArray[np.uint8]
    notes: tuple[str, ...]


def read(path: Path) -> Radiograph:
    """Read a picture; its kind is told by its content, not by its name.

    PNG and JPEG (colour becomes luminance, and EXIF's orientation is followed), TIFF, DICOM, and NumPy arrays (H, W),
    (H, W, 1) or (H, W, 3). The range of what has no window is told by its largest value: 0–1 (floats), or that of 8,
    10, 12, 14 or 16 bits.

    Raises:
        UserError: no such file, none of these kinds, damaged; a wrong shape or number of channels; values that are not
            finite, negative, outside every range or within 8 gray levels; sides beyond 4 : 1, under 8 or over 100
            million pixels.
    """
    try:
        files.check_regular(path)
        with path.open("rb") as opened:
            head = opened.read(132)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); name a picture") from None
    if dicom.is_dicom(head):
        pixels, notes = dicom.read(path)
    elif head.startswith(b"\x93NUMPY"):
        pixels, notes = gray_levels.from_values(path, _array(path))
    elif head.startswith(_TIFF):
        values, negative = _tiff(path)
        pixels, notes = gray_levels.from_values(path, values)
        notes = (*negative, *notes)
    elif not head.startswith((b"\x89PNG", b"\xff\xd8")):
        content = "is neither PNG, JPEG, TIFF, DICOM nor a NumPy array" if head else "is empty"
        raise UserError(f"{path} {content}; name a picture of one of these kinds")
    elif _is_deep(path):
        with _opened(path, "PNG") as image:
            values = np.asarray(image)
        pixels, notes = gray_levels.from_values(path, values)
    else:
        pixels, notes = _photograph(path)
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


@contextmanager
def _opened(path: Path, kind: str) -> Iterator[Image.Image]:
    """A picture of at most 100 million pixels, opened by Pillow; what fails inside the block is damage."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about tags that no pixel depends on, and sizes
            with Image.open(path, formats=(kind,)) as image:
                if image.width * image.height > gray_levels.MOST:
                    raise Image.DecompressionBombError
                yield image
    except UserError:
        raise
    except Image.DecompressionBombError:
        raise UserError(
            f"{path} claims more than {gray_levels.MOST:,} pixels, more than any radiograph; replace it"
        ) from None
    except Exception as error:  # Pillow's readers raise nearly anything
        raise UserError(f"{path} is a damaged {kind} ({type(error).__name__}); save it again") from None


def _is_deep(path: Path) -> bool:
    """Whether it is a gray PNG of more than eight bits, which `read_gray` refuses for want of a range."""
    try:
        with _opened(path, "PNG") as image:
            return image.mode.startswith("I")
    except UserError:
        return False  # `read_gray` says what is wrong


def _photograph(path: Path) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    """An 8-bit PNG or JPEG, upright."""
    notes = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about EXIF data
        with images.opened(path) as image:
            pixels = np.array(images.as_gray(path, image, "luminance"))
            if image.mode not in ("L", "LA") and images.is_coloured(image):
                notes.append(gray_levels.TAKEN)
            turn = _TURNS.get(_orientation(image))
    if turn:
        quarters, mirrored = turn
        pixels = np.rot90(pixels, quarters)
        pixels = np.ascontiguousarray(pixels[:, ::-1] if mirrored else pixels)
        notes.append("turned as its EXIF data say")
    return pixels, tuple(notes)


def _orientation(image: Image.Image) -> Any:
    try:
        return image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # damaged EXIF data hide no pixel
        return None


def _array(path: Path) -> npt.NDArray[Any]:
    try:
        return npz.mapped(path)
    except (Damaged, OSError) as error:
        raise UserError(
            f"{path} cannot be read as an array ({reason(error)}); save plain numbers with numpy.save"
        ) from None


def _tiff(path: Path) -> tuple[npt.NDArray[Any], tuple[str, ...]]:
    with _opened(path, "TIFF") as image:
        if _has_another(image):
            raise UserError(f"{path} holds more than one picture; save the one to look at")
        if image.mode == "LAB":
            raise UserError(f"{path} has pixels of kind LAB; convert it to 8-bit gray first")
        # Pillow shows stored values; where zero is white, deep ones are those of a negative.
        photometric = getattr(image, "tag_v2", {}).get(ExifTags.Base.PhotometricInterpretation)
        negative = image.mode.startswith(("I", "F")) and photometric == 0
        colour = image.mode in ("P", "CMYK", "YCbCr", "RGBA", "LA")
        values = np.asarray(image.convert("RGB") if colour else image)
    if negative:
        return values.max() - values, ("inverted: zero is white",)
    return values, ()


def _has_another(image: Image.Image) -> bool:
    """Whether a second picture follows; to count all of a hundred thousand would take long."""
    try:
        image.seek(1)
    except EOFError:
        return False
    return True


def _check_picture(path: Path, pixels: npt.NDArray[np.uint8]) -> None:
    height, width = pixels.shape
    if min(height, width) < _SMALLEST:
        raise UserError(
            f"{path} has {width} × {height} pixels; give a picture of at least {_SMALLEST} a side"
        )
    if max(height, width) > _LONGEST * min(height, width):
        raise UserError(f"{path} has {width} × {height} pixels, too narrow for a chest; crop it to the image")
    darkest, lightest = int(pixels.min()), int(pixels.max())
    if lightest - darkest < _FEWEST:
        raise UserError(
            f"{path} shows gray levels from {darkest} to {lightest} of 255 only; give the radiograph itself, no mask, "
            "in its full range"
        )
