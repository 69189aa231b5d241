from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from xray_keras.datasets import manifest
from xray_keras.datasets.findings import FINDINGS
from xray_keras.datasets.label_sets import label_sets
from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.datasets.phantom.labels import KEEP, TEST_SHARE
from xray_keras.errors import UserError

# ali2019, section II.B
PRINTED = [11559, 2776, 4667, 2303, 13317, 2516, 1686, 227, 19894, 5782, 6331, 3385, 1431, 5302]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return Phantom(3).manifest(20_000)


@pytest.fixture(scope="module")
def labels(frame: pd.DataFrame) -> np.ndarray:
    return frame[list(FINDINGS)].to_numpy(float)


@pytest.fixture(scope="module")
def spread(frame: pd.DataFrame) -> float:
    """Binomial variance grows by the repeats within patients: two images agree by design with KEEP²."""
    each = frame["patient"].value_counts()
    return float(1 + KEEP**2 * ((each**2).sum() / each.sum() - 1))


def test_label_sets_are_the_release() -> None:
    sets, images = label_sets()
    assert sets.shape == (801, 14) and len(np.unique(sets, axis=0)) == 801
    assert images.sum() == 112_120 and images[~sets.any(axis=1)] == 60_361
    assert (images @ sets).tolist() == PRINTED


def test_manifest_is_valid_and_a_prefix_of_a_longer_one(frame: pd.DataFrame) -> None:
    manifest.validate(frame)
    assert tuple(frame.columns) == manifest.COLUMNS and len(frame) == 20_000
    pd.testing.assert_frame_equal(Phantom(3).manifest(777), frame.head(777))
    assert manifest.fingerprint(Phantom(4).manifest(777)) != manifest.fingerprint(frame.head(777))


def test_prevalence_is_nihs(labels: np.ndarray, spread: float) -> None:
    share = np.array(PRINTED) / 112_120
    bound = 4 * np.sqrt(share * (1 - share) * spread / len(labels))
    assert (np.abs(labels.mean(axis=0) - share) < bound).all()


def test_pairs_cooccur_as_in_nih(labels: np.ndarray, spread: float) -> None:
    sets, images = label_sets()
    for first, second in combinations(range(14), 2):
        share = images[(sets[:, first] & sets[:, second]) > 0].sum() / 112_120
        found = (labels[:, first] * labels[:, second]).mean()
        bound = 4.5 * np.sqrt(share * spread / len(labels)) + 3 * spread / len(labels)
        assert abs(found - share) < bound, (FINDINGS[first], FINDINGS[second])


def test_several_images_a_patient_that_resemble_each_other(frame: pd.DataFrame) -> None:
    each = frame["patient"].value_counts()
    assert 3.2 < each.mean() < 4.1  # NIH: 112,120 / 30,805 = 3.64
    assert 0.5 < (each == 1).mean() < 0.64 and each.max() > 40  # NIH: 0.57, longest 184
    healthy = ~manifest.labelled(frame)
    pairs = frame["patient"].eq(frame["patient"].shift(-1))
    agree = np.corrcoef(healthy[pairs], healthy.shift(-1)[pairs].astype(bool))[0, 1]
    assert agree == pytest.approx(KEEP**2, abs=0.05)
    assert (frame.groupby("patient")[["sex", "official_split"]].nunique() == 1).all(axis=None)


def test_official_split_takes_whole_patients(frame: pd.DataFrame) -> None:
    assert (frame["official_split"] == "test").mean() == pytest.approx(TEST_SHARE, abs=0.05)


def test_labelled_images_have_findings_in_nihs_proportions() -> None:
    frame = Phantom(5).manifest(4000, labelled=True)
    assert len(frame) == 4000 and manifest.labelled(frame).all()
    share = frame["Infiltration"].mean()
    assert share == pytest.approx(19_894 / 51_759, abs=0.06)


def test_no_images_is_an_error() -> None:
    with pytest.raises(UserError, match="at least 1"):
        Phantom(0).manifest(0)
