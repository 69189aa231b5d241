"""Which images of a data set an experiment draws on: the release or the phantom, labelled or all, and how many."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from xray_keras.datasets import covid_xray_5k, manifest, nih
from xray_keras.datasets.copies import WithCopies
from xray_keras.datasets.decoding import Source
from xray_keras.datasets.phantom import Phantom
from xray_keras.datasets.phantom_covid import CovidPhantom
from xray_keras.errors import UserError

PHANTOM_SEED = 2019
DATASETS = ("nih", "covid_xray_5k")


def source(population: Mapping[str, Any]) -> Source:
    """Where the pixels of a population come from: the release below its `data` folder, or the phantom.

    Raises:
        UserError: an unknown data set.
    """
    data = None if population["data"] is None else Path(population["data"])
    if _dataset(population) == "covid_xray_5k":
        return WithCopies(CovidPhantom(PHANTOM_SEED) if data is None else covid_xray_5k.Originals(data))
    return Phantom(PHANTOM_SEED) if data is None else nih.Release(data / nih.FOLDER)


def build(population: Mapping[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The manifest of a population, and what it was taken from.

    Args:
        population: `dataset` (one of `DATASETS`), `data` (folder of the user's data sets, None for the phantom),
            `images` ("labelled" or "all"; "nih" only), `max_images` (int or None; of "covid_xray_5k" it limits the
            images without COVID-19), `missing` ("error" or "skip").

    Returns:
        The manifest, and a summary: `origin` ("phantom" or "release"), `complete` (whether these are all images
        of that kind in the official release), counts.

    Raises:
        UserError: an unknown data set; see `nih.Release.read_manifest` and `covid_xray_5k.from_release`.
    """
    data = None if population["data"] is None else Path(population["data"])
    limit = population["max_images"]
    if _dataset(population) == "covid_xray_5k":
        if data is None:
            return covid_xray_5k.from_phantom(CovidPhantom(PHANTOM_SEED), limit)
        return covid_xray_5k.from_release(data, limit, population["missing"])
    labelled_only = population["images"] == "labelled"
    if data is None:
        frame = Phantom(PHANTOM_SEED).manifest(limit or nih.IMAGES, labelled=labelled_only)
        return frame, {"origin": "phantom", "complete": False, "images": len(frame), "seed": PHANTOM_SEED}
    frame, summary = nih.Release(data / nih.FOLDER).read_manifest(population["missing"])
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


def _dataset(population: Mapping[str, Any]) -> str:
    name = population["dataset"]
    if name not in DATASETS:
        raise UserError(f"there is no data set {name!r}; choose one of {', '.join(DATASETS)}")
    return name


def _whole_patients(frame: pd.DataFrame, limit: int) -> pd.DataFrame:
    """At most `limit` images: patients in the order of a hash of their name, as long as they fit."""
    patients = frame["patient"].unique()
    ranked = sorted(patients, key=lambda name: hashlib.sha256(f"population/{name}".encode()).digest())
    counts = frame["patient"].value_counts().reindex(ranked).cumsum()
    return frame[frame["patient"].isin(counts.index[counts <= limit])]
