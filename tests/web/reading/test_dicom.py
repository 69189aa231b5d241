import struct
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

from tests.web.reading import dicom_files
from tests.web.reading.dicom_oracle import assert_equal
from tests.web.reading.in_browser import InBrowser
from xray_keras.datasets import gray_levels

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)
GENERATOR = np.random.default_rng(3)


def test_files_that_pydicom_ships(reader: InBrowser) -> None:
    """All but JPEG 2000 and files of other kinds, whose refusals differ by design; ties of colour have a test below."""
    paths = sorted(path for path in SHIPPED.rglob("*") if path.is_file() and "IM0000" not in path.name)
    unread = [path for path in paths if b"1.2.840.10008.1.2.4.9" in path.read_bytes()[:1000]]
    colour = SHIPPED / "examples_rgb_color.dcm"
    assert_equal(reader, *(path for path in paths if path not in unread and path != colour))
    assert len(unread) == 8
    for found in reader.read(*unread):
        assert (
            found.sentence == "It holds pixels that no browser decodes (JPEG 2000); export the image as PNG"
        )


@pytest.mark.parametrize("seed", range(0, 200, 20))
def test_elements_by_chance(seed: int, reader: InBrowser, tmp_path: Path) -> None:
    paths = [dicom_files.by_chance(tmp_path / str(k), k) for k in range(seed, seed + 20)]
    assert_equal(reader, *paths)


@pytest.mark.parametrize("settings", [{}, {"subsampling": 0}, {"subsampling": 1}, {"progressive": True}])
def test_pixels_packed_as_jpeg(settings: dict[str, object], reader: InBrowser, tmp_path: Path) -> None:
    y, x = np.mgrid[:120, :90] / 100
    smooth = np.stack([128 + 90 * np.sin(5 * x * k + y) for k in (1, 2, 3)], axis=-1).astype(np.uint8)
    gray = dicom_files.write_jpeg(tmp_path / "gray", smooth[..., 0], "MONOCHROME2")
    inverted = dicom_files.write_jpeg(tmp_path / "inverted", smooth[..., 0], "MONOCHROME1")
    assert_equal(reader, gray, inverted)
    assert_equal(reader, dicom_files.write_jpeg(tmp_path / "a", smooth, "YBR_FULL_422", **settings), levels=1)


def test_what_gives_no_window(reader: InBrowser, tmp_path: Path) -> None:
    one = dicom_files.write(tmp_path / "a", RAMP * 0 + 5, PixelPaddingValue=5)
    two = dicom_files.write(tmp_path / "b", RAMP * 0 + 5)
    window = dicom_files.write(tmp_path / "c", RAMP, WindowCenter="", WindowWidth="")
    bare = dicom_files.write(tmp_path / "d", RAMP, WindowCenter=2000, WindowWidth=0)
    word = dicom_files.write(tmp_path / "e", RAMP, WindowCenter="2000", WindowWidth="1000")
    word.write_bytes(word.read_bytes().replace(b"DS\x04\x002000", b"DS\x04\x000x99"))
    assert_equal(reader, one, two, window, bare, word)
    assert reader.read(word)[0].notes == ("no window: shown from 0 to 4095",)


def test_without_a_window_padding_does_not_set_the_range(reader: InBrowser, tmp_path: Path) -> None:
    stored = RAMP + 1000
    stored[:8] = 0
    low = dicom_files.write(tmp_path / "a", stored, PixelPaddingValue=0)
    high = dicom_files.write(tmp_path / "b", stored, PixelPaddingValue=5000, PixelPaddingRangeLimit=65535)
    assert_equal(reader, low, high)
    assert reader.read(low)[0].notes == ("no window: shown from 1512 to 5095", "padding made black")


