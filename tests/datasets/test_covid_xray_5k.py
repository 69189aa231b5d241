from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from covid_trees import chexpert_singles, covid_patients, covid_row, write_chexpert, write_covid
from hypothesis import given, settings
from hypothesis import strategies as st
from nih_tree import write_png, write_release

from xray_keras.datasets import chexpert, covid_xray_5k, manifest, nih_single, populations
from xray_keras.datasets import covid_xray_5k_rule as rule
from xray_keras.errors import UserError

DATA = Path(__file__).parents[3] / "shared" / "data"
OTHERS = [covid_row(f"n{number}", f"n{number}.png", "Pneumonia/Viral/SARS") for number in range(4)]
PRINTED = rule.printed()


@pytest.fixture(scope="module")
def collections(tmp_path_factory):
    """More COVID-19 images than the paper's, 13 × 4 others, 60 normal ones."""
    data = tmp_path_factory.mktemp("data")
    write_covid(data, [*covid_patients(60), *OTHERS])
    write_chexpert(data, chexpert_singles(4, 60))
    return data


def sides(frame: pd.DataFrame) -> pd.Series:
    """How many parts each patient is in."""
    return frame.groupby("patient")["official_split"].nunique()


def test_the_printed_rule():
    assert rule.printed() == rule.Rule(
        covid={"train_val": 31, "test": 40},
        normal={"train_val": 700, "test": 1700},
        other={"train_val": 1300, "test": 1300},
        categories=13,
        times=16,
        probe=24,
    )
    assert PRINTED.negatives() == 5000 and PRINTED.limited(None) is PRINTED.limited(9000) is PRINTED
    quotas = PRINTED.quotas(*chexpert.CATEGORIES)
    assert len(quotas) == 14 == len(nih_single.CATEGORIES) and quotas["Edema"] == {
        "train_val": 100,
        "test": 100,
    }


@pytest.mark.parametrize("images", [1, 7, 40, 123, 500, 4999])
def test_a_limit_keeps_the_proportions(images):
    limited = PRINTED.limited(images)
    assert limited.negatives() == images and limited.covid == PRINTED.covid
    for group in ("normal", "other"):
        for side in rule.SIDES:
            share = getattr(PRINTED, group)[side] / 5000
            assert abs(getattr(limited, group)[side] - share * images) < 2
    quotas = limited.quotas(*chexpert.CATEGORIES)
    assert sum(sum(quota.values()) for quota in quotas.values()) == images


def test_the_paper_set_where_enough_is_at_hand():
    """Every printed count is met, though patients have several images and categories."""
    names = chexpert.CATEGORIES
    rng = np.random.default_rng(0)
    finding = [names[0]] * 3000 + [name for name in names[1:] for _ in range(230)]
    frame = pd.DataFrame({"finding": rng.permutation(finding)})
    frame["patient"] = [f"p{number}" for number in rng.integers(0, 2500, len(frame))]
    frame["image"] = [f"i{number}" for number in range(len(frame))]
    frame["official_split"] = rule.draw(frame, PRINTED.quotas(*names))
    counts = frame[frame["official_split"] != ""].groupby(["finding", "official_split"]).size()
    assert counts["No Finding"].to_dict() == PRINTED.normal
    assert (counts.drop("No Finding") == 100).all() and len(counts) == 28
    assert (sides(frame[frame["official_split"] != ""]) == 1).all()


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from("ABCD")), max_size=60),
    st.fixed_dictionaries({name: st.tuples(st.integers(0, 12), st.integers(0, 12)) for name in "ABC"}),
    st.randoms(),
)
def test_no_patient_is_on_two_sides(images, wanted, random):
    frame = pd.DataFrame(images, columns=["patient", "finding"]).astype({"patient": "str", "finding": "str"})
    frame["image"] = [f"i{number}" for number in range(len(frame))]
    quotas = {name: {"test": test, "train_val": train} for name, (test, train) in wanted.items()}
    side = rule.draw(frame, quotas)
    assert side.index.equals(frame.index)
    chosen = frame.assign(official_split=side)[side != ""]
    assert (sides(chosen) == 1).all()
    counts = chosen.groupby(["finding", "official_split"]).size()
    assert all(count <= quotas[finding][part] for (finding, part), count in counts.items())
    order = list(frame.index)
    random.shuffle(order)
    assert rule.draw(frame.loc[order], quotas).loc[frame.index].tolist() == side.tolist()


def test_too_few_images_are_shared_in_the_printed_proportion():
    frame = pd.DataFrame({"image": [f"i{n}" for n in range(24)], "finding": "No Finding"})
    frame["patient"] = frame["image"]
    side = rule.draw(frame, {"No Finding": PRINTED.normal})
    assert side.value_counts().to_dict() == {"test": 17, "train_val": 7}


