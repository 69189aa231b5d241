"""Gas where it should not be: pneumothorax and the stomach of a hiatal hernia (signs: Hansell et al. 2008)."""

import numpy as np

from xray_keras.datasets.phantom import shapes
from xray_keras.datasets.phantom.draws import Disease
from xray_keras.datasets.phantom.projection import Scene, outline
from xray_keras.datasets.phantom.shapes import Array, smooth_step


def collapse(view: Scene, sick: Disease) -> tuple[Array, Array]:
    """Pneumothorax: pleural air at the apex and side, without vessels, beyond the thin line of the visceral pleura.

    Returns:
        cm of pleural air along the ray, and cm of the visceral pleura where the beam meets it edge-on.
    """
    name = "Pneumothorax"
    gap = sick.amount(name, 0.7, 5.0)
    here = (view.side == sick.side(name)) & (view.lateral > 2)
    q = outline(view.x, view.y, view.body, gap, 1.3 * gap)
    inner = shapes.half_chord(q, view.body.lung_depth)
    rim = shapes.half_chord(q * np.float32(0.985), view.body.lung_depth)
    air = np.maximum(view.lung - 2 * inner, 0) * here
    return air, np.minimum(rim - inner, np.maximum(view.lung, 0)) * here


def hernia_gas(view: Scene, sick: Disease) -> Array:
    """cm of gas along the ray in the upper part of the herniated stomach."""
    level = _centre(view, sick)[1] - sick.place("Hernia", 2, 0, 0.6)
    return 2 * hernia_sac(view, sick, 0.8) * smooth_step((level - view.y) * 4)


def _centre(view: Scene, sick: Disease) -> tuple[Array, Array]:
    height = 0.5 * (view.body.dome_right + view.body.dome_left) + 0.5 - sick.amount("Hernia", 1.8, 4.0)
    return view.body.shift + sick.place("Hernia", 1, -0.5, 2.5), height


def hernia_sac(view: Scene, sick: Disease, scale: float) -> Array:
    """Half the chord of the herniated stomach (``scale`` 1) or of the room inside it."""
    radius = scale * sick.amount("Hernia", 1.8, 4.0)
    return shapes.ellipsoid(view.x, view.y, _centre(view, sick), (radius * 1.15, radius, 0.7 * radius))
