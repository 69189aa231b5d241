"""Which images of a data set an experiment draws on: the release or the phantom, labelled or all, and how many.

A data set that can be drawn on is one module here, and the module's name is the data set's. Each has four functions:

    files(data) -> list[Path]        what below the user's folder its manifest is read from
    is_complete(data) -> bool        whether the release has every image that the paper's set needs
    source(population) -> Source     where the pixels come from
    build(population) -> (frame, summary)

and imports pandas and numpy inside them only, so that the Makefile can plan in a fraction of a second.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from xray_keras.errors import UserError, shortened

if TYPE_CHECKING:
    import pandas as pd

    from xray_keras.datasets.decoding import Source

PHANTOM_SEED = 2019


def files(dataset: str, data: Path | None) -> list[Path]:
    """Files and folders whose change means another manifest; none for the phantom, where `data` is None."""
    return [] if data is None else _module(dataset).files(data)


def is_complete(dataset: str, data: Path) -> bool:
    """Whether the release has every image that the paper's set needs: the condition for a comparison cell by cell."""
    return _module(dataset).is_complete(data)


def source(population: Mapping[str, Any]) -> "Source":
    """Where the pixels of a population come from: the release below its `data` folder, or the phantom.

    Raises:
        UserError: an unknown data set.
    """
    return _module(_checked(population, "dataset", "data")["dataset"]).source(population)


def build(population: Mapping[str, Any]) -> "tuple[pd.DataFrame, dict[str, Any]]":
    """The manifest of a population, and what it was taken from.

    Args:
        population: `dataset` (a module of this package), `data` (folder of the user's data sets, None for the
            phantom), `images` ("labelled" or "all"; "nih" only), `max_images` (int or None; of "covid_xray_5k" it
            limits the images without COVID-19, of "ood" those of each set), `missing` ("error" or "skip").

    Returns:
        The manifest, and a summary: `origin` ("phantom" or "release"), `complete` (whether these are all images
        of that kind in the official release), counts.

    Raises:
        UserError: an unknown data set; else see the module's.
    """
    return _module(_checked(population, *_FORMS)["dataset"]).build(population)


def folder(population: Mapping[str, Any]) -> Path | None:
    """The user's folder of data sets, None for the phantom."""
    return None if population["data"] is None else Path(population["data"])


_FORMS: Mapping[str, Callable[[Any], bool]] = {
    "dataset": lambda value: isinstance(value, str),
    "data": lambda value: isinstance(value, str | None),
    "images": lambda value: value in ("labelled", "all"),
    "max_images": lambda value: value is None or (isinstance(value, int) and value > 0),
}


def _checked(population: Any, *keys: str) -> Mapping[str, Any]:
    """What population.json says, once these keys of it can be understood."""
    if isinstance(population, Mapping) and all(
        key in population and _FORMS[key](population[key]) for key in keys
    ):
        return population
    raise UserError(
        "population.json does not describe images to draw on; delete it, and make writes it again"
    )


def _module(dataset: str) -> ModuleType:
    known = [found.name for found in pkgutil.iter_modules(__path__)]
    if dataset not in known:
        raise UserError(
            f"there is no data set '{shortened(dataset)}'; choose one of {', '.join(known)} in population.json"
        )
    return importlib.import_module(f"{__name__}.{dataset}")
