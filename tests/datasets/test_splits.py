import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from fake_source import manifest_of
from hypothesis import given, settings
from hypothesis import strategies as st

from xray_keras.datasets import splits
from xray_keras.errors import UserError


def frame_of(images: int, patients: int) -> pd.DataFrame:
    """The three columns that matter, patients drawn at random."""
    number = np.random.default_rng(images).integers(0, patients, images)
    return pd.DataFrame(
        {
            "image": [f"{index:06d}.png" for index in range(images)],
            "patient": number.astype(str),
            "official_split": np.where(number % 4, "train_val", "test"),
        }
    )


@pytest.fixture(scope="module")
def labelled():
    """As many images as ChestX-ray14 has with a finding."""
    return frame_of(51_759, 14_402)


def test_the_image_level_test_part_of_the_labelled_images_has_10352(labelled):
    split = splits.assign(labelled, "image-80-20")
    assert (split == "test").sum() == 10_352
    assert (split == "validation").sum() == 4_141  # ceil(0.1 · 41,407)
    assert split.index.equals(labelled.index)


def test_only_the_image_level_split_leaks(labelled):
    patients = labelled["patient"]
    leaked = splits.leaked_patients(patients, splits.assign(labelled, "image-80-20"))
    assert leaked > 1000
    with pytest.raises(UserError, match=rf"{leaked:,} patients .*patient-80-20 or official"):
        splits.check_disjoint(patients, splits.assign(labelled, "image-80-20"))
    for name in ("patient-80-20", "official"):
        split = splits.assign(labelled, name)
        assert splits.leaked_patients(patients, split) == 0
        splits.check_disjoint(patients, split)
        validation = set(patients[split == "validation"])
        assert not validation & set(patients[split == "train"])


def test_leaks_are_counted_and_named_by_hand():
    patients = pd.Series(["a", "a", "b", "b", "c", "c", "d"])
    split = pd.Series(
        ["train", "test", "test", "validation", "train", "validation", "test"], index=range(7, 14)
    )
    assert splits.leaked_patients(patients, split) == 2
    with pytest.raises(UserError, match=r"2 patients .*first: a, b\)"):
        splits.check_disjoint(patients, split)


def test_official_follows_the_lists(labelled):
    split = splits.assign(labelled, "official", seed=3)
    assert ((split == "test") == (labelled["official_split"] == "test")).all()


@settings(max_examples=60, deadline=None)
@given(
    images=st.integers(8, 200),
    patients=st.integers(4, 60),
    name=st.sampled_from(("image-80-20", "patient-80-20")),
    validation=st.sampled_from((0.0, 0.1, 0.25, 0.3)),
    seed=st.integers(0, 2**32),
)
def test_sizes_and_disjointness(images, patients, name, validation, seed):
    frame = frame_of(images, patients)
    units = frame["image" if name == "image-80-20" else "patient"]
    if units.nunique() < 4:
        return
    split = splits.assign(frame, name, validation=validation, seed=seed)
    assert set(split) <= set(splits.PARTS)
    parts = {part: set(units[split == part]) for part in splits.PARTS}
    assert sum(map(len, parts.values())) == units.nunique()  # no unit is in two parts
    test = math.ceil(Fraction(units.nunique(), 5))
    assert len(parts["test"]) == test
    share = Fraction(str(validation))
    assert len(parts["validation"]) == math.ceil(share * (units.nunique() - test))


def test_a_share_is_exact_where_floats_are_not():
    assert math.ceil(0.07 * 100) == 8
    split = splits.assign(frame_of(125, 20), "image-80-20", validation=0.07)
    assert (split == "test").sum() == 25 and (split == "validation").sum() == 7


