import io
import struct
import zlib

import numpy as np
import pytest
from nih_tree import write_png
from PIL import Image, ImageFile

from xray_keras.datasets.images import read_gray
from xray_keras.errors import UserError


def png(width: int, height: int, depth: int, kind: int, data: bytes) -> bytes:
    """A PNG byte by byte, for what Pillow does not write."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA"])
def test_gray_is_read_as_stored(mode, tmp_path):
    pixels = write_png(tmp_path / "x.png", 24, mode)
    for size in (None, 24):
        read = read_gray(tmp_path / "x.png", size)
        assert read.dtype == np.uint8 and read.flags.writeable
        np.testing.assert_array_equal(read, pixels)


def test_jpeg_is_read(tmp_path):
    Image.new("L", (40, 40), 100).save(tmp_path / "x.jpg")
    assert abs(int(read_gray(tmp_path / "x.jpg", 20).mean()) - 100) <= 1


def test_reduction_is_antialiased(tmp_path):
    # A checkerboard of single pixels has no content at a quarter of the size: plain interpolation would keep
    # black or white pixels, the right answer is its mean.
    board = (np.indices((256, 256)).sum(axis=0) % 2 * 255).astype(np.uint8)
    Image.fromarray(board).save(tmp_path / "x.png")
    small = read_gray(tmp_path / "x.png", 64).astype(int)
    assert abs(small - 127.5).max() < 4


def test_reduction_keeps_place_and_range(tmp_path):
    step = np.zeros((256, 256), np.uint8)
    step[:, 128:] = 255
    Image.fromarray(step).save(tmp_path / "x.png")
    small = read_gray(tmp_path / "x.png", 32)
    assert small[:, :14].max() == 0 and small[:, 18:].min() == 255  # no ringing beside an edge
    row = small[16].astype(int)
    assert (np.diff(row) >= 0).all() and abs(row.mean() - 127.5) < 2


def test_what_is_not_square_is_squashed(tmp_path):
    wide = np.tile(np.repeat([0, 255], 100).astype(np.uint8), (50, 1))  # (50, 200)
    Image.fromarray(wide).save(tmp_path / "x.png")
    assert read_gray(tmp_path / "x.png").shape == (50, 200)
    square = read_gray(tmp_path / "x.png", 40)
    assert square.shape == (40, 40) and (square[:, :18] == 0).all() and (square[:, 22:] == 255).all()


def damaged(size: int) -> bytes:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, "PNG")
    content = buffer.getvalue()
    return content[: len(content) * size // 10]


def flipped() -> bytes:
    content = bytearray(damaged(10))
    content[len(content) // 2] ^= 0xFF
    return bytes(content)


def palette() -> bytes:
    buffer = io.BytesIO()
    Image.new("P", (8, 8)).save(buffer, "PNG")
    return buffer.getvalue()


def colour(mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (8, 8), "red").save(buffer, "PNG")
    return buffer.getvalue()


def gif() -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (8, 8)).save(buffer, "GIF")
    return buffer.getvalue()


SIXTEEN_GRAY = png(4, 4, 16, 0, (b"\0" + b"\x12\x34" * 4) * 4)
SIXTEEN_COLOUR = png(4, 4, 16, 2, (b"\0" + b"\x12\x34" * 12) * 4)
SIXTEEN_ALPHA = png(4, 4, 16, 6, (b"\0" + b"\x12\x34" * 16) * 4)
ONE_BIT = png(8, 8, 1, 0, b"\0\x55" * 8)
HUGE = png(40_000, 40_000, 8, 0, b"")
LARGE = png(10_000, 10_000, 8, 0, b"")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty .0 bytes.; unpack or download it again"),
        (damaged(9), "is truncated or damaged .*; unpack or download it again"),
        (damaged(1), "is truncated or damaged .*; unpack or download it again"),
        (flipped(), "is truncated or damaged .*; unpack or download it again"),
        (b"<html>no such file</html>", "is neither a PNG nor a JPEG; replace it"),
        (gif(), "is neither a PNG nor a JPEG; replace it"),
        (SIXTEEN_GRAY, "is 16-bit, .*; window it to 8-bit gray first"),
        (SIXTEEN_COLOUR, "is 16-bit"),
        (SIXTEEN_ALPHA, "is 16-bit"),
        (palette(), "has a palette; convert it"),
        (colour(), "is a colour picture; convert it"),
        (colour("RGBA"), "is a colour picture; convert it"),
        (ONE_BIT, "has pixels of kind 1; convert it"),
        (HUGE, "claims more than 89,478,485 pixels, more than any radiograph; replace it"),
        (LARGE, "claims more than 89,478,485 pixels"),
    ],
    ids=(
        [
            "empty",
            "truncated",
            "stub",
            "flipped",
            "html",
            "gif",
            "gray16",
            "rgb16",
            "rgba16",
            "palette",
            "rgb",
            "rgba",
            "one-bit",
            "huge",
            "large",
        ]
    ),
)
def test_each_kind_of_bad_file_has_its_sentence(content, message, tmp_path):
    path = tmp_path / "00000001_000.png"
    path.write_bytes(content)
    with pytest.raises(UserError, match=rf"00000001_000\.png {message}") as error:
        read_gray(path, 16)
    assert "\n" not in str(error.value)
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def test_absent_files_and_folders(tmp_path):
    with pytest.raises(UserError, match=r"x\.png is absent; unpack"):
        read_gray(tmp_path / "x.png", 16)
    (tmp_path / "y.png").mkdir()
    with pytest.raises(UserError, match=r"y\.png is a folder; name a file"):
        read_gray(tmp_path / "y.png", 16)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "CMYK"])
def test_colour_becomes_luminance_on_request(mode, tmp_path):
    path = tmp_path / ("x.jpg" if mode == "CMYK" else "x.png")
    Image.new("RGB", (8, 8), (200, 100, 50)).convert(mode).save(path)
    expected = 0.299 * 200 + 0.587 * 100 + 0.114 * 50
    assert np.abs(read_gray(path, 4, colour="luminance") - expected).max() < 3
    with pytest.raises(UserError, match="convert it to 8-bit gray first"):
        read_gray(path, 4)


def test_a_palette_with_alpha_is_read(tmp_path):
    picture = Image.new("P", (8, 8), 1)
    picture.putpalette([0, 0, 0, 90, 90, 90])
    picture.save(tmp_path / "x.png", transparency=bytes([0, 128]))
    assert (read_gray(tmp_path / "x.png", colour="luminance") == 90).all()


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA"])
def test_luminance_of_gray_is_the_gray(mode, tmp_path):
    pixels = write_png(tmp_path / "x.png", 24, mode)
    np.testing.assert_array_equal(
        read_gray(tmp_path / "x.png", 12), read_gray(tmp_path / "x.png", 12, "luminance")
    )
    np.testing.assert_array_equal(read_gray(tmp_path / "x.png", colour="luminance"), pixels)


@pytest.mark.parametrize(
    ("content", "message"),
    [(SIXTEEN_COLOUR, "is 16-bit"), (ONE_BIT, "has pixels of kind 1"), (damaged(9), "truncated")],
)
def test_luminance_does_not_excuse_bad_files(content, message, tmp_path):
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(UserError, match=message):
        read_gray(tmp_path / "x.png", 16, colour="luminance")
