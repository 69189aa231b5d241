"""The findings as density changes: each names its radiographic sign, after the Fleischner Society's glossary.

Source of the signs unless stated: Hansell et al., Radiology 2008;246:697-722. Each function returns the share φ of
the aerated lung along the ray that the finding replaces by soft tissue or fluid, (B, H, W), 0 … 1. Shares compose as
Π(1 − φ): two opacities never exceed soft tissue. What a finding does to the organs' geometry is in
``anatomy.thorax``; cardiomegaly is nothing else.
"""

from collections.abc import Callable

import numpy as np

from xray_keras.datasets.phantom import shapes
from xray_keras.datasets.phantom.draws import Disease
from xray_keras.datasets.phantom.gas import hernia_sac
from xray_keras.datasets.phantom.projection import Scene, outline, vessels
from xray_keras.datasets.phantom.shapes import Array, smooth_step


def _on(view: Scene, side: Array) -> Array:
    return (view.side == side).astype(np.float32)


def _patch(view: Scene, centre: tuple[Array, Array], radii: tuple[Array, Array]) -> Array:
    """A soft-edged spot, 1 at the centre, 0.37 at the radii."""
    dx, dy = (view.x - centre[0]) * (1 / radii[0]), (view.y - centre[1]) * (1 / radii[1])
    return np.exp(-dx * dx - dy * dy)


def _texture(view: Scene, sick: Disease, knots: int) -> Array:
    return shapes.smooth_field(sick.texture[:, :knots, :knots], view.x.shape[-1])


def _ball(view: Scene, centre: tuple[Array, Array], radius: Array) -> Array:
    """Share of the lung that a sphere wholly inside it takes."""
    chord = 2 * shapes.ellipsoid(view.x, view.y, centre, (radius, radius, radius))
    return np.minimum(chord / np.maximum(view.lung, 0.1), 1)


def atelectasis(view: Scene, sick: Disease) -> Array:
    """Loss of volume: a plate or wedge of airless lung above a raised diaphragm, mediastinum drawn to its side."""
    name = "Atelectasis"
    side = sick.side(name)
    slope = sick.place(name, 1, -0.35, 0.25)
    level = view.dome - sick.place(name, 2, 1.0, 4.5)
    middle = level + slope * (view.lateral - view.body.centre)
    # a wedge widens towards the chest wall; a plate keeps its height
    half = sick.amount(name, 0.3, 1.3) * (1 + sick.place(name, 3, 0, 0.12) * view.lateral)
    band = smooth_step(1.25 - np.abs(view.y - middle) / half)
    return sick.amount(name, 0.4, 0.8) * band * smooth_step((view.lateral - 3) * 0.5) * _on(view, side)


def consolidation(view: Scene, sick: Disease) -> Array:
    """Exudate for air: a homogeneous lobar opacity that hides vessels and may show air bronchograms."""
    name = "Consolidation"
    side = sick.side(name)
    x, y = view.body.centre * side, view.body.apex
    fissure = y + (0.30 + 0.22 * sick.place(name, 2)) * (view.dome - y)
    fissure = fissure + sick.place(name, 3, -0.25, 0.25) * (view.x - x)
    upper = sick.place(name, 1) < 0.4
    depth = np.where(upper, fissure - view.y, view.y - fissure - 2)
    lobe = smooth_step(depth * np.float32(0.8) + 0.5) * _on(view, side)
    bronchi = np.minimum(vessels(view) * 0.35, 0.3)
    return sick.amount(name, 0.2, 0.8) * lobe * (1 - bronchi)


def edema(view: Scene, sick: Disease) -> Array:
    """Bilateral perihilar haze that spares the periphery (bat's wing), hazy vessels, septal lines at the bases."""
    name = "Edema"
    wings = np.exp(-np.square((view.lateral - 4.5) / 4.2) - np.square((view.y - 0.5) / 6.5))
    lines = smooth_step(8 * np.cos(view.y * np.float32(2 * np.pi / 0.9) + 0.3 * view.x) - 6.5)
    lines = lines * smooth_step(view.outline * 4 - 2) * smooth_step((view.y - 3) * 0.5)
    mottle = 1 + 0.25 * _texture(view, sick, 24)
    return np.clip(
        sick.amount(name, 0.08, 0.5) * wings * mottle + sick.amount(name, 0.08, 0.2) * lines, 0, 0.9
    )


def effusion(view: Scene, sick: Disease) -> Array:
    """Pleural fluid: the costophrenic angle blunts, then an opacity rises with a meniscus climbing the chest wall.

    On a supine (AP) radiograph the fluid layers behind the lung: a veil without a sharp level.
    """
    name = "Effusion"
    side = sick.side(name)
    other = sick.amount(name, 0.2, 5.0) * (sick.place(name, 1) < 0.4)
    height = np.where(view.side == side, sick.amount(name, 0.6, 8.0), other)
    climb = np.square(np.maximum(view.lateral - view.body.centre + 2, 0) * np.float32(1 / 8))
    surface = view.dome + 2.4 - height * (0.75 + 0.9 * climb)
    veil = np.where(view.body.front > 1, 4.0, 1.3).astype(np.float32)
    return np.float32(0.95) * smooth_step((view.y - surface) / veil + 0.3) * (height > 0)


