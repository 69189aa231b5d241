import pickle
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from xray_keras.datasets import manifest
from xray_keras.datasets.findings import FINDINGS, NO_FINDING
from xray_keras.datasets.manifest import COVID
from xray_keras.datasets.phantom import chest as phantom
from xray_keras.datasets.phantom import covid as phantom_covid
from xray_keras.datasets.phantom import covid_sign as phantom_covid_sign
from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.datasets.phantom.covid import CovidPhantom
from xray_keras.datasets.phantom.covid_people import OTHERS, as_radiographs
from xray_keras.datasets.phantom.draws import draw, identify
from xray_keras.datasets.phantom.projection import Scene, scene
from xray_keras.errors import UserError

PHANTOM = CovidPhantom(8)
SIZE = 128
TRAIN = {"covid": 31, "normal": 70, "other": 39}
TEST = {"covid": 40, "normal": 51, "other": 39}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return PHANTOM.manifest(train=TRAIN, test=TEST, probe=30)


@pytest.fixture(scope="module")
def ill(frame: pd.DataFrame) -> pd.DataFrame:
    """One image of each of 24 people with COVID-19."""
    return frame[frame["group"] == "covid"].drop_duplicates("patient").head(24).reset_index(drop=True)


def sign(rows: pd.DataFrame) -> tuple[Scene, phantom_covid_sign.Covid, np.ndarray]:
    """The healthy anatomy, the disease, and what it adds to the line integral."""
    people = as_radiographs(PHANTOM.seed, rows)
    body, _, _, added = PHANTOM._integrals(people, SIZE)
    texture = draw(PHANTOM.seed, people)[2].texture
    covid = phantom_covid_sign.draw(PHANTOM.seed, identify(people["image"]), texture)
    return scene(body, SIZE), covid, added


def test_manifest_has_exactly_the_images_asked_for(frame: pd.DataFrame) -> None:
    manifest.validate(frame)
    assert tuple(frame.columns) == manifest.COVID_COLUMNS and frame[COVID].dtype == np.int8
    counts = frame.groupby(["official_split", "group"]).size()
    assert counts["train_val"].to_dict() == TRAIN and counts["test"].to_dict() == TEST
    assert counts["probe"].to_dict() == {"normal": 17, "other": 13}  # 51 to 39, as the test's negatives
    assert (frame[COVID] == (frame["group"] == "covid")).all()
    assert (frame["source"] == "phantom").all() and (frame["copy"] == 0).all() and (frame["path"] == "").all()
    others = frame[frame["group"] == "other"].groupby("official_split")["finding"].value_counts()
    assert others["train_val"].to_dict() == dict.fromkeys(OTHERS, 3) and len(OTHERS) == 13


@pytest.mark.parametrize("seed", range(5))
def test_patients_have_one_to_three_images_on_one_side(seed: int) -> None:
    frame = CovidPhantom(seed).manifest(train=TRAIN, test=TEST, probe=30)
    people = frame.groupby("patient")
    assert (people[["official_split", "group", "finding"]].nunique() == 1).all(axis=None)
    assert set(people.size()) == {1, 2, 3}


def test_more_images_keep_the_fewer(frame: pd.DataFrame) -> None:
    few = PHANTOM.manifest(train={"covid": 5, "other": 20}, test={"covid": 7, "normal": 9}, probe=4)
    both = few.merge(frame, how="left", on=list(few.columns), indicator=True)
    assert (both["_merge"] == "both").all()


def test_the_sign_is_bilateral_peripheral_and_low(ill: pd.DataFrame) -> None:
    view, _, added = sign(ill)
    right, left = ((added * (view.side == side)).sum(axis=(1, 2)) for side in (-1, 1))
    assert (np.minimum(right, left) > 0.1 * np.maximum(right, left)).all()  # both lungs, one often worse
    assert ((added > 0) <= (view.lung > 0)).all()
    lateral = (view.lateral - 2.5) / (view.wall(view.y) - 2.5)
    share = {
        name: (added * zone).sum() / (view.lung * zone).sum()
        for name, zone in {
            "outer": lateral > 0.5,
            "inner": lateral < 0.5,
            "low": view.y > view.dome - 9,
            "high": view.y < view.dome - 14,
        }.items()
    }
    assert share["outer"] > 2 * share["inner"] and share["low"] > 5 * share["high"]