def test_every_kind_of_run(reader: InBrowser, tmp_path: Path) -> None:
    """Runs, literals, the byte that means nothing, a run that goes on beyond the picture, and a padding byte."""
    runs = b"\x80\xf9\x10" + b"\x02\x30\x60\x90" + b"\x80" + b"\x81\xf0"
    segment = runs + b"\x80" + b"\x81\x77\0"
    packed = encapsulate([struct.pack("<16L", 1, 64, *[0] * 14) + segment])
    path = dicom_files.write(tmp_path / "a", np.zeros((14, 15), np.uint8), RLELossless, PixelData=packed)
    assert_equal(reader, path)
    assert reader.read(path)[0].error == ""


def test_sequences_of_either_length(reader: InBrowser, tmp_path: Path) -> None:
    paths = []
    for k, undefined in enumerate([True, False]):
        for kind in ("explicit", "implicit"):
            item = dicom_files.table(np.random.default_rng(k), 500, 12, 3000)
            path = dicom_files.write(
                tmp_path / f"{k}{kind}", RAMP, dicom_files.PLAIN[kind], VOILUTSequence=[item]
            )
            data = pydicom.dcmread(path)
            data["VOILUTSequence"].is_undefined_length = undefined
            data.VOILUTSequence[0].is_undefined_length_sequence_item = undefined
            nested = Dataset()
            nested.RequestAttributesSequence = [Dataset(), Dataset()]
            data.AnatomicRegionSequence = [nested, nested]
            data["AnatomicRegionSequence"].is_undefined_length = undefined
            data.add_new(0x00091001, "UN", b"private")
            data.save_as(path)
            paths.append(path)
    assert_equal(reader, *paths)
    assert reader.read(paths[0])[0].notes == ("gray levels of the file's own table",)


def test_without_preamble_or_meta_header(reader: InBrowser, tmp_path: Path) -> None:
    paths = []
    for kind in ("explicit", "implicit"):
        whole = dicom_files.write(tmp_path / kind, RAMP, dicom_files.PLAIN[kind], ImageType=["ORIGINAL"])
        content = whole.read_bytes()
        meta = content[132:]
        end = 132 + 12 + int.from_bytes(meta[8:12], "little")
        for name, part in {"meta": meta, "bare": content[end:]}.items():
            paths.append(tmp_path / f"{kind} {name}")
            paths[-1].write_bytes(part)
    assert_equal(reader, *paths)
    assert all(found.error == "" for found in reader.read(*paths))


