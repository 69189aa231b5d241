"""The embedded default of Deep-COVID's data: the phantom's radiographs, with COVID-19 among their findings."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from xray_keras.datasets.manifest import COVID
from xray_keras.datasets.phantom import covid_people, covid_sign
from xray_keras.datasets.phantom.anatomy import SOFT_TISSUE, Thorax
from xray_keras.datasets.phantom.chest import VISIBLE, average, bodies, chunks, line_integral, quanta
from xray_keras.datasets.phantom.covid_people import as_radiographs
from xray_keras.datasets.phantom.detector import grey_levels, relative_exposure
from xray_keras.datasets.phantom.draws import Deal, identify
from xray_keras.datasets.phantom.projection import scene, vessels
from xray_keras.datasets.phantom.shapes import Array

VERSION = 1  # of the pixels: raise it when the same row shows another picture, so that caches are made anew


@dataclass(frozen=True)
class CovidPhantom:
    """Radiographs of people who never lived, some of whom have COVID-19 (see ``covid_sign``).

    An image depends on ``seed`` and on its own row's image name and finding alone. Every group is acquired alike:
    view, exposure, noise, sex and age are drawn whatever the finding is, so that a score on the phantom is the
    disease's and not the source's. Real collections differ in all of these.

    Attributes:
        seed: non-negative; another seed is another population.
    """

    seed: int

    def manifest(self, *, train: Mapping[str, int], test: Mapping[str, int], probe: int = 0) -> pd.DataFrame:
        """One row an image; see ``covid_people.manifest``.

        Args:
            train, test: images of the groups "covid", "normal" and "other".
            probe: images without COVID-19 that belong to neither side.

        Raises:
            UserError: an unknown group, a number out of range, or no image at all.
        """
        return covid_people.manifest(self.seed, train=train, test=test, probe=probe)

    def signature(self, rows: pd.DataFrame) -> str:
        """What the pixels of ``rows`` depend on besides the manifest."""
        return f"COVID-19 phantom {VERSION}, seed {self.seed}"

    def images(self, rows: pd.DataFrame, size: int) -> npt.NDArray[np.uint8]:
        """The radiographs of some manifest rows, uint8 (B, size, size), bone bright.

        An augmented copy, ``<name>#k``, shows its original: the transform is not the phantom's.

        Raises:
            UserError: a row is no image of the phantom, or ``size`` is not positive.
        """
        return np.rint(self.radiographs(rows, size, noise=True)).astype(np.uint8)

    def radiographs(self, rows: pd.DataFrame, size: int, *, noise: bool) -> Array:
        """The same before rounding, float32 0 … 255, with or without quantum noise."""
        found = np.empty((len(rows), size, size), np.float32)
        for part, fine in chunks(len(rows), size):
            people = as_radiographs(self.seed, rows.iloc[part])
            body, deal, healthy, added = self._integrals(people, fine)
            exposure = relative_exposure(healthy + added, deal.between(0.2, 0.6))
            grain = quanta(self.seed, people, size) if noise else None
            found[part] = grey_levels(average(exposure, size), body.depth, deal, grain)
        return found

    def masks(self, rows: pd.DataFrame, size: int) -> npt.NDArray[np.bool_]:
        """Where COVID-19 shows, bool (B, size, size): all False in an image without it.

        A pixel belongs to it if it changes the line integral by more than ``VISIBLE``.

        Raises:
            UserError: as for ``images``.
        """
        found = np.empty((len(rows), size, size), bool)
        for part, fine in chunks(len(rows), size):
            people = as_radiographs(self.seed, rows.iloc[part])
            found[part] = average(self._integrals(people, fine)[3], size) > VISIBLE
        return found

    def _integrals(self, people: pd.DataFrame, size: int) -> tuple[Thorax, Deal, Array, Array]:
        """Bodies, the images' numbers, the line integral without COVID-19 and what COVID-19 adds, (B, size, size)."""
        body, sick, image = bodies(self.seed, people)
        healthy = line_integral(body, sick, size)
        added = np.zeros_like(healthy)
        ill = np.flatnonzero(people[COVID])
        if len(ill):
            view = scene(body.take(ill), size)
            covid = covid_sign.draw(self.seed, identify(people["image"].iloc[ill]), sick.texture[ill])
            air = view.lung - np.minimum(vessels(view), view.lung)
            gain = SOFT_TISSUE - view.body.lung_density
            added[ill] = gain * covid_sign.ground_glass(view, covid) * air
        return body, image, healthy, added
