"""By how many degrees radiographs are turned against the average of real ones."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from xray_keras.evaluation.metrics import Cell, proportion

TURNED = 5.0  # degrees: the most by which classical augmentation turns an image
REACH, STEP = 15.0, 0.5  # degrees that are tried, to either side
RADIUS = 0.45  # of the side: a disc about the centre, which every turn fills


class Turned(NamedTuple):
    """generated, real: shares of images that are turned by at least `TURNED` degrees.

    control: degrees that are found, on average, of real images after they were turned by `TURNED`.
    """

    generated: Cell
    real: Cell
    control: float


def measure(generated: np.ndarray, real: np.ndarray) -> Turned:
    """Tilts against the mean of the real images.

    Args:
        generated, real: uint8 (N, S, S) and (M, S, S).
    """
    reference = real.mean(axis=0)
    own = tilts(real, reference)
    again = np.stack([_turned(image.astype(np.float32), TURNED) for image in real])
    shares = [_share(np.abs(found) >= TURNED) for found in (tilts(generated, reference), own)]
    return Turned(shares[0], shares[1], float((tilts(again, reference) - own).mean()))


def tilts(images: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Degrees by which the reference must be turned, anticlockwise, to correlate best with each image, (N,).

    Args:
        images: (N, S, S). reference: (S, S).
    """
    angles = np.arange(-REACH, REACH + STEP / 2, STEP)
    angles = angles[np.argsort(np.abs(angles), kind="stable")]  # of equally good ones, the least
    side = np.abs(np.indices(reference.shape) - (len(reference) - 1) / 2)
    disc = np.hypot(*side) <= RADIUS * len(reference)
    seen = [_turned(reference.astype(np.float32), angle)[disc] for angle in angles]
    return angles[(_standard(images[:, disc]) @ _standard(np.array(seen)).T).argmax(axis=1)]


def _turned(image: np.ndarray, degrees: float) -> np.ndarray:
    return np.array(Image.fromarray(image).rotate(degrees, Image.Resampling.BILINEAR))


def _standard(rows: np.ndarray) -> np.ndarray:
    """Rows about their mean, of length one."""
    centred = rows - rows.mean(axis=1, keepdims=True, dtype=np.float64)
    return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)


def _share(hits: np.ndarray) -> Cell:
    return proportion(hits.astype(int), np.ones(len(hits), int))
