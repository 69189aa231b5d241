"""From the line integral to the grey level: Beer–Lambert, scatter, quanta, and the display curve."""

import numpy as np

from xray_keras.datasets.phantom import shapes
from xray_keras.datasets.phantom.anatomy import SOFT_TISSUE
from xray_keras.datasets.phantom.draws import Deal
from xray_keras.datasets.phantom.shapes import Array

VEIL = 14  # spline knots across the field: scatter varies over some 5 cm
COMPRESSION = 0.45  # of broad differences: chosen by eye


def relative_exposure(integral: Array, ratio: Array) -> Array:
    """Beer–Lambert exp(−P) of the primary beam plus scatter, relative to the open beam.

    Args:
        integral: P, (B, H, W).
        ratio: scatter to primary, where the primary is smooth, (B, 1, 1); 0.2 … 0.6 behind a grid.
    """
    primary = np.exp(-integral)
    return primary + ratio * _broad(
        np.minimum(primary, np.float32(0.2))
    )  # air beside the patient does not scatter


def _broad(image: Array) -> Array:
    """What varies over 5 cm and more."""
    basis = shapes.spline_basis(VEIL, image.shape[-1])
    gather = basis / basis.sum(axis=0)
    return basis @ (gather.T @ image @ gather) @ basis.T


def grey_levels(exposure: Array, thickness: Array, deal: Deal, noise: Array | None) -> Array:
    """The displayed radiograph, 0 (black, much exposure) … 255 (white, little), float32.

    The logarithm of the exposure gets quantum noise (relative variance one over the quanta in the pixel, the limit
    of Poisson's law for the hundreds of quanta that even a small pixel collects). Then the display: broad differences
    are compressed so that detail shows in lung and mediastinum alike, as digital radiography does, and a sigmoid
    follows the thickness of the body, as automatic exposure does. Focal-spot blur, about 0.1 mm, stays below the
    pixel.

    Args:
        exposure: relative to the open beam, (B, H, W).
        thickness: of the trunk, cm, (B, 1, 1).
        deal: the images' numbers: dose, brightness, contrast.
        noise: standard normal, (B, H, W), or None for a noise-free image.
    """
    quanta = np.exp(
        deal.between(np.log(1e6), np.log(8e6))
    )  # an open square centimetre, after the detector's efficiency
    middle = SOFT_TISSUE * thickness * np.float32(0.52) + deal.between(0.1, 0.55)
    contrast = deal.between(1.35, 1.9)
    density = -np.log(exposure)
    if noise is not None:
        area = (shapes.FIELD_OF_VIEW / exposure.shape[-1]) ** 2
        density += noise / np.sqrt(quanta * np.float32(area) * exposure)
    tamed = density - COMPRESSION * (_broad(np.maximum(density, middle - 1)) - middle)
    return 255 / (1 + np.exp((middle - tamed) * contrast))
