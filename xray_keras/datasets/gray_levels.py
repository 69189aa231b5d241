"""Numbers that stand for gray, but do not say how: their range is told by the largest one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from xray_keras.errors import UserError

MOST = 100_000_000  # pixels: no radiograph has so many
LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow
TAKEN = "colour picture: luminance taken"
_DEPTHS = (8, 10, 12, 14, 16)  # bits that detectors and files have
_AT_ONCE = (
    1 << 20
)  # pixels: as floats of 64 bits a whole picture would take eight times its own memory, several times


def strips(height: int, width: int) -> Iterator[slice]:
    """Rows of a picture, about a million pixels at once, in which to compute with floats."""
    rows = max(1, _AT_ONCE // max(1, width))
    yield from (slice(start, start + rows) for start in range(0, height, rows))


def from_values(path: Path, values: npt.NDArray[Any]) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    """Numbers → gray levels.

    Args:
        path: of the file that held them, for messages.
        values: (H, W), (H, W, 1) or (H, W, 3), whole numbers or floats, of an unknown range.

    Returns:
        uint8 (H, W), 0–255; and what was done.

    Raises:
        UserError: another shape or number of channels, over 100 million pixels, values that are not finite, negative
            or outside every range.
    """
    if values.dtype.kind not in "uif":
        raise UserError(f"{path} holds {values.dtype} values, not gray levels; save whole numbers or floats")
    if values.ndim == 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim not in (2, 3):
        raise UserError(
            f"{path} has the shape {values.shape}; give one picture, (height, width) or (height, width, 3)"
        )
    if values.ndim == 3 and values.shape[-1] != 3:
        raise UserError(
            f"{path} has the shape {values.shape}, {values.shape[-1]} channels; give one of gray or three of colour, "
            "channels last"
        )
    if values.size == 0 or values.size > 3 * MOST:
        raise UserError(f"{path} has the shape {values.shape}; give a picture of at most {MOST:,} pixels")
    with np.errstate(invalid="ignore"):  # a signalling NaN is refused here
        least, largest = float(values.min()), float(values.max())  # NaN where there is one
    if not np.isfinite([least, largest]).all():
        raise UserError(f"{path} holds values that are not finite; replace them")
    if least < 0:
        raise UserError(
            f"{path} holds negative values (from {least:g}), so black is unknown; window it to 0–255 first"
        )
    top, note = _range(path, values, largest)
    height, width = values.shape[:2]
    shown = np.empty((height, width), np.uint8)
    coloured = False
    for rows in strips(height, width):
        numbers = np.asarray(values[rows], np.float64)
        if numbers.ndim == 3:
            coloured = coloured or bool((numbers != numbers[..., :1]).any())
            numbers = numbers @ np.array(LUMINANCE)
        shown[rows] = to_bytes(numbers / top)
    return shown, (*([TAKEN] if coloured else []), *([note] if note else []))


def _range(path: Path, values: npt.NDArray[Any], largest: float) -> tuple[float, str]:
    """What white is, and the note that says so."""
    if values.dtype.kind == "f" and largest <= 1:
        return 1.0, "values from 0 to 1: times 255"
    # Were these of 8 bits, three quarters of the range would be empty.
    if values.dtype.kind == "f" and largest < 64:
        raise UserError(
            f"{path} holds values up to {largest:g}, neither 0–1 nor 0–255; scale it to 0–255 first"
        )
    for bits in _DEPTHS:
        top = 2**bits - 1
        if largest <= top:
            return float(top), "" if bits == 8 else f"{bits}-bit values: divided by {top}"
    raise UserError(f"{path} holds values up to {largest:g}, more than 16 bits; window it to 0–255 first")


def to_bytes(shown: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """From [0, 1], clipped, to 0–255."""
    return np.rint(255 * np.clip(shown, 0, 1)).astype(np.uint8)
