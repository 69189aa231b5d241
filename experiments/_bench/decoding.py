"""Radiographs from PNG files: decode 1024 × 1024 and resize, as the cache does once for every image."""

import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image

from experiments._bench.lines import Line
from xray_keras.datasets import images
from xray_keras.datasets.phantom.chest import Phantom

SIDE, SIZE, FILES = 1024, 224, 8


def lines(folder: Path) -> Iterator[Line]:
    """Ours beside plain TensorFlow, Pillow and (where installed) OpenCV; then what a PNG costs at the very least."""
    paths = _write(folder)
    contents = [path.read_bytes() for path in paths]
    packed = [_compressed(content) for content in contents]
    calls = {
        "xray_keras": lambda: [images.read_gray(path, SIZE) for path in paths],
        "tf.io.decode_png + tf.image.resize": lambda: [_tensorflow(str(path)) for path in paths],
        "the same with antialias": lambda: [_tensorflow(str(path), antialias=True) for path in paths],
        "Pillow": lambda: [_pillow(path) for path in paths],
        "only inflate (zlib), no pixels": lambda: [zlib.decompress(data) for data in packed],
        "only decode (Pillow), no resize": lambda: [_decoded(content) for content in contents],
    }
    try:
        import cv2
    except ImportError:
        pass
    else:
        cv2.setNumThreads(1)
        calls["OpenCV"] = lambda: [_opencv(cv2, path) for path in paths]
        raw = [np.frombuffer(content, np.uint8) for content in contents]
        calls["only decode (OpenCV), no resize"] = lambda: [
            cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) for data in raw
        ]
    yield Line(
        f"decode a {SIDE} × {SIDE} PNG, resize it to {SIZE}",
        "images",
        FILES,
        calls,
        remark="Computed radiographs, 8-bit gray, with the row filters that Pillow chooses. All but the plain "
        "TensorFlow pipeline resize with antialias. Decoding alone bounds what any resize can gain: no pipeline on "
        "a decoder is faster than TensorFlow's by more than TensorFlow's ratio over that of `only decode` with it.",
    )


def _write(folder: Path) -> list[Path]:
    source = Phantom(0)
    pixels = source.images(source.manifest(FILES, labelled=True), SIDE)
    paths = [folder / f"{number}.png" for number in range(FILES)]
    for path, picture in zip(paths, pixels, strict=True):
        Image.fromarray(picture).save(path)
    return paths


def _tensorflow(path: str, antialias: bool = False) -> np.ndarray:
    decoded = tf.io.decode_png(tf.io.read_file(path), channels=1)
    resized = tf.image.resize(decoded, (SIZE, SIZE), antialias=antialias)
    return tf.cast(resized, tf.uint8).numpy()


def _pillow(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("L").resize((SIZE, SIZE), Image.Resampling.BILINEAR))


def _opencv(cv2: Any, path: Path) -> np.ndarray:
    decoded = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    return cv2.resize(decoded, (SIZE, SIZE), interpolation=cv2.INTER_AREA)


def _decoded(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return image


def _compressed(content: bytes) -> bytes:
    """The zlib stream of a PNG: what its IDAT chunks hold."""
    at, parts = 8, []
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        if content[at + 4 : at + 8] == b"IDAT":
            parts.append(content[at + 8 : at + 8 + length])
        at += 12 + length
    return b"".join(parts)
