"""Computed radiographs of children's chests: the thorax phantom with a child's proportions, and pneumonia in most.

Of the differences between a child of one to five years and an adult (Arthur, Paediatr Respir Rev 2000;1:311-23) the
phantom shows: a small round trunk, a wide heart, a thymus that widens the upper mediastinum, level ribs of thin bone, a
high diaphragm, and a beam from the front over a short distance on a wide field. How far each goes was chosen by eye.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xray_keras.datasets.findings import FINDINGS
from xray_keras.datasets.ood_listing import Entry
from xray_keras.datasets.ood_rows import numbers
from xray_keras.datasets.phantom.anatomy import Thorax, thorax
from xray_keras.datasets.phantom.chest import average, chunks, line_integral
from xray_keras.datasets.phantom.detector import grey_levels, relative_exposure
from xray_keras.datasets.phantom.draws import Deal, draw
from xray_keras.datasets.phantom.labels import generator
from xray_keras.datasets.phantom.shapes import Array
from xray_keras.papers import loader
from xray_keras.papers.printed import Printed

FIRST = 80_000_000  # patient numbers above those of the other phantoms
IMAGES_EACH = 2  # of one child
YOUNGEST, OLDEST = 1, 5  # years: the children of the paper's set
SOFTER_BEAM = 1.3  # attenuation at the lower voltage that children get, to an adult's
ADULT = 16.0  # the youngest age that the adult thorax knows
_OF_AGENT = {True: ("Pneumonia", "Consolidation"), False: ("Pneumonia", "Infiltration")}  # bacterial, viral


def entries(seed: int, images: int) -> list[Entry]:
    """Radiographs of children, two each, with pneumonia as often as in the paper's set."""
    printed = loader.load("cohen2019")["datasets"]["pneumonia"]
    share = Printed(printed["pneumonia"]).value / Printed(printed["images"]).value
    found = []
    for number in range(images):
        child = number // IMAGES_EACH
        ill = generator(seed, FIRST + child, 0, 1).random() < share
        found.append(Entry(f"{number:08d}", f"{child:08d}", "", int(ill)))
    return found


def radiographs(seed: int, rows: pd.DataFrame, size: int) -> npt.NDArray[np.uint8]:
    """Radiographs of manifest rows, uint8 (B, size, size), bone bright.

    Raises:
        UserError: a row is no image of this phantom.
    """
    return np.concatenate(
        [_radiographs(seed, rows.iloc[at], size, fine) for at, fine in chunks(len(rows), size)]
    )


def _radiographs(seed: int, rows: pd.DataFrame, size: int, fine: int) -> npt.NDArray[np.uint8]:
    children = _people(seed, rows)
    patient, image, sick = draw(seed, children)
    ones = np.ones((len(rows), 1, 1), np.float32)
    adult = thorax(patient, image, anteroposterior=ones, female=0 * ones, age=ADULT * ones, sick=sick)
    own = [generator(seed, number, 0, 5).random(4) for number in _children(rows)]
    deal = Deal(np.stack(own))
    years = deal.between(YOUNGEST, OLDEST)
    scale = 0.42 + 0.03 * years  # of lengths, to an adult's
    thickness = SOFTER_BEAM * scale
    body = proportions(adult, deal, years)
    exposure = relative_exposure(line_integral(body, sick, fine) * thickness, image.between(0.2, 0.6))
    streams = [
        generator(seed, child, 1 + number % IMAGES_EACH, 4)
        for child, number in zip(_children(rows), numbers(rows), strict=True)
    ]
    grain = np.stack([stream.standard_normal((size, size), np.float32) for stream in streams])
    return np.rint(grey_levels(average(exposure, size), body.depth * thickness, image, grain)).astype(
        np.uint8
    )


def proportions(adult: Thorax, deal: Deal, years: Array) -> Thorax:
    """A thorax with a child's proportions, in an adult's centimetres.

    Args:
        adult: a batch of thoraces.
        deal: numbers of each child: thymus, heart, field of view.
        years: age, (B, 1, 1).
    """
    young = (OLDEST - years) / (OLDEST - YOUNGEST)
    heart = 1.08 + 0.12 * young + deal.between(-0.04, 0.04)
    changes: dict[str, Any] = {
        "depth": adult.depth * (1.12 + 0.08 * young),
        "flank": adult.flank * 0.7,
        "breast": adult.breast * 0,
        "heart_long": adult.heart_long * heart,
        "heart_short": adult.heart_short * heart,
        "heart_x": adult.heart_x * 0.95,
        "knob": 1.4 + 1.6 * young * deal.between(0, 1),  # the thymus, where an adult has the aortic arch
        "dome_right": adult.dome_right - 1.4,
        "dome_left": adult.dome_left - 1.4,
        "heart_y": adult.heart_y - 1.4,
        "rib_drop": adult.rib_drop * 0.55,
        "bone": adult.bone * (0.9 - 0.2 * young),
        "bubble": adult.bubble + 0.8,
        "zoom": adult.zoom * deal.between(1.0, 1.3),
    }
    return replace(adult, **{name: value.astype(np.float32) for name, value in changes.items()})


def _children(rows: pd.DataFrame) -> list[int]:
    return [FIRST + number // IMAGES_EACH for number in numbers(rows)]


def _people(seed: int, rows: pd.DataFrame) -> pd.DataFrame:
    """Names and findings as the thorax phantom draws from them: pneumonia with the opacity of its agent."""
    frame = pd.DataFrame(0, index=range(len(rows)), columns=list(FINDINGS))
    bacterial = [generator(seed, child, 0, 6).random() < 0.65 for child in _children(rows)]
    for row, (ill, agent) in enumerate(zip(rows["Pneumonia"], bacterial, strict=True)):
        if ill:
            frame.loc[row, list(_OF_AGENT[agent])] = 1
    frame["image"] = [
        f"{child:08d}_{number % IMAGES_EACH:03d}.png"
        for child, number in zip(_children(rows), numbers(rows), strict=True)
    ]
    return frame
