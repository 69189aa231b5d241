"""The parametric thorax: who stands before the detector, and how much lung, bone and soft tissue each ray crosses.

Linear attenuation coefficients, 1/cm, at an effective 70 keV (a filtered 120 kV spectrum): mass coefficients of
Hubbell and Seltzer (NISTIR 5632, interpolated between 60 and 80 keV) times the ICRU-44 densities, rounded.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from xray_keras.datasets.phantom.draws import Deal, Disease
from xray_keras.datasets.phantom.shapes import Array

SOFT_TISSUE = 0.205
LUNG = 0.050  # inflated, 0.26 g/cm³
BREAST = 0.185  # mostly fat
CORTICAL_BONE = 0.50
SPONGY_BONE = 0.29

HALF_THORAX = 12.0  # from its middle to the detector, clothing and cassette included


@dataclass(frozen=True)
class Thorax:
    """Parameters of a batch of thoraces, each (B, 1, 1), cm unless named otherwise."""

    roll: Array  # in the image plane, radians
    zoom: Array
    off_x: Array
    off_y: Array
    skew: Array  # sine of the turn about the long axis: parts in front move against parts behind
    front: Array  # magnification of the heart's plane over the middle of the thorax
    depth: Array  # of the body, front to back
    flank: Array  # soft tissue outside the ribs
    breast: Array
    spread: Array  # breast centre from the midline
    half_width: Array  # of one lung
    centre: Array  # of one lung, from the midline
    apex: Array
    waist: Array  # height at which the lung is widest
    lung_depth: Array
    lung_density: Array  # 1/cm
    dome_right: Array
    dome_left: Array
    dome_height: Array
    heart_x: Array
    heart_y: Array
    heart_long: Array
    heart_short: Array
    heart_tilt: Array
    shift: Array  # of the mediastinum, towards the left
    knob: Array  # radius of the aortic arch
    bone: Array  # relative density
    rib_drop: Array
    scapula: Array
    bubble: Array  # radius of the stomach's gas
    curve: Array  # scoliosis
    phase: Array  # of the vessel tree
    tissue: Array  # (B, 12, 12), knots of the uneven thickness of muscle and fat

    def take(self, rows: npt.NDArray[np.intp]) -> "Thorax":
        """The thoraces of some rows."""
        return replace(self, **{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def thorax(
    patient: Deal, image: Deal, anteroposterior: Array, female: Array, age: Array, sick: Disease
) -> Thorax:
    """Thoraces from one patient's draws (build), one image's draws (position, breath) and the findings' geometry.

    Findings that move organs: cardiomegaly widens the heart beyond half the inner thorax (Danzer, Am J Med Sci
    1919); atelectasis and fibrosis lose volume (raised diaphragm, mediastinum drawn over); emphysema gains it
    (low flat diaphragm, thin lung, slender heart); a pneumothorax pushes the mediastinum away (Hansell et al.,
    Radiology 2008;246:697-722).

    Args:
        anteroposterior, female: 0 or 1, (B, 1, 1). AP: 110 cm from the tube instead of 180, heart far from the
            detector, shallower breath, shoulder blades over the lungs.
        age: years, (B, 1, 1).
    """
    trapped = sick.amount("Emphysema", 0.3, 1.0)
    scarred = sick.amount("Fibrosis", 0.3, 1.0)
    collapse = sick.amount("Atelectasis", 0.15, 1.0)
    tension = sick.amount("Pneumothorax", 0, 1) ** 2
    enlarged = sick.amount("Cardiomegaly", 0.512, 0.61)

    build = patient.between(0.95, 1.05) * (1 - 0.07 * female)
    habitus = patient.between(0, 1) ** 1.5
    distance = np.where(anteroposterior > 0, 110.0, 180.0)
    heart_plane = HALF_THORAX + np.where(anteroposterior > 0, 4.0, -4.0)
    front = (distance - HALF_THORAX) / (distance - heart_plane)

    half_width = patient.between(6.6, 7.1) * build
    centre = patient.between(7.0, 7.4) * build
    breath = image.between(-0.9, 0.9) - 0.9 * anteroposterior
    base = patient.between(10.0, 11.0) * build + breath + 2.2 * trapped - 1.2 * scarred
    lift = 3.4 * collapse
    dome_right = base - lift * (sick.side("Atelectasis") < 0)
    dome_left = base + patient.between(0.4, 1.4) - lift * (sick.side("Atelectasis") > 0)

    ratio = patient.between(0.40, 0.485) - 0.04 * trapped
    ratio = np.where(
        enlarged > 0, enlarged, ratio
    )  # of the organs; 2 % less as a PA beam shows them, 4 % more AP
    tilt = patient.between(0.5, 0.8) + 0.12 * trapped
    long, short = 6.5, patient.between(4.5, 5.0)
    reach = np.sqrt((long * np.cos(tilt)) ** 2 + (short * np.sin(tilt)) ** 2)
    grow = ratio * (half_width + centre) / reach
    drop = np.sqrt((long * np.sin(tilt)) ** 2 + (short * np.cos(tilt)) ** 2) * grow
    return Thorax(
        roll=image.between(-0.05, 0.05),
        zoom=image.between(0.93, 1.06),
        off_x=image.between(-1.0, 1.0),
        off_y=image.between(-1.2, 1.2),
        skew=image.between(-0.07, 0.07),
        front=front.astype(np.float32),
        depth=(patient.between(20, 22) * build + 5 * habitus + 1.5 * trapped).astype(np.float32),
        flank=2.0 + 3.5 * habitus,
        breast=female * (0.5 + patient.between(0.2, 2.2) + habitus),
        spread=patient.between(7.5, 9.5),
        half_width=half_width,
        centre=centre,
        apex=patient.between(-13.6, -12.6) * build,
        waist=patient.between(5.0, 6.5),
        lung_depth=(patient.between(6.9, 7.6) * build + 0.7 * trapped).astype(np.float32),
        lung_density=(LUNG * patient.between(0.9, 1.15) - 0.022 * trapped + 0.006 * scarred).astype(
            np.float32
        ),
        dome_right=dome_right.astype(np.float32),
        dome_left=dome_left.astype(np.float32),
        dome_height=(patient.between(6.3, 7.7) - 4.2 * trapped).astype(np.float32),
        heart_x=(reach * grow * np.where(enlarged > 0, 0.36, 0.30)).astype(np.float32),
        heart_y=(base + 1.9 - drop).astype(np.float32),
        heart_long=(long * grow).astype(np.float32),
        heart_short=(short * grow).astype(np.float32),
        heart_tilt=tilt.astype(np.float32),
        shift=1.6 * collapse * sick.side("Atelectasis") - 1.3 * tension * sick.side("Pneumothorax"),
        knob=(1.35 + 0.009 * (age - 16) + patient.between(0, 0.3)).astype(np.float32),
        bone=(1.15 - 0.005 * np.maximum(age - 40, 0) - 0.08 * female + patient.between(-0.08, 0.08)).astype(
            np.float32
        ),
        rib_drop=patient.between(0.9, 1.1) * (1 - 0.12 * anteroposterior) * (1 - 0.25 * trapped),
        scapula=(13.6 - 2.2 * anteroposterior + image.between(-0.6, 0.6)).astype(np.float32),
        bubble=np.maximum(image.between(-1.0, 2.2), 0),
        curve=patient.between(-0.5, 0.5),
        phase=patient.between(0, 6.28),
        tissue=sick.tissue,
    )
