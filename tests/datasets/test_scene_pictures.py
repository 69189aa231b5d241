import io
import os
import struct
import zlib
from fractions import Fraction

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from xray_keras.datasets.scenes import pictures as scene_pictures
from xray_keras.datasets.scenes.pictures import measure, read, scaled_size
from xray_keras.errors import UserError

COLOURS = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]], [[255, 255, 0], [0, 0, 0], [255, 255, 255]]])
PICTURE = np.repeat(np.repeat(COLOURS.astype(np.uint8), 10, 0), 10, 1)  # (20, 30, 3), six fields
# What EXIF says → how a viewer must turn what is stored, and how to store it.
TURNS = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.transpose(1, 0, 2),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(stored, 2).transpose(1, 0, 2),
    8: lambda stored: np.rot90(stored),
}


def exif(orientation: int) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    return made


@pytest.mark.parametrize(
    ("width", "height", "scaled"),
    [
        (427, 320, (342, 256)),
        (320, 427, (256, 342)),
        (256, 256, (256, 256)),
        (3, 2, (384, 256)),
        (1000, 999, (256, 256)),
        (512, 513, (256, 257)),  # 256.5: upwards
        (4000, 250, (4096, 256)),
    ],
)
def test_the_short_edge_is_given_and_the_long_one_rounded(width, height, scaled):
    assert scaled_size(width, height, 256) == scaled
    assert scaled_size(np.int64(width), np.int64(height), 256) == scaled
    assert all(type(side) is int for side in scaled_size(np.int64(width), np.int64(height), 256))


def test_rounding_is_exact():
    for width in range(1, 60):
        for height in range(1, 60):
            scaled = scaled_size(width, height, 7)
            long = Fraction(7 * max(width, height), min(width, height))
            assert min(scaled) == 7 and abs(max(scaled) - long) <= Fraction(1, 2)
            assert (scaled[0] <= scaled[1]) == (width <= height) or scaled[0] == scaled[1]


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("short", [None, 40])
def test_every_orientation_is_turned_upright(orientation, short, tmp_path):
    path = tmp_path / "x.png"
    stored = np.ascontiguousarray(PICTURE)
    Image.fromarray(stored).save(path, exif=exif(orientation))
    upright = TURNS[orientation](stored)
    assert measure(path) == upright.shape[1::-1]
    found = read(path, short)
    if short is None:
        np.testing.assert_array_equal(found, upright)
    else:
        large = np.repeat(np.repeat(upright, 2, 0), 2, 1)
        assert found.shape == large.shape
        np.testing.assert_array_equal(found[5::20, 5::20], large[5::20, 5::20])
    assert found.dtype == np.uint8 and found.flags.c_contiguous and found.flags.writeable


def test_jpegs_are_turned_too(tmp_path):
    Image.fromarray(PICTURE).save(tmp_path / "x.jpg", quality=95, subsampling=0, exif=exif(6))
    assert measure(tmp_path / "x.jpg") == (20, 30)
    upright = TURNS[6](PICTURE).astype(int)
    assert abs(read(tmp_path / "x.jpg")[5::10, 5::10] - upright[5::10, 5::10]).max() < 10


def test_an_orientation_that_means_nothing_is_none(tmp_path):
    for orientation in (0, 9):
        Image.fromarray(PICTURE).save(tmp_path / "x.png", exif=exif(orientation))
        assert measure(tmp_path / "x.png") == (30, 20)
    Image.fromarray(PICTURE).save(tmp_path / "x.png", exif=b"Exif\0\0 nothing that could be EXIF")
    np.testing.assert_array_equal(read(tmp_path / "x.png"), PICTURE)


def test_an_orientation_behind_the_pixels_is_not_looked_for(tmp_path):
    """Neither by `measure`, which would have to decode the picture, nor by `read`: both must agree."""
    buffer = io.BytesIO()
    Image.fromarray(PICTURE).save(buffer, "PNG", exif=exif(6))
    content = buffer.getvalue()
    start = content.index(b"eXIf") - 4
    end = start + 12 + struct.unpack(">I", content[start : start + 4])[0]
    iend = content.index(b"IEND") - 4
    (tmp_path / "x.png").write_bytes(
        content[:start] + content[end:iend] + content[start:end] + content[iend:]
    )
    assert measure(tmp_path / "x.png") == (30, 20)
    np.testing.assert_array_equal(read(tmp_path / "x.png"), PICTURE)


