"""The embedded default data set: chest radiographs computed by Beer–Lambert line integrals through a thorax."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xray_keras.datasets.findings import FINDINGS
from xray_keras.datasets.phantom import labels as phantom_labels
from xray_keras.datasets.phantom.anatomy import SOFT_TISSUE, Thorax, thorax
from xray_keras.datasets.phantom.bones import bone
from xray_keras.datasets.phantom.detector import grey_levels, relative_exposure
from xray_keras.datasets.phantom.draws import Deal, Disease, draw, identify
from xray_keras.datasets.phantom.findings import clear_share
from xray_keras.datasets.phantom.gas import collapse, hernia_gas
from xray_keras.datasets.phantom.projection import scene, soft_tissue, vessels
from xray_keras.datasets.phantom.shapes import Array
from xray_keras.errors import UserError

VISIBLE = 0.03  # change of the line integral that a mask counts: 2 mm of lung turned solid
VERSION = 1  # of the pixels: raise it when the same row shows another picture, so that caches are made anew
FINEST = 128  # smaller images average a finer one, as a pixel averages over its aperture
CHUNK = 1 << 18  # pixels computed at once: temporaries stay in the processor's cache


def line_integral(body: Thorax, sick: Disease, size: int) -> Array:
    """Attenuation along each ray, P = Σ μ · chord, (B, size, size), dimensionless."""
    view = scene(body, size)
    clear = clear_share(view, sick)
    vessel = np.minimum(vessels(view), view.lung)
    gain = SOFT_TISSUE - body.lung_density
    solid = soft_tissue(view) + bone(view)
    rows = sick.present("Pneumothorax")
    if len(rows):
        air, pleura = collapse(view.take(rows), sick.take(rows))
        vessel[rows] *= 1 - air / np.maximum(view.lung[rows], 0.1)
        solid[rows] += clear[rows] * (gain[rows] * pleura - body.lung_density[rows] * air)
    rows = sick.present("Hernia")
    if len(rows):
        solid[rows] -= SOFT_TISSUE * hernia_gas(view.take(rows), sick.take(rows))
    return solid - gain * clear * (view.lung - vessel)


def bodies(seed: int, people: pd.DataFrame) -> tuple[Thorax, Disease, Deal]:
    """Bodies, findings and the images' numbers of some rows of ``Phantom.manifest``."""
    patient, image, sick = draw(seed, people)
    column: dict[str, Any] = {
        "anteroposterior": people["view"] == "AP",
        "female": people["sex"] == "F",
        "age": people["age"],
    }
    given = {name: cells.to_numpy(np.float32)[:, None, None] for name, cells in column.items()}
    return thorax(patient, image, sick=sick, **given), sick, image


def quanta(seed: int, people: pd.DataFrame, size: int) -> Array:
    """Standard normal noise of some rows' images, (B, size, size), each from its own stream."""
    streams = (
        phantom_labels.generator(seed, patient, image, 4) for patient, image in identify(people["image"])
    )
    return np.stack([stream.standard_normal((size, size), np.float32) for stream in streams])


def chunks(images: int, size: int) -> Iterator[tuple[slice, int]]:
    """Which images to compute at once, and the size at which they are computed.

    Raises:
        UserError: ``size`` is not positive.
    """
    if size < 1:
        raise UserError(f"an image of {size} pixels was asked for; the size must be at least 1")
    fine = size * -(-FINEST // size)
    step = max(1, CHUNK // fine**2)
    for start in range(0, images, step):
        yield slice(start, start + step), fine


def average(fine: Array, size: int) -> Array:
    """(B, fine, fine) to (B, size, size): the mean over each pixel's aperture."""
    block = fine.shape[-1] // size
    return fine.reshape(len(fine), size, block, size, block).mean(axis=(2, 4)) if block > 1 else fine


@dataclass(frozen=True)
class Phantom:
    """Radiographs of people who never lived.

    An image depends on ``seed`` and on its own manifest row (name, age, sex, view, labels) alone: not on the batch,
    not on the order. Geometry is in centimetres, so every size shows the same picture; only noise differs.
    One core computes some 200 images a second at 128 pixels.

    Attributes:
        seed: non-negative; another seed is another population.
    """

    seed: int

    def manifest(self, images: int, *, labelled: bool = False) -> pd.DataFrame:
        """A manifest with NIH's label sets in NIH's proportions, several images a patient.

        Args:
            images: number of rows, at least 1. A smaller manifest is a prefix of a larger one.
            labelled: only images with at least one finding.

        Raises:
            UserError: ``images`` is below 1.
        """
        if images < 1:
            raise UserError(f"the phantom was asked for {images} images; ask for at least 1")
        return phantom_labels.manifest(self.seed, images, labelled)

    def signature(self, rows: pd.DataFrame) -> str:
        """What the pixels of `rows` depend on besides the manifest."""
        return f"phantom {VERSION}, seed {self.seed}"

    def images(self, rows: pd.DataFrame, size: int) -> npt.NDArray[np.uint8]:
        """The radiographs of some manifest rows, uint8 (B, size, size), bone bright.

        Raises:
            UserError: a row is no image of the phantom, or ``size`` is not positive.
        """
        return np.rint(self.radiographs(rows, size, noise=True)).astype(np.uint8)

    def radiographs(self, rows: pd.DataFrame, size: int, *, noise: bool) -> Array:
        """The same before rounding, float32 0 … 255, with or without quantum noise."""
        found = np.empty((len(rows), size, size), np.float32)
        for chunk, fine in chunks(len(rows), size):
            part = rows.iloc[chunk]
            body, sick, deal = bodies(self.seed, part)
            exposure = relative_exposure(line_integral(body, sick, fine), deal.between(0.2, 0.6))
            grain = quanta(self.seed, part, size) if noise else None
            found[chunk] = grey_levels(average(exposure, size), body.depth, deal, grain)
        return found

    def masks(self, rows: pd.DataFrame, size: int) -> npt.NDArray[np.bool_]:
        """Where each finding shows, bool (B, 14, size, size): all False where the label is 0.

        A pixel belongs to a finding if the line integral would differ by more than ``VISIBLE`` had this finding
        alone been absent: moved organ borders count, regions hidden by another finding do not.

        Raises:
            UserError: as for ``images``.
        """
        found = np.zeros((len(rows), len(FINDINGS), size, size), bool)
        for chunk, fine in chunks(len(rows), size):
            part = rows.iloc[chunk]
            body, sick, _ = bodies(self.seed, part)
            whole = line_integral(body, sick, fine)
            for column, finding in enumerate(FINDINGS):
                ill = sick.present(finding)
                if len(ill):
                    other, well, _ = bodies(self.seed, part.iloc[ill].assign(**{finding: 0}))
                    change = average(whole[ill] - line_integral(other, well, fine), size)
                    found[chunk.start + ill, column] = np.abs(change) > VISIBLE
        return found
