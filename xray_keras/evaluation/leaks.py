"""How much of a test set a model has seen: its images and patients in the list that the model was trained on.

Widely used weights were trained on most of the release's official test images: `cited.chexnet_lists` of cohen2019.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from xray_keras import files
from xray_keras.errors import UserError, reason

_IMAGE_COLUMNS = ("image", "image index", "path")
_PATIENT_COLUMNS = ("patient", "patient id")
_IMAGE = re.compile(r"\.(png|jpe?g|dcm)$", re.IGNORECASE)
NIH_NAME = re.compile(r"(\d{8})_\d{3}\.")


@dataclass(frozen=True)
class Leaks:
    """How many images and patients of a test set stand in a training list.

    Attributes:
        images, patients: of the test set.
        seen_images: test images that are in the training list.
        seen_patients: test patients with any image in it.
        exposed_images: test images of those patients, themselves in the list or not.
    """

    images: int
    patients: int
    seen_images: int
    seen_patients: int
    exposed_images: int

    @property
    def image_share(self) -> float:
        """Test images that were trained on, 0 to 1."""
        return self.seen_images / self.images

    @property
    def patient_share(self) -> float:
        """Test patients that were trained on, 0 to 1."""
        return self.seen_patients / self.patients


def check(training: Path, test: Path) -> Leaks:
    """Compare two lists of images by name and by patient.

    Args:
        training: a list (one image a line, its name first; or a CSV with a header), or a model imported with its
            list: the .keras file or its card.
        test: a list, a manifest, or predictions (.csv or .parquet; of rows with a split, those that are "test").

    An image is its file name, without folders where that still tells a list's images apart. Patients are those of the
    column `patient`, else what an NIH name has before "_"; an image without either is a patient of its own.

    Raises:
        UserError: a file is absent, empty or of another kind; a card names no list.
    """
    trained, tested = read(training_list(training)), read(test)
    seen = {name for name in tested if name in trained}
    patients = set(trained.values()) | {tested[name] for name in seen}
    exposed = {name: patient for name, patient in tested.items() if name in seen or patient in patients}
    return Leaks(len(tested), len(set(tested.values())), len(seen), len(set(exposed.values())), len(exposed))


def describe(leaks: Leaks) -> str:
    """One or two sentences for people."""
    start = (
        f"{leaks.seen_images:,} of {leaks.images:,} test images ({leaks.image_share:.1%}) and {leaks.seen_patients:,} "
        f"of {leaks.patients:,} test patients ({leaks.patient_share:.1%}) are in the training list."
    )
    if leaks.exposed_images:
        share = leaks.exposed_images / leaks.images
        return (
            f"{start} {leaks.exposed_images:,} test images ({share:.1%}) are of patients trained on: scores on them "
            "say little."
        )
    return f"{start} None has been seen."


def training_list(path: Path) -> Path:
    """The list itself, or the one that a model's card names."""
    if path.suffix not in (".keras", ".json"):
        return path
    card = path.with_suffix(".json")
    content = files.read_json(card)
    named = content.get("training_list") if isinstance(content, dict) else None
    if not isinstance(named, dict) or not isinstance(named.get("file"), str):
        raise UserError(
            f"{card} names no training list; import the weights with --training-list, or give the list itself"
        )
    listed = card.parent / Path(named["file"]).name
    if not files.is_there(listed):
        raise UserError(
            f"{listed} is absent, the training list that {card} names; put it back beside the card"
        )
    if named.get("sha256") != files.sha256(listed):
        raise UserError(
            f"{listed} is not the training list that {card} names: its sha256 differs; import it again"
        )
    return listed


def read(path: Path) -> dict[str, str]:
    """Image → patient of a list, a CSV or predictions; test rows alone where a column `split` has any.

    Raises:
        UserError: absent, empty, or without a column of images.
    """
    if path.suffix == ".parquet":
        from xray_keras.evaluation import predictions

        frame = predictions.read(path)
        rows = [[str(cell) for cell in row] for row in frame.itertuples(index=False)]
        return _from_table([str(name).lower() for name in frame.columns], rows, path)
    try:
        files.check_regular(path)
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(f"{path} is absent; give a list of images") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path} is not a list in UTF-8 text ({reason(error)}); give one image a line"
        ) from None
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise UserError(f"{path} lists no image; give one image a line")
    try:
        header = [name.strip().lower() for name in next(csv.reader(lines[:1]))]
        if any(name in header for name in _IMAGE_COLUMNS):
            return _from_table(header, list(csv.reader(lines[1:])), path)
    except csv.Error as error:
        raise UserError(f"{path} is a malformed CSV ({reason(error)}); save it again") from None
    if "," in lines[0] and not _IMAGE.search(lines[0].partition(",")[0]):
        raise UserError(
            f"{path} has columns but none is {' or '.join(_IMAGE_COLUMNS)}; name the images' column so"
        )
    return _named([(line.split("," if "," in line else None)[0].strip(), None) for line in lines])


def _from_table(header: list[str], rows: list[list[str]], path: Path) -> dict[str, str]:
    image = next(header.index(name) for name in _IMAGE_COLUMNS if name in header)
    patient = next((header.index(name) for name in _PATIENT_COLUMNS if name in header), None)
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header) or not row[image].strip():
            raise UserError(
                f"{path} has no image in row {number}, or cells that its header lacks; mend that row"
            )
    if "split" in header:
        rows = [row for row in rows if row[header.index("split")] == "test"]
    if not rows:
        raise UserError(
            f"{path} lists no image (of a column 'split', only test rows count); give one image a line"
        )
    return _named([(row[image].strip(), None if patient is None else row[patient].strip()) for row in rows])


def _named(listed: list[tuple[str, str | None]]) -> dict[str, str]:
    """Image → patient; NIH's patients are numbers, with or without leading zeros."""
    full = {name for name, _ in listed}
    plain = len({_file(name) for name in full}) == len(full)
    found = {}
    for name, patient in listed:
        number = NIH_NAME.match(_file(name))
        own = _file(name) if plain else name
        if patient is None:
            patient = number[1] if number else own
        found[own] = patient.lstrip("0") if patient.isdecimal() else patient
    return found


def _file(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]
