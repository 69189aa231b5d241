"""Which images of a data set an experiment draws on: the release or the phantom, labelled or all, and how many."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from xray_keras.datasets import manifest, nih
from xray_keras.datasets.phantom import Phantom
from xray_keras.errors import UserError

PHANTOM_SEED = 2019


def source(population: Mapping[str, Any]) -> nih.Release | Phantom:
    """Where the pixels of a population come from: the release below its `data` folder, or the phantom."""
    if population["dataset"] != "nih":
        raise UserError(f"there is no data set {population['dataset']!r}; choose nih")
    if population["data"] is None:
        return Phantom(PHANTOM_SEED)
    return nih.Release(Path(population["data"]) / nih.FOLDER)


def build(population: Mapping[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The manifest of a population, and what it was taken from.

    Args:
        population: `dataset` ("nih"), `data` (folder of the user's data sets, None for the phantom), `images`
            ("labelled" or "all"), `max_images` (int or None), `missing` ("error" or "skip").

    Returns:
        The manifest, and a summary: `origin` ("phantom" or "release"), `complete` (whether these are all images
        of that kind in the official release), counts.

    Raises:
        UserError: see `nih.Release.read_manifest`.
    """
    limit = population["max_images"]
    labelled_only = population["images"] == "labelled"
    found = source(population)
    if isinstance(found, Phantom):
        frame = found.manifest(limit or nih.IMAGES, labelled=labelled_only)
        return frame, {"origin": "phantom", "complete": False, "images": len(frame), "seed": found.seed}
    frame, summary = found.read_manifest(population["missing"])
    if labelled_only:
        frame = frame[manifest.labelled(frame)]
    chosen = _whole_patients(frame, limit) if limit else frame
    complete = summary.complete and len(chosen) == len(frame)
    return chosen.reset_index(drop=True), {
        "origin": "release",
        "release": summary.as_json(),
        "complete": complete,
        "images": len(chosen),
        "citation": nih.CITATION,
        "licence": nih.LICENCE,
    }


def _whole_patients(frame: pd.DataFrame, limit: int) -> pd.DataFrame:
    """At most `limit` images: patients in the order of a hash of their name, as long as they fit."""
    patients = frame["patient"].unique()
    ranked = sorted(patients, key=lambda name: hashlib.sha256(f"population/{name}".encode()).digest())
    counts = frame["patient"].value_counts().reindex(ranked).cumsum()
    return frame[frame["patient"].isin(counts.index[counts <= limit])]
