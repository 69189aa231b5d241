"""Radiographs from files: 8-bit gray PNG or JPEG to uint8 arrays."""

import hashlib
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, UnidentifiedImageError

from xray_keras.errors import UserError

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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=("PNG", "JPEG")) as image:
                _check_mode(path, image, colour)
                gray = _gray(path, image, colour)
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
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # what Pillow raises on damaged data
        if isinstance(error, OSError) and error.errno is not None:
            raise UserError(
                f"{path} cannot be read ({error.strerror}); check the file and the disk"
            ) from None
        raise UserError(f"{path} is truncated or damaged ({error}); unpack or download it again") from None
    if size is not None and gray.size != (size, size):
        gray = gray.resize((size, size), Image.Resampling.BILINEAR)
    return np.array(gray)


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


def _gray(path: Path, image: Image.Image, colour: str) -> Image.Image:
    if image.mode == "L":
        image.load()
        return image
    if colour == "luminance" and image.mode in _COLOUR:
        opaque = image.convert("RGBA") if image.mode == "P" else image  # a palette may hold alpha
        return opaque.convert("RGB").convert("L")
    colours = image.split()[:1] if image.mode == "LA" else image.split()[:3]
    first = colours[0]
    if any(channel.tobytes() != first.tobytes() for channel in colours[1:]):
        raise UserError(f"{path} is a colour picture; convert it to 8-bit gray first")
    return first
