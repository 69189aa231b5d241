"""Bone of the parametric thorax: spine, ribs, clavicles, shoulder blades, humeral heads."""

import numpy as np

from xray_keras.datasets.phantom import shapes
from xray_keras.datasets.phantom.anatomy import CORTICAL_BONE, SOFT_TISSUE, SPONGY_BONE
from xray_keras.datasets.phantom.projection import Scene
from xray_keras.datasets.phantom.shapes import Array

RIBS = 10


def bone(view: Scene) -> Array:
    """Line integral of bone beyond soft tissue: spine, ribs, clavicles, shoulder blades, humeral heads."""
    body, x, y = view.body, view.x, view.y
    marrow, cortex = SPONGY_BONE - SOFT_TISSUE, CORTICAL_BONE - SOFT_TISSUE
    column = x + body.curve * np.sin(y * np.float32(0.2)) - 3 * body.skew
    vertebra = 0.82 + 0.18 * np.cos(y * np.float32(2 * np.pi / 2.6))
    total = (
        marrow * 1.7 * shapes.half_chord(np.square(column * np.float32(1 / 1.9)), np.float32(2.6)) * vertebra
    )
    pedicle = np.cos(y * np.float32(2 * np.pi / 2.6) + 0.8) - 12 * np.square(np.abs(column) - 1.25)
    total += 0.1 * np.clip(pedicle - 0.3, 0, 0.5)

    lowest, highest = y.min(axis=(0, 2)), y.max(axis=(0, 2))
    for rib in range(RIBS):
        level = body.apex + 2.3 + 2.45 * rib
        radius = view.wall(np.minimum(level, 8)) + 0.35
        drop = (1.7 + 0.33 * min(rib, 7)) * body.rib_drop
        rows = np.flatnonzero((highest > np.min(level - drop) - 1) & (lowest < np.max(level + drop) + 1))
        if len(rows):
            band = slice(rows[0], rows[-1] + 1)
            u = np.maximum(view.lateral[:, band], 1.5) * (1 / radius)
            v = (y[:, band] - level) * (1 / drop)
            ring = np.sqrt(u * u + v * v) + np.float32(1e-3)
            slope = np.sqrt(np.square(u / radius) + np.square(v / drop))
            distance = (ring - 1) * ring / slope
            outer = np.sqrt(np.maximum(np.float32(0.36) - distance * distance, 0))
            inner = np.sqrt(np.maximum(np.float32(0.25) - distance * distance, 0))
            # in front, cartilage: invisible
            here = np.where(
                v > 0, np.clip((u - np.float32(0.42)) * 10, 0, 1) * np.float32(0.75), np.float32(1)
            )
            total[:, band] += here * (1.6 * marrow * outer + np.float32(1.2 * cortex) * (outer - inner))

    reach = view.lateral - 1.2 + body.skew * 6 * view.side
    clavicle = y - (body.apex + 3.6 - 0.16 * reach - np.sin(reach * np.float32(0.45)) * 0.5)
    outer = np.sqrt(np.maximum(np.float32(0.45) - clavicle * clavicle, 0))
    inner = np.sqrt(np.maximum(np.float32(0.27) - clavicle * clavicle, 0))
    span = (reach > 0) & (reach < 15)
    total += span * (2.2 * marrow * outer + np.float32(cortex * 1.3) * (outer - inner))
    blade = shapes.ellipsoid(view.lateral, y, (body.scapula, -4.5), (2.9, 7.0, 0.45), -0.18)
    total += marrow * 2 * blade
    humerus = shapes.ellipsoid(view.lateral, y, (17.5, body.apex + 3.2), (2.6, 2.8, 2.4))
    total += marrow * 1.6 * humerus
    return total * body.bone
