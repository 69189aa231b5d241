"""Small trees in the official layouts of covid-chestxray-dataset and CheXpert, with random pixels."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from nih_tree import write_png

from xray_keras.datasets import chexpert

LATE = (
    "patientid",
    "offset",
    "finding",
    "view",
    "modality",
    "folder",
    "filename",
    "license",
    "other_notes",
    "",
)
EARLY = ("Patientid", "offset", "sex", "finding", "view", "date", "filename", " url")


def covid_row(
    patient: str, filename: str, finding: str = "COVID-19", view: str = "PA", **cells: str
) -> dict[str, str]:
    """A row of metadata.csv as LATE has it."""
    given = {"patientid": patient, "filename": filename, "finding": finding, "view": view}
    return {"modality": "X-ray", "folder": "images", **given, **cells}


def write_covid(
    data: Path,
    rows: Iterable[dict[str, str]],
    absent: Sequence[str] = (),
    header: Sequence[str] = LATE,
    side: int = 8,
) -> Path:
    """Write metadata.csv and the pictures that it lists, but for those in `absent`."""
    root = data / "covid-chestxray-dataset"
    (root / "images").mkdir(parents=True)
    rows = list(rows)
    with (root / "metadata.csv").open("w", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(header)
        for row in rows:
            writer.writerow([row.get(name.strip().lower(), "") for name in header])
    for row in rows:
        if row["filename"] and row["filename"] not in absent:
            write_png(root / row.get("folder", "images") / row["filename"], side)
    return root


def covid_patients(patients: int, most: int = 3) -> list[dict[str, str]]:
    """Rows of COVID-19 patients 1 … with 1, 2, … `most`, 1, 2, … images."""
    return [
        covid_row(str(patient), f"c{patient}_{image}.png")
        for patient in range(1, patients + 1)
        for image in range(1 + patient % most)
    ]


def chexpert_row(
    patient: int, view: int = 1, kind: str = "frontal", part: str = "train", **labels: str
) -> dict[str, str]:
    """A row of train.csv or valid.csv; `labels` by category with _ for blanks."""
    path = f"{chexpert.FOLDER}/{part}/patient{patient:05d}/study1/view{view}_{kind}.jpg"
    named = {name.replace("_", " "): value for name, value in labels.items()}
    return {"Path": path, "Sex": "Male", "Age": "50", "Frontal/Lateral": kind.title(), "AP/PA": "AP", **named}


def write_chexpert(data: Path, rows: Iterable[dict[str, str]], absent: Sequence[int] = ()) -> Path:
    """Write train.csv, valid.csv and the pictures, but for those of the patients in `absent`."""
    root = data / chexpert.FOLDER
    root.mkdir(parents=True)
    header = ("Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", *chexpert.CATEGORIES)
    rows = list(rows)
    for part in ("train", "valid"):
        with (root / f"{part}.csv").open("w", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow(header)
            here = [row for row in rows if f"/{part}/" in row["Path"]] or (
                # a file with no image is malformed: give it one that is never used
                [chexpert_row(99999, kind="lateral", part=part)]
            )
            writer.writerows([row.get(name, "") for name in header] for row in here)
    for row in rows:
        if not any(f"patient{patient:05d}" in row["Path"] for patient in absent):
            write_png(data / row["Path"], 8)
    return root


def chexpert_singles(each: int, normal: int, most: int = 3) -> list[dict[str, str]]:
    """Single-label rows: `normal` without finding and `each` of the other thirteen categories, 1 … `most` a patient."""
    rows, patient, view = [], 1, 0
    wanted = [name for name in chexpert.CATEGORIES[1:] for _ in range(each)] + ["No Finding"] * normal
    wanted = wanted[::2] + wanted[1::2]  # patients with images of several categories
    for name in wanted:
        if view > patient % most:
            patient, view = patient + 1, 0
        view += 1
        rows.append(chexpert_row(patient, view, **{name.replace(" ", "_"): "1.0"}))
    return rows
