"""Who is in the COVID-19 phantom: patients, their images and their single findings, as a manifest."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from xray_keras.datasets.findings import FINDINGS, NO_FINDING
from xray_keras.datasets.manifest import COVID, COVID_COLUMNS
from xray_keras.datasets.nih_single import CATEGORIES
from xray_keras.datasets.phantom.labels import MALE_SHARE, PA_SHARE, generator
from xray_keras.errors import UserError

OTHERS = tuple(name for name in CATEGORIES if name != NO_FINDING)  # thirteen, as the real negatives have
FINDINGS_OF: dict[str, tuple[str, ...]] = {"covid": (COVID,), "normal": (NO_FINDING,), "other": OTHERS}
BLOCK = 1_000_000  # patient numbers of one split and group; those below the first block are the NIH phantom's
IMAGES_MOST = 3  # of one patient
_NAME = re.compile(rf"({'|'.join(FINDINGS_OF)})_(\d{{7}})(\d)\.png(?:#\d+)?")


def manifest(seed: int, *, train: Mapping[str, int], test: Mapping[str, int], probe: int = 0) -> pd.DataFrame:
    """Exactly the images asked for: patients have one to three, all of one finding and on one side.

    With other counts, the images of a split and group are a prefix or an extension of these.

    Args:
        seed: of the whole data set.
        train, test: images of the groups "covid", "normal" and "other"; an absent group has none.
        probe: images that belong to neither side, normal and other in the proportion of the test's: what tells them
            from the test's negatives is nothing, so a measure of the source must say so.

    Returns:
        One row an image, columns ``manifest.COVID_COLUMNS``, index 0 … N-1; no augmented copies.

    Raises:
        UserError: an unknown group, a number out of range, or no image at all.
    """
    negatives = {group: test.get(group, 0) for group in ("normal", "other")}
    normal = round(probe * negatives["normal"] / max(sum(negatives.values()), 1))
    wanted = {"train_val": train, "test": test, "probe": {"normal": normal, "other": probe - normal}}
    rows: list[dict[str, Any]] = []
    for part, (split, counts) in enumerate(wanted.items()):
        for group in counts:
            _check(group, counts[group])
        for place, (group, findings) in enumerate(FINDINGS_OF.items()):
            first = BLOCK * (1 + part * len(FINDINGS_OF) + place)
            numbers = _people(seed, first, counts.get(group, 0), findings)
            rows += [_row(split, group, finding, patient, image) for finding, patient, image in numbers]
    if not rows:
        raise UserError("the COVID-19 phantom was asked for no image; ask for at least 1")
    return pd.DataFrame(rows, columns=list(COVID_COLUMNS)).astype({COVID: "int8"})


def _check(group: str, count: int) -> None:
    if group not in FINDINGS_OF:
        raise UserError(
            f"the COVID-19 phantom has no group {group!r}; choose one of {', '.join(FINDINGS_OF)}"
        )
    if not 0 <= count < BLOCK:
        raise UserError(
            f"the COVID-19 phantom was asked for {count} images of {group}; ask for 0 to {BLOCK - 1}"
        )


def _people(seed: int, first: int, images: int, findings: Sequence[str]) -> list[tuple[str, int, int]]:
    """Finding, patient and image number of ``images`` images: findings in turn, each from its own patients."""
    found: list[tuple[str, int, int]] = []
    open_patients: dict[str, list[tuple[int, int]]] = {finding: [] for finding in findings}
    patient = first
    for number in range(images):
        finding = findings[number % len(findings)]
        if not open_patients[finding]:
            count = int(generator(seed, patient, 0, 1).integers(1, IMAGES_MOST + 1))
            open_patients[finding] = [(patient, image) for image in reversed(range(count))]
            patient += 1
        found.append((finding, *open_patients[finding].pop()))
    return found


def _row(split: str, group: str, finding: str, patient: int, image: int) -> dict[str, Any]:
    return {
        "image": f"{group}_{patient:07d}{image}.png",
        "patient": f"phantom/{patient}",
        "path": "",
        "source": "phantom",
        "group": group,
        "finding": finding,
        "official_split": split,
        "copy": 0,
        COVID: int(finding == COVID),
    }


def as_radiographs(seed: int, rows: pd.DataFrame) -> pd.DataFrame:
    """The same people as rows of the NIH phantom: its names, labels, sex, age and view, and the label COVID-19.

    Sex, age and view are drawn whatever the finding is, in the NIH release's proportions.

    Raises:
        UserError: a row that is no image of this phantom.
    """
    numbers = [_identify(name) for name in rows["image"]]
    strange = set(rows["finding"]) - {COVID, NO_FINDING, *FINDINGS}
    if strange:
        raise UserError(
            f"the COVID-19 phantom cannot show {sorted(strange)[0]!r}; take the rows from its own manifest"
        )
    patients = [generator(seed, patient, 0, 5) for patient, _ in numbers]
    views = [generator(seed, patient, image, 5).random() for patient, image in numbers]
    frame = pd.DataFrame(
        {
            "image": [f"{patient:08d}_{image:03d}.png" for patient, image in numbers],
            "sex": ["M" if stream.random() < MALE_SHARE else "F" for stream in patients],
            "age": [int(np.clip(stream.normal(46.6, 16.6), 16, 90)) for stream in patients],
            "view": ["PA" if view < PA_SHARE else "AP" for view in views],
        }
    )
    findings = rows["finding"].to_numpy()
    return frame.assign(**{finding: (findings == finding).astype(np.int8) for finding in (*FINDINGS, COVID)})


def _identify(name: str) -> tuple[int, int]:
    """Patient and image number; a copy ``<name>#k`` shows what its original shows."""
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise UserError(f"{name} is no image of the COVID-19 phantom; take the rows from its own manifest")
    return int(parts[2]), int(parts[3])
