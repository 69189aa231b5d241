"""What stands where in a rendered picture: its size, the scene, boards, and lines of text or what stands for them.

A picture with text and one without are laid out alike: both get blocks of lines, on a board or not, in perspective. In
one without text each block holds structures or plain shapes in the places of its lines (see `structures`), or
nothing; in one with text the first block is text and the others are text, structures, shapes or nothing. So sizes,
places, poses, colours and boards tell nothing about text.
"""

from dataclasses import dataclass

import numpy as np

from xray_keras.datasets.rendered.blocks import Words, one_of, placed, pose

SHORT = (256, 400)
"""The short edge, pixels: least and most."""
ASPECTS = (1.0, 4 / 3, 3 / 2, 16 / 9)
LINES = 6
"""Lines in all blocks of a picture, at most."""
APART = 3
"""Pixels between the boards or lines of two blocks, at least."""
SCENES = {"wall": 0.45, "street": 0.2, "nature": 0.15, "indoor": 0.12, "blurred": 0.08}
"""What the pictures show, and how many do."""


@dataclass(frozen=True)
class Mark:
    """A line of text, or the structure in its place.

    Attributes:
        outline: float64 (4, 2), corners in the picture, x then y: top left as one reads, then clockwise.
        text, face: what it says, in which font; a structure in its place has its size.
        em: pixels of the font's em, seen from the front.
        rim: width of a border around the ink, ems; 0 for none.
        written: whether it is text.
        number: of this mark in its picture, from 1: its own stream of random numbers.
    """

    outline: np.ndarray
    text: str
    face: str
    em: float
    rim: float
    written: bool
    number: int


@dataclass(frozen=True)
class Block:
    """Lines that stand together.

    Attributes:
        place: number of this block in its picture, from 1: its own stream of random numbers.
        board: float64 (4, 2), the corners of the plate behind the lines, or None.
        marks: in order; none: a board without writing, or nothing at all.
    """

    place: int
    board: np.ndarray | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Layout:
    """A picture but for its pixels.

    Attributes:
        seed, number: whose picture it is.
        width, height: pixels.
        scene: of `SCENES`.
        wall: float64 (3, 3), takes points of the scene's plane, pixels about its middle, to the picture.
        blocks: in the order in which they are painted; they do not overlap.
    """

    seed: int
    number: int
    width: int
    height: int
    scene: str
    wall: np.ndarray
    blocks: tuple[Block, ...]

    def stream(self, *stage: int) -> np.random.Generator:
        """The picture's own random numbers for one stage of its making; stages are at least 1."""
        return np.random.default_rng((self.seed, self.number, *stage))

    def outlines(self) -> list[np.ndarray]:
        """The outline of each line of text, float64 (4, 2); none in a picture without text."""
        return [mark.outline for block in self.blocks for mark in block.marks if mark.written]


def layout(seed: int, number: int) -> Layout:
    """The layout of one picture: those with an odd number hold text, at least a line of it."""
    draw = np.random.default_rng((seed, number, 1))
    width, height = _size(draw)
    scene = list(SCENES)[one_of(draw, SCENES.values())]
    focal = draw.uniform(1.1, 2.2) * max(width, height)
    wall = pose(draw, focal, width / 2, height / 2)
    blocks: list[Block] = []
    taken: list[np.ndarray] = []
    left = LINES
    for place in range(1, 2 + one_of(draw, (0.5, 0.33, 0.17))):
        kind, boarded = draw.random(), draw.random() < (0.5 if scene == "wall" else 0.75)
        if place == 1:
            written, blank = number % 2 == 1, number % 2 == 0 and kind < 0.25
        else:
            written, blank = number % 2 == 1 and kind > 0.4, kind < 0.2
        words = Words(draw, width, height, left)
        plane = wall if scene == "wall" else pose(draw, focal, width / 2, height / 2)
        seat = placed(draw, words, plane, scene == "wall", (width, height), taken)
        if seat is not None:
            em, board, lines = seat
            held = board if boarded else lines.reshape(-1, 2)
            taken.append(np.stack([held.min(axis=0) - APART, held.max(axis=0) + APART]))
            marks = () if blank else _marks(words, em, lines, written, LINES * place)
            blocks.append(Block(place, board if boarded else None, marks))
        left -= len(words.texts)
        if not left:
            break
    return Layout(seed, number, width, height, scene, wall, tuple(blocks))


def _marks(words: Words, em: float, lines: np.ndarray, written: bool, first: int) -> tuple[Mark, ...]:
    return tuple(
        Mark(line, text, words.face, em * float(scale), words.rim, written, first + k)
        for k, (line, text, scale) in enumerate(zip(lines, words.texts, words.scales, strict=True))
    )


def _size(draw: np.random.Generator) -> tuple[int, int]:
    short = int(draw.integers(SHORT[0], SHORT[1] + 1))
    long = round(short * ASPECTS[draw.integers(len(ASPECTS))])
    return (short, long) if draw.random() < 0.35 else (long, short)
