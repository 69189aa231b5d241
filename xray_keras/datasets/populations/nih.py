"""Populations of NIH ChestX-ray14, or of the thorax phantom that stands for it."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xray_keras.datasets import nih
from xray_keras.datasets.populations import PHANTOM_SEED, folder

if TYPE_CHECKING:
    import pandas as pd

    from xray_keras.datasets.decoding import Source

_FILES = ("Data_Entry*.csv", "*_list.txt", "images*")


def files(data: Path) -> list[Path]:
    """Files and folders whose change means another manifest."""
    return sorted(path for pattern in _FILES for path in (data / nih.FOLDER).glob(pattern))


def is_complete(data: Path) -> bool:
    """Whether all images of the release are there."""
    return nih.is_complete(data / nih.FOLDER)


def source(population: Mapping[str, Any]) -> "Source":
    """The release below `data`, or the phantom."""
    from xray_keras.datasets.phantom.chest import Phantom

    data = folder(population)
    return Phantom(PHANTOM_SEED) if data is None else nih.Release(data / nih.FOLDER)


def build(population: Mapping[str, Any]) -> "tuple[pd.DataFrame, dict[str, Any]]":
    """Manifest and summary, see `populations.build`.

    Raises:
        UserError: see `nih.Release.read_manifest`.
    """
    from xray_keras.datasets import manifest
    from xray_keras.datasets.phantom.chest import Phantom

    data, limit = folder(population), population["max_images"]
    labelled_only = population["images"] == "labelled"
    if data is None:
        frame = Phantom(PHANTOM_SEED).manifest(limit or nih.IMAGES, labelled=labelled_only)
        return frame, {"origin": "phantom", "complete": False, "images": len(frame), "seed": PHANTOM_SEED}
    frame, summary = nih.Release(data / nih.FOLDER).read_manifest(population["missing"])
    if labelled_only:
        frame = frame[manifest.labelled(frame)]
    chosen = whole_patients(frame, limit) if limit else frame
    complete = summary.complete and len(chosen) == len(frame)
    return chosen.reset_index(drop=True), {
        "origin": "release",
        "release": summary.as_json(),
        "complete": complete,
        "images": len(chosen),
        "citation": nih.CITATION,
        "licence": nih.LICENCE,
    }


def whole_patients(frame: "pd.DataFrame", limit: int) -> "pd.DataFrame":
    """At most `limit` images: patients in the order of a hash of their name, as long as they fit."""
    patients = frame["patient"].unique()
    ranked = sorted(patients, key=lambda name: hashlib.sha256(f"population/{name}".encode()).digest())
    counts = frame["patient"].value_counts().reindex(ranked).cumsum()
    return frame[frame["patient"].isin(counts.index[counts <= limit])]
