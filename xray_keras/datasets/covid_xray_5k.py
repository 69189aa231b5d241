"""COVID-Xray-5k: positives of one collection, negatives of another, put together by the printed rule (minaee2020 II).

What cannot be repeated: a radiologist looked at the positives and dropped "less-reliable" anteroposterior ones; the
names of the kept ones are not printed. Here every frontal radiograph of COVID-19 is a candidate. Negatives are
CheXpert's images with a single category, or ChestX-ray14's where CheXpert is absent. The positives' collection holds
some other radiographs too: the paper does not use them, they form the part "probe", on which one can ask how much of a
score is the source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np
import pandas as pd

from xray_keras.datasets import (
    chexpert,
    copies,
    covid_chestxray,
    covid_xray_5k_rule,
    images,
    manifest,
    nih,
    nih_single,
)
from xray_keras.datasets.covid_xray_5k_rule import SIDES, TRAIN
from xray_keras.datasets.manifest import COVID
from xray_keras.datasets.phantom.covid import CovidPhantom
from xray_keras.errors import UserError

PARTS = (TRAIN, "test", "probe")
GROUPS = ("covid", "normal", "other")


@dataclass(frozen=True)
class Originals:
    """The collections unpacked side by side in the folder `data`; they are only ever read."""

    data: Path

    def images(self, rows: pd.DataFrame, size: int) -> np.ndarray:
        """Decode manifest rows: uint8 (B, size, size), 0 to 255; colour pictures become luminance.

        Raises:
            UserError: an image cannot be read (see `images.read_gray`).
        """
        pixels = np.empty((len(rows), size, size), np.uint8)
        for index, path in enumerate(rows["path"]):
            pixels[index] = images.read_gray(self.data / path, size, colour="luminance")
        return pixels

    def signature(self, rows: pd.DataFrame) -> str:
        """What the pixels of `rows` depend on besides the manifest (see `images.signature`)."""
        return images.signature("covid_xray_5k", self.data, rows["path"])


def from_release(
    data: Path, max_images: int | None, missing: Literal["error", "skip"]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Assemble the set from the collections below `data`: at most `max_images` negatives, None for the paper's number.

    Fewer images than the paper's are no error: a summary counts what was found.

    Args:
        missing: whether negatives that are listed but not on disk are an error, or skipped and counted. Of the
            COVID-19 collection they are always counted: not every copy of it holds all that metadata.csv lists.

    Returns:
        The manifest (`manifest.COVID_COLUMNS`) and its summary (see `_summary`).

    Raises:
        UserError: no collection of positives or of negatives is there, or one of them is malformed.
    """
    if missing not in ("error", "skip"):
        raise UserError(f"missing={missing!r} is neither error nor skip; set MISSING=error or MISSING=skip")
    rule = covid_xray_5k_rule.printed()
    limited = rule.limited(max_images)
    collected, covid_counts = covid_chestxray.read(data)
    used, pool, counts = _negatives(data, missing)
    positive = collected["group"] == "covid"
    side = covid_xray_5k_rule.draw(collected[positive], {COVID: limited.covid})
    collected["official_split"] = side.reindex(collected.index, fill_value="probe")
    pool["official_split"] = covid_xray_5k_rule.draw(pool, limited.quotas(*used.CATEGORIES))
    frame = pd.concat([collected, pool], ignore_index=True)
    frame = _finished(frame[frame["official_split"] != ""], limited.times)
    of = nih if used is nih_single else used
    summary = _summary(frame, used.CATEGORIES) | {
        "origin": "release",
        "negatives": used.SOURCE,
        "collections": {covid_chestxray.FOLDER: asdict(covid_counts), used.SOURCE: counts},
        "citations": [covid_chestxray.CITATION, of.CITATION],
        "licences": [covid_chestxray.LICENCE, of.LICENCE],
    }
    whole = all(
        summary["counts"][name][group] == getattr(rule, group)[name] for name in SIDES for group in GROUPS
    )
    return frame, summary | {"complete": whole and used is chexpert}


def from_phantom(phantom: CovidPhantom, max_images: int | None) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The same set of computed radiographs: every printed count, with at most `max_images` negatives."""
    rule = covid_xray_5k_rule.printed().limited(max_images)
    counts = {side: {group: getattr(rule, group)[side] for group in GROUPS} for side in SIDES}
    frame = phantom.manifest(train=counts[TRAIN], test=counts["test"], probe=rule.probe)
    frame = _finished(frame, rule.times)
    return frame, _summary(frame, nih_single.CATEGORIES) | {
        "origin": "phantom",
        "negatives": "phantom",
        "complete": False,
        "seed": phantom.seed,
    }


def _negatives(
    data: Path, missing: Literal["error", "skip"]
) -> tuple[ModuleType, pd.DataFrame, dict[str, Any]]:
    """The collection that is there, its candidates, and its counts."""
    if (data / chexpert.FOLDER).is_dir():
        frame, summary = chexpert.read(data, missing)
        return chexpert, frame, asdict(summary)
    if (data / nih.FOLDER).is_dir():
        pool, counts = nih_single.read(data, missing)
        return nih_single, pool, asdict(counts)
    raise UserError(
        f"{data} holds no radiographs without COVID-19; unpack {chexpert.FOLDER} there ({chexpert.LINK}), or "
        f"{nih.FOLDER} ({nih.LINK})"
    )


def _finished(frame: pd.DataFrame, times: int) -> pd.DataFrame:
    """The manifest of drawn images: training images of COVID-19 get their copies, every image its label."""
    covid = frame["group"] == "covid"
    augmented = covid & (frame["official_split"] == TRAIN)
    whole = pd.concat([copies.expand(frame[augmented], times), copies.expand(frame[~augmented], 1)])
    whole[COVID] = (whole["group"] == "covid").astype(np.int8)
    whole = whole[list(manifest.COVID_COLUMNS)].reset_index(drop=True)
    manifest.validate(whole)
    return whole


def _summary(frame: pd.DataFrame, categories: Sequence[str]) -> dict[str, Any]:
    """What is in a manifest.

    `images` (rows), `counts` (part → group → images, without copies), `augmented` (training rows of COVID-19, with
    copies), `findings` (part → finding → images, without copies), `patients` (part → patients).
    """
    first = frame[frame["copy"] == 0]
    parts: Mapping[str, pd.DataFrame] = {part: first[first["official_split"] == part] for part in PARTS}
    augmented = (frame["official_split"] == TRAIN) & (frame["group"] == "covid")
    return {
        "dataset": "covid_xray_5k",
        "images": len(frame),
        "counts": {
            part: {group: int((rows["group"] == group).sum()) for group in GROUPS}
            for part, rows in parts.items()
        },
        "augmented": int(augmented.sum()),
        "findings": {
            part: {name: int((rows["finding"] == name).sum()) for name in _named(rows, categories)}
            for part, rows in parts.items()
        },
        "patients": {part: int(rows["patient"].nunique()) for part, rows in parts.items()},
    }


def _named(rows: pd.DataFrame, categories: Sequence[str]) -> list[str]:
    """COVID-19 and the negatives' categories, whether found or not, then what else there is (in the probe)."""
    return list(dict.fromkeys([COVID, *categories, *sorted(rows["finding"].unique())]))
