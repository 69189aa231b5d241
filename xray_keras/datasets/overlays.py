"""Errors painted over radiographs, as Figures 4 and 7 of cohen2019 show them."""

import numpy as np

_DIM = 0.6  # of the radiograph below, so that red stands out
FULL = 64  # gray levels of error that are painted in full red


def error_in_red(images: np.ndarray, reconstructions: np.ndarray) -> np.ndarray:
    """A dimmed radiograph with the absolute error of its reconstruction in red, pixel by pixel.

    Args:
        images, reconstructions: uint8 (…, H, W).

    Returns:
        uint8 (…, H, W, 3): red rises with the error up to FULL gray levels.
    """
    gray = _DIM * images.astype(np.float32)
    error = np.abs(images.astype(np.float32) - reconstructions.astype(np.float32))
    share = np.clip(error / FULL, 0, 1)
    red = gray + share * (255 - gray)
    rest = gray * (1 - share)
    return np.round(np.stack([red, rest, rest], axis=-1)).astype(np.uint8)


def sheet(images: np.ndarray, reconstructions: np.ndarray) -> np.ndarray:
    """Images above their reconstructions above the error in red: uint8 (N, S, S) twice → uint8 (3 S, N S, 3)."""
    rows = [
        np.repeat(images[..., None], 3, axis=-1),
        np.repeat(reconstructions[..., None], 3, axis=-1),
        error_in_red(images, reconstructions),
    ]
    return np.concatenate([np.concatenate(list(row), axis=1) for row in rows])
