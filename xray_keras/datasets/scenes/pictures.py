"""Scene pictures from files: photographs of any common kind to upright RGB arrays, and their sizes from the headers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from xray_keras import files
from xray_keras.datasets import jpeg_scans
from xray_keras.errors import UserError, reason

METHOD = "scene-1"
"""Names how pixels are made of a file; another value makes cached arrays stale."""
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP")
MOST_PIXELS = 89_478_485
"""Where Pillow begins to suspect a decompression bomb: 256 MB of RGB, more than a photograph of these sets has."""
STRETCH = 16
"""A picture is refused whose long edge is more than this many times the short one: with the short edge scaled to 256
pixels, one such strip would make a whole batch absurdly large."""

_ORIENTATION = 0x0112  # EXIF
_STRIP = 256  # rows
_GAP = 2  # times the wanted size is the least at which a JPEG is decoded, so that the filter does its work
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def scaled_size(width: int, height: int, short: int) -> tuple[int, int]:
    """Width and height where the short edge gets `short` pixels; the other is rounded, a half upwards.

    Exact, in whole numbers: the place of a picture in a cache follows from it.
    """
    edge, long = int(min(width, height)), int(max(width, height))
    other = (2 * long * short + edge) // (2 * edge)
    return (short, other) if width <= height else (other, short)


def measure(path: Path | str) -> tuple[int, int]:
    """Width and height of the upright picture in pixels, from the header; pixels are not decoded.

    Raises:
        UserError: the file is absent, empty, no picture, or of a size or shape that `read` refuses.
    """
    with _opened(Path(path)) as image:
        return _size(image)


def read(path: Path | str, short: int | None = None) -> np.ndarray:
    """Read one picture, upright by its EXIF orientation.

    Gray and palettes become RGB; transparent parts show white; of 16 bits a channel the high byte is kept; CMYK and
    YCCK are converted without colour profiles; of an animation (GIF, WebP, PNG) the first frame is read. An
    orientation that a PNG states behind its pixels is not looked for. Resizing uses Pillow's bilinear filter, which is
    antialiased; a JPEG much larger than wanted is decoded at a half, a quarter or an eighth of its size first.

    Args:
        path: JPEG, PNG, GIF, WebP or BMP.
        short: pixels of the short edge, see `scaled_size`; None keeps the file's own size.

    Returns:
        uint8 (H, W, 3), 0 to 255.

    Raises:
        UserError: the file is absent, empty, truncated, damaged or no picture, has more than `MOST_PIXELS` pixels, or
            is more than `STRETCH` times as long one way as the other.
    """
    with _opened(Path(path)) as image:
        upright, turn = _size(image), _UPRIGHT.get(_orientation(image))
        wanted = scaled_size(*upright, short) if short else upright
        stored = wanted if upright == image.size else wanted[::-1]
        box = None
        if short and (drafted := image.draft(None, (_GAP * stored[0], _GAP * stored[1]))):
            box = drafted[1]  # in the reduced picture, whose last row and column may reach beyond the edge
        if image.format == "JPEG" and jpeg_scans.too_many(Path(path).read_bytes()):
            raise UserError(f"{path} has more than {jpeg_scans.MOST} scans; save it again, or take it away")
        colours = _rgb(image)
        if short:
            colours = colours.resize(stored, Image.Resampling.BILINEAR, box)
        return np.array(colours if turn is None else colours.transpose(turn))


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """The opened file, its header checked; whatever goes wrong inside is named as the file's fault."""
    try:
        files.check_regular(path)
        with Image.open(path, formats=FORMATS) as image:
            _check(path, image)
            yield image
    except FileNotFoundError:
        raise UserError(f"{path} is absent; unpack the data set that holds it again") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(path) from None
    except UnidentifiedImageError:
        if path.stat().st_size == 0:
            raise UserError(f"{path} is empty (0 bytes); unpack or download it again") from None
        raise UserError(f"{path} is none of {', '.join(FORMATS)}; convert it, or take it away") from None
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


def _check(path: Path, image: Image.Image) -> None:
    width, height = image.size
    if width * height > MOST_PIXELS:  # of progressive JPEGs, too, all of it must be held to read an eighth
        raise _too_large(path)
    if max(width, height) > STRETCH * min(width, height):
        raise UserError(
            f"{path} has {width} × {height} pixels, more than {STRETCH} times as much one way as the other; crop it, "
            "or take it away"
        )


def _too_large(path: Path) -> UserError:
    return UserError(
        f"{path} claims more than {MOST_PIXELS:,} pixels, more than any photograph here; scale it down, or take it away"
    )


def _size(image: Image.Image) -> tuple[int, int]:
    """Upright width and height."""
    width, height = image.size
    return (height, width) if _orientation(image) >= 5 else (width, height)


def _orientation(image: Image.Image) -> int:
    """1 to 8 by EXIF; 1, upright as stored, where the header says nothing, or nothing that can be understood."""
    try:
        # A PNG's own method would decode the picture to look for more behind the pixels.
        stated = Image.Image.getexif(image).get(_ORIENTATION)
    except Exception:
        return 1
    return stated if isinstance(stated, int) and stated in _UPRIGHT else 1


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        colours = image if image.mode == "RGBA" else image.convert("RGBA")
        flat = Image.new("RGB", colours.size)
        for top in range(0, colours.height, _STRIP):  # a whole layer of white would take as much again, twice
            strip = colours.crop((0, top, colours.width, min(top + _STRIP, colours.height)))
            flat.paste(
                Image.alpha_composite(Image.new("RGBA", strip.size, "white"), strip).convert("RGB"), (0, top)
            )
        return flat
    return image.convert("RGB")
