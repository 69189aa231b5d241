import io
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.pixels import apply_windowing
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from xray_keras.datasets import dicom
from xray_keras.errors import UserError

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)


def write(path: Path, stored: np.ndarray, **elements: object) -> Path:
    """A secondary capture of a patient who should never be named."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    data = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    data.PatientName, data.PatientID, data.PatientBirthDate = "Secret^Sam", "ID4711", "19600102"
    data.Rows, data.Columns = stored.shape[:2]
    data.SamplesPerPixel = 1 if stored.ndim == 2 else 3
    if stored.ndim == 3:
        data.PlanarConfiguration = 0
    data.PhotometricInterpretation = "MONOCHROME2" if stored.ndim == 2 else "RGB"
    data.BitsAllocated = 8 * stored.dtype.itemsize
    data.BitsStored = 12 if stored.dtype == np.uint16 else data.BitsAllocated
    data.HighBit = data.BitsStored - 1
    data.PixelRepresentation = int(stored.dtype.kind == "i")
    data.PixelData = stored.tobytes()
    for name, value in elements.items():
        setattr(data, name, value)
    data.save_as(path, enforce_file_format=True)
    return path


def test_what_is_dark_in_one_is_bright_in_the_other(tmp_path):
    one, _ = dicom.read(write(tmp_path / "a.dcm", RAMP, WindowCenter=2048, WindowWidth=4096))
    two, notes = dicom.read(
        write(tmp_path / "b.dcm", 4095 - RAMP, PhotometricInterpretation="MONOCHROME1",
              WindowCenter=2048, WindowWidth=4096)
    )  # fmt: skip
    np.testing.assert_array_equal(one, two)
    assert "inverted: MONOCHROME1" in notes and one[0, 0] == 0 and one[-1, -1] == 255


def test_a_window_by_hand(tmp_path):
    pixels, notes = dicom.read(write(tmp_path / "a.dcm", RAMP, WindowCenter=[101, 9], WindowWidth=[101, 9]))
    # PS3.3: below 101 - 0.5 - 50 black, from 101 - 0.5 + 50 white, 100.5 the middle
    flat = pixels.ravel()
    assert flat[50] == 0 and flat[151] == 255 and flat[100] == round(255 * (-0.5 / 100 + 0.5))
    assert notes == ("window 101 ± 50.5",)


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_windows_are_those_of_pydicom(function):
    values = np.linspace(-300, 4000, 997)
    data = Dataset()
    data.PhotometricInterpretation, data.BitsStored, data.PixelRepresentation = "MONOCHROME2", 12, 0
    data.WindowCenter, data.WindowWidth, data.VOILUTFunction = 1000, 700, function
    expected = apply_windowing(values, data) / 4095
    np.testing.assert_allclose(dicom.window(values, 1000, 700, function), expected, atol=1e-9)


def test_signed_values_are_rescaled_before_the_window(tmp_path):
    stored = (RAMP.astype(np.int16) - 2048)[:32]
    path = write(
        tmp_path / "a.dcm", stored, RescaleSlope=2, RescaleIntercept=100, WindowCenter=100.5, WindowWidth=201
    )
    pixels, _ = dicom.read(path)
    values = 2.0 * stored + 100
    np.testing.assert_array_equal(pixels, np.rint(255 * np.clip((values - 100) / 200 + 0.5, 0, 1)))


@pytest.mark.parametrize(("kind", "bits"), [("u1", 8), ("<u2", 8), ("<u2", 12)])
def test_the_files_own_table(kind, bits, tmp_path):
    table = (4095 - np.arange(4096)) >> (12 - bits)
    item = Dataset()
    item.LUTDescriptor = [4096, 0, bits]
    item.LUTData = table.astype(kind).tobytes()
    pixels, notes = dicom.read(write(tmp_path / "a.dcm", RAMP, VOILUTSequence=[item]))
    np.testing.assert_array_equal(pixels, np.rint(255 * table[RAMP] / (2**bits - 1)))
    assert notes == ("gray levels of the file's own table",)


def test_values_beyond_the_table_take_its_ends(tmp_path):
    item = Dataset()
    item.LUTDescriptor = [3, 1000, 8]
    item.LUTData = np.array([10, 20, 30], "<u2").tobytes()
    pixels, _ = dicom.read(write(tmp_path / "a.dcm", RAMP, VOILUTSequence=[item]))
    flat = pixels.ravel()
    assert [flat[0], flat[1000], flat[1001], flat[1002], flat[-1]] == [10, 10, 20, 30, 30]


def test_without_a_window_the_values_that_are_no_padding_set_the_range(tmp_path):
    stored = RAMP + 1000
    stored[:8] = 0
    pixels, notes = dicom.read(
        write(tmp_path / "a.dcm", stored, PixelPaddingValue=0, BitsStored=16, HighBit=15)
    )
    assert (pixels[:8] == 0).all() and pixels[8, 0] == 0 and pixels[-1, -1] == 255
    assert notes == ("no window: shown from 1512 to 5095", "padding made black")
    inverted, _ = dicom.read(
        write(tmp_path / "b.dcm", stored, PixelPaddingValue=0, BitsStored=16, HighBit=15,
              PhotometricInterpretation="MONOCHROME1")
    )  # fmt: skip
    assert (inverted[:8] == 0).all() and inverted[8, 0] == 255


def test_colour_becomes_luminance(tmp_path):
    stored = np.zeros((16, 16, 3), np.uint8)
    stored[..., 1] = 200
    pixels, notes = dicom.read(write(tmp_path / "a.dcm", stored))
    assert (pixels == round(0.587 * 200)).all() and notes == ("colour picture: luminance taken",)


def test_nothing_about_the_patient_is_told(tmp_path, capsys, recwarn):
    texts = [str(dicom.read(write(tmp_path / "a.dcm", RAMP))[1])]
    broken = write(tmp_path / "b.dcm", RAMP, PixelData=b"12")
    frames = write(tmp_path / "c.dcm", RAMP, NumberOfFrames="3")
    for path in (broken, frames):
        with pytest.raises(UserError) as error:
            dicom.read(path)
        texts.append(str(error.value))
    texts.append("".join(capsys.readouterr()))
    for secret in ("Secret", "Sam", "4711", "1960"):
        assert not any(secret in text for text in texts)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("rtplan.dcm", r"holds no image \(modality RTPLAN\)"),
        ("test-SR.dcm", r"holds no image \(modality SR\)"),
        ("rtdose.dcm", "holds 15 frames"),
        ("MR_small_jpeg_ls_lossless.dcm", r"cannot be decoded here \(JPEG-LS Lossless.*python-gdcm"),
        ("MR_truncated.dcm", r"cannot be read \(Explicit VR Little Endian"),
        ("meta_missing_tsyntax.dcm", "meta_missing_tsyntax"),
    ],
)
def test_files_that_hold_no_picture_are_named(name, words):
    with pytest.raises(UserError, match=words):
        dicom.read(SHIPPED / name)


def test_pixels_that_are_not_what_the_file_says_are_refused(tmp_path):
    twice = write(tmp_path / "twice.dcm", RAMP, PixelData=2 * RAMP.tobytes())
    three = np.stack([RAMP] * 3, axis=-1)
    gray = write(tmp_path / "gray.dcm", three, PhotometricInterpretation="MONOCHROME2")
    for path in (twice, gray):
        with pytest.raises(UserError, match="says wrongly how to show its pixels"):
            dicom.read(path)


def test_a_modality_that_is_none_is_not_told(tmp_path):
    path = write(tmp_path / "a.dcm", RAMP, Modality="SAM")
    data = pydicom.dcmread(path)
    del data.PixelData
    data.save_as(path)
    with pytest.raises(UserError, match="holds no image; choose") as error:
        dicom.read(path)
    assert "SAM" not in str(error.value)


@pytest.mark.parametrize(
    "name",
    ["CT_small.dcm", "MR_small.dcm", "MR_small_bigendian.dcm", "MR_small_RLE.dcm", "MR_small_padded.dcm",
     "image_dfl.dcm", "examples_palette.dcm", "examples_rgb_color.dcm", "SC_rgb_jpeg_dcmtk.dcm",
     "SC_ybr_full_422_uncompressed.dcm", "JPEG2000.dcm", "dicomdirtests/77654033/CR1/6154"],
)  # fmt: skip
def test_pictures_that_pydicom_ships(name):
    pixels, notes = dicom.read(SHIPPED / name)
    assert pixels.dtype == np.uint8 and pixels.ndim == 2 and pixels.max() > pixels.min() and notes
    with (SHIPPED / name).open("rb") as opened:
        assert dicom.is_dicom(opened.read(132))


def test_the_same_picture_in_four_encodings():
    first, *others = (
        dicom.read(SHIPPED / f"MR_small{kind}.dcm")[0] for kind in ("", "_bigendian", "_RLE", "_implicit")
    )
    for other in others:
        np.testing.assert_array_equal(other, first)


def test_computed_radiography_with_white_at_zero():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = pydicom.dcmread(SHIPPED / "dicomdirtests/77654033/CR1/6154")
    pixels, notes = dicom.read(SHIPPED / "dicomdirtests/77654033/CR1/6154")
    assert "inverted: MONOCHROME1" in notes
    stored = data.pixel_array.ravel().astype(float)
    assert np.corrcoef(stored, pixels.ravel().astype(float))[0, 1] < -0.9


def test_an_element_that_claims_gigabytes_takes_no_more_memory_than_the_file(tmp_path):
    path = write(tmp_path / "a.dcm", RAMP)
    with dicom._Opened(io.FileIO(path)) as opened:
        opened.seek(100)
        assert len(opened.read(1 << 50)) == path.stat().st_size - 100
        assert opened.read(1 << 50) == b""
