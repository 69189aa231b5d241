import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.web.reading.in_browser import InBrowser
from xray_keras.datasets import radiograph

SIDES = [
    (1, 1),
    (8, 8),
    (9, 31),
    (224, 224),
    (64, 65),
    (100, 399),
    (512, 512),
    (1021, 800),
    (1300, 1024),
    (3, 700),
]
SIZES = [8, 33, 64, 224, 320]


def compare(reader: InBrowser, folder: Path, cases: list[tuple[np.ndarray, int]]) -> None:
    paths, jobs = [], []
    for k, (pixels, size) in enumerate(cases):
        paths.append(folder / f"{k}.raw")
        paths[-1].write_bytes(pixels.tobytes())
        height, width = pixels.shape
        jobs.append({"work": "square", "width": width, "height": height, "size": size})
    for (pixels, size), found in zip(cases, reader.run(paths, jobs), strict=True):
        assert found.sentence == ""
        np.testing.assert_array_equal(found.pixels, radiograph.square(pixels, size), f"{pixels.shape} {size}")


@pytest.mark.parametrize("size", SIZES)
def test_every_ratio_is_bit_for_bit_that_of_pillow(size: int, reader: InBrowser, tmp_path: Path) -> None:
    generator = np.random.default_rng(size)
    sides = [*SIDES, *((width, height) for height, width in SIDES if height != width)]
    compare(reader, tmp_path, [(generator.integers(0, 256, pair, np.uint8), size) for pair in sides])


def test_sides_and_sizes_by_chance(reader: InBrowser, tmp_path: Path) -> None:
    generator = np.random.default_rng(6)
    cases = []
    for _ in range(60):
        height, width, size = (int(math.exp(x)) for x in generator.uniform(0, math.log(600), 3))
        cases.append((generator.integers(0, 256, (height, width), np.uint8), size))
    compare(reader, tmp_path, cases)


def test_extremes_neither_overflow_nor_fall_short(reader: InBrowser, tmp_path: Path) -> None:
    white = np.full((700, 900), 255, np.uint8)
    checks = np.indices((700, 900)).sum(axis=0).astype(np.uint8) % 2 * 255
    compare(reader, tmp_path, [(white, 224), (checks, 224), (checks, 699), (255 - white, 64)])


def test_halves_of_a_pixel_are_rounded_to_the_even_number(reader: InBrowser, tmp_path: Path) -> None:
    generator = np.random.default_rng(7)
    shapes: list[Any] = [(2, 5), (2, 7), (4, 10), (8, 20), (16, 40)]  # halved to n + 1/2
    compare(
        reader,
        tmp_path,
        [(generator.integers(0, 256, s, np.uint8), size) for s in shapes for size in (1, 3, 5, 7)],
    )
