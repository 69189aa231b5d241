"""The text files and folders of an unpacked ChestX-ray14, parsed with the standard library alone."""

import csv
import os
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from xray_keras.datasets.findings import FINDINGS
from xray_keras.errors import UserError, reason, shortened

LINK = "https://nihcc.app.box.com/v/ChestXray-NIHCC"
CSV_FILES = ("Data_Entry_2017_v2020.csv", "Data_Entry_2017.csv")  # the corrected edition wins
LISTS = {"train_val": "train_val_list.txt", "test": "test_list.txt"}
BOXES_FILE = "BBox_List_2017.csv"

_COLUMNS = {
    "image": ("Image Index",),
    "findings": ("Finding Labels",),
    "follow_up": ("Follow-up #",),
    "patient": ("Patient ID",),
    "age": ("Patient Age",),
    "sex": ("Patient Gender", "Patient Sex"),
    "view": ("View Position",),
}
_BOX_NAMES = {"Infiltrate": "Infiltration"}


class Entry(NamedTuple):
    """One row of the CSV as it stands there; `line` counts from 1."""

    line: int
    image: str
    findings: str
    follow_up: str
    patient: str
    age: str
    sex: str
    view: str


def root(root: Path) -> Path:
    """The folder itself, or a UserError that says what to download."""
    if not root.is_dir():
        raise UserError(
            f"{root} is not a folder; download NIH ChestX-ray14 from {LINK} (NIH Clinical Center; free with "
            "that link and a citation of Wang et al., CVPR 2017) and unpack it there, or set DATA to the "
            "folder above it"
        )
    return root


def csv_file(root: Path) -> Path:
    """The label file present in `root`, the corrected edition of 2020 before the first; else a UserError."""
    for name in CSV_FILES:
        if (root / name).is_file():
            return root / name
    raise UserError(f"{root} holds neither {' nor '.join(CSV_FILES)}; download one from {LINK}")


def read_csv(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header, and (line number, cells) of each non-empty row; a UserError if there is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened, strict=True)
            header = next(reader, [])
            rows = [(reader.line_num, row) for row in reader if row]
    except FileNotFoundError:
        raise UserError(f"{path} is absent; download it from {LINK}") from None
    except (OSError, ValueError, csv.Error) as error:
        raise UserError(
            f"{path} is not a readable CSV ({reason(error)}); download it again from {LINK}"
        ) from None
    if not rows:
        raise UserError(f"{path} is empty; download it again from {LINK}")
    return header, rows


def entries(path: Path) -> list[Entry]:
    """The rows of the label file; a UserError for absent columns, short rows or images listed twice."""
    header, rows = read_csv(path)
    at = {}
    for column, names in _COLUMNS.items():
        found = [header.index(name) for name in names if name in header]
        if not found:
            raise UserError(f"{path} has no column {' or '.join(names)}; download it again from {LINK}")
        at[column] = found[0]
    # The names of the size columns contain commas, and one edition ends its lines in one, so rows and header
    # may differ in length: only the named columns, which come first, must be there.
    width = max(at.values()) + 1
    short = next((line for line, row in rows if len(row) < width), None)
    if short is not None:
        raise UserError(f"{path}, line {short} has fewer than {width} cells; download it again from {LINK}")
    order = [at[column] for column in Entry._fields[1:]]
    entries = [Entry(line, *(row[index] for index in order)) for line, row in rows]
    counts = Counter(entry.image for entry in entries)
    if len(counts) < len(entries):
        twice = [image for image, count in counts.items() if count > 1]
        raise UserError(
            f"{path} lists {len(twice):,} images more than once (first: {shortened(twice[0])}); keep one row an image"
        )
    return entries


def listed(path: Path) -> set[str]:
    """Only the image names of the label file, for speed."""
    header, rows = read_csv(path)
    names = _COLUMNS["image"]
    return {row[0] for _, row in rows} if tuple(header[:1]) == names else set()


def official(root: Path, source: Path, listed: set[str]) -> dict[str, str]:
    """The official part ("train_val" or "test") of each image of the CSV `source`.

    Raises:
        UserError: a list is absent, or an image is in no list, in both, or not in the CSV.
    """
    official: dict[str, str] = {}
    for part, name in LISTS.items():
        path = root / name
        try:
            images = path.read_text(encoding="utf-8-sig").split()
        except FileNotFoundError:
            raise UserError(f"{path} is absent; download it from {LINK}") from None
        except (OSError, ValueError) as error:
            raise UserError(
                f"{path} is not readable ({reason(error)}); download it again from {LINK}"
            ) from None
        unknown = [image for image in images if image not in listed]
        if unknown:
            raise UserError(
                f"{path} names {len(unknown):,} images that {source} lacks (first: {shortened(unknown[0])}); "
                "take both from the same release"
            )
        both = [image for image in images if official.get(image, part) != part]
        if both:
            raise UserError(
                f"{len(both):,} images are in both {' and '.join(LISTS.values())} of {root} (first: "
                f"{shortened(both[0])}); download the lists again from {LINK}"
            )
        official.update(dict.fromkeys(images, part))
    neither = listed - official.keys()
    if neither:
        raise UserError(
            f"{len(neither):,} images of {source} are in neither {' nor '.join(LISTS.values())} (first: "
            f"{shortened(min(neither))}); download the lists again from {LINK}"
        )
    return official


def images_on_disk(root: Path) -> dict[str, str]:
    """Path below `root` of each PNG, by file name."""
    paths: dict[str, str] = {}
    for folder in [root / "images", *sorted(root.glob("images_*/images"))]:
        if folder.is_dir():
            below = folder.relative_to(root).as_posix()
            with os.scandir(folder) as found:
                names = [entry.name for entry in found]
            for name in names:
                if name.endswith(".png") and not name.startswith("."):
                    paths.setdefault(name, f"{below}/{name}")
    return paths


def boxes(root: Path) -> list[tuple[str, str, float, float, float, float]]:
    """Image, finding, x, y, w, h of each hand-drawn box, in pixels of the 1024 px image.

    Raises:
        UserError: the file is absent or malformed.
    """
    path = root / BOXES_FILE
    _, rows = read_csv(path)
    found = []
    for line, row in rows:
        try:
            # The header's commas, and trailing ones in some rows, leave only the positions to go by.
            x, y, w, h = (float(cell) for cell in row[2:6])
            finding = _BOX_NAMES.get(row[1], row[1])
            valid = finding in FINDINGS and x >= 0 and y >= 0 and w > 0 and h > 0
            valid = valid and x + w <= 1024 and y + h <= 1024
        except ValueError:
            valid = False
        if not valid:
            raise UserError(
                f"{path}, line {line}: '{shortened(','.join(row))}' is not image, finding, x, y, w, h within 1024 px; "
                f"download the file again from {LINK}"
            )
        found.append((row[0], finding, x, y, w, h))
    return found