def fibrosis(view: Scene, sick: Disease) -> Array:
    """Scarring: a reticular pattern at the bases and periphery, with small lungs."""
    mesh = np.exp(-np.square(_texture(view, sick, 64) * 2.2)) + 0.35
    where = smooth_step((view.y - view.dome + 9) * np.float32(1 / 8)) * smooth_step(view.outline * 1.6 + 0.1)
    return sick.amount("Fibrosis", 0.15, 0.45) * mesh * where


def hernia(view: Scene, sick: Disease) -> Array:
    """Hiatal hernia: a round density behind the heart, above the diaphragm, with gas over a fluid level."""
    return np.minimum(2 * hernia_sac(view, sick, 1.0) / np.maximum(view.lung, 0.1), 1)


def infiltration(view: Scene, sick: Disease) -> Array:
    """Patchy ill-defined opacities, several and small, in either lung."""
    name = "Infiltration"
    total = np.zeros_like(view.x)
    for number in range(3):
        side = np.where(sick.place(name, 2 * number) < 0.5, -1, 1).astype(np.float32)
        across = (sick.place(name, 2 * number) * 2) % 1
        centre = view.chest(0.15 + 0.6 * across, sick.place(name, 2 * number + 1, 0.35, 0.95), side)
        radius = sick.place(name, 6 + number % 2, 2.0, 3.4)
        total = np.maximum(total, _patch(view, centre, (radius, radius * 1.15)) * _on(view, side))
    return sick.amount(name, 0.12, 0.47) * np.clip(total * (1 + 0.3 * _texture(view, sick, 28)), 0, 1.3)


def mass(view: Scene, sick: Disease) -> Array:
    """A round opacity larger than 3 cm."""
    name = "Mass"
    centre = view.chest(sick.place(name, 1, 0.3, 0.75), sick.place(name, 2, 0.25, 0.85), sick.side(name))
    return _ball(view, centre, sick.amount(name, 1.55, 5.0))


def nodule(view: Scene, sick: Disease) -> Array:
    """One to three round opacities of at most 3 cm."""
    name = "Nodule"
    total = np.zeros_like(view.x)
    for number in range(3):
        wanted = sick.place(name, 7) >= (0, 0.5, 0.8)[number]
        side = np.where(sick.place(name, 2 * number) < 0.5, -1, 1).astype(np.float32)
        across = (sick.place(name, 2 * number) * 2) % 1
        centre = view.chest(0.25 + 0.65 * across, sick.place(name, 2 * number + 1, 0.12, 0.95), side)
        radius = sick.amount(name, 0.4, 1.5) * (1 - 0.2 * number)
        total = np.maximum(total, _ball(view, centre, radius) * wanted)
    return total


def pleural_thickening(view: Scene, sick: Disease) -> Array:
    """A band of soft tissue along the lateral chest wall and over the apex, seen edge-on."""
    name = "Pleural_Thickening"
    inset = sick.amount(name, 0.4, 1.8)
    inner = shapes.half_chord(outline(view.x, view.y, view.body, inset, 1.1 * inset), view.body.lung_depth)
    outer = shapes.half_chord(view.outline, view.body.lung_depth)
    lateral = smooth_step((view.lateral - view.body.centre + 4) * np.float32(0.4))
    peel = (
        2
        * (outer - inner)
        * np.maximum(lateral, smooth_step((view.body.apex + 4 - view.y) * np.float32(0.5)))
    )
    both = np.where(sick.place(name, 1) < 0.3, np.float32(1), _on(view, sick.side(name)))
    return np.clip(peel / np.maximum(view.lung, 0.1), 0, 1) * both


def pneumonia(view: Scene, sick: Disease) -> Array:
    """Infection seen as a segmental airspace opacity, smaller and more uneven than a consolidated lobe."""
    name = "Pneumonia"
    side = sick.side(name)
    centre = view.chest(sick.place(name, 1, 0.25, 0.7), sick.place(name, 2, 0.4, 1.0), side)
    radius = sick.place(name, 3, 2.6, 4.2)
    patch = _patch(view, centre, (radius, 0.8 * radius)) * _on(view, side)
    return sick.amount(name, 0.25, 0.65) * np.clip(patch * (1 + 0.2 * _texture(view, sick, 20)), 0, 1.2)


OPACITIES: dict[str, Callable[[Scene, Disease], Array]] = {
    "Atelectasis": atelectasis,
    "Consolidation": consolidation,
    "Edema": edema,
    "Effusion": effusion,
    "Fibrosis": fibrosis,
    "Hernia": hernia,
    "Infiltration": infiltration,
    "Mass": mass,
    "Nodule": nodule,
    "Pleural_Thickening": pleural_thickening,
    "Pneumonia": pneumonia,
}


def clear_share(view: Scene, sick: Disease) -> Array:
    """Π(1 − φ): the share of the aerated lung that every opacity together leaves, (B, H, W)."""
    clear = np.ones_like(view.x)
    for finding, opacity in OPACITIES.items():
        rows = sick.present(finding)
        if len(rows):
            clear[rows] *= 1 - opacity(view.take(rows), sick.take(rows))
    return clear
