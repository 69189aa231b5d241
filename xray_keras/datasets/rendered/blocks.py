"""Blocks of lines for the rendered pictures: what they say, how large they are, and where in space they stand."""

import itertools
import math
from collections.abc import Iterable, Sequence

import numpy as np
import shapely

from xray_keras.datasets.rendered import fonts

HEIGHTS = (0.12, 0.35)
"""Height of a line's ink over the picture's short edge, in its middle: least and most."""
INSIDE = 0.6
"""Share of each line that lies in the picture, at least."""
TRIES = 12
"""Places that a block tries."""
CAPITAL = 0.73
"""Height of a capital, ems, about."""


def one_of(draw: np.random.Generator, shares: Iterable[float]) -> int:
    """An index, drawn by the shares, which add up to 1."""
    ladder = itertools.accumulate(shares)
    number = draw.random()
    return next((index for index, top in enumerate(ladder) if number < top), 0)


class Words:
    """Lines of one block, measured.

    Attributes:
        texts, face: what the lines say, in which font.
        rim: width of a border around the ink, ems; 0 for none.
        height: of capitals, over the picture's short edge.
        scales: (N,): how much larger than the others a line is.
        boxes: float64 (N, 4): left, top, right, bottom of each line's ink in the block, ems, the rim included.
        extent: float64 (2,): width and height of all, ems.
        board: float64 (4,), left, top, right, bottom of a board around them.
    """

    def __init__(self, draw: np.random.Generator, width: int, height: int, most: int) -> None:
        self.height = HEIGHTS[0] * (HEIGHTS[1] / HEIGHTS[0]) ** draw.random()
        em = min(width, height) * self.height / CAPITAL
        lines = 1 + one_of(draw, (0.45, 0.27, 0.17, 0.11))
        lines = max(min(lines, most, int(0.85 * height / em / 1.35)), 1)
        longest = max(int(0.85 * width / em / 0.62), 3)
        self.face = fonts.FACES[draw.integers(len(fonts.FACES))]
        self.rim = draw.uniform(0.03, 0.07) if draw.random() < 0.12 else 0.0
        case = int(draw.integers(6))
        self.scales = np.ones(lines)
        if lines > 1 and draw.random() < 0.3:
            self.scales[draw.integers(2)] = draw.uniform(1.3, 1.8)  # a heading
        self.texts = [
            fonts.line(draw, self.face, case, min(int(draw.integers(3, 13)), longest)) for _ in range(lines)
        ]
        boxes = np.stack([fonts.ink(text, self.face) for text in self.texts]) * self.scales[:, None]
        boxes += np.outer(self.scales * self.rim, (-1, -1, 1, 1))
        widths = boxes[:, 2] - boxes[:, 0]
        aligned = (0.5 if draw.random() < 0.6 else 0.0) * (widths.max() - widths) - boxes[:, 0]
        boxes[:, 0::2] += aligned[:, None]
        boxes[:, 1::2] += np.cumsum(self.scales * draw.uniform(1.2, 1.5))[:, None]
        low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
        self.boxes = boxes - np.tile((low + high) / 2, 2)
        self.extent = high - low
        margin = draw.uniform((0.3, 0.25), (1.0, 0.7))
        self.board = np.append(-self.extent / 2 - margin, self.extent / 2 + margin)

    def size(self, short: int, room: np.ndarray) -> float:
        """Pixels an em: as drawn, where lines stay within `HEIGHTS` of the short edge and the block within `room`."""
        heights = (self.boxes[:, 3] - self.boxes[:, 1]) / short
        em = min(self.height * short / CAPITAL, HEIGHTS[1] / heights.max(), 0.85 * room.min())
        return max(em, HEIGHTS[0] / heights.min())


