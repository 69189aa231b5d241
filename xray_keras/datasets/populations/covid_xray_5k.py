"""Populations of COVID-Xray-5k, or of the phantom that stands for it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xray_keras.datasets.populations import PHANTOM_SEED, folder, nih

if TYPE_CHECKING:
    import pandas as pd

    from xray_keras.datasets.decoding import Source


def files(data: Path) -> list[Path]:
    """Files and folders whose change means another manifest: the NIH release's where CheXpert is absent."""
    from xray_keras.datasets import chexpert, covid_chestxray

    collection = [data / covid_chestxray.FOLDER / name for name in ("metadata.csv", "images")]
    negatives = [data / chexpert.FOLDER / name for name in ("train.csv", "valid.csv")]
    found = [path for path in (*collection, *negatives) if path.exists()]
    return sorted([*found, *(() if any(path in found for path in negatives) else nih.files(data))])


def is_complete(data: Path) -> bool:
    """Whether both of the paper's collections are there; the manifest counts whether they suffice."""
    from xray_keras.datasets import chexpert, covid_chestxray

    return (data / covid_chestxray.FOLDER).is_dir() and (data / chexpert.FOLDER).is_dir()


def source(population: Mapping[str, Any]) -> "Source":
    """Originals of the collections below `data`, or of the phantom, and the copies made of them."""
    from xray_keras.datasets import covid_xray_5k
    from xray_keras.datasets.copies import WithCopies
    from xray_keras.datasets.phantom.covid import CovidPhantom

    data = folder(population)
    return WithCopies(CovidPhantom(PHANTOM_SEED) if data is None else covid_xray_5k.Originals(data))


def build(population: Mapping[str, Any]) -> "tuple[pd.DataFrame, dict[str, Any]]":
    """Manifest and summary, see `populations.build`.

    Raises:
        UserError: see `covid_xray_5k.from_release`.
    """
    from xray_keras.datasets import covid_xray_5k
    from xray_keras.datasets.phantom.covid import CovidPhantom

    data, limit = folder(population), population["max_images"]
    if data is None:
        return covid_xray_5k.from_phantom(CovidPhantom(PHANTOM_SEED), limit)
    return covid_xray_5k.from_release(data, limit, population["missing"])
