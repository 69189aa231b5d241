import pytest
from nih_tree import write_release

from xray_keras.datasets import manifest, populations
from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.datasets.phantom.covid import CovidPhantom
from xray_keras.datasets.populations import nih as nih_population
from xray_keras.errors import UserError

PHANTOM = {"dataset": "nih", "data": None, "images": "labelled", "max_images": 50, "missing": "error"}


def test_the_phantom_is_the_default():
    frame, summary = populations.build(PHANTOM)
    assert isinstance(populations.source(PHANTOM), Phantom)
    assert len(frame) == 50 and manifest.labelled(frame).all()
    assert summary["origin"] == "phantom" and not summary["complete"]


def test_whole_patients_up_to_the_limit():
    frame, _ = populations.build({**PHANTOM, "max_images": 300})
    chosen = nih_population.whole_patients(frame, 100)
    assert 60 < len(chosen) <= 100
    assert not set(chosen["patient"]) & set(frame["patient"][~frame["image"].isin(chosen["image"])])
    assert (
        chosen["image"].tolist()
        == nih_population.whole_patients(frame.iloc[::-1], 100)["image"].tolist()[::-1]
    )


def test_a_release_is_read_from_its_folder(tmp_path):
    write_release(tmp_path / "nih-chestxray14")
    release = {**PHANTOM, "data": str(tmp_path), "images": "all", "max_images": None}
    everything, summary = populations.build(release)
    assert summary["origin"] == "release" and not summary["complete"]
    assert summary["release"]["missing"] == 0 and "Wang" in summary["citation"]
    labelled, _ = populations.build({**release, "images": "labelled"})
    assert manifest.labelled(labelled).all() and len(labelled) == manifest.labelled(everything).sum()


COVID = {**PHANTOM, "dataset": "covid_xray_5k", "max_images": 60}


def test_the_covid_phantom():
    frame, summary = populations.build(COVID)
    manifest.validate(frame)
    assert (
        summary["origin"] == "phantom" and summary["dataset"] == "covid_xray_5k" and not summary["complete"]
    )
    assert summary["counts"] == {
        "train_val": {"covid": 31, "normal": 8, "other": 16},
        "test": {"covid": 40, "normal": 20, "other": 16},
        "probe": {"covid": 0, **{group: summary["counts"]["probe"][group] for group in ("normal", "other")}},
    }
    assert summary["augmented"] == 496 and summary["images"] == len(frame) == 496 + 40 + 60 + 24
    assert (frame.groupby("patient")["official_split"].nunique() == 1).all()
    assert manifest.fingerprint(frame) == manifest.fingerprint(populations.build(COVID)[0])


def test_the_covid_phantom_has_the_printed_counts_without_a_limit():
    _, summary = populations.build({**COVID, "max_images": None})
    assert summary["counts"]["train_val"] == {"covid": 31, "normal": 700, "other": 1300}
    assert summary["counts"]["test"] == {"covid": 40, "normal": 1700, "other": 1300}


def test_copies_of_the_covid_phantom_are_transformed():
    frame, _ = populations.build(COVID)
    source = populations.source(COVID)
    rows = frame[frame["image"].str.startswith(frame["image"].iloc[0])]
    pixels = source.images(rows, 64)
    plain = CovidPhantom(populations.PHANTOM_SEED).images(rows, 64)
    assert len(rows) == 16 and (plain == plain[0]).all()
    assert (pixels[0] == plain[0]).all() and all((pixels[copy] != plain[copy]).any() for copy in range(1, 16))
    assert source.signature(rows).endswith("copies-1")


def test_unknown_data_set():
    with pytest.raises(UserError, match=r"no data set 'mura'; choose one of covid_xray_5k, nih"):
        populations.source({**PHANTOM, "dataset": "mura"})
