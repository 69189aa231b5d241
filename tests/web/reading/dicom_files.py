"""DICOM files of a patient who should never be named: every encoding that the page reads, elements by chance."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    RLELossless,
    SecondaryCaptureImageStorage,
)

PLAIN = {
    "explicit": ExplicitVRLittleEndian,
    "implicit": ImplicitVRLittleEndian,
    "big": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
    "rle": RLELossless,
}
SECRETS = ("Secret", "Sam", "4711", "1960")


def write(path: Path, stored: np.ndarray, syntax: Any = ExplicitVRLittleEndian, **elements: Any) -> Path:
    """A secondary capture; `stored` (H, W) or (H, W, 3) of 8, 16 or 32 bits, signed or not."""
    meta = FileMetaDataset()
    compressed_below = syntax == RLELossless and "PixelData" not in elements
    meta.TransferSyntaxUID = UID(ExplicitVRLittleEndian if compressed_below else syntax)
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    data = FileDataset(
        str(path),
        {},
        file_meta=meta,
        preamble=b"\0" * 128,
        is_implicit_VR=syntax == ImplicitVRLittleEndian,
        is_little_endian=syntax != ExplicitVRBigEndian,
    )
    data.PatientName, data.PatientID, data.PatientBirthDate = "Secret^Sam", "ID4711", "19600102"
    data.Rows, data.Columns = stored.shape[:2]
    data.SamplesPerPixel = 1 if stored.ndim == 2 else 3
    planes = stored
    if stored.ndim == 3:
        data.PlanarConfiguration = elements.pop("PlanarConfiguration", 0)
        planes = stored.transpose(2, 0, 1) if data.PlanarConfiguration else stored
    data.PhotometricInterpretation = "MONOCHROME2" if stored.ndim == 2 else "RGB"
    data.BitsAllocated = data.BitsStored = 8 * stored.dtype.itemsize
    data.PixelRepresentation = int(stored.dtype.kind == "i")
    for name, value in elements.items():
        setattr(data, name, value)
    data.HighBit = data.BitsStored - 1
    if "PixelData" not in elements:
        swapped = planes.byteswap() if syntax == ExplicitVRBigEndian else planes
        raw = swapped.tobytes()
        data.PixelData = raw + b"\0" * (len(raw) % 2)
        data["PixelData"].VR = "OB" if data.BitsAllocated == 8 else "OW"
        if compressed_below:
            data.compress(RLELossless, generate_instance_uid=False)
    if meta.TransferSyntaxUID.is_encapsulated and not data["PixelData"].is_undefined_length:
        data["PixelData"].is_undefined_length = True
    data.save_as(path, enforce_file_format=True)
    return path


def write_jpeg(path: Path, pixels: np.ndarray, meaning: str, **settings: Any) -> Path:
    """Packed as baseline JPEG; `settings` are Pillow's."""
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", **settings)
    return write(
        path,
        pixels,
        JPEGBaseline8Bit,
        PhotometricInterpretation=meaning,
        PixelData=encapsulate([packed.getvalue()]),
    )


def by_chance(path: Path, seed: int) -> Path:
    """Gray pixels of any depth, sign and encoding, with any elements that say how to show them."""
    generator = np.random.default_rng(seed)
    some = generator.random
    allocated = int(generator.choice([8, 16, 16, 32]))
    bits = int(generator.integers(allocated // 2 + 1, allocated + 1)) if allocated < 32 else 32
    signed = some() < 0.4
    shape = tuple(int(side) for side in generator.integers(9, 30, 2))
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1)) if signed else (0, 2**bits)
    centre = generator.uniform(low, high)
    spread = 2.0 ** generator.uniform(4, bits)
    values = generator.normal(centre, spread, shape).clip(low, high - 1).astype(np.int64)
    stored = (values & (2**bits - 1)) if some() < 0.5 else values  # bits that do not matter may be any
    stored = stored.astype(f"u{allocated // 8}").view(f"{'i' if signed else 'u'}{allocated // 8}")
    elements: dict[str, Any] = {"BitsStored": bits}
    syntax = list(PLAIN.values())[seed % (len(PLAIN) - (allocated == 32))]  # run lengths have no room for 32
    # Of big endian words Python takes the lower byte for the higher one.
    kind = "US" if syntax == ExplicitVRBigEndian else "OW"
    if some() < 0.3:
        elements["PhotometricInterpretation"] = "MONOCHROME1"
    if some() < 0.5:
        slope = round(float(generator.uniform(0.1, 4)), 3) * generator.choice([1, 1, -1])
        elements["RescaleSlope"], elements["RescaleIntercept"] = (
            str(slope),
            str(int(generator.normal(0, 900))),
        )
    elif some() < 0.3 and allocated == 16 and not signed:
        elements["ModalityLUTSequence"] = [table(generator, int(values.min()), 16, 300, kind)]
    if some() < 0.6:
        centres = [round(float(c), 2) for c in generator.normal(centre, spread, 2)]
        widths = [float(generator.choice([0.5, 1, round(float(spread), 1), 2000])), 77]
        elements["WindowCenter"], elements["WindowWidth"] = centres, widths
        if some() < 0.5:
            elements["VOILUTFunction"] = str(generator.choice(["LINEAR", "LINEAR_EXACT", "SIGMOID"]))
    elif some() < 0.4 and allocated < 32:
        elements["VOILUTSequence"] = [
            table(
                generator,
                max(-30000, min(30000, int(centre - spread))),
                int(generator.choice([8, 12, 16])),
                500,
                kind,
            )
        ]
    if some() < 0.4 and allocated == 16 and bits < 16:
        elements["PixelPaddingValue"] = int(values.flat[0])
        if some() < 0.5:
            elements["PixelPaddingRangeLimit"] = int(np.quantile(values, 0.2))
    return write(path, stored, syntax, **elements)


def table(generator: np.random.Generator, first: int, bits: int, entries: int, kind: str = "OW") -> Dataset:
    item = Dataset()
    item.LUTDescriptor = [entries, first, bits]
    item["LUTDescriptor"].VR = "SS" if first < 0 else "US"
    rising = np.sort(generator.integers(0, 2**bits, entries))
    item.LUTData = rising.tolist() if kind == "US" else rising.astype("<u2").tobytes()
    item["LUTData"].VR = kind
    return item
