"""Radiographs from files: 8-bit gray PNG or JPEG to uint8 arrays."""

import hashlib
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageChops, UnidentifiedImageError

from xray_keras import files
from xray_keras.datasets import jpeg_scans
from xray_keras.errors import UserError, reason

METHOD = "bilinear-1"
"""Names the resampling below; another value makes cached arrays stale."""

_GRAY_IN_COLOUR = ("LA", "RGB", "RGBA")
_COLOUR = ("RGB", "RGBA", "P", "CMYK", "YCbCr")


def signature(name: str, folder: Path, paths: Iterable[str]) -> str:
    """What pixels depend on besides their manifest: the decoding and each file's length, unread.

    Independent of where the folder lies, so a cache survives a move, but not a change from a resized copy to the
    originals.

    Args:
        name: of the data set.
        folder, paths: the images, relative to the folder.
    """
    digest = hashlib.sha256()
    for path in paths:
        try:
            length = (folder / path).stat().st_size
        except OSError:
            length = -1  # `read_gray` names the file that cannot be read
        digest.update(f"{path}\0{length}\n".encode())
    return f"{name}, {METHOD}, {digest.hexdigest()}"


def read_gray(
    path: Path | str, size: int | None = None, colour: Literal["refuse", "luminance"] = "refuse"
) -> np.ndarray:
    """Read one radiograph.

    Resizing uses Pillow's bilinear filter, whose triangle widens with the reduction: antialiased, without the
    ringing of Lanczos at edges, and the filter of the resize step in the cited PyTorch code. A picture that
    is not square is squashed: the whole field of view stays, and a box scales by one factor an axis. (All
    images of ChestX-ray14 are square.)

    Args:
        path: PNG or JPEG, 8-bit gray, or colour and alpha whose colour channels are equal (alpha is dropped;
            a few ChestX-ray14 files are RGBA).
        size: side in pixels; None keeps the file's own.
        colour: what to do with a colour picture or a palette: "refuse" it, or take its "luminance",
            0.299 R + 0.587 G + 0.114 B (ITU-R BT.601): collections from publications store gray so.

    Returns:
        uint8 (size, size), or (height, width) where `size` is None; 0 to 255 as stored.

    Raises:
        UserError: the file is absent, empty, truncated, no image, absurdly large, 16-bit, or, where
            `colour` refuses it, a palette or colour.
    """
    path = Path(path)
    with opened(path) as image:
        gray = as_gray(path, image, colour)
    if size is not None and gray.size != (size, size):
        gray = gray.resize((size, size), Image.Resampling.BILINEAR)
    return np.array(gray)


@contextmanager
def opened(path: Path) -> Iterator[Image.Image]:
    """A PNG or JPEG, opened by Pillow; what fails inside the block is told as the file's fault, see `read_gray`."""
    try:
        files.check_regular(path)
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=("PNG", "JPEG")) as image:
                if image.format == "JPEG" and jpeg_scans.too_many(path.read_bytes()):
                    raise UserError(f"{path} has more than {jpeg_scans.MOST} scans; save the picture again")
                yield image
    except FileNotFoundError:
        raise UserError(f"{path} is absent; unpack the archive that holds it again") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UserError(
            f"{path} claims more than {Image.MAX_IMAGE_PIXELS:,} pixels, more than any radiograph; replace it"
        ) from None
    except UnidentifiedImageError:
        if path.stat().st_size == 0:
            raise UserError(f"{path} is empty (0 bytes); unpack or download it again") from None
        raise UserError(f"{path} is neither a PNG nor a JPEG; replace it with the release's file") from None
    except UserError:
        raise
    except Exception as error:  # Pillow's readers raise nearly anything
        if isinstance(error, OSError) and error.errno is not None:
            raise UserError(
                f"{path} cannot be read ({error.strerror}); check the file and the disk"
            ) from None
        raise UserError(
            f"{path} is truncated or damaged ({reason(error)}); unpack or download it again"
        ) from None


def as_gray(path: Path, image: Image.Image, colour: str) -> Image.Image:
    """An `opened` picture of one channel, see `read_gray`."""
    _check_mode(path, image, colour)
    if image.mode == "L":
        image.load()
        return image
    if colour == "luminance" and image.mode in _COLOUR:
        opaque = image.convert("RGBA") if image.mode == "P" else image  # a palette may hold alpha
        return (opaque if opaque.mode == "RGB" else opaque.convert("RGB")).convert("L")
    if image.mode != "LA" and is_coloured(image):
        raise UserError(f"{path} is a colour picture; convert it to 8-bit gray first")
    return image.getchannel(0)


def is_coloured(image: Image.Image) -> bool:
    """Whether red, green and blue differ anywhere; channel by channel, for copies of a large picture are larger."""
    colours = image if image.mode in ("RGB", "RGBA") else image.convert("RGB")
    first = colours.getchannel(0)
    return any(ImageChops.difference(first, colours.getchannel(k)).getbbox() for k in (1, 2))


def _check_mode(path: Path, image: Image.Image, colour: str) -> None:
    # Pillow drops the low byte of 16-bit colour without a word; only the decoder's raw mode tells.
    if image.mode.startswith("I") or any("16" in str(tile[3]) for tile in getattr(image, "tile", ())):
        raise UserError(
            f"{path} is 16-bit, so its black and white levels are unknown; window it to 8-bit gray first"
        )
    if colour == "luminance" and image.mode in _COLOUR:
        return
    if image.mode == "P":
        raise UserError(f"{path} has a palette; convert it to 8-bit gray first")
    if image.mode != "L" and image.mode not in _GRAY_IN_COLOUR:
        raise UserError(f"{path} has pixels of kind {image.mode}; convert it to 8-bit gray first")
