"""A source of pixels whose speed and failures a test chooses; importable by child processes."""

import os
import signal
import time
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from xray_keras.datasets import cache
from xray_keras.datasets.findings import FINDINGS
from xray_keras.errors import UserError


def manifest_of(images: int) -> pd.DataFrame:
    """A small valid manifest: three images a patient, a label in two of three."""
    number = np.arange(images)
    frame = pd.DataFrame(
        {
            "image": [f"{index:08d}_000.png" for index in number],
            "patient": [str(index // 3) for index in number],
            "path": "",
            "follow_up": number % 3,
            "age": 40 + number % 50,
            "sex": np.where(number % 2, "M", "F"),
            "view": np.where(number % 5, "PA", "AP"),
            "official_split": np.where(number // 3 % 4, "train_val", "test"),
        }
    )
    for column, finding in enumerate(FINDINGS):
        frame[finding] = ((number % 3 > 0) & (number % len(FINDINGS) == column)).astype(np.int8)
    return frame


def expected(image: str, size: int) -> np.ndarray:
    """The pixels of one image: never zero, different for each name."""
    return np.random.default_rng(zlib.crc32(image.encode())).integers(1, 256, (size, size), dtype=np.uint8)


@dataclass(frozen=True)
class Fake:
    """Logs the name of each image it decodes to `log`, a line each; waits while the file `hold` exists."""

    log: Path
    delay: float = 0.0
    broken: tuple[str, ...] = ()
    deadly: str = ""
    hold: Path = Path("/nonexistent")

    def __repr__(self) -> str:
        return "Fake()"

    def images(self, rows: pd.DataFrame, size: int) -> np.ndarray:
        pixels = []
        for image in rows["image"]:
            time.sleep(self.delay)
            while self.hold.exists():
                time.sleep(0.01)
            if image == self.deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            if image in self.broken:
                raise UserError(f"{image} is truncated; replace it")
            pixels.append(expected(image, size))
        with self.log.open("a") as opened:
            opened.write("".join(f"{image}\n" for image in rows["image"]))
        return np.stack(pixels)


def finished(folder: Path) -> int:
    """Images marked as done in the journal of the cache under construction."""
    journals = list(folder.glob("*.partial.done"))
    marks = journals[0].read_bytes().partition(b"\n")[2] if journals else b""
    return int(np.count_nonzero(np.frombuffer(marks, "<u8")))


def decoded(tmp_path: Path) -> Counter[str]:
    """How often each image was decoded, by the log of `Fake(tmp_path / "log")`."""
    return Counter((tmp_path / "log").read_text().split())


def check(path: Path, images: int, size: int = 8, black: tuple[str, ...] = ()) -> None:
    """The cache of `manifest_of(images)` holds each image in its place, those in `black` all 0."""
    frame = manifest_of(images)
    array = cache.load(path)
    assert array.shape == (images, size, size) and array.dtype == np.uint8
    for row, image in enumerate(frame["image"]):
        wanted = np.zeros((size, size)) if image in black else expected(image, size)
        np.testing.assert_array_equal(array[row], wanted, err_msg=image)
