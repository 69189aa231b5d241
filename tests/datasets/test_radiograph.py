from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from xray_keras.datasets import radiograph
from xray_keras.errors import UserError

GRAY = np.arange(0, 240, dtype=np.uint8).repeat(20).reshape(60, 80)
TWELVE = (GRAY.astype(np.uint16) * 16)[:, ::-1]


def save(path: Path, values: np.ndarray) -> Path:
    """Under a name that tells nothing."""
    if path.suffix == ".npy":
        np.save(path, values)
    else:
        Image.fromarray(values).save(path, format=path.suffix[1:])
    return path.rename(path.with_suffix(""))


@pytest.mark.parametrize("suffix", [".png", ".npy", ".tiff"])
def test_eight_bit_gray_is_kept_as_it_is(suffix, tmp_path):
    found = radiograph.read(save(tmp_path / f"a{suffix}", GRAY))
    np.testing.assert_array_equal(found.pixels, GRAY)
    assert found.notes == () and found.pixels.dtype == np.uint8


@pytest.mark.parametrize("suffix", [".png", ".npy", ".tiff"])
def test_twelve_bits(suffix, tmp_path):
    found = radiograph.read(save(tmp_path / f"a{suffix}", TWELVE))
    np.testing.assert_array_equal(found.pixels, np.rint(TWELVE / 4095 * 255))
    assert found.notes == ("12-bit values: divided by 4095",)


def test_sixteen_bits(tmp_path):
    found = radiograph.read(save(tmp_path / "a.png", TWELVE * 16))
    np.testing.assert_array_equal(found.pixels, np.rint(TWELVE * 16.0 / 65535 * 255))
    assert found.notes == ("16-bit values: divided by 65535",)


@pytest.mark.parametrize("suffix", [".npy", ".tiff"])
def test_floats_from_zero_to_one(suffix, tmp_path):
    found = radiograph.read(save(tmp_path / f"a{suffix}", (GRAY / 255).astype(np.float32)))
    np.testing.assert_array_equal(found.pixels, GRAY)
    assert found.notes == ("values from 0 to 1: times 255",)


def test_channels_that_are_equal_are_gray_and_others_luminance(tmp_path):
    equal = radiograph.read(save(tmp_path / "a.npy", GRAY[..., None].repeat(3, axis=-1)))
    np.testing.assert_array_equal(equal.pixels, GRAY)
    assert equal.notes == ()
    single = radiograph.read(save(tmp_path / "b.npy", GRAY[..., None]))
    np.testing.assert_array_equal(single.pixels, GRAY)
    coloured = np.zeros((20, 20, 3), np.uint8)
    coloured[:10, :, 0] = 100
    found = radiograph.read(save(tmp_path / "c.npy", coloured))
    assert found.pixels[0, 0] == round(29.9) and found.notes == ("colour picture: luminance taken",)
    palette = tmp_path / "d.png"
    Image.fromarray(coloured).quantize(4).save(palette)
    assert radiograph.read(palette).pixels[0, 0] == round(29.9)


def test_a_tiff_in_which_zero_is_white(tmp_path):
    path = tmp_path / "a.tiff"
    Image.fromarray(TWELVE).save(path, tiffinfo={262: 0})
    inverted, plain = radiograph.read(path), radiograph.read(save(tmp_path / "b.tiff", TWELVE.max() - TWELVE))
    np.testing.assert_array_equal(inverted.pixels, plain.pixels)


