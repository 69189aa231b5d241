"""Radiographs from DICOM files, as a viewer would show them; nothing about the patient leaves this module."""

import contextlib
import io
import os
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from xray_keras.datasets import jpeg_scans
from xray_keras.datasets.gray_levels import LUMINANCE, MOST, TAKEN, strips, to_bytes
from xray_keras.errors import UserError

if TYPE_CHECKING:
    import pydicom

# What a file without a picture may be; any other word was typed in by somebody, and is not told.
_MODALITIES = {
    *("CR", "CT", "DOC", "DX", "ECG", "IO", "KO", "MG", "MR", "NM", "OP", "PR"),
    *("PT", "REG", "RTDOSE", "RTIMAGE", "RTPLAN", "RTRECORD", "RTSTRUCT", "SEG", "SM", "SR", "US", "XA"),
}
_MOST_BYTES = 2 * MOST + (
    1 << 24
)  # of a file that is deflated: 100 million pixels of 16 bits, and what stands before
_MUCH = 1 << 20  # bytes
Array = npt.NDArray[np.float64]


def is_dicom(head: bytes) -> bool:
    """Whether a file that begins with `head` (132 bytes) is a DICOM file, perhaps of before there was a preamble."""
    return head[128:132] == b"DICM" or (head[:2] in (b"\x02\x00", b"\x08\x00") and head[3:4] == b"\x00")


def read(path: Path) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    """Read one image: modality rescaling, window, inversion, in the order of DICOM PS3.4, N.2.

    Args:
        path: a DICOM file of one frame.

    Returns:
        uint8 (H, W), 0–255, bone bright; and what was done. A VOI table or window (the first of several) sets the gray
        levels; without one the smallest and the largest value do. Padding becomes black.

    Raises:
        UserError: the file is damaged, holds no image, several frames, over 100 million pixels, or some that no
            installed decoder reads; the elements that say how to show them contradict each other.
    """
    import pydicom

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about spelling of other elements
        # What pydicom raises may quote elements, which name patients: only the kind of an error is told.
        try:
            with _Opened(io.FileIO(path)) as opened:
                data = pydicom.dcmread(opened, force=True)
            _check(path, data)
        except UserError:
            raise
        except Exception as error:
            raise UserError(
                f"{path} is a damaged DICOM file ({type(error).__name__}); export it again"
            ) from None
        stored = _stored(path, data)
        palette = data.PhotometricInterpretation == "PALETTE COLOR"
        if stored.ndim != (3 if _is_colour(data) and not palette else 2):
            raise UserError(
                f"{path} says wrongly how to show its pixels ({stored.shape} values); export it again"
            )
        try:
            return _colour(stored, data) if _is_colour(data) else _gray(stored, data)
        except Exception as error:
            raise UserError(
                f"{path} says wrongly how to show its pixels ({type(error).__name__}); export it again"
            ) from None


