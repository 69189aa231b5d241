"""How many images of a data set are below a folder: lists and folders are read, no picture is opened.

Each function takes the user's folder and gives None where the set is not there. What a stage would refuse is told in
`Tally.problem`, in the stage's own words, and the rest is counted all the same.
"""

import csv
import os
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xray_keras.datasets import kermany, mura, nih, nih_files, small_pictures
from xray_keras.datasets.ood_listing import Listing, pictures
from xray_keras.datasets.scenes import listing as scene_listing
from xray_keras.errors import UserError

_STUDY = re.compile(r"(.+)/[^/]+")


@dataclass(frozen=True)
class Tally:
    """What of a data set is there.

    Attributes:
        place: its folder or file.
        on_disk: images.
        listed: images that the release's own list names; None where it has none.
        missing: of those that the suite would use, how many are listed but not on disk; None where there is no list.
        counts: further counts by name, those that papers print among them.
        problem: why the suite cannot use it, "" where it can.
    """

    place: Path
    on_disk: int
    listed: int | None = None
    missing: int | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""


def chestxray14(data: Path) -> Tally | None:
    """ChestX-ray14; counts are those of the list: images, patients, each finding."""
    root = data / nih.FOLDER
    if not root.is_dir():
        return None
    present = nih_files.images_on_disk(root)
    try:
        source = nih_files.csv_file(root)
        entries = nih_files.entries(source)
    except UserError as error:
        return Tally(root, len(present), problem=str(error))
    listed = {entry.image for entry in entries}
    findings = Counter(name for entry in entries for name in entry.findings.split("|"))
    patients = len({entry.patient for entry in entries})
    here = len(listed & present.keys())
    problem = "" if here else f"{root} holds no image that {source.name} lists; unpack {nih.LINK} there"
    try:
        nih_files.official(root, source, listed)
    except UserError as error:
        problem = problem or str(error)
    counts = {"images": len(listed), "patients": patients, **findings}
    return Tally(root, here, len(listed), len(listed) - here, counts, problem)


def covid_collection(data: Path) -> Tally | None:
    """covid-chestxray-dataset; every row of its metadata is listed, CT included, and frontal radiographs are used."""
    from xray_keras.datasets import covid_chestxray

    root = data / covid_chestxray.FOLDER
    if not root.is_dir():
        return None
    on_disk = len(pictures(root / "images")[0])
    try:
        _, found = covid_chestxray.read(data)
    except UserError as error:
        return Tally(root, on_disk, problem=str(error))
    counts = {
        "frontal radiographs of COVID-19": found.covid,
        "other frontal radiographs": found.other,
        "patients": found.patients,
    }
    return Tally(root, on_disk, found.rows, found.left_out["file missing"], counts)


def chexpert_small(data: Path) -> Tally | None:
    """CheXpert-v1.0-small; frontal radiographs with a single category are used."""
    from xray_keras.datasets import chexpert

    root = data / chexpert.FOLDER
    if not root.is_dir():
        return None
    listed = [path for name in ("train.csv", "valid.csv") for path in _first_column(root / name)]
    on_disk = sum(os.path.isfile(data / path) for path in listed)  # noqa: PTH113 (of 224,000)
    try:
        _, found = chexpert.read(data, "skip")
    except UserError as error:
        return Tally(root, on_disk, len(listed) or None, problem=str(error))
    counts = {
        "images": found.rows,
        "patients": found.patients,
        "frontal radiographs with one category": found.single,
    }
    return Tally(root, on_disk, found.rows, found.left_out["file missing"], counts)


def children(data: Path) -> Tally | None:
    """Kermany's children; the papers' numbers are those of the training part, which a later packaging divides."""

    def training(found: Listing) -> dict[str, int]:
        kinds = ("normal", "bacterial", "viral")
        each = {
            kind: sum(found.counts.get(f"{part}, {kind}", 0) for part in ("train", "val")) for kind in kinds
        }
        return {
            "training images": sum(each.values()),
            "training images, pneumonia": each["bacterial"] + each["viral"],
            **{f"training images, {kind}": count for kind, count in each.items()},
        }

    return listing(kermany, training)(data)


def bones(data: Path) -> Tally | None:
    """MURA; both parts are counted, the validation part is used where it is there."""
    root = mura.find(data)
    if root is None:
        return None
    lists = [
        path for path in (root / f"{part}_image_paths.csv" for part in ("train", "valid")) if path.is_file()
    ]
    listed = [path for place in lists for path in _first_column(place, header=False)]
    found = [path.relative_to(data).as_posix() for path in pictures(root)[0]]
    studies = {match[1] for path in listed or found if (match := _STUDY.fullmatch(path))}
    counts = {"images": len(listed or found), "studies": len(studies)}
    missing, problem = None, ""
    try:
        missing = mura.read(data, root, "skip").left_out.get("file missing", 0)
    except UserError as error:
        problem = str(error)
    if not listed:
        return Tally(root, len(found), None, None, counts, problem)
    return Tally(root, len(set(found) & set(listed)), len(listed), missing, counts, problem)


def listing(
    adapter: Any, counted: Callable[[Listing], Mapping[str, int]] = lambda found: found.counts
) -> Callable[[Path], Tally | None]:
    """The tally of an adapter that has `find` and `read(data, place)`; small pictures are counted in their file."""

    def tally(data: Path) -> Tally | None:
        place = adapter.find(data)
        if place is None:
            return None
        where = small_pictures.locate(data, place) if isinstance(place, str) else place
        try:
            found = adapter.read(data, place)
        except UserError as error:
            return Tally(where, 0 if where.is_file() else len(pictures(where)[0]), problem=str(error))
        return Tally(where, len(found.entries), counts=counted(found))

    return tally


def first(*tallies: Callable[[Path], Tally | None]) -> Callable[[Path], Tally | None]:
    """The first that finds something."""
    return lambda data: next((found for tally in tallies if (found := tally(data))), None)


def scenes(adapter: Any) -> Callable[[Path], Tally | None]:
    """Pictures with or without text, counted by their names, a count a part and class."""

    def tally(data: Path) -> Tally | None:
        root = adapter.find(data)
        if root is None:
            return None
        counts = {
            f"{folder.part}, {scene_listing.COUNTED[folder.text]}": scene_listing.count(folder.path)
            for folder in adapter.folders(root)
        }
        total = sum(counts.values())
        problem = (
            "" if total else f"{root} holds no picture in its folders; unpack {adapter.NAME} there again"
        )
        return Tally(root, total, counts=counts, problem=problem)

    return tally


def _first_column(path: Path, *, header: bool = True) -> list[str]:
    """Cells of a release's list; none where it cannot be read, which the adapter says better."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as opened:
            cells = [row[0].strip() for row in csv.reader(opened) if row and row[0].strip()]
    except (OSError, ValueError, csv.Error):
        return []
    return cells[1:] if header else cells