def test_headers_that_announce_another_encoding(reader: InBrowser, tmp_path: Path) -> None:
    explicit = dicom_files.write(tmp_path / "a", RAMP)
    implicit = dicom_files.write(tmp_path / "b", RAMP, dicom_files.PLAIN["implicit"])
    changes = [(explicit, b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2\0\0\0")]
    changes.append((implicit, b"1.2.840.10008.1.2\0", b"1.2.840.10008.1.1\0"))
    for path, true, false in changes:
        content = path.read_bytes()
        assert content.count(true) == 1
        path.write_bytes(content.replace(true, false))
    assert_equal(reader, explicit)
    # Which byte order an unknown encoding has is unknown as well, but its elements are read.
    assert reader.read(implicit)[0].sentence.startswith(
        "It holds pixels that cannot be read (packed in an unknown"
    )


def test_packed_pixels_of_a_definite_length(reader: InBrowser, tmp_path: Path) -> None:
    path = dicom_files.write(tmp_path / "a", RAMP, dicom_files.PLAIN["rle"], BitsStored=12)
    content = path.read_bytes()
    place = content.index(b"OB\0\0\xff\xff\xff\xff") + 4
    length = struct.pack("<I", len(content) - place - 4)
    path.write_bytes(content[:place] + length + content[place + 4 :])
    assert_equal(reader, path)
    assert reader.read(path)[0].error == ""


def test_numbers_as_python_writes_them(reader: InBrowser, tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    numbers = [0, 0.5, -1, 2047.5, 12345.25, 12345.75, 100000.5, 100001.5, 999999.5, 9999995, 1e6, 1e5, 1e-4, 1e-5,
               123456.5, 0.00012345, 1 / 3, -2 / 3, 1e22, 5e-324, 1.7e308, 0.1 + 0.2]  # fmt: skip
    numbers += list(generator.normal(0, 1, 300) * 10.0 ** generator.integers(-12, 12, 300))
    numbers += [float(k) / 4 for k in generator.integers(-(10**7), 10**7, 300)]
    path = tmp_path / "numbers"
    path.write_bytes(np.array(numbers, np.float64).tobytes())
    answer = reader.answers([path], [{"work": "text"}])[0]
    assert answer["notes"] == [format(float(number), "g") for number in numbers]
    path.write_bytes(np.array([0, 12, 123, 1234, 123456, 1234567, gray_levels.MOST], np.float64).tobytes())
    counts = reader.answers([path], [{"work": "text"}])[0]["counts"]
    assert counts == ["0", "12", "123", "1,234", "123,456", "1,234,567", "100,000,000"]


def test_nothing_about_the_patient_is_told(reader: InBrowser, tmp_path: Path) -> None:
    names = {"Modality": "SAM", "StudyDescription": "Sam"}
    fine = dicom_files.write(tmp_path / "a", RAMP, **names)
    data = pydicom.dcmread(fine)
    wrong: dict[str, dict[str, object]] = {
        "pixels": {"PixelData": b"12"},
        "frames": {"NumberOfFrames": "3"},
        "photometric": {"PhotometricInterpretation": "SECRET"},
        "window": {"WindowCenter": 1, "WindowWidth": 2},
    }
    paths = [fine]
    for name, elements in wrong.items():
        paths.append(dicom_files.write(tmp_path / name, RAMP, **elements, **names))
    del data.PixelData
    data.save_as(tmp_path / "none")
    content = bytearray((tmp_path / "window").read_bytes())
    place = content.index(b"\x28\x00\x51\x10DS")
    content[place + 8 : place + 10] = b"Sa"
    (tmp_path / "word").write_bytes(content)
    for path in (*paths, tmp_path / "none", tmp_path / "word"):
        found = reader.read(path)[0]
        texts = " ".join([found.sentence, *map(str, found.notes)])
        assert texts.strip(), path
        assert not any(secret.lower() in texts.lower() for secret in dicom_files.SECRETS), texts


def test_bits_that_do_not_matter_and_odd_lengths(reader: InBrowser, tmp_path: Path) -> None:
    dirty = RAMP | (GENERATOR.integers(0, 16, RAMP.shape).astype(np.uint16) << 12)
    odd = GENERATOR.integers(0, 256, (9, 11), np.uint8)
    pairs = dicom_files.write(tmp_path / "c", odd[:, :10], dicom_files.PLAIN["big"])
    data = pydicom.dcmread(pairs)
    data["PixelData"].VR = "OW"
    data.PixelData = odd[:, :10].reshape(-1, 2)[:, ::-1].tobytes()
    data.save_as(pairs)
    assert_equal(
        reader,
        dicom_files.write(tmp_path / "a", dirty, BitsStored=12),
        dicom_files.write(tmp_path / "b", odd),
        pairs,
    )
    single = np.packbits(GENERATOR.integers(0, 2, 11 * 9), bitorder="little").tobytes()
    bits = dicom_files.write(
        tmp_path / "d", odd, ExplicitVRLittleEndian, BitsAllocated=1, BitsStored=1, PixelData=single + b"\0"
    )
    assert_equal(reader, bits)


def test_a_png_of_it_is_the_same(reader: InBrowser, tmp_path: Path) -> None:
    """Two ways of one picture: DICOM without a window, and its gray levels as PNG."""
    path = dicom_files.write(tmp_path / "a", RAMP, BitsStored=12)
    found = reader.read(path)[0].pixels
    assert found is not None
    Image.fromarray(found).save(tmp_path / "b.png")
    np.testing.assert_array_equal(reader.read(tmp_path / "b.png")[0].pixels, found)