def test_resizing_is_pillows_bilinear(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (90, 130, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "x.png")
    for short in (30, 200):
        wanted = scaled_size(130, 90, short)
        expected = np.asarray(Image.fromarray(noise).resize(wanted, Image.Resampling.BILINEAR))
        np.testing.assert_array_equal(read(tmp_path / "x.png", short), expected)
    board = (np.indices((256, 256)).sum(axis=0) % 2 * 255).astype(np.uint8)
    Image.fromarray(board).save(tmp_path / "board.png")
    assert abs(read(tmp_path / "board.png", 64).astype(int) - 127.5).max() < 4  # antialiased


def test_large_jpegs_are_decoded_small_and_nothing_moves(tmp_path, monkeypatch):
    across = np.linspace(0, 255, 801)[None, :, None] * np.ones((641, 1, 3))
    down = np.linspace(0, 255, 641)[:, None, None] * np.ones((1, 801, 3))
    pixels = np.round(np.where([True, False, True], across, down)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "x.jpg", quality=100, subsampling=0)
    whole = Image.fromarray(pixels).resize(scaled_size(801, 641, 32), Image.Resampling.BILINEAR)
    drafted = []
    draft = JpegImagePlugin.JpegImageFile.draft

    def noted(image, mode, size):
        result = draft(image, mode, size)
        drafted.append(image.size)
        return result

    monkeypatch.setattr(JpegImagePlugin.JpegImageFile, "draft", noted)
    found = read(tmp_path / "x.jpg", 32)
    assert drafted == [(101, 81)]  # an eighth, rounded up
    assert abs(found.astype(int) - np.asarray(whole)).max() <= 2
    assert (
        abs((found.astype(float) - np.asarray(whole)).mean()) < 0.3
    )  # 1.1 where those seven pixels are forgotten
    read(tmp_path / "x.jpg", 200)
    assert drafted[1:] == [(801, 641)]  # never less than twice what is wanted
    assert measure(tmp_path / "x.jpg") == (801, 641)
    # The edges are swapped before the size is chosen.
    Image.fromarray(pixels).save(tmp_path / "x.jpg", exif=exif(8))
    assert read(tmp_path / "x.jpg", 32).shape == (40, 32, 3)


def save(path, mode, **options):
    """Six fields in another mode; what they should become."""
    rgb = Image.fromarray(PICTURE)
    if mode == "RGBA":
        rgb.putalpha(Image.fromarray(np.repeat([255, 128, 0], 10).astype(np.uint8)[None].repeat(20, 0)))
        weight = np.repeat([1, 128 / 255, 0], 10)[None, :, None]
        expected = PICTURE * weight + 255 * (1 - weight)
    elif mode in ("L", "LA", "1"):
        gray = rgb.convert("L" if mode != "1" else "1")
        expected = np.asarray(gray.convert("RGB"))
        if mode == "LA":
            gray.putalpha(0)
            expected = np.full_like(PICTURE, 255)
        rgb = gray
    elif mode == "P":
        rgb, expected = rgb.convert("P", palette=Image.Palette.ADAPTIVE, colors=6), PICTURE
    elif mode == "I;16":
        levels = np.linspace(0, 65535, 600).reshape(20, 30).astype(np.uint16)
        rgb, expected = Image.fromarray(levels), np.repeat(levels[..., None] / 257, 3, 2)
    elif mode == "CMYK":
        rgb, expected = rgb.convert("CMYK"), PICTURE
    rgb.save(path, **options)
    return np.asarray(expected)


@pytest.mark.parametrize(
    ("mode", "suffix", "tolerance"),
    [
        ("L", ".png", 0),
        ("LA", ".png", 0),
        ("1", ".png", 0),
        ("P", ".png", 0),
        ("P", ".gif", 0),
        ("RGBA", ".png", 1),
        ("RGBA", ".webp", 30),
        ("I;16", ".png", 1),
        ("CMYK", ".jpg", 12),
        ("L", ".jpeg", 12),
        ("P", ".bmp", 0),
    ],
)
def test_every_kind_of_pixels_becomes_rgb(mode, suffix, tolerance, tmp_path):
    path = tmp_path / f"x{suffix}"
    expected = save(path, mode)
    found = read(path)
    assert found.dtype == np.uint8 and found.shape == (20, 30, 3) and measure(path) == (30, 20)
    assert abs(found[5::10, 5::10] - expected[5::10, 5::10].astype(float)).max() <= tolerance


def test_a_transparent_colour_shows_white(tmp_path):
    Image.fromarray(PICTURE).save(tmp_path / "x.png", transparency=(255, 0, 0))
    found = read(tmp_path / "x.png")
    assert (found[:10, :10] == 255).all() and (found[:10, 10:20] == (0, 255, 0)).all()


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".mpo"])
def test_of_an_animation_the_first_frame_is_read(suffix, tmp_path):
    path = tmp_path / f"x{suffix}"
    others = [Image.new("RGB", (30, 20), colour) for colour in ("black", "white")]
    options = {"lossless": True} if suffix == ".webp" else {"quality": 95} if suffix == ".mpo" else {}
    Image.fromarray(PICTURE).save(path, save_all=True, append_images=others, **options)
    assert measure(path) == (30, 20)
    assert abs(read(path)[5::10, 5::10].astype(int) - PICTURE[5::10, 5::10]).max() <= 12


