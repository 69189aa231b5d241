"""PNG files of every kind, written here: Pillow writes neither interlaced ones nor colour of 16 bits."""

import itertools
import struct
import zlib
from collections.abc import Iterator

import numpy as np

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def write(
    samples: np.ndarray,
    bits: int,
    kind: int,
    *,
    interlaced: bool = False,
    before: bytes = b"",
    after: bytes = b"",
    pieces: int = 1,
    seed: int = 0,
) -> bytes:
    """A PNG file.

    Args:
        samples: (H, W, channels) of `bits` bits each.
        bits, kind: depth and colour type of the format.
        interlaced: by Adam7.
        before, after: chunks that stand before and after the image data.
        pieces: chunks of image data.
        seed: of the filters, one by chance for each row.
    """
    height, width, channels = samples.shape
    assert channels == _CHANNELS[kind]
    rows = b"".join(_filtered(samples, bits, interlaced, np.random.default_rng(seed)))
    packed = zlib.compress(rows, 1)
    edges = np.linspace(0, len(packed), pieces + 1).astype(int)
    data = b"".join(chunk(b"IDAT", packed[a:b]) for a, b in itertools.pairwise(edges))
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, int(interlaced))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + data + after + chunk(b"IEND", b"")


def _filtered(
    samples: np.ndarray, bits: int, interlaced: bool, generator: np.random.Generator
) -> Iterator[bytes]:
    step = max(1, bits * samples.shape[2] // 8)
    for left, top, across, down in _PASSES if interlaced else [(0, 0, 1, 1)]:
        part = samples[top::down, left::across]
        if not part.size:
            continue
        above = None
        for row in part:
            packed = _packed(row, bits)
            above = np.zeros(len(packed), np.uint8) if above is None else above
            chosen = int(generator.integers(5))
            yield bytes([chosen]) + _predicted(packed, above, step, chosen).tobytes()
            above = packed


def _packed(row: np.ndarray, bits: int) -> np.ndarray:
    if bits == 16:
        return np.frombuffer(row.astype(">u2").tobytes(), np.uint8)
    if bits == 8:
        return row.astype(np.uint8).reshape(-1)
    each = (row.reshape(-1, 1) >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(each.reshape(-1).astype(np.uint8))


def _predicted(row: np.ndarray, above: np.ndarray, step: int, chosen: int) -> np.ndarray:
    a = np.concatenate([np.zeros(step, int), row.astype(int)])[: len(row)]
    b = above.astype(int)
    c = np.concatenate([np.zeros(step, int), b])[: len(row)]
    p = a + b - c
    near = [abs(p - a), abs(p - b), abs(p - c)]
    paeth = np.where((near[0] <= near[1]) & (near[0] <= near[2]), a, np.where(near[1] <= near[2], b, c))
    guess = [np.zeros_like(a), a, b, (a + b) // 2, paeth][chosen]
    return ((row - guess) % 256).astype(np.uint8)
