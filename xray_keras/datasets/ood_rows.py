"""Entries of foreign data sets as rows of a manifest, and the counts of that manifest."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from xray_keras.datasets.manifest import OOD_COLUMNS
from xray_keras.datasets.ood_listing import Entry
from xray_keras.errors import UserError


def limited(entries: Sequence[Entry], most: int | None) -> list[Entry]:
    """At most `most` entries, whole patients in the order of a hash of their name; all for None.

    A patient with more images than are left is passed over, so that the number is met as closely as patients allow.
    """
    if most is None or len(entries) <= most:
        return list(entries)
    sizes: dict[str, int] = {}
    for entry in entries:
        sizes[entry.patient] = sizes.get(entry.patient, 0) + 1
    chosen, left = set(), most
    for patient in sorted(sizes, key=lambda name: hashlib.sha256(f"ood/{name}".encode()).digest()):
        if sizes[patient] <= left:
            chosen.add(patient)
            left -= sizes[patient]
    return [entry for entry in entries if entry.patient in chosen]


def rows(entries: Sequence[Entry], source: str, group: str) -> pd.DataFrame:
    """Entries of one set as rows; names and patients get the set's name in front, for they are unique in it alone."""
    return pd.DataFrame(
        {
            "image": [f"{source}/{entry.image}" for entry in entries],
            "patient": [f"{source}/{entry.patient}" for entry in entries],
            "path": [entry.path for entry in entries],
            "source": source,
            "group": group,
            "official_split": "probe",
            "Pneumonia": [entry.pneumonia for entry in entries],
        }
    )


def joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One manifest of several sets."""
    return pd.concat(parts, ignore_index=True)[list(OOD_COLUMNS)].astype({"Pneumonia": "int8"})


def summary(frame: pd.DataFrame, sets: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Counts of a manifest, set by set, beside what is known of each set."""
    counted = {}
    for name, about in sets.items():
        here = frame[frame["source"] == name]
        counted[name] = {
            **about,
            "images": len(here),
            "patients": int(here["patient"].nunique()),
            "pneumonia": int(here["Pneumonia"].sum()) if about["group"] == "accept" else None,
        }
    return {"dataset": "ood", "images": len(frame), "sets": counted}


def numbers(frame: pd.DataFrame) -> list[int]:
    """The number at the end of each name of a computed or bundled picture, "<set>/00000012".

    Raises:
        UserError: a name without one.
    """
    ends = frame["image"].str.extract(r"/(\d{8})$")[0]
    if ends.isna().any():
        strange = frame["image"][ends.isna()].iloc[0]
        raise UserError(f"{strange} is no image of the phantom; take the rows from its own manifest")
    return [int(end) for end in ends]
