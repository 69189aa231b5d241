import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.web.reading import damage, dicom_files, png_files
from tests.web.reading.in_browser import InBrowser
from xray_keras.datasets import radiograph
from xray_keras.errors import UserError

FILES = 20  # damaged ones of each kind


def whole(folder: Path) -> dict[str, bytes]:
    """Files of every kind that is read, small, so that injuries hit what has a meaning."""
    generator = np.random.default_rng(0)
    noise = {n: generator.integers(0, 256, (40, 50, n)) for n in (1, 2, 3)}
    y, x = np.mgrid[:60, :70] / 60
    smooth = np.stack([128 + 90 * np.sin(5 * x * k + y) for k in (1, 2, 3)], axis=-1).astype(np.uint8)
    ramp = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    palette = png_files.chunk(b"PLTE", generator.bytes(48)) + png_files.chunk(b"tRNS", b"\0\1")
    exif = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, 6, 0, 0)
    found = {
        "png": png_files.write(noise[1], 8, 0, pieces=3),
        "png16": png_files.write(noise[1] * 16, 16, 0),
        "interlaced": png_files.write(noise[3], 8, 2, interlaced=True),
        "palette": png_files.write(noise[1] % 16, 4, 3, before=palette),
        "turned": png_files.write(noise[2], 8, 4, after=png_files.chunk(b"eXIf", exif)),
        "jpeg": jpeg(smooth[..., 0]),
        "progressive": jpeg(smooth, progressive=True),
    }
    shown = {"BitsStored": 12, "WindowCenter": 2000, "WindowWidth": 3000, "RescaleSlope": "1.5"}
    path = folder / "whole"
    for kind, syntax in dicom_files.PLAIN.items():
        found[f"dicom {kind}"] = dicom_files.write(path, ramp, syntax, **shown).read_bytes()
    table = dicom_files.table(generator, 0, 12, 4096)
    found["dicom table"] = dicom_files.write(
        path, ramp, BitsStored=12, VOILUTSequence=[table], PixelPaddingValue=7
    ).read_bytes()
    found["dicom jpeg"] = dicom_files.write_jpeg(path, smooth[..., 0], "MONOCHROME2").read_bytes()
    return found


def jpeg(pixels: np.ndarray, **settings: object) -> bytes:
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "JPEG", **settings)
    return packed.getvalue()


def checksums_mended(content: bytes) -> bytes:
    """Of a PNG, so that what is behind the checksums is tried as well."""
    found, at = bytearray(content), 8
    while at + 12 <= len(found):
        end = at + 8 + int.from_bytes(found[at : at + 4], "big")
        if end + 4 > len(found):
            break
        found[end : end + 4] = struct.pack(">I", zlib.crc32(found[at + 4 : end]))
        at = end + 4
    return bytes(found)


@pytest.mark.parametrize("seed", [0, 1])
def test_damage_is_refused_or_harmless_as_in_python(seed: int, reader: InBrowser, tmp_path: Path) -> None:
    generator = np.random.default_rng(seed)
    paths = []
    for name, content in whole(tmp_path).items():
        for k in range(FILES):
            hurt = damage.damaged(content, generator)
            if hurt.startswith(b"\x89PNG") and k % 3:
                hurt = checksums_mended(hurt)
            paths.append(tmp_path / f"{name}-{k}")
            paths[-1].write_bytes(hurt)
    found = reader.read(*paths)
    apart = read = 0
    for path, answer in zip(paths, found, strict=True):
        if answer.pixels is None:
            assert answer.error == "ReadError", f"{path.name}: {answer}"
            assert (
                answer.sentence.startswith("It ") and "; " in answer.sentence and "\n" not in answer.sentence
            )
            assert not any(secret in answer.sentence for secret in dicom_files.SECRETS)
        try:
            expected = radiograph.read(path)
        except UserError:
            apart += answer.pixels is not None
            continue
        if answer.pixels is None:
            apart += 1
            continue
        read += 1
        np.testing.assert_array_equal(answer.pixels, expected.pixels, path.name)
        assert answer.notes == expected.notes, path.name
    # Both are forgiving, each in its own way: of six thousand files with one injury they disagreed on 25.
    assert apart <= 0.03 * len(paths)
    assert read >= 20
