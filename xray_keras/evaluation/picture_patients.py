"""Who is on a picture: told by a list, or by a name as in NIH's release."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from xray_keras.datasets import text_table
from xray_keras.errors import Damaged, UserError, reason, shortened
from xray_keras.evaluation import leaks

OWN = "each picture its own"


def read(path: Path) -> dict[str, str]:
    """Patient by picture, of a CSV with the columns image and patient; numbers without leading zeros.

    Raises:
        UserError: no such CSV, a column is absent, a cell empty, or a picture named twice.
    """
    remedy = "give a CSV with the columns image and patient"
    try:
        frame = text_table.cells(path).fillna("")  # where a row is shorter than the header
    except (OSError, Damaged) as error:
        raise UserError(f"{path} cannot be read ({reason(error)}); {remedy}") from None
    if not {"image", "patient"} <= set(frame.columns):
        raise UserError(f"{path} has the columns {shortened(', '.join(map(str, frame.columns)))}; {remedy}")
    empty = (frame[["image", "patient"]] == "").any(axis=1).to_numpy()
    if empty.any():
        raise UserError(f"{path} has an empty cell in row {int(empty.argmax()) + 2}; fill it")
    twice = frame["image"][frame["image"].duplicated()]
    if len(twice):
        raise UserError(f"{path} names {shortened(twice.iloc[0])} twice; keep one row a picture")
    return {image: plain(patient) for image, patient in zip(frame["image"], frame["patient"], strict=True)}


def tell(
    place: Path, names: Sequence[str], alone: Sequence[str], table: Mapping[str, str] | None
) -> tuple[np.ndarray, str]:
    """The patient of each picture, str (N,), and how patients were told apart, for people.

    Args:
        place: where the pictures are, for the sentence.
        names: of the pictures, paths below `place`; the table may leave folders out.
        alone: of each, the name of a patient who has this picture only, where nothing else tells.
        table: see `read`. None: a picture with a name as in NIH's release is of the patient whose number it has.

    Raises:
        UserError: the table lacks a picture.
    """
    files = [name.rpartition("/")[2] for name in names]
    if table is not None:
        found = [table.get(name, table.get(file)) for name, file in zip(names, files, strict=True)]
        missing = [name for name, patient in zip(names, found, strict=True) if patient is None]
        if missing:
            raise UserError(
                f"{len(missing):,} pictures of {place}, the first {missing[0]}, are not in the list of patients; "
                "add them"
            )
        return np.array(found), "as listed"
    numbers = [leaks.NIH_NAME.match(file) for file in files]
    told = sum(number is not None for number in numbers)
    patients = [plain(number[1]) if number else own for number, own in zip(numbers, alone, strict=True)]
    if not told:
        return np.array(patients), OWN
    rest = f"; {len(names) - told:,} pictures, named otherwise, each their own" if told < len(names) else ""
    return np.array(patients), f"by the number in a picture's name{rest}"


def plain(patient: str) -> str:
    """A patient's number without leading zeros, for lists write "12" and names "00000012"; other names as they are."""
    return (patient.lstrip("0") or "0") if patient.isdecimal() else patient
