"""Who is in the phantom: patients, their images and their label sets, with the frequencies of the NIH release."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from xray_keras.datasets.findings import FINDINGS
from xray_keras.datasets.label_sets import label_sets
from xray_keras.datasets.manifest import COLUMNS

KEEP = 0.5  # chance that an image repeats its patient's own label set: NIH's within-patient correlation is about KEEP²
TEST_SHARE = 25_596 / 112_120  # images of test_list.txt
PA_SHARE = 0.600  # View Position
MALE_SHARE = 0.565  # Patient Gender
IMAGES_MU, IMAGES_SIGMA, IMAGES_MOST = -0.30, 1.69, 184


def generator(seed: int, patient: int, image: int, stage: int) -> np.random.Generator:
    """The random stream of one patient (``image=0``) or image at one stage of the simulation.

    ``stage`` is at least 1 and stands last: SeedSequence takes ``[7, 3]`` and ``[7, 3, 0]`` for the same entropy.
    """
    return np.random.default_rng([seed, patient, image, stage])


def manifest(seed: int, images: int, labelled: bool) -> pd.DataFrame:
    """Draw a manifest of exactly ``images`` rows, patient by patient; a shorter one is a prefix of a longer one.

    Images a patient: a log-normal number rounded up (mean 3.6, most patients one, at most 184), like NIH's
    30,805 patients. A patient owns one label set; each image shows it with probability ``KEEP``, else a fresh
    one. Both come from the same table, so the shares of all 801 sets are NIH's whatever ``KEEP`` is. View, sex
    and age are drawn independently of the findings. The official split draws whole patients.

    Args:
        seed: of the whole data set.
        images: number of rows, at least 1.
        labelled: only label sets with at least one finding, in NIH's proportions.

    Returns:
        The manifest, index 0 … images-1.
    """
    sets, counts = label_sets()
    weights = np.where(sets.any(axis=1), counts, 0) if labelled else counts
    ladder = np.cumsum(weights)

    rows: list[dict[str, Any]] = []
    chosen: list[npt.NDArray[np.int64]] = []
    patient = 0
    while len(rows) < images:
        patient += 1
        draw = generator(seed, patient, 0, 1)
        count = min(int(np.ceil(draw.lognormal(IMAGES_MU, IMAGES_SIGMA))), IMAGES_MOST)
        sex = "M" if draw.random() < MALE_SHARE else "F"
        age = int(np.clip(draw.normal(46.6, 16.6), 16, 90))
        split = "test" if draw.random() < TEST_SHARE else "train_val"
        own, *fresh = np.searchsorted(ladder, draw.integers(ladder[-1], size=count + 1), side="right")
        chosen.append(np.where(draw.random(count) < KEEP, own, fresh))
        views = np.where(draw.random(count) < PA_SHARE, "PA", "AP")
        for number in range(count):
            rows.append(
                {
                    "image": f"{patient:08d}_{number:03d}.png",
                    "patient": str(patient),
                    "path": "",
                    "follow_up": number,
                    "age": age + number // 4,  # a simplification: four images a year
                    "sex": sex,
                    "view": str(views[number]),
                    "official_split": split,
                }
            )
    frame = pd.DataFrame(rows)
    labels = pd.DataFrame(sets[np.concatenate(chosen)], columns=list(FINDINGS))
    return pd.concat([frame, labels], axis=1).iloc[:images][list(COLUMNS)]
