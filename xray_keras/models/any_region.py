"""From regions to the picture: it contains text as soon as one of them does (zhao2019 III.A, III.B)."""

from typing import Any

from keras import ops

from xray_keras.errors import UserError

THRESHOLD = 0.5  # not printed; where text becomes the likelier of two classes


def probability(regions: Any) -> Any:
    """The picture's score: its greatest region. Comparing it with a threshold is the logical OR over the regions.

    It ranks pictures, but is no calibrated probability: of 34 regions without text one is easily high by chance.

    Args:
        regions: (B, M) float in [0, 1].

    Returns:
        (B,) float in [0, 1].
    """
    return ops.max(regions, axis=-1)


def is_text(regions: Any, threshold: float = THRESHOLD) -> Any:
    """Whether any region reaches the threshold.

    Args:
        regions: (B, M) float in [0, 1].
        threshold: above 0, where every picture would be text, and at most 1.

    Returns:
        (B,) bool.

    Raises:
        UserError: another threshold.
    """
    if not 0 < threshold <= 1:
        raise UserError(f"a region's threshold lies above 0 and is at most 1, not {threshold}; change it")
    return ops.any(ops.convert_to_tensor(regions) >= threshold, axis=-1)
