"""How a scene is seen: mirrored, turned, and cut to a shape that others share (zhao2019 IV.A: flip and rotation).

A view is a function of (seed, picture, number) alone, so that a teacher and its students, trained in other processes,
see the same. Angles are not printed: up to 10° either way, edges repeated where the picture ends. With batches of one,
as printed, nothing is cut; in larger ones the long edge is cut, at random, to a multiple of 32 pixels, for pictures of
one shape make a batch.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from xray_keras.datasets import outlines
from xray_keras.errors import UserError

OPERATIONS = ("flip", "rotation")
GRAIN = 32  # pixels
_ANGLE = 10.0  # degrees


class View(NamedTuple):
    """One picture as one batch shows it.

    Attributes:
        top, left, height, width: the part that is shown, pixels.
        matrix: float64 (3, 3), coordinates of the whole picture → of the view.
    """

    top: int
    left: int
    height: int
    width: int
    matrix: np.ndarray

    def part(self, picture: np.ndarray) -> np.ndarray:
        """What is shown of a picture (H, W, 3)."""
        return picture[self.top : self.top + self.height, self.left : self.left + self.width]

    def warp(self) -> np.ndarray:
        """float32 (8,): pixels of the view → pixels of the part shown, for ImageProjectiveTransform."""
        to_part = np.linalg.inv(self.matrix @ outlines.shifting(self.left, self.top))
        # Outlines measure from a pixel's corner, the operation from its centre.
        centres = outlines.shifting(-0.5, -0.5) @ to_part @ outlines.shifting(0.5, 0.5)
        return centres.reshape(-1)[:8].astype(np.float32)


def parse(augmentation: str) -> tuple[str, ...]:
    """Operations of "none" or of names joined by "+".

    Raises:
        UserError: an unknown operation.
    """
    operations = () if augmentation == "none" else tuple(augmentation.split("+"))
    if unknown := set(operations) - set(OPERATIONS):
        raise UserError(
            f"augmentation {min(unknown)!r} is unknown for scenes; join some of {', '.join(OPERATIONS)} by +, or "
            "say none"
        )
    return operations


def draw(
    shape: tuple[int, int], operations: Sequence[str], *, together: bool, entropy: tuple[int, ...]
) -> View:
    """The view of a picture.

    Args:
        shape: height and width.
        operations: of `parse`.
        together: whether pictures share batches, so that the long edge is cut.
        entropy: what it is a function of: seed, picture, number.
    """
    rng = np.random.default_rng(entropy)
    mirrored, turn, down, across = rng.random() < 0.5, rng.uniform(-1, 1), *rng.random(2)
    height, width = shared(shape) if together else shape
    top, left = int((shape[0] - height + 1) * down), int((shape[1] - width + 1) * across)
    matrix = outlines.shifting(-left, -top)
    if "flip" in operations and mirrored:
        matrix = outlines.flipping(width) @ matrix
    if "rotation" in operations:
        matrix = outlines.rotation(turn * _ANGLE, width, height) @ matrix
    return View(top, left, height, width, matrix)


def shared(shape: tuple[int, int]) -> tuple[int, int]:
    """Height and width of a batch's pictures: the long edge a multiple of 32, but no shorter than the short one."""
    height, width = (max(min(shape), edge // GRAIN * GRAIN) for edge in shape)
    return height, width