def test_the_draw_depends_on_images_and_seed_alone():
    frame = manifest_of(90)
    first = splits.assign(frame, "image-80-20", seed=1)
    again = splits.assign(frame.sample(frac=1, random_state=5), "image-80-20", seed=1)
    pd.testing.assert_series_equal(again.sort_index(), first)
    assert (splits.assign(frame, "image-80-20", seed=2) != first).any()
    # Pinned: a change here changes every reproduced table.
    assert frame["image"][first == "test"].str[5:8].tolist()[:6] == ["002", "006", "033", "034", "038", "039"]
    assert frame["image"][first == "validation"].str[5:8].tolist()[:4] == ["001", "004", "014", "029"]
    by_patient = splits.assign(frame, "patient-80-20", seed=1)
    assert sorted(set(frame["patient"][by_patient == "test"])) == ["11", "13", "15", "18", "22", "23"]


def test_the_draw_is_fair():
    frame = frame_of(50, 50)
    counts = sum(
        (splits.assign(frame, "image-80-20", seed=seed) == "test").astype(int) for seed in range(400)
    )
    # Binomial with n = 400, p = 0.2: 80 ± 8; no image is favoured by more than five deviations.
    assert counts.min() > 40 and counts.max() < 120


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"split": "random"}, "no split 'random'; choose one of image-80-20, patient-80-20, official"),
        ({"split": "official", "validation": 1.0}, r"not a share in \[0, 1\)"),
        ({"split": "official", "validation": -0.1}, r"not a share in \[0, 1\)"),
        ({"split": "official", "share": 0.0}, r"share=0.0 is not a share in \(0, 1\]"),
        ({"split": "official", "share": 1.5}, r"share=1.5 is not a share in \(0, 1\]"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(UserError, match=message):
        splits.assign(manifest_of(30), **arguments)


def test_empty_parts_are_refused():
    with pytest.raises(UserError, match="2 images of 1 patients leaves the train part empty"):
        splits.assign(manifest_of(2), "image-80-20")
    with pytest.raises(UserError, match="leaves the train part empty"):
        splits.assign(manifest_of(3), "patient-80-20")
    with pytest.raises(UserError, match="leaves the test part empty"):
        splits.assign(manifest_of(30).assign(official_split="train_val"), "official")
    assert set(splits.assign(manifest_of(2), "image-80-20", validation=0)) == {"train", "test"}


def test_probes_are_neither_trained_on_nor_tested():
    frame = frame_of(400, 100)
    whose = frame["patient"].isin({str(k) for k in range(0, 100, 10)})
    frame.loc[whose, "official_split"] = splits.PROBE
    parts = splits.assign(frame, "official", validation=0.2)
    assert set(parts[whose]) == {"probe"} and "probe" not in set(parts[~whose])
    assert splits.leaked_patients(frame["patient"], parts) == 0
    parts[whose.to_numpy().argmax()] = "train"  # one image of a patient whose others are probes
    with pytest.raises(UserError, match="1 patients have images both"):
        splits.check_disjoint(frame["patient"], parts)


@pytest.mark.parametrize("split", splits.SPLITS)
def test_a_smaller_share_is_part_of_a_larger_one_and_nothing_else_moves(split):
    frame = frame_of(400, 100)
    frame["official_split"] = np.where(frame["patient"].astype(int) < 20, "test", "train_val")
    whole = splits.assign(frame, split, validation=0.25)
    half, tenth = (splits.assign(frame, split, validation=0.25, share=share) for share in (0.5, 0.1))
    for less, more in ((tenth, half), (half, whole)):
        assert set(np.flatnonzero(less == "train")) < set(np.flatnonzero(more == "train"))
    for part in ("validation", "test"):
        assert ((half == part) == (whole == part)).all()
    assert set(half[whole == "train"]) == {"train", splits.UNUSED}
    units = frame["image" if split == "image-80-20" else "patient"]
    assert units[half == "train"].nunique() == -(-units[whole == "train"].nunique() // 2)
    if split != "image-80-20":
        assert not set(frame["patient"][half == splits.UNUSED]) & set(frame["patient"][half == "train"])
        assert splits.leaked_patients(frame["patient"], half) == 0
