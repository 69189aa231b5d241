"""Outlines of text in a picture: polygons with a mark, how they are written, mended, and how they follow the picture.

Coordinates are x to the right, then y downwards, in pixels of the upright picture. Pixel (i, j), row and column, covers
[j, j + 1] × [i, i + 1]; a picture of W × H pixels covers [0, W] × [0, H]. Geometry by shapely (GEOS).
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely

from xray_keras.errors import UserError, shortened

FAR = 1e9
"""Pixels: a coordinate beyond is a slip of the pen, and GEOS would run out of digits."""
LEAST_AREA = 1e-4
"""Square pixels: outlines are written to a hundredth of a pixel, so what is smaller than its square is nothing."""

_NUMBER = r"-?\d{1,10}(?:\.\d{1,2})?"
_WRITTEN = re.compile(rf"#?{_NUMBER} {_NUMBER}(?: {_NUMBER} {_NUMBER}){{2,}}")


class Outline(NamedTuple):
    """The outline of a text, a word or a line, whatever its data set marks.

    Attributes:
        polygon: corners in order around, float64 (P, 2), x then y, pixels; the first is not repeated.
        ignored: marked as unreadable; such text counts neither as text nor as its absence.
    """

    polygon: np.ndarray
    ignored: bool


def to_text(outlines: Sequence[Outline]) -> str:
    """Outlines as a cell of the manifest: "x y x y x y;#x y …", "#" before the ignored ones, "" for none.

    Numbers have at most two decimals. What this wrote comes back from `from_text` and is written alike again.

    Raises:
        ValueError: an outline that `mended` would refuse: fewer than three corners, or a coordinate that is none.
    """
    parts = []
    for polygon, ignored in outlines:
        if len(polygon) < 3 or not (np.abs(polygon) <= FAR).all():
            raise ValueError(f"{np.asarray(polygon).tolist()} is no outline")
        numbers = (f"{value:.2f}".rstrip("0").rstrip(".") for value in np.ravel(polygon))
        parts.append("#" * ignored + " ".join("0" if number == "-0" else number for number in numbers))
    return ";".join(parts)


def from_text(text: str) -> list[Outline]:
    """The outlines that `to_text` wrote.

    Raises:
        UserError: `text` is something else.
    """
    outlines = []
    for part in text.split(";") if text else ():
        if not _WRITTEN.fullmatch(part):
            raise UserError(f"'{shortened(part, 60)}' is no outline (x y x y x y …); rebuild the manifest")
        numbers = np.array(part.removeprefix("#").split(), np.float64)
        outlines.append(Outline(numbers.reshape(-1, 2), part.startswith("#")))
    return outlines


def is_written(text: str) -> bool:
    """Whether `from_text` understands it."""
    return all(_WRITTEN.fullmatch(part) for part in text.split(";")) if text else True


def mended(polygon: np.ndarray, width: float, height: float) -> np.ndarray | None:
    """A polygon as its author will have meant it, as far as it lies in the picture.

    A quadrilateral that crosses itself has its corners in the wrong order: it becomes their convex hull. Another
    polygon that crosses itself is untangled; where that, or the edge of the picture, leaves several pieces, the
    largest is kept, by its outer ring. Corners repeated in a row are dropped. What needs no mending keeps its corners.

    Args:
        polygon: (P, 2), any numbers.
        width, height: of the picture, pixels.

    Returns:
        float64 (Q, 2) within [0, width] × [0, height]; None where nothing is left: fewer than three corners, a
        coordinate that is not finite or beyond `FAR`, no area, or all of it outside the picture.
    """
    pieces = shapely.get_parts(clipped(shapes([polygon]), width, height))
    if not pieces.size:
        return None
    largest = pieces[np.argmax(shapely.area(pieces))]
    if shapely.area(largest) < LEAST_AREA:
        return None
    ring = shapely.get_coordinates(shapely.get_exterior_ring(largest))
    return _distinct(np.clip(ring, 0, (width, height)))


def shapes(polygons: Sequence[np.ndarray]) -> np.ndarray:
    """What polygons cover, whatever is wrong with them: as `mended` has it, but no piece is lost and none is clipped.

    Args:
        polygons: (P, 2) each, any numbers.

    Returns:
        shapely polygons or multipolygons, valid, object (N,); N is smaller where a polygon covers nothing.
    """
    rings = [np.asarray(polygon, np.float64) for polygon in polygons]
    rings = [ring for ring in rings if len(ring) >= 3 and np.abs(ring).max() <= FAR]  # NaN is not, either
    if not rings:
        return np.empty(0, object)
    places = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    found = np.asarray(shapely.polygons(shapely.linearrings(np.concatenate(rings), indices=places)))
    for place in np.flatnonzero(~shapely.is_valid(found)):
        found[place] = _untangled(found[place])
    return found[shapely.area(found) > 0]


def clipped(found: np.ndarray, width: float, height: float) -> np.ndarray:
    """The parts of `shapes` that lie in a picture of that size, pixels; without those that lie outside."""
    left, top, right, bottom = shapely.bounds(found).reshape(-1, 4).T
    inside = found.copy()
    for place in np.flatnonzero((left < 0) | (top < 0) | (right > width) | (bottom > height)):
        pieces = shapely.get_parts(shapely.intersection(found[place], shapely.box(0, 0, width, height)))
        # what touches the edge of the picture leaves lines and points
        inside[place] = shapely.union_all(pieces[shapely.area(pieces) > 0])
    return inside[shapely.area(inside) > 0]


def _untangled(polygon: shapely.Polygon) -> shapely.Geometry:
    if len(_distinct(shapely.get_coordinates(polygon))) == 4:
        return shapely.convex_hull(polygon)
    return shapely.make_valid(polygon, method="structure", keep_collapsed=False)


def _distinct(ring: np.ndarray) -> np.ndarray:
    """Corners that differ from the next one, that of the last being the first."""
    return ring[(ring != np.roll(ring, -1, axis=0)).any(axis=1)]


def transformed(outlines: Sequence[Outline], matrix: np.ndarray) -> list[Outline]:
    """Outlines that follow their picture; parts may leave it.

    Args:
        outlines: in the picture before.
        matrix: (3, 3), takes (x, y, 1) before to (x, y, 1) after. `second @ first` does `first` first.

    Raises:
        ValueError: the matrix is not affine.
    """
    matrix = np.asarray(matrix, np.float64)
    if matrix.shape != (3, 3) or matrix[2].tolist() != [0, 0, 1]:
        raise ValueError(f"{matrix.tolist()} is no affine map of the plane")
    return [
        Outline(np.asarray(polygon) @ matrix[:2, :2].T + matrix[:2, 2], ignored)
        for polygon, ignored in outlines
    ]


def scaling(sx: float, sy: float) -> np.ndarray:
    """The picture gets `sx` times as wide and `sy` times as high: float64 (3, 3), see `transformed`."""
    return np.diag([sx, sy, 1.0])


def shifting(dx: float, dy: float) -> np.ndarray:
    """The picture moves to the right and down, pixels: float64 (3, 3), see `transformed`."""
    return np.array([[1.0, 0.0, dx], [0.0, 1.0, dy], [0.0, 0.0, 1.0]])


def flipping(width: float) -> np.ndarray:
    """Left becomes right in a picture of that width, pixels: float64 (3, 3), see `transformed`."""
    return np.array([[-1.0, 0.0, width], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


def rotation(degrees: float, width: float, height: float) -> np.ndarray:
    """A turn about the centre of the picture, (width/2, height/2): float64 (3, 3), see `transformed`.

    A positive angle turns counter-clockwise as one looks at the picture, as Pillow's `Image.rotate` does: what was at
    the right moves up.
    """
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    x, y = width / 2, height / 2
    return np.array([[cos, sin, x - cos * x - sin * y], [-sin, cos, y + sin * x - cos * y], [0.0, 0.0, 1.0]])
