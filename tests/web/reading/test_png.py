import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from tests.web.reading import png_files
from tests.web.reading.in_browser import InBrowser
from xray_keras.datasets import radiograph

KINDS = [(2, 0), (4, 0), (8, 0), (16, 0), (8, 2), (1, 3), (2, 3), (4, 3), (8, 3), (8, 4), (8, 6)]
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
GENERATOR = np.random.default_rng(0)
PALETTE = GENERATOR.integers(0, 256, 768, np.uint8).tobytes()


def assert_equal(reader: InBrowser, *paths: Path) -> None:
    """What the browser reads is what Python reads, notes included."""
    for path, found in zip(paths, reader.read(*paths), strict=True):
        expected = radiograph.read(path)
        assert found.sentence == "", path.name
        np.testing.assert_array_equal(found.pixels, expected.pixels, path.name)
        assert found.notes == expected.notes, path.name


def samples(bits: int, kind: int, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * width).integers(0, 2**bits, (height, width, CHANNELS[kind]))


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("bits", "kind"), KINDS)
def test_every_kind(bits: int, kind: int, interlaced: bool, reader: InBrowser, tmp_path: Path) -> None:
    paths = []
    for k, (height, width) in enumerate([(8, 8), (11, 9), (37, 50), (64, 17), (130, 90)]):
        before = png_files.chunk(b"PLTE", PALETTE[: 3 << bits]) if kind == 3 else b""
        content = png_files.write(
            samples(bits, kind, height, width), bits, kind,
            interlaced=interlaced, before=before, pieces=k + 1, seed=k,
        )  # fmt: skip
        paths.append(tmp_path / f"{height}x{width}.png")
        paths[-1].write_bytes(content)
    assert_equal(reader, *paths)


@pytest.mark.parametrize(("largest", "note"), [
    (255, None), (1000, "10-bit values: divided by 1023"), (4095, "12-bit values: divided by 4095"),
    (4096, "14-bit values: divided by 16383"), (65535, "16-bit values: divided by 65535"),
])  # fmt: skip
def test_depths_of_detectors(largest: int, note: str | None, reader: InBrowser, tmp_path: Path) -> None:
    values = np.arange(largest + 1, dtype=np.uint16)
    side = max(16, int(np.sqrt(len(values))))
    path = tmp_path / "a.png"
    Image.fromarray(np.resize(values, (side, side + 1))).save(path)
    assert_equal(reader, path)
    assert reader.read(path)[0].notes == ((note,) if note else ())


def test_transparency_hides_nothing(reader: InBrowser, tmp_path: Path) -> None:
    gray, colour = (
        GENERATOR.integers(0, 256, (20, 30), np.uint8),
        GENERATOR.integers(0, 256, (20, 30, 3), np.uint8),
    )
    palette = Image.fromarray(colour).quantize(16)
    pictures = {
        "gray": (Image.fromarray(gray), int(gray[0, 0])),
        "colour": (Image.fromarray(colour), tuple(int(c) for c in colour[0, 0])),
        "palette": (palette, 3),
        "palettes": (palette, bytes(range(16))),
    }
    for name, (picture, transparency) in pictures.items():
        picture.save(tmp_path / f"{name}.png", transparency=transparency)
    alpha = np.dstack([colour, np.zeros_like(gray)])
    Image.fromarray(alpha).save(tmp_path / "alpha.png")
    assert_equal(reader, *sorted(tmp_path.iterdir()))


def test_equal_channels_are_gray(reader: InBrowser, tmp_path: Path) -> None:
    gray = GENERATOR.integers(0, 256, (20, 30), np.uint8)
    Image.fromarray(gray[..., None].repeat(3, axis=-1)).save(tmp_path / "rgb.png")
    Image.fromarray(gray).convert("P").save(tmp_path / "palette.png")
    assert_equal(reader, *sorted(tmp_path.iterdir()))
    assert [found.notes for found in reader.read(*sorted(tmp_path.iterdir()))] == [(), ()]


def test_a_short_palette(reader: InBrowser, tmp_path: Path) -> None:
    indices = GENERATOR.integers(0, 256, (40, 40, 1))
    short = png_files.chunk(b"PLTE", PALETTE[:300])
    (tmp_path / "short.png").write_bytes(png_files.write(indices, 8, 3, before=short))
    assert_equal(reader, tmp_path / "short.png")


