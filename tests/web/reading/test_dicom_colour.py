from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.web.reading import dicom_files
from tests.web.reading.dicom_oracle import assert_equal
from tests.web.reading.in_browser import InBrowser
from xray_keras.datasets import radiograph

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
GENERATOR = np.random.default_rng(3)


@pytest.mark.parametrize("kind", dicom_files.PLAIN)
@pytest.mark.parametrize("stored", ["u1", "u2"])
def test_colour_in_every_encoding(kind: str, stored: str, reader: InBrowser, tmp_path: Path) -> None:
    pixels = GENERATOR.integers(0, np.iinfo(stored).max, (21, 17, 3)).astype(stored)
    syntax = dicom_files.PLAIN[kind]
    planes = [0] if kind == "rle" else [0, 1]
    paths = [
        dicom_files.write(tmp_path / str(plane), pixels, syntax, PlanarConfiguration=plane)
        for plane in planes
    ]
    assert_equal(reader, *paths, levels=1)
    differing = pixels @ np.array([299, 587, 114]) * 255 * 2 / (1000 * np.iinfo(stored).max)
    for path, found in zip(paths, reader.read(*paths), strict=True):
        assert found.pixels is not None
        away = found.pixels != radiograph.read(path).pixels
        # Only halves of a level, which numpy's matrix product rounds as the machine likes.
        np.testing.assert_allclose(differing[away] % 2, 1, atol=1e-9)


def test_halves_of_a_level_go_to_either_side(reader: InBrowser) -> None:
    path = SHIPPED / "examples_rgb_color.dcm"
    pixels = pydicom.dcmread(path).pixel_array
    found = reader.read(path)[0].pixels
    assert found is not None
    away = found != radiograph.read(path).pixels
    assert (pixels[away] @ np.array([299, 587, 114]) % 1000 == 500).all()
    assert away.mean() < 1e-3
    assert_equal(reader, path, levels=1)


@pytest.mark.parametrize("meaning", ["YBR_FULL", "YBR_FULL_422"])
def test_luminance_and_colour_differences(meaning: str, reader: InBrowser, tmp_path: Path) -> None:
    pixels = GENERATOR.integers(0, 256, (40, 30, 3), np.uint8)
    if meaning == "YBR_FULL_422":
        halved = np.stack(
            [pixels[:, ::2, 0], pixels[:, 1::2, 0], pixels[:, ::2, 1], pixels[:, ::2, 2]], axis=-1
        )
        path = dicom_files.write(
            tmp_path / "a", pixels, PhotometricInterpretation=meaning, PixelData=halved.tobytes()
        )
    else:
        path = dicom_files.write(tmp_path / "a", pixels, PhotometricInterpretation=meaning)
    assert_equal(reader, path, levels=1)


@pytest.mark.parametrize(
    ("length", "first", "depth"), [(256, 0, 16), (256, 0, 8), (100, 20, 16), (300, -5, 16)]
)
def test_palettes(length: int, first: int, depth: int, reader: InBrowser, tmp_path: Path) -> None:
    stored = GENERATOR.integers(0, 256, (30, 30)).astype(np.uint8)
    elements: dict[str, object] = {"PhotometricInterpretation": "PALETTE COLOR"}
    if first < 0:
        stored, elements["PixelRepresentation"] = stored.view(np.int8), 1
    for name in ("Red", "Green", "Blue"):
        elements[f"{name}PaletteColorLookupTableDescriptor"] = [length, first, depth]
        entries = GENERATOR.integers(0, 2**depth, length).astype(f"<u{depth // 8}")
        elements[f"{name}PaletteColorLookupTableData"] = entries.tobytes()
    assert_equal(reader, dicom_files.write(tmp_path / "a", stored, **elements), levels=1)