class _Opened(io.BufferedReader):
    """A file that gives no more than it has, and keeps its rest to itself where that is deflated and would become huge:
    pydicom inflates all of it."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size and size > _MUCH:  # an element may claim gigabytes, and that much memory would be taken first
            size = min(size, max(0, os.fstat(self.fileno()).st_size - self.tell()))
        content = super().read(size)
        if size is None or size < 0:
            with contextlib.suppress(zlib.error):
                inflated = zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, _MOST_BYTES + 1)
                if len(inflated) > _MOST_BYTES:
                    name = self.raw.name  # type: ignore[attr-defined]
                    raise UserError(
                        f"{name} unpacks to more than any radiograph; export it again, not deflated"
                    )
        return content


def _check(path: Path, data: "pydicom.Dataset") -> None:
    if "PixelData" not in data:
        kind = f" (modality {data.Modality})" if data.get("Modality") in _MODALITIES else ""
        raise UserError(f"{path} holds no image{kind}; choose the file with the radiograph")
    frames = int(data.get("NumberOfFrames") or 1)
    if frames > 1:
        raise UserError(f"{path} holds {frames:,} frames; export the one to look at")
    missing = [
        name
        for name in ("PhotometricInterpretation", "BitsStored", "Rows", "Columns")
        if not data.get(name)  # absent or empty
    ]
    if missing:
        raise UserError(f"{path} does not say how to show its pixels (no {missing[0]}); export it again")
    values = data.Rows * data.Columns * int(data.get("SamplesPerPixel") or 1)
    if data.Rows * data.Columns > MOST or values * int(data.get("BitsAllocated") or 1) > 8 * 4 * MOST:
        raise UserError(f"{path} has more than {MOST:,} pixels, more than any radiograph; export it again")


def _stored(path: Path, data: "pydicom.Dataset") -> npt.NDArray[Any]:
    """The pixels as the file holds them."""
    from pydicom.uid import AllTransferSyntaxes, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    if not data.file_meta.get(
        "TransferSyntaxUID"
    ):  # as in files without a preamble, which are not compressed
        implicit = data.original_encoding[0]
        data.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    syntax = data.file_meta.TransferSyntaxUID
    known = syntax in AllTransferSyntaxes
    if known and syntax.is_encapsulated and jpeg_scans.too_many(data.PixelData):
        raise UserError(f"{path} holds a JPEG of more than {jpeg_scans.MOST} scans; export it again")
    try:
        return data.pixel_array
    except Exception as error:
        # pydicom raises the same for want of a decoder and for one that fails.
        if known and syntax.is_compressed and isinstance(error, RuntimeError):
            raise UserError(
                f"{path} holds pixels that cannot be decoded here ({syntax.name}); "
                "install python-gdcm, or export the image as PNG"
            ) from None
        kind = f"{syntax.name if known else 'unknown transfer syntax'}, {type(error).__name__}"
        raise UserError(f"{path} holds pixels that cannot be read ({kind}); export it again") from None


def _is_colour(data: "pydicom.Dataset") -> bool:
    return not str(data.PhotometricInterpretation).startswith("MONOCHROME")


def _colour(
    stored: npt.NDArray[Any], data: "pydicom.Dataset"
) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    from pydicom.pixels import apply_color_lut

    palette = data.PhotometricInterpretation == "PALETTE COLOR"
    height, width = stored.shape[:2]
    pixels = np.empty((height, width), np.uint8)
    for rows in strips(height, width):
        colours = apply_color_lut(stored[rows], data) if palette else stored[rows]
        top = float(np.iinfo(colours.dtype).max) if palette else 2.0 ** int(data.BitsStored) - 1
        pixels[rows] = to_bytes(colours @ np.array(LUMINANCE) / top)
    return pixels, (TAKEN,)


def _gray(stored: npt.NDArray[Any], data: "pydicom.Dataset") -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    from pydicom.pixels import apply_modality_lut

    def rescaled(part: npt.NDArray[Any]) -> Array:
        values = np.asarray(apply_modality_lut(part, data), np.float64)
        if not np.isfinite(values).all():
            raise ValueError("rescaled beyond all numbers")
        return values

    padding = _padding(stored, data)
    show, notes = _levels(data, rescaled, stored, padding)
    inverted = data.PhotometricInterpretation == "MONOCHROME1"
    pixels = np.empty(stored.shape, np.uint8)
    for rows in strips(*stored.shape):
        shown = show(rescaled(stored[rows]))
        pixels[rows] = to_bytes(np.where(padding[rows], 0.0, 1 - shown if inverted else shown))
    if inverted:
        notes.append("inverted: MONOCHROME1")
    if padding.any():
        notes.append("padding made black")
    return pixels, tuple(notes)


def _levels(
    data: "pydicom.Dataset",
    rescaled: Callable[[npt.NDArray[Any]], Array],
    stored: npt.NDArray[Any],
    padding: npt.NDArray[np.bool_],
) -> tuple[Callable[[Array], Array], list[str]]:
    """From rescaled values to gray in [0, 1], and what that is called."""
    if data.get("VOILUTSequence"):
        item = data.VOILUTSequence[0]
        return lambda values: _table(values, item), ["gray levels of the file's own table"]
    if limits := _first_window(data):
        centre, width = limits
        function = str(data.get("VOILUTFunction") or "LINEAR")
        return lambda values: window(values, centre, width, function), [f"window {centre:g} ± {width / 2:g}"]
    low, high = np.inf, -np.inf
    for rows in strips(*stored.shape):
        values = rescaled(stored[rows])
        kept = values if padding.all() else values[~padding[rows]]
        low, high = min(low, kept.min(initial=np.inf)), max(high, kept.max(initial=-np.inf))
    return (
        lambda values: (values - low) / (high - low) if high > low else np.zeros_like(values),
        [f"no window: shown from {low:g} to {high:g}"],
    )


def _table(values: Array, item: "pydicom.Dataset") -> Array:
    """A VOI table, PS3.3, C.11.2.1.1: values → gray in [0, 1]; pydicom's own wraps around in tables of bytes."""
    entries, first, bits = (int(number) for number in item.LUTDescriptor)
    entries = entries or 1 << 16
    raw = item.LUTData
    if isinstance(raw, bytes):
        table = np.frombuffer(raw, "<u2" if len(raw) >= 2 * entries else "u1")
    else:
        table = np.asarray(raw)
    places = np.clip(np.rint(values) - first, 0, min(entries, len(table)) - 1).astype(np.int64)
    return table[places] / (2.0**bits - 1)


def _first_window(data: "pydicom.Dataset") -> tuple[float, float] | None:
    """Centre and width; None where the file has none, leaves them empty or gives a width that is none."""
    given = [np.ravel(data.get(name)) for name in ("WindowCenter", "WindowWidth")]
    try:
        centre, width = (float(values[0]) for values in given)
    except (IndexError, TypeError, ValueError):
        return None
    return (centre, width) if np.isfinite(centre) and np.isfinite(width) and width > 0 else None


def window(values: Array, centre: float, width: float, function: str) -> Array:
    """DICOM PS3.3, C.11.2.1: values → gray in [0, 1].

    Args:
        values: after modality rescaling.
        centre, width: of the window; width at least 1 for "LINEAR", above 0 otherwise.
        function: "LINEAR" (the default of the standard), "LINEAR_EXACT" or "SIGMOID".
    """
    if function == "SIGMOID":
        return 1 / (1 + np.exp(np.clip(-4 * (values - centre) / width, -500, 500)))
    if function == "LINEAR_EXACT":
        return np.clip((values - centre) / width + 0.5, 0, 1)
    if width <= 1:
        return (values > centre - 0.5).astype(np.float64)
    return np.clip((values - (centre - 0.5)) / (width - 1) + 0.5, 0, 1)


def _padding(stored: npt.NDArray[Any], data: "pydicom.Dataset") -> npt.NDArray[np.bool_]:
    """Where stored values mark that nothing was imaged."""
    if data.get("PixelPaddingValue") is None:
        return np.zeros(stored.shape, bool)
    first = int(data.PixelPaddingValue)
    last = int(data.get("PixelPaddingRangeLimit", first))
    return (stored >= min(first, last)) & (stored <= max(first, last))
