import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.web.reading import png_files
from tests.web.reading.in_browser import InBrowser
from tests.web.reading.refusals import SAME, assert_refused

GRAY = np.arange(0, 240, dtype=np.uint8).repeat(20).reshape(60, 80)
CLAIMED = 60_000  # a side; far more pixels than are read, in few bytes
NO_PNG = "neither a PNG nor a JPEG"
OTHER = "neither PNG, JPEG, TIFF, DICOM nor a NumPy array"
BROKEN = "truncated or damaged"
COUNT = """() => {
  globalThis.taken = 0;
  const read = ReadableStreamDefaultReader.prototype.read;
  ReadableStreamDefaultReader.prototype.read = async function () {
    const piece = await read.call(this);
    taken += piece.value?.length ?? 0;
    return piece;
  };
}"""  # bytes that come out of streams, so of what is unpacked


def saved(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, kind)
    return packed.getvalue()


PNG, JPEG = saved(GRAY), saved(GRAY, "JPEG")
PARTS = png_files.write(GRAY[..., None].astype(int), 8, 0, pieces=2)
SECOND = PARTS.rindex(b"IDAT") - 4


def header(
    width: int, height: int, bits: int = 8, kind: int = 0, filters: int = 0, data: bytes = b""
) -> bytes:
    """A PNG that claims anything."""
    content = struct.pack(">IIBBBBB", width, height, bits, kind, 0, filters, 0)
    packed = png_files.chunk(b"IDAT", zlib.compress(data or bytes(1000)))
    return PNG[:8] + png_files.chunk(b"IHDR", content) + packed + png_files.chunk(b"IEND", b"")


def kind(bits: int, colour: int, channels: int) -> bytes:
    samples = np.random.default_rng(0).integers(0, 2**bits, (20, 20, channels))
    return png_files.write(samples, bits, colour)


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def claiming(content: bytes, width: int, height: int) -> bytes:
    """A JPEG with another size in its header."""
    place = content.index(b"\xff\xc0") + 5
    return content[:place] + struct.pack(">HH", height, width) + content[place + 4 :]


OTHERS = {
    "empty": (b"", "is empty; choose a PNG, JPEG or DICOM file", "is empty"),
    "letter": (
        b"Dear doctor",
        "is neither PNG, JPEG nor DICOM; choose a picture of one of these kinds",
        OTHER,
    ),
    "one byte": (b"\x89", "is neither PNG, JPEG nor DICOM", OTHER),
    "zeros": (bytes(500), "is neither PNG, JPEG nor DICOM", OTHER),
    "gif": (b"GIF89a" + bytes(99), "is a GIF, not PNG, JPEG or DICOM; choose a picture of one", OTHER),
    "tiff": (b"II*\0\x08\0\0\0nonsense", "is a TIFF file, not PNG, JPEG or DICOM", "damaged TIFF"),
    "array": (b"\x93NUMPY\x01\x00", "is a NumPy array, not PNG, JPEG or DICOM", "as an array"),
}
DAMAGED_PNG = {
    "magic": (b"\x89PNG and no more", "its first bytes", NO_PNG),
    "cut": (PNG[:-40], "its image data end early or are broken", BROKEN),
    "cut header": (PNG[:20], "it ends early", f"{NO_PNG}|{BROKEN}"),
    "header alone": (PNG[:33], "it ends before its image data", NO_PNG),
    "no data": (PNG[:33] + PNG[-12:], "it ends before its image data", BROKEN),
    "no header": (PNG[:8] + PNG[33:], "it has no header", NO_PNG),
    "checksum": (flipped(PNG, 30), "checksum of its chunk IHDR", NO_PNG),
    "checksum of data": (flipped(PNG, len(PNG) - 18), "checksum of its image data", BROKEN),
    "filter": (header(80, 60, data=b"\x07" * 4860), "unknown filter", BROKEN),
    "no data at all": (header(80, 60), "its image data end early or are broken", BROKEN),
    "kind": (header(20, 20, 8, 5), "its header contradicts itself", NO_PNG),
    "depth": (header(20, 20, 3, 0), "its header contradicts itself", NO_PNG),
    "filter method": (header(20, 20, filters=1), "its header contradicts itself", NO_PNG),
    "no side": (header(0, 20), "its header contradicts itself", NO_PNG),
    "text inside data": (
        PARTS[:SECOND] + png_files.chunk(b"tEXt", b"a\0b") + PARTS[SECOND:],
        "its image data end early or are broken",
        BROKEN,
    ),
    "cut behind data": (PNG[:-12] + b"\0\0\1\0tEXtonly this", "it ends early", BROKEN),
}
DAMAGED_JPEG = {
    "cut": (JPEG[:-200], "it ends early or its headers are broken", BROKEN),
    "headers alone": (JPEG[:100], "it ends early or its headers are broken", f"{NO_PNG}|{BROKEN}"),
    "start alone": (b"\xff\xd8\xff", "it ends early or its headers are broken", f"{NO_PNG}|{BROKEN}"),
    "no size": (claiming(JPEG, 0, 60), "it ends early or its headers are broken", NO_PNG),
    "no end": (JPEG[:-2], "it ends early or its headers are broken", BROKEN),
    "depth": (
        JPEG.replace(b"\xff\xc0\x00\x0b\x08", b"\xff\xc1\x00\x0b\x0c"),
        "it has 1 channels of 12 bits",
        NO_PNG,
    ),
    "no tables": (JPEG.replace(b"\xff\xdb", b"\xff\xec"), "its image data are broken", BROKEN),
}
BITS_16 = "is 16-bit, so its black and white levels are unknown; window it to 8-bit gray first"
LARGE = "claims more than 89,478,485 pixels, more than any radiograph; replace it"
UNFIT = {
    "mask": (saved(np.eye(20, dtype=np.uint8)), "shows gray levels from 0 to 1 of 255 only; give the radiograph", SAME),
    "constant": (saved(GRAY * 0 + 7), "shows gray levels from 7 to 7 of 255 only", SAME),
    "tiny": (saved(GRAY[:7, ::10]), "has 8 × 7 pixels; give a picture of at least 8 a side", SAME),
    "narrow": (saved(GRAY[:9]), "has 80 × 9 pixels, too narrow for a chest; crop it to the image", SAME),
    "one bit": (kind(1, 0, 1), "has pixels of one bit, black or white; convert it to 8-bit gray first",
                "has pixels of kind 1; convert it to 8-bit gray first"),
    "colour of 16 bits": (kind(16, 2, 3), BITS_16, SAME),
    "alpha of 16 bits": (kind(16, 4, 2), BITS_16, SAME),
    "colour and alpha of 16 bits": (kind(16, 6, 4), BITS_16, SAME),
    "large": (header(10_000, 10_000), LARGE, SAME),
    "very large": (header(CLAIMED, CLAIMED), LARGE, SAME),
    "large jpeg": (claiming(JPEG, CLAIMED, CLAIMED), LARGE, SAME),
    "large and deep": (header(CLAIMED, CLAIMED, 16), "claims more than 100,000,000 pixels, more than any radiograph",
                       "claims more than 89,478,485 pixels, more than any radiograph; replace it"),
}  # fmt: skip


