import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEGBaseline8Bit, RLELossless

from tests.web.reading import dicom_files
from tests.web.reading.in_browser import InBrowser
from tests.web.reading.refusals import SAME, assert_refused

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
GRAY = np.arange(0, 240, dtype=np.uint8).repeat(20).reshape(60, 80)
RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)
UNREADABLE = "holds pixels that cannot be read"
UNDECODED = "holds pixels that cannot be decoded"
NO_BROWSER = "holds pixels that no browser decodes"
WRONG = "says wrongly how to show its pixels"


def short_table() -> Dataset:
    item = dicom_files.table(np.random.default_rng(0), 0, 16, 100)
    item.LUTDescriptor = [300, 0, 16]
    return item


ELEMENTS: dict[str, tuple[dict[str, object], str, str]] = {
    "frames": ({"NumberOfFrames": "3"}, "holds 3 frames; export the one to look at", SAME),
    "many frames": ({"NumberOfFrames": "3000"}, "holds 3,000 frames; export the one to look at", SAME),
    "fewer than no frames": ({"NumberOfFrames": "-3"}, "is a damaged DICOM file", UNREADABLE),
    "size": (
        {"Rows": 60_000, "Columns": 60_000},
        "has more than 100,000,000 pixels, more than any radiograph",
        SAME,
    ),
    "no rows": ({"Rows": 0}, "does not say how to show its pixels (no Rows); export it again", SAME),
    "pixels": ({"Rows": 640}, f"{UNREADABLE} (fewer bytes than pixels); export it again", UNREADABLE),
    "allocated": ({"BitsAllocated": 24}, f"{UNREADABLE} (BitsAllocated 24)", UNREADABLE),
    "stored": ({"BitsStored": 17}, f"{UNREADABLE} (BitsStored 17)", UNREADABLE),
    "samples": ({"SamplesPerPixel": 4}, f"{UNREADABLE} (SamplesPerPixel 4)", UNREADABLE),
    "sign": ({"PixelRepresentation": 2}, f"{UNREADABLE} (PixelRepresentation 2)", UNREADABLE),
    "planes": ({"SamplesPerPixel": 3}, f"{UNREADABLE} (PlanarConfiguration absent)", UNREADABLE),
    "meaning": ({"PhotometricInterpretation": "MAUVE"}, f"{UNREADABLE} (their colours are of", UNREADABLE),
    "one channel": ({"PhotometricInterpretation": "RGB"}, f"{WRONG} (colour of one channel)", WRONG),
    "slope": ({"RescaleSlope": "", "RescaleIntercept": "0"}, f"{WRONG} (rescaling without numbers)", WRONG),
    "beyond": ({"RescaleSlope": "1e308", "RescaleIntercept": "0"}, f"{WRONG} (rescaled beyond", WRONG),
    "padding": ({"PixelPaddingValue": [1, 2]}, f"{WRONG} (not one number)", WRONG),
    "bare table": ({"VOILUTSequence": [Dataset()]}, f"{WRONG} (a table without a description)", WRONG),
    "short table": ({"ModalityLUTSequence": [short_table()]}, f"{WRONG} (a table that is too short)", WRONG),
    "palette": ({"PhotometricInterpretation": "PALETTE COLOR"}, f"{WRONG} (no usable palette)", WRONG),
}
SHIPPED_FILES = {
    "rtplan.dcm": ("holds no image (modality RTPLAN); choose the file with the radiograph", SAME),
    "DICOMDIR": ("holds no image; choose the file with the radiograph", SAME),
    "rtdose.dcm": ("holds 15 frames; export the one to look at", SAME),
    "MR_truncated.dcm": (f"{UNREADABLE} (fewer bytes than pixels); export it again", SAME),
    "badVR.dcm": ("is a damaged DICOM file (not one number); export it again", SAME),
    "MR_small_jpeg_ls_lossless.dcm": (f"{NO_BROWSER} (JPEG-LS); export the image as PNG", UNDECODED),
    "SC_rgb_jpeg_gdcm.dcm": (f"{NO_BROWSER} (JPEG Lossless); export the image as PNG", UNDECODED),
    "JPGExtended.dcm": (f"{NO_BROWSER} (12-bit JPEG); export the image as PNG", UNDECODED),
    "GDCMJ2K_TextGBR.dcm": (f"{NO_BROWSER} (JPEG 2000); export the image as PNG", UNDECODED),
}


@pytest.mark.parametrize("what", ELEMENTS)
def test_elements_that_contradict_each_other(what: str, reader: InBrowser, tmp_path: Path) -> None:
    elements, words, python = ELEMENTS[what]
    path = dicom_files.write(tmp_path / "a", RAMP, **elements)
    assert_refused(reader, path, words, python)


@pytest.mark.parametrize("name", SHIPPED_FILES)
def test_files_that_hold_no_picture_for_a_browser(name: str, reader: InBrowser) -> None:
    words, python = SHIPPED_FILES[name]
    assert_refused(reader, next(SHIPPED.rglob(name)), words, python)


