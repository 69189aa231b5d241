"""COVID-19 pneumonia as a density change: bilateral, peripheral ground-glass of the lower zones.

The sign, after Wong et al., Radiology 2020;296:E72-E78 and Jacobi, Chung, Bernheim and Eber, Clin Imaging
2020;64:35-42: hazy opacities in both lungs, most often along the chest wall and in the lower zones, patchy and
ill-defined, growing together in severe cases; effusion and pneumothorax are rare. Ground-glass is a haze that vessels
remain visible in (Hansell et al., Radiology 2008;246:697-722); radiographs of mild cases look almost normal. Grave
cases are more than mild ones here: collections gathered from publications show what can be seen.
"""

from dataclasses import dataclass

import numpy as np

from xray_keras.datasets.phantom import shapes
from xray_keras.datasets.phantom.draws import LEFT, RIGHT
from xray_keras.datasets.phantom.labels import generator
from xray_keras.datasets.phantom.projection import Scene
from xray_keras.datasets.phantom.shapes import Array, smooth_step

PATCHES = 4  # in each lung
SITE_STAGE, COURSE_STAGE = 6, 7  # streams that the phantom's other modules leave alone
# Share of the air that a patch's centre loses: chosen by eye, and so that a linear classifier of frozen ImageNet
# features finds most cases and not all.
FAINTEST, DENSEST = 0.2, 0.72
WEAKER = 0.45  # least share of the haze in the lung that is less ill


@dataclass(frozen=True)
class Covid:
    """COVID-19 of a batch of people.

    Attributes:
        severity: (B,) float32, in (0, 1].
        balance: (B,) float32 in [-1, 1): below 0 the right lung is more ill, above it the left one.
        site: (B, 2, PATCHES, 4) float32 uniform in [0, 1): where each patch lies, how large and how high it is.
        texture: (B, 64, 64) float32 standard normal, knots of a smooth random field.
    """

    severity: Array
    balance: Array
    site: Array
    texture: Array


def draw(seed: int, numbers: list[tuple[int, int]], texture: Array) -> Covid:
    """The disease of some (patient, image): patches stay where they are in a patient, severity is the image's."""
    sites = [generator(seed, patient, 0, SITE_STAGE) for patient, _ in numbers]
    courses = [generator(seed, patient, image, COURSE_STAGE) for patient, image in numbers]
    course = np.stack([stream.random(2, np.float32) for stream in courses])
    site = np.stack([stream.random((2, PATCHES, 4), np.float32) for stream in sites])
    return Covid(1 - np.square(course[:, 0]), 2 * course[:, 1] - 1, site, texture)


def ground_glass(view: Scene, covid: Covid) -> Array:
    """Share φ of the aerated lung along each ray that fluid and cells replace, (B, H, W), below 1.

    A mild case shows two faint patches in each lung; with severity they become more, larger and denser, and a haze
    along the lower chest wall joins them.
    """
    severity = covid.severity[:, None, None]
    total = np.zeros_like(view.x)
    for index, side in enumerate((RIGHT, LEFT)):
        haze = np.zeros_like(view.x)
        for number in range(PATCHES):
            haze = np.maximum(haze, _patch(view, covid, index, side, number))
        weight = WEAKER + (1 - WEAKER) * np.clip(1 + side * covid.balance, 0, 1)
        total += (view.side == side) * weight[:, None, None] * haze
    low = smooth_step((view.y - view.dome + 10) * np.float32(1 / 8))
    mantle = smooth_step(view.outline * 1.4 - 0.2) * smooth_step((view.lateral - 5) * np.float32(0.25)) * low
    total = np.maximum(total, 0.7 * severity * mantle)
    mottle = 1 + 0.22 * shapes.smooth_field(covid.texture[:, :24, :24], view.x.shape[-1])
    return (FAINTEST + (DENSEST - FAINTEST) * severity) * np.clip(total * mottle, 0, 1.25)


def _patch(view: Scene, covid: Covid, index: int, side: float, number: int) -> Array:
    """One ill-defined patch of a lung, 1 at its centre; nothing while the disease has not reached it."""
    severity = covid.severity[:, None, None]
    across, down, radius, height = covid.site[:, index, number, :, None, None].transpose(1, 0, 2, 3)
    reached = smooth_step(1 + 6 * (severity - np.float32((number - 1) / PATCHES)))
    centre = view.chest(0.62 + 0.34 * across, 0.55 + 0.45 * down, np.full_like(across, side))
    radius = (2.2 + 1.5 * radius) * (0.7 + 0.5 * severity)
    dx, dy = (view.x - centre[0]) / radius, (view.y - centre[1]) / (radius * (0.9 + 0.6 * height))
    return reached * np.exp(-dx * dx - dy * dy)