@pytest.mark.parametrize("what", OTHERS)
def test_files_of_other_kinds(what: str, reader: InBrowser, tmp_path: Path) -> None:
    content, words, python = OTHERS[what]
    (tmp_path / "chest.png").write_bytes(content)
    assert_refused(reader, tmp_path / "chest.png", words, python)


@pytest.mark.parametrize("what", DAMAGED_PNG)
def test_damaged_png(what: str, reader: InBrowser, tmp_path: Path) -> None:
    content, cause, python = DAMAGED_PNG[what]
    (tmp_path / "chest").write_bytes(content)
    assert_refused(reader, tmp_path / "chest", f"is a damaged PNG ({cause}); save it again", python)


@pytest.mark.parametrize("what", DAMAGED_JPEG)
def test_damaged_jpeg(what: str, reader: InBrowser, tmp_path: Path) -> None:
    content, cause, python = DAMAGED_JPEG[what]
    (tmp_path / "chest").write_bytes(content)
    assert_refused(reader, tmp_path / "chest", f"is a damaged JPEG ({cause}); save it again", python)


@pytest.mark.parametrize("what", UNFIT)
def test_whole_files_that_do_not_fit(what: str, reader: InBrowser, tmp_path: Path) -> None:
    content, words, python = UNFIT[what]
    (tmp_path / "chest").write_bytes(content)
    assert_refused(reader, tmp_path / "chest", words, python)


def test_a_bomb_stops_where_its_header_says(reader: InBrowser, tmp_path: Path) -> None:
    """A picture of 40 × 40 pixels with 400 million bytes behind them, and a text of ten million."""
    packed = zlib.compressobj(9)
    rows = b"".join(b"\0" + bytes(range(200, 240)) for _ in range(40))
    data = packed.compress(rows) + packed.compress(bytes(400_000_000)) + packed.flush()
    content = struct.pack(">IIBBBBB", 40, 40, 8, 0, 0, 0, 0)
    text = png_files.chunk(b"zTXt", b"bomb\0\0" + zlib.compress(bytes(10_000_000)))
    chunks = png_files.chunk(b"IHDR", content) + png_files.chunk(b"IDAT", data) + text
    (tmp_path / "bomb").write_bytes(PNG[:8] + chunks + png_files.chunk(b"IEND", b""))
    (worker,) = reader.page.workers
    worker.evaluate(COUNT)
    found = reader.read(tmp_path / "bomb")[0]
    assert 0 < worker.evaluate("taken") < 40_000_000
    np.testing.assert_array_equal(found.pixels, np.arange(200, 240, dtype=np.uint8)[None].repeat(40, axis=0))


def test_the_reader_goes_on_after_what_it_refuses(reader: InBrowser, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    good.write_bytes(PNG)
    bad.write_bytes(PNG[:-40])
    errors = [found.error for found in reader.read(good, bad, good, bad, good)]
    assert errors == ["", "ReadError", "", "ReadError", ""]


def test_a_file_that_is_gone(reader: InBrowser, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    reader.page.set_input_files("input", [str(path)])
    path.unlink()
    answer = reader.page.evaluate("jobs => window.run(jobs)", [{"work": "read"}])[0]
    assert answer["message"] == "It cannot be read; check that it is still there and choose it again"