@pytest.mark.parametrize("patients", [3, 20, 35, 60])
@pytest.mark.parametrize("max_images", [None, 40, 13])
def test_assembly_from_chexpert(patients, max_images, tmp_path):
    """For many sizes: at most the wanted images, nobody on two sides, copies of training positives only."""
    write_covid(tmp_path, [*covid_patients(patients), *OTHERS])
    write_chexpert(tmp_path, chexpert_singles(4, 60))
    frame, summary = covid_xray_5k.from_release(tmp_path, max_images, "error")
    manifest.validate(frame)
    assert (sides(frame) == 1).all()
    counts = summary["counts"]
    listed = len(covid_patients(patients))
    assert counts["train_val"]["covid"] + counts["test"]["covid"] <= min(listed, 71)
    if listed > 80:
        assert (counts["train_val"]["covid"], counts["test"]["covid"]) == (31, 40)
    else:
        assert counts["train_val"]["covid"] > 0 and counts["test"]["covid"] > 0
    assert summary["augmented"] == 16 * counts["train_val"]["covid"]
    copied = frame[frame["copy"] > 0]
    assert set(copied["official_split"]) == {"train_val"} and set(copied["group"]) == {"covid"}
    negatives = sum(counts[side][group] for side in rule.SIDES for group in ("normal", "other"))
    assert negatives == min(max_images or 112, 112)
    assert counts["probe"] == {"covid": 0, "normal": 0, "other": 4} and not summary["complete"]
    assert (frame["COVID-19"] == (frame["group"] == "covid")).all()
    assert set(frame["source"]) == {"covid-chestxray-dataset", "chexpert"}
    assert summary["negatives"] == "chexpert" and len(summary["citations"]) == 2


def test_the_same_folder_gives_the_same_set(collections):
    first, _ = covid_xray_5k.from_release(collections, 50, "error")
    again, _ = covid_xray_5k.from_release(collections, 50, "error")
    assert manifest.fingerprint(first) == manifest.fingerprint(again)
    assert first["image"].is_unique and len(first) == 16 * 31 + 40 + 50 + 4


def test_negatives_from_nih_where_chexpert_is_absent(tmp_path):
    write_covid(tmp_path, covid_patients(6))
    write_release(tmp_path / "nih-chestxray14")
    frame, summary = covid_xray_5k.from_release(tmp_path, None, "error")
    negatives = frame[frame["source"] == "nih"].set_index("image")
    assert negatives["finding"].to_dict() == {
        "00000001_000.png": "Cardiomegaly",
        "00000002_000.png": "No Finding",
        "00000003_001.png": "No Finding",
    }
    assert negatives.loc["00000001_000.png", "patient"] == "nih/00000001"
    assert (tmp_path / negatives.loc["00000001_000.png", "path"]).is_file()
    assert summary["negatives"] == "nih"
    assert summary["collections"]["nih"]["left_out"] == {
        "file missing": 0,
        "several findings": 2,
        "Hernia alone": 0,
    }
    assert summary["findings"]["test"]["Edema"] == 0


def test_missing_negatives_follow_the_option(tmp_path):
    write_covid(tmp_path, covid_patients(6), absent=("c1_0.png",))
    root = write_release(tmp_path / "nih-chestxray14")
    (root / "images" / "00000002_000.png").unlink()
    with pytest.raises(UserError, match=r"1 of the 5 images .*MISSING=skip"):
        covid_xray_5k.from_release(tmp_path, None, "error")
    _, summary = covid_xray_5k.from_release(tmp_path, None, "skip")
    assert summary["collections"]["nih"]["left_out"]["file missing"] == 1
    assert summary["collections"]["covid-chestxray-dataset"]["left_out"]["file missing"] == 1
    with pytest.raises(UserError, match="missing='maybe' is neither error nor skip"):
        covid_xray_5k.from_release(tmp_path, None, "maybe")


def test_no_positive_is_a_count_not_a_crash(tmp_path):
    write_covid(tmp_path, OTHERS)
    write_chexpert(tmp_path, chexpert_singles(1, 3))
    frame, summary = covid_xray_5k.from_release(tmp_path, None, "error")
    assert summary["augmented"] == 0 and set(frame["group"]) == {"normal", "other"}


def test_absent_collections_are_named(tmp_path):
    with pytest.raises(UserError, match=r"covid-chestxray-dataset is not a folder; clone"):
        covid_xray_5k.from_release(tmp_path, None, "skip")
    write_covid(tmp_path, covid_patients(3))
    with pytest.raises(UserError, match=r"unpack CheXpert-v1\.0-small there .*, or nih-chestxray14"):
        covid_xray_5k.from_release(tmp_path, None, "skip")


def test_pixels_and_their_signature(tmp_path):
    root = write_covid(tmp_path, covid_patients(6), side=16)
    write_chexpert(tmp_path, chexpert_singles(2, 9))
    frame, _ = covid_xray_5k.from_release(tmp_path, 10, "error")
    population = {"dataset": "covid_xray_5k", "data": str(tmp_path)}
    source = populations.source(population)
    pixels = source.images(frame, 16)
    assert pixels.shape == (len(frame), 16, 16) and pixels.dtype == np.uint8
    original = frame.index[(frame["copy"] == 0) & (frame["group"] == "covid")][0]
    name = frame["image"][original]
    np.testing.assert_array_equal(pixels[original], write_png(root / "images" / name, 16))
    before = source.signature(frame)
    write_png(root / "images" / name, 17)
    assert source.signature(frame) != before
    (root / "images" / name).unlink()
    source.signature(frame)
    with pytest.raises(UserError, match=rf"{name} is absent"):
        source.images(frame, 16)


@pytest.mark.skipif(not (DATA / "covid-chestxray-dataset").is_dir(), reason="the real subset is not here")
def test_the_real_subset():
    frame, summary = covid_xray_5k.from_release(DATA, 300, "skip")
    assert (sides(frame) == 1).all()
    assert summary["counts"]["train_val"]["covid"] == 31 and summary["counts"]["test"]["covid"] == 40
    assert summary["augmented"] == 496 and summary["counts"]["probe"]["other"] > 0
    pixels = populations.source({"dataset": "covid_xray_5k", "data": str(DATA)}).images(frame.iloc[:32], 64)
    assert (pixels.std(axis=(1, 2)) > 10).all()