@pytest.mark.parametrize("name", ["PhotometricInterpretation", "BitsStored", "Rows", "Columns"])
def test_what_is_not_said(name: str, reader: InBrowser, tmp_path: Path) -> None:
    path = changed(tmp_path / "a", lambda data: delattr(data, name))
    assert_refused(reader, path, f"does not say how to show its pixels (no {name}); export it again", SAME)


@pytest.mark.parametrize("name", ["BitsAllocated", "PixelRepresentation", "SamplesPerPixel"])
def test_what_is_not_said_of_the_pixels(name: str, reader: InBrowser, tmp_path: Path) -> None:
    path = changed(tmp_path / "a", lambda data: delattr(data, name))
    assert_refused(reader, path, f"{UNREADABLE} ({name} absent); export it again", UNREADABLE)


def test_without_pixels(reader: InBrowser, tmp_path: Path) -> None:
    path = changed(tmp_path / "a", lambda data: delattr(data, "PixelData"))
    assert_refused(reader, path, "holds no image; choose the file with the radiograph", SAME)
    (tmp_path / "b").write_bytes(bytes(128) + b"DICM\x02\x00")
    assert_refused(reader, tmp_path / "b", "holds no image; choose the file with the radiograph", SAME)


def changed(path: Path, change: Callable[[pydicom.FileDataset], None]) -> Path:
    data = pydicom.dcmread(dicom_files.write(path, RAMP))
    change(data)
    data.save_as(path)
    return path


def test_broken_packing(reader: InBrowser, tmp_path: Path) -> None:
    whole = io.BytesIO()
    Image.fromarray(GRAY).save(whole, "JPEG")
    packed = whole.getvalue()
    cases = [
        (JPEGBaseline8Bit, GRAY, encapsulate([packed[:-90]]), "damaged JPEG", UNDECODED),
        (JPEGBaseline8Bit, GRAY[:30], encapsulate([packed]), "JPEG of another size", UNREADABLE),
        (
            JPEGBaseline8Bit,
            GRAY,
            encapsulate([packed])[:8] + b"none" + packed,
            "packed in disorder",
            UNREADABLE,
        ),
        (RLELossless, GRAY, encapsulate([bytes(200)]), "another number of segments", UNDECODED),
        (
            RLELossless,
            GRAY,
            encapsulate([struct.pack("<16L", 1, 64, *[0] * 14)]),
            "run lengths end",
            UNDECODED,
        ),
        (RLELossless, GRAY, encapsulate([bytes(8)]), "damaged run lengths", UNDECODED),
    ]
    for k, (syntax, pixels, content, cause, python) in enumerate(cases):
        path = dicom_files.write(tmp_path / str(k), pixels, syntax, PixelData=content)
        assert_refused(reader, path, f"{UNREADABLE} ({cause}", python)


def test_an_unknown_packing(reader: InBrowser, tmp_path: Path) -> None:
    path = dicom_files.write(tmp_path / "a", RAMP)
    path.write_bytes(path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.9.9.9\0"))
    assert_refused(reader, path, f"{UNREADABLE} (packed in an unknown way)", UNREADABLE)


def test_colour_that_is_not_halved_as_announced(reader: InBrowser, tmp_path: Path) -> None:
    colour = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    path = dicom_files.write(tmp_path / "a", colour, PhotometricInterpretation="YBR_FULL_422")
    assert_refused(reader, path, f"{UNREADABLE} (colours are not halved as announced)", UNREADABLE)


def test_several_packed_frames(reader: InBrowser, tmp_path: Path) -> None:
    frames = encapsulate([bytes(100), bytes(100)])
    path = dicom_files.write(tmp_path / "a", GRAY, RLELossless, PixelData=frames)
    assert reader.read(path)[0].sentence == "It holds 2 frames; export the one to look at"


def test_more_bytes_than_one_frame(reader: InBrowser, tmp_path: Path) -> None:
    path = dicom_files.write(tmp_path / "a", RAMP, PixelData=RAMP.tobytes() * 2)
    assert reader.read(path)[0].sentence == "It holds 2 frames; export the one to look at"


def test_broken_and_endless_deflation(reader: InBrowser, tmp_path: Path) -> None:
    whole = dicom_files.write(tmp_path / "a", RAMP, DeflatedExplicitVRLittleEndian).read_bytes()
    start = 132 + 12 + int.from_bytes(whole[140:144], "little")
    (tmp_path / "b").write_bytes(whole[: start + 50])
    assert_refused(reader, tmp_path / "b", "is a damaged DICOM file", "is a damaged DICOM file")
    packed = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    length = struct.pack("<I", 300_000_000)
    endless = packed.compress(b"\x09\x00\x01\x10OB\0\0" + length + bytes(300_000_000)) + packed.flush()
    (tmp_path / "c").write_bytes(whole[:start] + endless)
    found = reader.read(tmp_path / "c")[0]
    assert found.sentence == "It unfolds to more than any radiograph; export it again"


def test_sequences_inside_each_other_without_end(reader: InBrowser, tmp_path: Path) -> None:
    path = dicom_files.write(tmp_path / "a", RAMP)
    inside = b"\x40\x00\x00\x01SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    path.write_bytes(path.read_bytes() + inside * 5000)
    assert_refused(
        reader, path, "is a damaged DICOM file (too many sequences inside each other)", "is a damaged"
    )
