"""Who is trained on, who is tested on: image-level, patient-level and official splits, and their leaks.

ali2019 does not state its split; its printed cells fit an image-level 80/20 split of the labelled images,
which puts images of one patient on both sides. The two others do not.
"""

import hashlib
import math
from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pandas as pd

from xray_keras.errors import UserError

SPLITS = ("image-80-20", "patient-80-20", "official")
PARTS = ("train", "validation", "test")
UNUSED = "unused"  # of the training side, patients that a smaller share leaves out
PROBE = "probe"  # images outside the paper's own set, kept to ask a trained model something else
_TEST_SHARE = Fraction(1, 5)


def assign(
    frame: pd.DataFrame, split: str, *, validation: float = 0.1, share: float = 1.0, seed: int = 0
) -> pd.Series:
    """Assign every image of a manifest to "train", "validation", "test" or "unused"; "probe" images stay "probe".

    The units drawn (images, or whole patients) are ranked by a hash of their name and the seed. So the result
    depends on the set of images and the seed alone: not on the order of the rows, the version of numpy or the
    machine.

    Args:
        frame: a manifest; the columns `image`, `patient` and `official_split` are used.
        split: "image-80-20": the test part is ceil(0.2 N) images; "patient-80-20": ceil(0.2 P) whole
            patients; "official": the release's own lists.
        validation: share in [0, 1) of the training side, rounded up to whole images for image-80-20 and to
            whole patients otherwise.
        share: of what then is left to train on, in (0, 1], rounded up likewise; a smaller share is part of a larger
            one, and the rest is "unused".
        seed: another seed is another draw; "official" draws only its validation part.

    Returns:
        Series of str aligned to `frame.index`.

    Raises:
        UserError: an unknown split, a share outside its range, or a part that would be empty.
    """
    if split not in SPLITS:
        raise UserError(f"there is no split {split!r}; choose one of {', '.join(SPLITS)}")
    if not 0 <= validation < 1:
        raise UserError(
            f"validation={validation} is not a share in [0, 1); 0.1 keeps a tenth of the training side"
        )
    if not 0 < share <= 1:
        raise UserError(f"share={share} is not a share in (0, 1]; 1 learns from the whole training part")
    units = frame["image" if split == "image-80-20" else "patient"].astype("str")
    if split == "official":
        in_test = (frame["official_split"] == "test").to_numpy(dtype=bool)
    else:
        in_test = units.isin(_draw(units, _TEST_SHARE, f"{seed}/test")).to_numpy(dtype=bool)
    # Fraction of the decimal text: 0.07 of 100 is 7, but 0.07 * 100 in floats exceeds 7.
    probes = (frame["official_split"] == PROBE).to_numpy(dtype=bool)
    drawn = _draw(units[~in_test & ~probes], Fraction(str(validation)), f"{seed}/validation")
    in_validation = units.isin(drawn).to_numpy(dtype=bool)
    learned = units[~in_test & ~probes & ~in_validation]
    unused = ~units.isin(_draw(learned, Fraction(str(share)), f"{seed}/train")).to_numpy(dtype=bool)
    parts = np.select(
        [probes, in_test, in_validation, unused], [PROBE, "test", "validation", UNUSED], "train"
    )
    for part in PARTS:
        if part not in parts and not (part == "validation" and validation == 0):
            raise UserError(
                f"split {split} of {len(frame):,} images of {frame['patient'].nunique():,} patients leaves "
                f"the {part} part empty; use more images or another split"
            )
    return pd.Series(parts, index=frame.index, name="split", dtype="str")


def _draw(units: Iterable[str], share: Fraction, salt: str) -> list[str]:
    """The ceil(share · U) of the U distinct units whose salted hashes come first."""
    distinct = set(units)
    ranked = sorted(distinct, key=lambda unit: hashlib.sha256(f"{salt}/{unit}".encode()).digest())
    return ranked[: math.ceil(share * len(distinct))]


def _leaked(patients: pd.Series, split: pd.Series) -> list[str]:
    parts, names = np.asarray(split), np.asarray(patients, dtype=str)
    learnt, held_out = np.isin(parts, ("train", "validation")), np.isin(parts, ("test", PROBE))
    return sorted(set(names[learnt]) & set(names[held_out]))


def leaked_patients(patients: pd.Series, split: pd.Series) -> int:
    """Count the patients with images both in the test part and in train or validation.

    Args:
        patients: patient of each image.
        split: see `assign`, row by row as `patients`; a probe is held out like a test.
    """
    return len(_leaked(patients, split))


def check_disjoint(patients: pd.Series, split: pd.Series) -> None:
    """Refuse a split in which a patient is both tested on and trained (or validated) on.

    Raises:
        UserError: names the patients.
    """
    leaked = _leaked(patients, split)
    if leaked:
        raise UserError(
            f"{len(leaked):,} patients have images both in test and in train or validation (first: "
            f"{', '.join(leaked[:5])}); use the split patient-80-20 or official"
        )
