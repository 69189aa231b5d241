"""The random numbers behind each radiograph, so that it depends on its own row and on nothing else.

A patient's stream fixes build and the site of every finding; an image's stream fixes position, breath, exposure and
the severity of every finding. All are drawn whether a finding is present or not: with one label changed, a row
shows the same person in the same pose, with and without that finding.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from xray_keras.datasets.findings import FINDINGS
from xray_keras.datasets.phantom.labels import generator
from xray_keras.datasets.phantom.shapes import Array
from xray_keras.errors import UserError

RIGHT, LEFT = -1.0, 1.0  # signs of x
BUILD, POSITION, SITES, KNOTS, COARSE = 32, 24, 8, 64, 12


class Deal:
    """Uniform numbers in [0, 1), (B, n), dealt one column after the other to every image of the batch."""

    def __init__(self, numbers: npt.NDArray[np.float64]) -> None:
        self._columns = iter(numbers.astype(np.float32).T[:, :, None, None])

    def between(self, low: float, high: float) -> Array:
        """The next column, scaled to [low, high), (B, 1, 1)."""
        return np.float32(low) + np.float32(high - low) * next(self._columns)


@dataclass(frozen=True)
class Disease:
    """Findings of a batch: how far each has gone and where it sits.

    Attributes:
        severity: (B, 14) float32, 0 where absent, else in (0, 1].
        site: (B, 14, 8) float32 uniform in [0, 1); the first number decides the side.
        texture: (B, 64, 64) float32 standard normal, knots of a smooth random field.
        tissue: (B, 12, 12) likewise, the patient's own.
    """

    severity: Array
    site: Array
    texture: Array
    tissue: Array

    def amount(self, finding: str, least: float, most: float) -> Array:
        """0 where the finding is absent, else ``least`` … ``most`` by severity, (B, 1, 1)."""
        severity = self.severity[:, FINDINGS.index(finding), None, None]
        return np.where(severity > 0, least + (most - least) * severity, 0).astype(np.float32)

    def place(self, finding: str, number: int, low: float = 0, high: float = 1) -> Array:
        """One number of the finding's site, scaled to [low, high), (B, 1, 1)."""
        return (
            np.float32(low)
            + np.float32(high - low) * self.site[:, FINDINGS.index(finding), number, None, None]
        )

    def side(self, finding: str) -> Array:
        """``RIGHT`` or ``LEFT``, (B, 1, 1)."""
        return np.where(self.place(finding, 0) < 0.5, RIGHT, LEFT).astype(np.float32)

    def present(self, finding: str) -> npt.NDArray[np.intp]:
        """Rows that show the finding."""
        return np.flatnonzero(self.severity[:, FINDINGS.index(finding)])

    def take(self, rows: npt.NDArray[np.intp]) -> "Disease":
        """The findings of some rows."""
        return Disease(self.severity[rows], self.site[rows], self.texture[rows], self.tissue[rows])


def identify(names: pd.Series) -> list[tuple[int, int]]:
    """Patient and image number of names such as ``00000012_003.png``.

    Raises:
        UserError: a name that no phantom has.
    """
    parts = names.str.extract(r"^(\d{8})_(\d{3})\.png$")
    strange = parts[0].isna()
    if strange.any():
        raise UserError(
            f"{names[strange].iloc[0]} is no image of the phantom; take the rows from its own manifest"
        )
    return [(int(patient), int(image)) for patient, image in zip(parts[0], parts[1], strict=True)]


def draw(seed: int, rows: pd.DataFrame) -> tuple[Deal, Deal, Disease]:
    """Everything random about the anatomy of some images: the deals of patient and image, and the findings."""
    numbers = identify(rows["image"])
    patients = [generator(seed, patient, 0, 2) for patient, _ in numbers]
    images = [generator(seed, patient, image, 3) for patient, image in numbers]
    build = np.stack([stream.random(BUILD) for stream in patients])
    site = np.stack([stream.random((len(FINDINGS), SITES), np.float32) for stream in patients])
    tissue = np.stack([stream.standard_normal((COARSE, COARSE), np.float32) for stream in patients])
    position = np.stack([stream.random(POSITION) for stream in images])
    severity = np.stack([stream.random(len(FINDINGS), np.float32) for stream in images])
    texture = np.stack([stream.standard_normal((KNOTS, KNOTS), np.float32) for stream in images])
    labels = rows[list(FINDINGS)].to_numpy(np.float32)
    return Deal(build), Deal(position), Disease(labels * (1 - severity), site, texture, tissue)
