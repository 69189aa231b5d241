"""Read three sets of pictures, generated, learned from and held out, and look for near copies among them."""

import hashlib
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from xray_keras.errors import UserError
from xray_keras.evaluation import near_copies, picture_patients, picture_sets, privacy
from xray_keras.evaluation.near_copies import Screened
from xray_keras.evaluation.picture_sets import PictureSet


class Side(NamedTuple):
    """What was read of a set: the pictures, those of them that could be read (rows of it), and why others could not."""

    found: PictureSet
    images: np.ndarray
    rows: np.ndarray
    unreadable: dict[str, str]

    @property
    def patients(self) -> np.ndarray:
        """Of the pictures that could be read."""
        return self.found.patients[self.rows]

    def name(self, index: int) -> str:
        """Of a picture that could be read."""
        return self.found.names[self.rows[index]]


class Screening(NamedTuple):
    """Three sets of pictures, and what was found of the generated ones that could be read."""

    generated: Side
    training: Side
    held_out: Side
    result: Screened

    @property
    def complete(self) -> bool:
        """Whether every picture of the three could be read."""
        return not any(side.unreadable for side in (self.generated, self.training, self.held_out))

    def passed(self) -> np.ndarray:
        """Rows of the generated pictures that were screened and not flagged."""
        return self.generated.rows[~self.result.flagged]


def screen(
    generated: Path,
    against: Path,
    held_out: Path | None = None,
    *,
    patients: Path | None = None,
    error_rate: float = near_copies.ERROR_RATE,
) -> Screening:
    """Screen a set of pictures.

    Args:
        generated: a folder of pictures, a .npz with an array image, uint8 (N, S, S), or the folder of a GAN's run.
        against: what was learned from: a folder, a .npz, or a run's folder, which stands for its training part.
        held_out: pictures of other patients: likewise, a run's folder for its test part. None: the run `against`.
        patients: CSV of who is on the pictures, see `picture_patients.read`.
        error_rate: chance that a held-out picture is flagged.

    Raises:
        UserError: see `picture_sets.find` and `near_copies.screen`; a picture is on both sides; nothing could be read.
    """
    if held_out is None and not (against / "config.json").is_file():
        raise UserError(
            f"{against} is no run that has a test part; name pictures of other patients (--held-out)"
        )
    table = picture_patients.read(patients) if patients else None
    sets = (
        picture_sets.find(generated, None),
        picture_sets.find(against, "train", table),
        picture_sets.find(held_out or against, "test", table),
    )
    _check(*sets[1:], error_rate)
    new, known, others = (_read(found) for found in sets)
    _check_same(known, others)
    try:
        result = near_copies.screen(
            new.images,
            known.images,
            others.images,
            training_patients=known.patients,
            held_out_patients=others.patients,
            error_rate=error_rate,
        )
    except UserError as error:
        raise UserError(f"{against} and {held_out or against}: {error}") from None
    return Screening(new, known, others, result)


def _read(found: PictureSet) -> Side:
    print(f"reading {len(found.names):,} pictures of {found.place}", file=sys.stderr, flush=True)
    images, reasons = found.read()
    rows = np.setdiff1d(np.arange(len(images)), list(reasons))
    if not len(rows):
        raise UserError(f"{found.place} holds no picture that can be read ({reasons[0]})")
    unreadable = {found.names[row]: reasons[row] for row in sorted(reasons)}
    return Side(found, images[rows], rows, unreadable)


def _check(training: PictureSet, held_out: PictureSet, error_rate: float) -> None:
    """Raise before anything is read what the names alone can tell."""
    try:
        privacy.check_apart(training.patients, held_out.patients)
        near_copies.calibrate(np.zeros(len(held_out.names)), held_out.patients, error_rate)
    except UserError as error:
        raise UserError(f"{training.place} and {held_out.place}: {error}") from None


def _check_same(training: Side, held_out: Side) -> None:
    """Refuse held-out pictures that were learned from: after them nothing would be too near."""
    seen = {hashlib.sha256(image).digest(): row for row, image in enumerate(training.images)}
    same = [(row, seen.get(hashlib.sha256(image).digest())) for row, image in enumerate(held_out.images)]
    both = [(row, other) for row, other in same if other is not None]
    if both:
        row, other = both[0]
        raise UserError(
            f"{len(both):,} pictures of {held_out.found.place}, the first {held_out.name(row)}, are also in "
            f"{training.found.place} ({training.name(other)}); hold out pictures that were not learned from"
        )
