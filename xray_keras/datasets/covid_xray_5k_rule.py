"""The printed rule of COVID-Xray-5k (minaee2020 II, Table I): how many images of what, and who goes to which side.

How the paper drew its images is not printed. Assumed here: patients and images come in the order of a hash of their
name, so that the same folder always gives the same set.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import pandas as pd

from xray_keras.papers import loader

Counts = Mapping[str, int]
"""Images a side."""

TEST, TRAIN = "test", "train_val"
SIDES = (TEST, TRAIN)


@dataclass(frozen=True)
class Rule:
    """Images a side, and how often a training image of COVID-19 is shown.

    Attributes:
        covid, normal, other: images a side; `other` is shared evenly by the categories.
        categories: of the other negatives.
        times: rows a training image of COVID-19, the original and its augmented copies.
        probe: other radiographs that the COVID-19 collection held; the paper does not use them.
    """

    covid: Counts
    normal: Counts
    other: Counts
    categories: int
    times: int
    probe: int

    def negatives(self) -> int:
        """Images without COVID-19 on both sides."""
        return sum(self.normal.values()) + sum(self.other.values())

    def limited(self, images: int | None) -> "Rule":
        """The same with at most `images` negatives, in the printed proportions of sides and groups."""
        if not images or images >= self.negatives():
            return self
        share = Fraction(self.normal[TRAIN] + self.other[TRAIN], self.negatives())
        train = int(images * share)
        normal, other = {}, {}
        for side, total in ((TRAIN, train), (TEST, images - train)):
            normal[side] = round(total * Fraction(self.normal[side], self.normal[side] + self.other[side]))
            other[side] = total - normal[side]
        return replace(self, normal=normal, other=other)

    def quotas(self, normal: str, *others: str) -> dict[str, dict[str, int]]:
        """Images a finding and side: `normal` is the name of no finding, `others` of the other categories."""
        quotas: dict[str, dict[str, int]] = {normal: dict(self.normal)}
        for place, name in enumerate(others):
            parts = {side: divmod(self.other[side], len(others)) for side in SIDES}
            quotas[name] = {side: each + (place < rest) for side, (each, rest) in parts.items()}
        return quotas


def printed() -> Rule:
    """The rule with the paper's numbers."""
    paper = loader.load("minaee2020")
    table, claims = loader.table("minaee2020", "table1"), loader.claims("minaee2020")
    sides = {TRAIN: ("Training Set", "training_negatives"), TEST: ("Test Set", "test_negatives")}
    said = {
        side: {name: int(n.value) for name, n in claims[claim].values.items()}
        for side, (_, claim) in sides.items()
    }
    augmentation = paper["settings"]["augmentation"]
    return Rule(
        covid={side: int(table.number(row, "COVID-19").value) for side, (row, _) in sides.items()},
        normal={side: said[side]["no_finding"] for side in sides},
        other={side: said[side]["categories"] * said[side]["each"] for side in sides},
        categories=said[TEST]["categories"],
        times=int(augmentation["images_after"]) // int(augmentation["images_before"]),
        probe=int(paper["datasets"]["covid_chestxray"]["xray_other"]),
    )


def draw(frame: pd.DataFrame, quotas: Mapping[str, Counts]) -> pd.Series:
    """Choose images of each finding and put every patient on one side.

    Findings are served from the scarcest to the most common one. A patient not yet on a side goes to the one that takes
    more of their images; if both take all, to the one that lacks the larger share of its quota. So a finding with too
    few images is shared in the proportion of the quotas. Of a patient's images no more are taken than the side lacks.

    Args:
        frame: columns image, patient, finding; one row an image.
        quotas: finding → side → images; other findings are not chosen.

    Returns:
        Series of str aligned to `frame.index`: a side, or "" where the image is not chosen.
    """
    counts = frame["finding"].value_counts()
    home: dict[str, str] = {}
    chosen: dict[str, str] = {}
    for finding in sorted(quotas, key=lambda name: (counts.get(name, 0), name)):
        quota, left = quotas[finding], dict(quotas[finding])
        rows = frame[frame["finding"] == finding]
        images = rows.groupby("patient")["image"].agg(list)
        for patient in sorted(images.index, key=_rank):
            if not any(left.values()):
                break
            wanted = sorted(images[patient], key=_rank)
            side = home.get(patient) or max(
                SIDES,
                key=lambda name: (min(len(wanted), left[name]), Fraction(left[name], max(quota[name], 1))),
            )
            taken = wanted[: left[side]]
            if taken:
                home[patient] = side
                left[side] -= len(taken)
                chosen |= dict.fromkeys(taken, side)
    return pd.Series([chosen.get(image, "") for image in frame["image"]], frame.index, "str")


def _rank(name: str) -> bytes:
    return hashlib.sha256(f"covid_xray_5k/{name}".encode()).digest()
