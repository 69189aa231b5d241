"""Regions with text outlined on pictures, for people to look at."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from xray_keras import files
from xray_keras.datasets import region_labels
from xray_keras.errors import UserError
from xray_keras.textfilter.network import with_text

SHORT_EDGE = (256, 512)
"""Pixels of a drawing's short edge: that of the picture itself where it lies between these."""
STYLES = {3: ("#0072B2", 5, 1), 5: ("#D55E00", 2, 9)}
"""Grid → colour, width of the line, its distance from the region's edge: thick and blue, or thin, orange and inside.

Two of Okabe & Ito's (2008) colours, which readers with any colour vision tell apart; so do their widths."""

_LONGEST = 60  # characters of a name, lest it be too long for a file system
_RIM = "black"  # on both sides of a line, so that it is seen on any picture


def outlined(pixels: np.ndarray, regions: np.ndarray, threshold: float) -> Image.Image:
    """Outline the regions that reach a threshold, those of each grid in its own style.

    Args:
        pixels: uint8 (H, W, 3), sides of `SHORT_EDGE`'s least at least.
        regions: probabilities (34,).
        threshold: of a region.

    Returns:
        RGB, as large as `pixels`, which stay as they are.
    """
    image = Image.fromarray(pixels)
    pen = ImageDraw.Draw(image)
    boxes = np.round(region_labels.boxes(*image.size)).astype(int)
    for number in np.flatnonzero(with_text(regions, threshold)):
        grid = region_labels.GRIDS[0] if number < region_labels.GRIDS[0] ** 2 else region_labels.GRIDS[1]
        colour, width, inside = STYLES[grid]
        left, top, right, bottom = boxes[number].tolist()
        for fill, wider in ((_RIM, 1), (colour, 0)):
            gap = inside - wider
            box = (left + gap, top + gap, right - 1 - gap, bottom - 1 - gap)
            pen.rectangle(box, outline=fill, width=width + 2 * wider)
    return image


def short_edge(width: int, height: int) -> int:
    """Of the drawing of a picture of this size, pixels."""
    least, most = SHORT_EDGE
    return min(max(min(width, height), least), most)


class Drawings:
    """A folder of JPEG files, one a picture, named as the picture is; a number follows where names are alike."""

    def __init__(self, folder: Path, pictures: Sequence[Path]) -> None:
        """Take a folder for drawings of pictures.

        Raises:
            UserError: pictures lie in it, which drawings would stand among, or in place of.
        """
        here = folder.resolve()
        if any(path.resolve().parent == here for path in pictures):
            raise UserError(
                f"{folder} holds pictures that are looked at; name another folder for the drawings"
            )
        self._folder = folder
        self._taken: set[str] = set()

    def write(self, picture: Path, drawing: Image.Image) -> Path:
        """Write the drawing of a picture, atomically; where it went.

        Raises:
            UserError: it cannot be written.
        """
        stem = picture.stem[:_LONGEST]
        name, number = stem, 1
        while name.lower() in self._taken:  # many file systems do not tell case
            number += 1
            name = f"{stem}-{number}"
        self._taken.add(name.lower())
        target = self._folder / f"{name}.jpg"
        with files.publish(target) as temporary:
            drawing.save(temporary, quality=90)
        return target
