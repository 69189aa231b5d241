"""The COVID-19 image data collection (covid-chestxray-dataset): which of its rows are frontal radiographs.

Source: J. P. Cohen, P. Morrison and L. Dao, arXiv 2003.11597, and the collection's own files: metadata.csv (described
in its SCHEMA.md) and images/. The collection grew for a year and its file with it: the first editions have no column
for modality or folder and write CT as a view; findings are "COVID-19" or "COVID-19, ARDS" in the spring of 2020, and
paths such as "Pneumonia/Viral/COVID-19" later. All of them are read.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from xray_keras.datasets import manifest, text_table
from xray_keras.datasets.findings import NO_FINDING
from xray_keras.datasets.manifest import COVID
from xray_keras.errors import UserError

FOLDER = "covid-chestxray-dataset"
LINK = "https://github.com/ieee8023/covid-chestxray-dataset"
CITATION = "J. P. Cohen, P. Morrison and L. Dao: COVID-19 image data collection. arXiv 2003.11597, 2020."
LICENCE = (
    "Each image has its own, in the column license of metadata.csv (CC BY, CC BY-SA, CC BY-NC-SA and others); where "
    "that is empty, none is known."
)

_COLUMNS = ("patientid", "finding", "view", "filename")
_SLICES = ("ct", "axial", "coronal")
_UNKNOWN = ("", "todo", "unknown")

REASONS = (
    "CT",
    "neither X-ray nor CT",
    "lateral view",
    "view unknown",
    "finding unknown",
    "patient without id",
    "file missing",
    "listed twice",
    "not of COVID-19, but of a patient with COVID-19",
)
"""Why a row is not used, in the order in which reasons are tried."""


@dataclass(frozen=True)
class Summary:
    """What metadata.csv lists and what of it is used; plain values, for reports."""

    rows: int
    patients: int
    covid: int
    """Frontal radiographs of COVID-19 that are on disk."""
    other: int
    """The other frontal radiographs."""
    left_out: dict[str, int]
    """Rows by the first of `REASONS` that excludes them."""


def read(data: Path) -> tuple[pd.DataFrame, Summary]:
    """The collection's frontal radiographs on disk, in the order of metadata.csv.

    Args:
        data: folder that holds `FOLDER`.

    Returns:
        One row an image: image (file name), patient ("covid/12"), path (below `data`), source (`FOLDER`), group
        ("covid", "normal" or "other"), finding ("COVID-19" for every positive, else as the collection states it).
        And the counts: every row of metadata.csv is a row here or is counted under one reason.

    Raises:
        UserError: the folder or metadata.csv is absent or malformed, or no frontal radiograph is on disk.
    """
    root = data / FOLDER
    if not root.is_dir():
        raise UserError(f"{root} is not a folder; clone {LINK} there, or set DATA to the folder above it")
    listed = text_table.read(root / "metadata.csv", _COLUMNS, f"take it again from {LINK}")
    for column, default in (("modality", ""), ("folder", "images")):
        if column not in listed:
            listed[column] = default
    below = np.where(listed["folder"] == "", "images", listed["folder"])
    listed["path"] = [
        f"{FOLDER}/{folder}/{name}" for folder, name in zip(below, listed["filename"], strict=True)
    ]
    listed["patientid"] = _one_name_a_patient(listed)
    reasons = _reasons(listed, data)
    kept = listed[reasons == ""]
    if kept.empty:
        raise UserError(
            f"{root} holds no frontal radiograph that metadata.csv lists with patient and finding; clone {LINK} there"
        )
    covid = kept["finding"].map(_is_covid).astype(bool).to_numpy()
    normal = kept["finding"].str.casefold() == NO_FINDING.casefold()
    frame = pd.DataFrame(
        {
            "image": kept["filename"],
            "patient": "covid/" + kept["patientid"],
            "path": kept["path"],
            "source": FOLDER,
            "group": np.select([covid, normal], ["covid", "normal"], "other"),
            "finding": np.select([covid, normal], [COVID, NO_FINDING], kept["finding"]),
        }
    ).reset_index(drop=True)
    counted: dict[str, Any] = {reason: int((reasons == reason).sum()) for reason in REASONS}
    positives = int(covid.sum())
    patients = listed["patientid"][listed["patientid"] != ""].nunique()
    return frame, Summary(len(listed), patients, positives, len(frame) - positives, counted)


def _reasons(listed: pd.DataFrame, data: Path) -> np.ndarray:
    """The first of `REASONS` that excludes each row, "" where none does."""
    modality, view = listed["modality"].str.casefold(), listed["view"].str.casefold()
    frontal = view.str.startswith(("pa", "ap"))
    lateral = (view == "l") | view.str.startswith("lateral")
    unknown = listed["finding"].str.casefold().isin(_UNKNOWN)
    on_disk = _on_disk(data, listed["path"])
    usable = frontal & ~unknown & (listed["patientid"] != "") & on_disk
    usable &= modality.isin(("", "x-ray"))
    positive = usable & listed["finding"].map(_is_covid).astype(bool)
    ill = listed["patientid"].isin(listed["patientid"][positive])
    again = usable & listed["path"].where(usable).duplicated()
    tests = (
        (modality == "ct") | view.isin(_SLICES),
        ~modality.isin(("", "x-ray")),
        lateral,
        ~frontal,
        unknown,
        listed["patientid"] == "",
        ~on_disk,
        again,
        ill & ~positive,
    )
    return np.select([test.to_numpy(dtype=bool) for test in tests], REASONS, "")


def _is_covid(finding: str) -> bool:
    """Whether "COVID-19", "COVID-19, ARDS" or "Pneumonia/Viral/COVID-19" names the disease."""
    return COVID.casefold() in (part.strip().casefold() for part in finding.replace(",", "/").split("/"))


def _on_disk(data: Path, paths: pd.Series) -> pd.Series:
    present = {
        f"{path.relative_to(data).as_posix()}/{entry.name}"
        for path in {(data / path).parent for path in paths if manifest.stays_below(path)}
        if path.is_dir()
        for entry in os.scandir(path)
    }
    return paths.isin(present)


def _one_name_a_patient(listed: pd.DataFrame) -> list[str]:
    """Patient of each row, one name for all ids that share a picture: the collection lists a few people twice."""
    same: dict[str, str] = {}
    owner: dict[str, str] = {}

    def name(patient: str) -> str:
        while same.get(patient, patient) != patient:
            patient = same[patient]
        return patient

    for patient, picture in zip(listed["patientid"], listed["filename"], strict=True):
        if patient and picture:
            same[name(patient)] = name(owner.setdefault(picture, patient))
    return [name(patient) for patient in listed["patientid"]]
