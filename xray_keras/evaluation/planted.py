"""Copies of images as a careless generator, or whoever hides one, would make them: what a privacy screen must find."""

import io

import numpy as np
from PIL import Image

KEPT = 0.9  # of the side, what a crop keeps
QUALITY = 30  # of the JPEG


def copies(images: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """The same images in each disguise: "exact", "flipped" left to right, "cropped" somewhere, "jpeg".

    Args:
        images: uint8 (N, S, S). seed: of the crops.

    Returns:
        kind → uint8 (N, S, S).
    """
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, (1 - KEPT) * images.shape[1], (len(images), 2))
    return {
        "exact": images,
        "flipped": images[:, :, ::-1],
        "cropped": np.stack([_cropped(*pair) for pair in zip(images, corners, strict=True)]),
        "jpeg": np.stack([_encoded(image) for image in images]),
    }


def _cropped(image: np.ndarray, corner: np.ndarray) -> np.ndarray:
    """A square of the image, enlarged to the whole."""
    (x, y), side = corner, len(image)
    box = (x, y, x + KEPT * side, y + KEPT * side)
    return np.array(Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR, box=box))


def _encoded(image: np.ndarray) -> np.ndarray:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=QUALITY)
    return np.array(Image.open(buffer))