def pose(draw: np.random.Generator, focal: float, x: float, y: float) -> np.ndarray:
    """A plane turned about its point in front of (x, y), seen from `focal` pixels: (3, 3) to the picture."""
    yaw = min(max(draw.normal(0, 22), -50), 50)
    pitch = min(max(draw.normal(0, 10), -28), 28)
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]]) @ _turned(yaw, pitch, draw.normal(0, 3), focal)


def _turned(yaw: float, pitch: float, roll: float, focal: float) -> np.ndarray:
    """Degrees about the vertical, the horizontal and the view; the plane's own axes are x and y, in pixels."""
    a, b, c = math.radians(yaw), math.radians(pitch), math.radians(roll)
    leaned = np.array(
        [
            [math.cos(a), math.sin(a) * math.sin(b)],
            [0, math.cos(b)],
            [-math.sin(a) / focal, math.cos(a) * math.sin(b) / focal],
        ]
    )
    plane = np.eye(3)
    plane[:, :2] = leaned @ [[math.cos(c), -math.sin(c)], [math.sin(c), math.cos(c)]]
    return plane


def project(plane: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (…, N, 2) of planes (…, 3, 3) in the picture, (…, N, 2)."""
    found = points @ plane[..., :2].swapaxes(-1, -2) + plane[..., None, :, 2]
    return found[..., :2] / found[..., 2:]


def _rectangles(boxes: np.ndarray) -> np.ndarray:
    """Left, top, right, bottom (…, 4) as corners (…, 4, 2)."""
    return boxes[..., [[0, 1], [2, 1], [2, 3], [0, 3]]]


def placed(
    draw: np.random.Generator,
    words: Words,
    plane: np.ndarray,
    fixed: bool,
    size: tuple[int, int],
    taken: Sequence[np.ndarray],
) -> tuple[float, np.ndarray, np.ndarray] | None:
    """Where a block goes: its em in pixels, its board (4, 2) and its lines (N, 4, 2); None where there is no room.

    Args:
        fixed: whether the plane stays in the picture, a wall, and the block moves along it; else it moves the plane.
        taken: bounds of the blocks before it; a block without others before it always finds its place.
    """
    slant = draw.normal(0, 1) if draw.random() < 0.85 else draw.uniform(-35, 35)
    if draw.random() < 0.02:
        slant += 90  # a banner
    roll = _turned(0, 0, slant, 1)
    em = words.size(min(size), np.array(size) / (np.abs(roll[:2, :2]) @ words.extent))
    middle = np.array(size) / 2
    reach = np.linspace(0.5, 0, TRIES)[:, None]
    centres = middle + draw.uniform(-1, 1, (TRIES, 2)) * reach * size
    seats = np.tile(np.eye(3), (TRIES, 1, 1))
    if fixed:
        seats[:, :2, 2] = project(np.linalg.inv(plane), centres)
        seats = plane @ seats @ roll
    else:
        seats[:, :2, 2] = centres - middle
        seats = seats @ (plane @ roll)
    up = project(seats, np.array([[0.0, -0.5], [0.0, 0.5]]))
    seen = em / np.hypot(*(up[:, 1] - up[:, 0]).T)  # so that the height in the picture is what was drawn
    corners = _rectangles(np.vstack([words.boxes, words.board])).reshape(-1, 2)
    found = project(seats, corners * seen[:, None, None]).reshape(TRIES, -1, 4, 2)
    whole = shapely.polygons(found[:, :-1])
    share = shapely.area(shapely.clip_by_rect(whole, 0, 0, *size)) / shapely.area(whole)
    least = np.maximum(INSIDE, 1 - 0.5 * draw.random(TRIES) ** 3)
    least[-1] = INSIDE
    fits = (share >= least[:, None]).all(axis=1)
    low, high = found.min(axis=(1, 2)), found.max(axis=(1, 2))
    for other in taken:
        fits &= ((low > other[1]) | (high < other[0])).any(axis=1)
    if not fits.any():
        return None
    chosen = fits.argmax()
    return seen[chosen], found[chosen, -1], found[chosen, :-1]