def test_ground_glass_is_a_haze_that_vessels_show_through(
    ill: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, covid, _ = sign(ill)
    worst = phantom_covid_sign.ground_glass(view, replace(covid, severity=np.ones_like(covid.severity)))
    assert worst.max(axis=(1, 2)).min() > 0.5 and worst.max() < 1  # never as dense as soft tissue
    people = as_radiographs(PHANTOM.seed, ill)
    _, _, healthy, added = PHANTOM._integrals(people, SIZE)
    for module in (phantom, phantom_covid):
        monkeypatch.setattr(module, "vessels", lambda view: np.zeros_like(view.x))
    _, _, bare, bare_added = PHANTOM._integrals(people, SIZE)
    before, after = healthy - bare, healthy + added - bare - bare_added
    inside = (added > 0.2) & (before > 0.02)
    assert inside.sum() > 1000 and (after[inside] > 0).all()
    assert after[inside].mean() > 0.5 * before[inside].mean()


def test_the_sign_grows_with_severity_and_varies_from_hardly_visible_to_grave(ill: pd.DataFrame) -> None:
    view, covid, added = sign(ill)
    amounts = [
        phantom_covid_sign.ground_glass(view, replace(covid, severity=np.full_like(covid.severity, share)))
        for share in (0.05, 0.3, 0.6, 1.0)
    ]
    totals = [amount.sum(axis=(1, 2)) for amount in amounts]
    assert all((less < more).all() for less, more in pairwise(totals))
    visible = (added > 0.1).mean(axis=(1, 2))
    assert visible.min() < 0.06 < 0.15 < visible.max()


def test_images_change_inside_the_mask_and_hardly_outside(ill: pd.DataFrame) -> None:
    mask = PHANTOM.masks(ill, SIZE)
    well = ill.assign(finding=NO_FINDING)
    assert mask.shape == (len(ill), SIZE, SIZE) and mask.dtype == bool
    assert mask.any(axis=(1, 2)).all() and not PHANTOM.masks(well, SIZE).any()
    change = PHANTOM.radiographs(ill, SIZE, noise=False) - PHANTOM.radiographs(well, SIZE, noise=False)
    assert change[mask].mean() > 8  # grey levels
    assert np.abs(change[~mask]).mean() < 1


def test_without_covid_it_is_the_nih_phantom(frame: pd.DataFrame) -> None:
    rows = frame[frame["group"] != "covid"].groupby("finding").head(2)
    people = as_radiographs(PHANTOM.seed, rows).assign(follow_up=0, patient="1", path="")
    assert (people[list(FINDINGS)].sum(axis=1) == (rows["finding"] != NO_FINDING).to_numpy()).all()
    expected = Phantom(PHANTOM.seed).images(people, 64)
    np.testing.assert_array_equal(PHANTOM.images(rows, 64), expected)


def test_it_can_be_learnt_but_not_from_every_image() -> None:
    frame = CovidPhantom(3).manifest(
        train={"covid": 150, "normal": 75, "other": 75}, test={"covid": 150, "normal": 75, "other": 75}
    )
    pixels = CovidPhantom(3).images(frame, 32).reshape(len(frame), -1) / np.float32(255)
    train, label = (frame["official_split"] == "train_val").to_numpy(), frame[COVID].to_numpy()
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=1e-3))
    score = classifier.fit(pixels[train], label[train]).decision_function(pixels[~train])
    assert 0.85 < roc_auc_score(label[~train], score) < 0.99


def test_every_group_is_acquired_alike() -> None:
    counts = dict.fromkeys(TRAIN, 900)
    frame = CovidPhantom(1).manifest(train=counts, test={})
    people = as_radiographs(1, frame)
    for group in counts:
        part = people[(frame["group"] == group).to_numpy()]
        assert (part["view"] == "PA").mean() == pytest.approx(0.6, abs=0.07)
        assert (part["sex"] == "M").mean() == pytest.approx(0.565, abs=0.09)
        assert part["age"].mean() == pytest.approx(47, abs=3)


def test_an_image_is_a_function_of_its_name_and_finding(frame: pd.DataFrame) -> None:
    rows = frame.groupby("group").head(8)
    batch = PHANTOM.images(rows, SIZE)
    assert batch.shape == (24, SIZE, SIZE) and batch.dtype == np.uint8
    alone = rows[["image", "finding"]].sample(frac=1, random_state=0)
    found = np.stack([PHANTOM.images(alone.iloc[[row]], SIZE)[0] for row in range(24)])
    np.testing.assert_array_equal(found, batch[rows.index.get_indexer(alone.index)])
    copies = rows.assign(image=rows["image"] + "#7", copy=7)
    np.testing.assert_array_equal(PHANTOM.images(copies, SIZE), batch)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(PHANTOM)).images(rows.head(3), SIZE), batch[:3])
    assert (CovidPhantom(9).images(rows.head(3), SIZE) != batch[:3]).mean() > 0.9
    assert PHANTOM.signature(rows) != CovidPhantom(9).signature(rows)


@pytest.mark.parametrize("size", [64, 224])
def test_every_size_shows_the_same_picture(ill: pd.DataFrame, size: int) -> None:
    few = ill.head(3)
    fine = PHANTOM.radiographs(few, 2 * size, noise=False).reshape(3, size, 2, size, 2).mean(axis=(2, 4))
    assert np.abs(PHANTOM.radiographs(few, size, noise=False) - fine).mean() < 1  # grey level of 255
    masks = PHANTOM.masks(few, size).mean(axis=(1, 2)), PHANTOM.masks(few, 2 * size).mean(axis=(1, 2))
    np.testing.assert_allclose(*masks, atol=0.01)


def test_wrong_requests_are_errors(ill: pd.DataFrame) -> None:
    with pytest.raises(UserError, match="no image of the COVID-19 phantom"):
        PHANTOM.images(ill.assign(image="00000012_003.png"), SIZE)
    with pytest.raises(UserError, match="cannot show 'SARS'"):
        PHANTOM.images(ill.assign(finding="SARS"), SIZE)
    with pytest.raises(UserError, match="at least 1"):
        PHANTOM.images(ill, 0)
    with pytest.raises(UserError, match="no group 'sars'"):
        PHANTOM.manifest(train={"sars": 1}, test={})
    with pytest.raises(UserError, match="-1 images of covid"):
        PHANTOM.manifest(train={"covid": -1}, test={})
    with pytest.raises(UserError, match="at least 1"):
        PHANTOM.manifest(train={}, test={})
