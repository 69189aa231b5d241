"""Files that list where a picture shows text, in the formats of three data sets, as outlines.

A line is a box; empty lines say nothing. Coordinates are taken as they stand, in pixels of the upright picture from its
upper left corner; what lies outside the picture or has no area is the caller's to mend (`outlines.mended`).
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from xray_keras.datasets.outlines import Outline
from xray_keras.errors import UserError, shortened

MOST_BYTES = 1 << 18
"""No box file of these sets comes near; a larger one is something else."""
MOST_BOXES = 4000
"""As many texts as no photograph shows; clipping more would take seconds."""
UNREADABLE = "###"
"""What stands instead of a text that nobody could read."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_LINE_END = re.compile(r"\r\n|\r|\n")  # str.splitlines would also split at signs that a text may hold
_BETWEEN = re.compile(r"[,\s]+")


def textdis(path: Path) -> list[Outline]:
    """Boxes of TextDis, as assumed here, for the paper does not print the format.

    A line is `x y w h`, upper left corner and size, or `x1 y1 x2 y2 x3 y3 x4 y4`, the corners in order around;
    commas, blanks or both between the numbers.

    Raises:
        UserError: the file cannot be read, or a line is something else; file and line are named.
    """
    return _parsed(path, _textdis)


def msra_td500(path: Path) -> list[Outline]:
    """Boxes of MSRA-TD500: `index difficult x y w h angle`, blanks between.

    x, y, w, h are a box before it is turned about its centre by `angle`, radians, clockwise as one looks at the picture
    (y points down). Text that is marked as difficult is text.

    Raises:
        UserError: the file cannot be read, or a line is something else; file and line are named.
    """
    return _parsed(path, _msra_td500)


def icdar(path: Path) -> list[Outline]:
    """Quadrilaterals as in the ICDAR competitions since 2015: `x1,y1,x2,y2,x3,y3,x4,y4,text`, UTF-8.

    The text may hold commas or be absent. `###` stands for text that nobody can read: ignored. It also does as the
    last field after a script, `…,Latin,###`, as in the multi-lingual sets.

    Raises:
        UserError: the file cannot be read, or a line is something else; file and line are named.
    """
    return _parsed(path, _icdar)


def _parsed(path: Path, line_of: Callable[[str], Outline]) -> list[Outline]:
    outlines = []
    for number, line in _lines(path):
        try:
            outlines.append(line_of(line))
        except ValueError as error:
            raise UserError(
                f"{path}, line {number}: '{shortened(line, 60)}' is no box ({error}); mend the line, or unpack the "
                "file again"
            ) from None
        if len(outlines) > MOST_BOXES:
            raise UserError(f"{path} lists more than {MOST_BOXES:,} boxes, so it is no box file; replace it")
    return outlines


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that say something, with their numbers from 1."""
    try:
        with path.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8; unpack the file again, or convert it") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); check the file and the disk") from None
    if len(content) > MOST_BYTES:
        raise UserError(f"{path} has more than {MOST_BYTES:,} bytes, so it is no box file; replace it")
    for number, line in enumerate(_LINE_END.split(text), 1):
        if line.strip():
            yield number, line.strip()


def _textdis(line: str) -> Outline:
    numbers = _numbers(_BETWEEN.split(line.strip(", \t")))
    if len(numbers) == 4:
        return Outline(_box(*numbers), ignored=False)
    if len(numbers) == 8:
        return Outline(np.array(numbers).reshape(4, 2), ignored=False)
    raise ValueError(f"{len(numbers)} numbers instead of x y w h or of four corners")


def _msra_td500(line: str) -> Outline:
    fields = line.split()
    if len(fields) != 7:
        raise ValueError(f"{len(fields)} fields instead of index, difficult, x, y, w, h, angle")
    if not (fields[0].isdecimal() and fields[1] in ("0", "1")):
        raise ValueError("it does not begin with an index and 0 or 1 for difficult")
    x, y, width, height, angle = _numbers(fields[2:])
    centre = np.array([x + width / 2, y + height / 2])
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.array([[cos, sin], [-sin, cos]])  # rows (x, y) @ turn; with y downwards this is clockwise
    return Outline((_box(x, y, width, height) - centre) @ turn + centre, ignored=False)


def _icdar(line: str) -> Outline:
    fields = line.split(",", 8)
    if len(fields) < 8:
        raise ValueError("fewer than the eight coordinates of four corners")
    corners = np.array(_numbers([field.strip() for field in fields[:8]])).reshape(4, 2)
    text = fields[8] if len(fields) == 9 else ""
    return Outline(corners, ignored=text.rpartition(",")[2].strip() == UNREADABLE)


def _box(x: float, y: float, width: float, height: float) -> np.ndarray:
    """Corners, clockwise from the upper left: float64 (4, 2)."""
    if width < 0 or height < 0:
        raise ValueError("a negative width or height")
    return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], np.float64)


def _numbers(fields: Sequence[str]) -> list[float]:
    numbers = [float(field) if _NUMBER.fullmatch(field) else math.nan for field in fields]
    for field, number in zip(fields, numbers, strict=True):
        if not math.isfinite(number):
            raise ValueError(f"{field[:20]!r} is no number")
    return numbers