def test_halves_of_a_level_go_up(reader: InBrowser, tmp_path: Path) -> None:
    some = np.random.default_rng(0).integers(0, 256, (1_000_000, 3))
    halves = some[some @ np.array([19595, 38470, 7471]) % 65536 == 32768]  # as Pillow weighs them
    assert len(halves) > 4
    Image.fromarray(np.resize(halves, (20, 20, 3)).astype(np.uint8)).save(tmp_path / "a.png")
    assert_equal(reader, tmp_path / "a.png")


@pytest.mark.parametrize("orientation", range(0, 10))
def test_upright_as_exif_says(orientation: int, reader: InBrowser, tmp_path: Path) -> None:
    pixels = GENERATOR.integers(0, 256, (24, 31), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "a description"
    Image.fromarray(pixels).save(tmp_path / "before.png", exif=exif)
    directory = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    after = png_files.chunk(b"eXIf", directory)
    (tmp_path / "after.png").write_bytes(png_files.write(pixels[..., None], 8, 0, after=after))
    words = PngImagePlugin.PngInfo()
    words.add_itxt("XML:com.adobe.xmp", f'<x tiff:Orientation="{orientation}"/>')
    Image.fromarray(pixels).save(tmp_path / "xmp.png", pnginfo=words)
    Image.fromarray(pixels.astype(np.uint16) * 256).save(tmp_path / "deep.png", exif=exif)
    paths = sorted(tmp_path.iterdir())
    assert_equal(reader, *paths)
    turned = [found.pixels for found in reader.read(*paths) if "turned as its EXIF data say" in found.notes]
    assert len(turned) == (3 if 2 <= orientation <= 8 else 0)


@pytest.mark.parametrize("directory", [b"", b"II*\0", b"XX*\0\x08\0\0\0", b"II*\0\xff\xff\xff\xff",
                                       b"II*\0\x08\0\0\0\x09\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0",
                                       b"II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\x01\0\0\0\x06\0\0\0"])  # fmt: skip
def test_damaged_exif_hides_no_pixel(directory: bytes, reader: InBrowser, tmp_path: Path) -> None:
    pixels = GENERATOR.integers(0, 256, (24, 31, 1))
    path = tmp_path / "a.png"
    path.write_bytes(png_files.write(pixels, 8, 0, before=png_files.chunk(b"eXIf", directory)))
    assert_equal(reader, path)


def test_oddities_that_harm_nothing(reader: InBrowser, tmp_path: Path) -> None:
    pixels = GENERATOR.integers(0, 256, (24, 31, 1))
    whole = png_files.write(pixels, 8, 0, pieces=3)
    ended = whole.index(b"IEND") - 4
    private = png_files.chunk(b"prVt", b"text about nothing")
    contents = {
        "no end": whole[:ended],
        "junk behind": whole + b"and more",
        "private": png_files.write(pixels, 8, 0, before=private, after=private),
        "checksum of the end": whole[:-1] + b"?",
        "checksum of image data": whole.replace(whole[ended - 4 : ended], b"????"),
    }
    rows = b"".join(b"\0" + row.astype(np.uint8).tobytes() for row in pixels[..., 0])
    for name, packed in {
        "no checksum of image data": zlib.compress(rows)[:-4],
        "longer image data": zlib.compress(rows + bytes(500)),
        "junk behind image data": zlib.compress(rows) + b"junk",
    }.items():
        contents[name] = whole[:33] + png_files.chunk(b"IDAT", packed) + whole[ended:]
    for name, content in contents.items():
        (tmp_path / f"{name}.png").write_bytes(content)
    assert_equal(reader, *sorted(tmp_path.iterdir()))


def test_of_an_animation_the_first_picture(reader: InBrowser, tmp_path: Path) -> None:
    first, second = (Image.fromarray(GENERATOR.integers(0, 256, (24, 31), np.uint8)) for _ in range(2))
    first.save(tmp_path / "a.png", save_all=True, append_images=[second])
    content = (tmp_path / "a.png").read_bytes()
    turn = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, 6, 0, 0)  # of the second
    (tmp_path / "b.png").write_bytes(content[:-12] + png_files.chunk(b"eXIf", turn) + content[-12:])
    assert_equal(reader, tmp_path / "a.png", tmp_path / "b.png")
