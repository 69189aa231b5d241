import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.web.reading.in_browser import InBrowser
from xray_keras.datasets import radiograph

SIDES = [(64, 64), (301, 203), (9, 8)]


def smooth(height: int, width: int, channels: int) -> np.ndarray:
    generator = np.random.default_rng(height)
    y, x = np.mgrid[:height, :width] / max(height, width)
    waves = [127 + 100 * np.sin(7 * x * (k + 1) + k) * np.cos(5 * y * (k + 0.5)) for k in range(channels)]
    return np.clip(np.stack(waves, -1) + generator.normal(0, 8, (height, width, channels)), 0, 255).astype(
        np.uint8
    )


def assert_equal(reader: InBrowser, *paths: Path, levels: int = 0) -> None:
    for path, found in zip(paths, reader.read(*paths), strict=True):
        expected = radiograph.read(path)
        assert found.pixels is not None, f"{path.name}: {found.sentence}"
        assert np.abs(found.pixels.astype(int) - expected.pixels).max() <= levels, path.name
        assert found.notes == expected.notes, path.name


@pytest.mark.parametrize("quality", [30, 75, 95])
def test_gray_is_exact(quality: int, reader: InBrowser, tmp_path: Path) -> None:
    for sides in SIDES:
        gray = Image.fromarray(smooth(*sides, 1)[..., 0])
        for progressive in (False, True):
            gray.save(tmp_path / f"{sides} {progressive}.jpg", quality=quality, progressive=progressive)
    assert_equal(reader, *sorted(tmp_path.iterdir()))


@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_colour_is_exact(subsampling: int, reader: InBrowser, tmp_path: Path) -> None:
    """Where the browser has libjpeg-turbo, as Pillow; others may be up to two levels away."""
    generator = np.random.default_rng(0)
    for sides in SIDES:
        for name, pixels in {
            "a": smooth(*sides, 3),
            "b": generator.integers(0, 256, (*sides, 3), np.uint8),
        }.items():
            for progressive in (False, True):
                Image.fromarray(pixels).save(
                    tmp_path / f"{name} {sides} {progressive}.jpg",
                    subsampling=subsampling,
                    progressive=progressive,
                )
    assert_equal(reader, *sorted(tmp_path.iterdir()))


def test_four_inks_are_within_one_level(reader: InBrowser, tmp_path: Path) -> None:
    for sides in SIDES:
        Image.fromarray(smooth(*sides, 4), "CMYK").save(tmp_path / f"{sides}.jpg")
    assert_equal(reader, *sorted(tmp_path.iterdir()), levels=1)


def test_gray_stored_as_colour_is_gray(reader: InBrowser, tmp_path: Path) -> None:
    gray = smooth(60, 50, 1).repeat(3, axis=-1)
    Image.fromarray(gray).save(tmp_path / "a.jpg")
    Image.fromarray(gray).save(tmp_path / "b.jpg", keep_rgb=True)
    Image.fromarray(smooth(60, 50, 3)).save(tmp_path / "c.jpg", keep_rgb=True)
    assert_equal(reader, *sorted(tmp_path.iterdir()))
    assert [found.notes for found in reader.read(*sorted(tmp_path.iterdir()))][:2] == [(), ()]


@pytest.mark.parametrize("orientation", [1, 3, 6, 8, 5])
def test_upright_once(orientation: int, reader: InBrowser, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = Image.fromarray(smooth(40, 70, 1)[..., 0])
    picture.save(tmp_path / "a.jpg", exif=exif)
    picture.save(
        tmp_path / "b.jpg", xmp=f"<x tiff:Orientation='' tiff:Orientation=\"{orientation}\"/>".encode()
    )
    assert_equal(reader, *sorted(tmp_path.iterdir()))


def test_colour_profiles_are_not_applied(reader: InBrowser, tmp_path: Path) -> None:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # Red and green change places.
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    Image.fromarray(smooth(60, 50, 3)).save(tmp_path / "a.jpg", icc_profile=bytes(profile))
    Image.fromarray(smooth(60, 50, 3)).save(tmp_path / "b.png", icc_profile=bytes(profile))
    assert_equal(reader, *sorted(tmp_path.iterdir()))


def test_more_rows_than_the_canvas_takes_at_once(reader: InBrowser, tmp_path: Path) -> None:
    Image.fromarray(np.resize(smooth(301, 203, 1)[..., 0], (2600, 1700))).save(tmp_path / "a.jpg")
    assert_equal(reader, tmp_path / "a.jpg")


def test_what_stands_between_and_behind_harms_nothing(reader: InBrowser, tmp_path: Path) -> None:
    packed = io.BytesIO()
    Image.fromarray(smooth(60, 50, 1)[..., 0]).save(packed, "JPEG", comment=b"none of this is shown")
    content = packed.getvalue()
    (tmp_path / "behind").write_bytes(content + b"and more")
    (tmp_path / "padded").write_bytes(content[:2] + b"\xff\xff\xff" + content[2:])
    (tmp_path / "extended").write_bytes(content[:20] + b"\xff\xed\x00\x06ABCD" + content[20:])
    assert_equal(reader, *sorted(tmp_path.iterdir()))
