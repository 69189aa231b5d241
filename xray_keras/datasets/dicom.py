"""Radiographs from DICOM files, as a viewer would show them; nothing about the patient leaves this module."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from xray_keras.errors import UserError

if TYPE_CHECKING:
    import pydicom

Array = npt.NDArray[np.float64]
_LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R BT.601, as Pillow
_DECODERS = "install pylibjpeg-openjpeg or python-gdcm, or export the image as PNG"


def is_dicom(head: bytes) -> bool:
    """Whether a file that begins with `head` (132 bytes) is a DICOM file."""
    return head[128:132] == b"DICM"


def read(path: Path) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    """Read one image: modality rescaling, window, inversion, in the order of DICOM PS3.4, N.2.

    Args:
        path: a DICOM file of one frame.

    Returns:
        uint8 (H, W), 0–255, bone bright; and what was done. A VOI table or window (the first of several) sets the gray
        levels; without one the smallest and the largest value do. Padding becomes black.

    Raises:
        UserError: the file is damaged, holds no image, several frames, or pixels that no installed decoder reads.
    """
    import pydicom

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about spelling of other elements
        try:
            data = pydicom.dcmread(path)
        except Exception as error:  # its texts may quote elements, which name patients
            raise UserError(
                f"{path} is a damaged DICOM file ({type(error).__name__}); export it again"
            ) from None
        _check(path, data)
        syntax = data.file_meta.get("TransferSyntaxUID")
        try:
            stored = data.pixel_array
        except Exception as error:
            name = syntax.name if syntax else "no transfer syntax"
            raise UserError(
                f"{path} holds pixels that cannot be decoded here ({name}, {type(error).__name__}); {_DECODERS}"
            ) from None
        return _colour(stored, data) if _is_colour(data) else _gray(stored, data)


def _check(path: Path, data: "pydicom.Dataset") -> None:
    if "PixelData" not in data:
        kind = f" (modality {data.Modality})" if data.get("Modality") else ""
        raise UserError(f"{path} holds no image{kind}; choose the file with the radiograph")
    frames = int(data.get("NumberOfFrames") or 1)
    if frames > 1:
        raise UserError(f"{path} holds {frames:,} frames; export the one to look at")
    missing = [name for name in ("PhotometricInterpretation", "BitsStored") if name not in data]
    if missing:
        raise UserError(f"{path} does not say how to show its pixels (no {missing[0]}); export it again")


def _is_colour(data: "pydicom.Dataset") -> bool:
    return not str(data.PhotometricInterpretation).startswith("MONOCHROME")


def _colour(
    stored: npt.NDArray[Any], data: "pydicom.Dataset"
) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    from pydicom.pixels import apply_color_lut

    if data.PhotometricInterpretation == "PALETTE COLOR":
        stored = apply_color_lut(stored, data)
        top = float(np.iinfo(stored.dtype).max)
    else:
        top = 2.0 ** int(data.BitsStored) - 1
    return _bytes(stored @ np.array(_LUMINANCE) / top), ("colour picture: luminance taken",)


def _gray(stored: npt.NDArray[Any], data: "pydicom.Dataset") -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    from pydicom.pixels import apply_modality_lut

    values = np.asarray(apply_modality_lut(stored, data), np.float64)
    padding = _padding(stored, data)
    if data.get("VOILUTSequence"):
        shown = _table(values, data.VOILUTSequence[0])
        notes = ["gray levels of the file's own table"]
    elif "WindowCenter" in data and "WindowWidth" in data:
        centre, width = (float(np.ravel(data[name].value)[0]) for name in ("WindowCenter", "WindowWidth"))
        shown = window(values, centre, width, str(data.get("VOILUTFunction") or "LINEAR"))
        notes = [f"window {centre:g} ± {width / 2:g}"]
    else:
        kept = values[~padding] if not padding.all() else values
        low, high = float(kept.min()), float(kept.max())
        shown = (values - low) / (high - low) if high > low else np.zeros_like(values)
        notes = [f"no window: shown from {low:g} to {high:g}"]
    if data.PhotometricInterpretation == "MONOCHROME1":
        shown = 1 - shown
        notes.append("inverted: MONOCHROME1")
    if padding.any():
        notes.append("padding made black")
    return _bytes(np.where(padding, 0.0, shown)), tuple(notes)


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


def _bytes(shown: Array) -> npt.NDArray[np.uint8]:
    return np.rint(255 * np.clip(shown, 0, 1)).astype(np.uint8)