def png_header(width: int, height: int) -> bytes:
    """A PNG that says it has so many pixels, and has none."""
    parts = b""
    for name, content in (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"")),
        (b"IEND", b""),
    ):
        parts += struct.pack(">I", len(content)) + name + content
        parts += struct.pack(">I", zlib.crc32(name + content))
    return b"\x89PNG\r\n\x1a\n" + parts


def encoded(kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PICTURE).save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"x\.jpg is empty \(0 bytes\); unpack"),
        (b"no picture", r"x\.jpg is none of JPEG, PNG, GIF, WEBP, BMP; convert it"),
        (encoded("TIFF"), r"x\.jpg is none of"),
        (png_header(40_000, 40_000), r"x\.jpg claims more than 89,478,485 pixels"),
        (png_header(170, 10), r"170 × 10 pixels, more than 16 times as much one way"),
        (png_header(10, 161), r"10 × 161 pixels, more than 16 times"),
    ],
)
@pytest.mark.parametrize("use", [measure, read])
def test_what_is_refused_from_the_header(use, content, message, tmp_path):
    (tmp_path / "x.jpg").write_bytes(content)
    with pytest.raises(UserError, match=message):
        use(tmp_path / "x.jpg")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("use", [measure, read])
def test_the_limit_of_pixels_does_not_hang_on_warnings(use, tmp_path):
    (tmp_path / "x.png").write_bytes(png_header(10_000, 8948))
    with pytest.raises(UserError, match=r"x\.png claims more than 89,478,485 pixels"):
        use(tmp_path / "x.png")
    (tmp_path / "x.png").write_bytes(png_header(10_000, 8947))
    assert measure(tmp_path / "x.png") == (10_000, 8947)


def test_the_longest_shapes_that_are_taken(tmp_path):
    (tmp_path / "x.png").write_bytes(png_header(160, 10))
    assert measure(tmp_path / "x.png") == (160, 10)
    (tmp_path / "x.png").write_bytes(png_header(1, 1))
    assert measure(tmp_path / "x.png") == (1, 1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_truncated_files_have_a_size_and_no_pixels(kind, tmp_path):
    path = tmp_path / "x.jpg"
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(buffer, kind)
    path.write_bytes(buffer.getvalue()[: buffer.tell() * 7 // 8])
    if kind != "WEBP":  # of which the whole file must be there to open it
        assert measure(path) == (64, 64)
    with pytest.raises(UserError, match=r"x\.jpg is (truncated or damaged|none of)"):
        read(path)


def test_measuring_decodes_nothing(tmp_path, monkeypatch):
    Image.fromarray(PICTURE).save(tmp_path / "x.png")
    Image.fromarray(PICTURE).save(tmp_path / "x.jpg", exif=exif(6))

    def load(_):
        raise AssertionError("decoded")

    monkeypatch.setattr(scene_pictures.Image.Image, "load", load)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    assert measure(tmp_path / "x.png") == (30, 20) and measure(tmp_path / "x.jpg") == (20, 30)


def test_what_is_no_file(tmp_path):
    with pytest.raises(UserError, match=r"x\.jpg is absent; unpack"):
        measure(tmp_path / "x.jpg")
    (tmp_path / "x.jpg").mkdir()
    with pytest.raises(UserError, match=r"x\.jpg is a folder; name a file"):
        measure(tmp_path / "x.jpg")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "y.jpg")
        with pytest.raises(UserError, match=r"y\.jpg is no file"):
            read(tmp_path / "y.jpg")
