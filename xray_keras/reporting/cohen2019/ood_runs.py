"""What runs of cohen2019 say about foreign images, and the words for detectors."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from xray_keras import experiment, files
from xray_keras.errors import UserError
from xray_keras.evaluation import ood
from xray_keras.reporting import data
from xray_keras.reporting.cohen2019.facts import of_row
from xray_keras.reporting.foreign import PAPERS, named
from xray_keras.reporting.runs import Run

PRINTED = ("latent", "l1", "l2", "ssim")  # the four distances of Figure 5, in its order
DETECTORS = {
    "latent": "latent distance",
    "l1": "L1",
    "l2": "L2",
    "ssim": "1 − SSIM",
    "mahalanobis": "Mahalanobis (ours)",
    "knn": "k-NN (ours)",
}


class Scored(NamedTuple):
    """A run with its scores of held-out and foreign images, cut-offs by detector, and what the foreign sets are."""

    run: Run
    frame: pd.DataFrame
    thresholds: Mapping[str, float]
    foreign: Mapping[str, Any]


class Found(NamedTuple):
    """The ALI run and the classifier of a page; either may be None, not both."""

    ali: Scored | None
    classifier: Scored | None

    @property
    def all(self) -> list[Scored]:
        return [scored for scored in self if scored is not None]

    @property
    def first(self) -> Scored:
        return self.all[0]

    def with_detector(self, detector: str) -> Scored | None:
        """The run that has a detector."""
        return next((each for each in self.all if detector in ood.detectors(each.frame)), None)

    def detectors(self) -> list[str]:
        """Names of all runs' detectors, in order."""
        return [name for each in self.all for name in ood.detectors(each.frame)]

    def set_of(self, of: str) -> str | None:
        """Name of the set that is, or stands for, one of the paper's ("pneumonia", "mura", "cifar100", "mnist")."""
        about = self.first.foreign["sets"]
        return next((name for name in about if about[name]["of"] == of), None)


def find(runs: Sequence[Run]) -> Found:
    """The first ALI run and the first classifier among runs, read.

    Raises:
        UserError: no run scores foreign images, one has not yet, or the two scored different ones.
    """
    scored = [run for run in runs if run.config.get("others")]
    first = (of_row(scored, trainer) for trainer in ("ali", "supervised"))
    found = Found(*(None if run is None else _read(run) for run in first))
    if not found.all:
        raise UserError('no run here names foreign images to score; say others="ood" in its experiment')
    if found.ali and found.classifier:
        sides = [
            set(each.frame["image"][each.frame["group"] != ood.CHEST])
            for each in (found.ali, found.classifier)
        ]
        if sides[0] != sides[1]:
            raise UserError(
                f"{found.ali.run.folder} and {found.classifier.run.folder} scored different foreign images; run the "
                "stage ood of both again"
            )
    return found


def _read(run: Run) -> Scored:
    folder = str(experiment.other_population(run.config))
    return Scored(
        run,
        ood.read(run.folder / "ood.parquet"),
        files.read_json(run.folder / "ood.json")["thresholds"],
        files.read_json(run.folder.parents[2] / folder / "summary.json"),
    )


def detector(name: str) -> str:
    """ "1 − SSIM"."""
    return DETECTORS.get(name, name)


def number(value: float | None, low: float | None, high: float | None) -> str:
    """ "0.912 [0.90–0.93]", or a dash."""
    if value is None or np.isnan(value):
        return "–"
    if low is None or high is None or np.isnan(low):
        return f"{value:.3f}"
    return f"{value:.3f} [{low:.3f}–{high:.3f}]"


def statement(found: Found) -> list[str]:
    """Paragraphs for the head of a page: the chests, then the foreign images and what they stand for."""
    about = found.first.foreign
    texts = []
    for name, each in about["sets"].items():
        stands = "" if each["own"] else f", where the paper takes {PAPERS[each['of']]}"
        texts.append(f"{named(name)} (to {each['group']}; n = {each['images']:,}{stands})")
    absent = ", ".join(PAPERS[name] for name in about["absent"])
    plain = "" if all(each["own"] for each in about["sets"].values()) else (
        " **Stand-ins are not the paper's sets**: what holds on them need not hold there."
    )  # fmt: skip
    kind = "computed or bundled with scikit-learn" if about["origin"] == "phantom" else "from the data folder"
    foreign = f"Foreign images, {kind}: {'; '.join(texts)}."
    foreign += f" Absent: {absent}." if absent else ""
    return [data.statement(found.first.run), foreign + plain]
