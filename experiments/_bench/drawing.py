"""The phantom: radiographs computed instead of read."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from experiments._bench.lines import Line
from xray_keras.datasets.phantom.chest import Phantom

IMAGES, SIZE = 32, 128


def lines(folder: Path) -> Iterator[Line]:
    """Computing images beside decoding the same ones from files of their size."""
    source = Phantom(0)
    rows = source.manifest(IMAGES, labelled=True)
    files = [_png(picture) for picture in source.images(rows, SIZE)]
    yield Line(
        f"make phantom radiographs of {SIZE} × {SIZE}",
        "images",
        IMAGES,
        {
            "xray_keras": lambda: source.images(rows, SIZE),
            "Pillow, decoding the same images": lambda: [
                np.asarray(Image.open(io.BytesIO(f))) for f in files
            ],
        },
        remark="No other package computes radiographs in these proportions, so reading them is the peer.",
    )


def _png(picture: np.ndarray) -> bytes:
    stored = io.BytesIO()
    Image.fromarray(picture).save(stored, "PNG")
    return stored.getvalue()