REFUSED = {
    "two channels": (np.zeros((20, 20, 2)), r"2 channels; give one of gray"),
    "five channels": (np.zeros((20, 20, 5)), r"5 channels"),
    "one dimension": (np.zeros(20), r"shape \(20,\)"),
    "many pictures": (np.zeros((4, 20, 20, 3)), r"shape \(4, 20, 20, 3\)"),
    "not finite": (np.full((20, 20), np.nan), "not finite"),
    "negative": (np.linspace(-3, 1000, 400).reshape(20, 20), r"negative values \(from -3\)"),
    "too large values": (np.linspace(0, 1e6, 400).reshape(20, 20), "more than 16 bits"),
    "mask": (np.eye(20, dtype=np.uint8), "no mask"),
    "booleans": (np.eye(20, dtype=bool), "bool values"),
    "complex": (np.eye(20, dtype=complex), "complex128 values"),
    "constant": (np.full((20, 20), 7, np.uint8), "from 7 to 7 of 255 only"),
    "narrow": (np.arange(900, dtype=np.float32).reshape(10, 90) / 900, "too narrow"),
    "tiny": (np.arange(49, dtype=np.uint8).reshape(7, 7), "at least 8 a side"),
    "empty": (np.zeros((0, 20)), r"shape \(0, 20\)"),
    "objects": (np.array([[object()]]), "Python objects"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_arrays_that_are_no_picture_are_refused_by_name(what, tmp_path):
    values, words = REFUSED[what]
    path = tmp_path / "a.npy"
    np.save(path, values)
    with pytest.raises(UserError, match=words) as error:
        radiograph.read(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"Dear doctor, this is no image.", "neither PNG, JPEG, TIFF, DICOM nor a NumPy array"),
        (b"\x89PNG and no more", "neither a PNG nor a JPEG"),
        (b"\x93NUMPY\x01\x00", "its header or its length is wrong"),
        (b"II*\0\x08\0\0\0nonsense", "damaged TIFF"),
        (b"\0" * 128 + b"DICM" + b"\x02\x00", "DICOM|holds no image"),
    ],
)
def test_other_files_under_the_name_of_a_picture(content, words, tmp_path):
    path = tmp_path / "chest.png"
    path.write_bytes(content)
    with pytest.raises(UserError, match=words):
        radiograph.read(path)


def test_absent_files_folders_and_several_pictures(tmp_path):
    for path, sentence in ((tmp_path / "none.png", "cannot be read"), (tmp_path, "is a folder")):
        with pytest.raises(UserError, match=sentence):
            radiograph.read(path)
    first, second = (Image.fromarray(GRAY[:, :: 1 - 2 * k]) for k in (0, 1))
    first.save(tmp_path / "a.tiff", save_all=True, append_images=[second])
    with pytest.raises(UserError, match="holds more than one picture"):
        radiograph.read(tmp_path / "a.tiff")


def test_the_centre_is_cropped_and_nothing_stretched():
    pixels = np.zeros((40, 80), np.uint8)
    pixels[:, 20:60] = 200
    np.testing.assert_array_equal(radiograph.square(pixels, 40), 200)
    # Halved, a pixel at the border has neighbours outside; the others are 200 all the same.
    np.testing.assert_array_equal(radiograph.square(pixels.T, 20)[1:-1], 200)
    wide = radiograph.square(GRAY, 64)
    assert wide.shape == (64, 64)
    assert radiograph.square(GRAY, 120).shape == (120, 120)


def test_a_photograph_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    Image.fromarray(GRAY).save(tmp_path / "a.png", exif=exif)
    found = radiograph.read(tmp_path / "a.png")
    np.testing.assert_array_equal(found.pixels, np.rot90(GRAY, 3))
    assert found.notes == ("turned as its EXIF data say",)


@pytest.mark.parametrize(("largest", "note"), [(1000, "10-bit values: divided by 1023"), (16000, "14-bit")])
def test_ranges_of_other_detectors(largest, note, tmp_path):
    values = (GRAY.astype(np.float64) / GRAY.max() * largest).astype(np.uint16)
    assert radiograph.read(save(tmp_path / "a.npy", values)).notes[0].startswith(note)


def test_floats_between_the_ranges_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", GRAY / 20.0)
    with pytest.raises(UserError, match="neither 0–1 nor 0–255"):
        radiograph.read(tmp_path / "a.npy")
