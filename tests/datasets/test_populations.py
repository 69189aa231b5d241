import pytest
from nih_tree import write_release

from xray_keras.datasets import manifest, populations
from xray_keras.datasets.phantom import Phantom
from xray_keras.errors import UserError

PHANTOM = {"dataset": "nih", "data": None, "images": "labelled", "max_images": 50, "missing": "error"}


def test_the_phantom_is_the_default():
    frame, summary = populations.build(PHANTOM)
    assert isinstance(populations.source(PHANTOM), Phantom)
    assert len(frame) == 50 and manifest.labelled(frame).all()
    assert summary["origin"] == "phantom" and not summary["complete"]


def test_whole_patients_up_to_the_limit():
    frame, _ = populations.build({**PHANTOM, "max_images": 300})
    chosen = populations._whole_patients(frame, 100)
    assert 60 < len(chosen) <= 100
    assert not set(chosen["patient"]) & set(frame["patient"][~frame["image"].isin(chosen["image"])])
    assert (
        chosen["image"].tolist() == populations._whole_patients(frame.iloc[::-1], 100)["image"].tolist()[::-1]
    )


def test_a_release_is_read_from_its_folder(tmp_path):
    write_release(tmp_path / "nih-chestxray14")
    release = {**PHANTOM, "data": str(tmp_path), "images": "all", "max_images": None}
    everything, summary = populations.build(release)
    assert summary["origin"] == "release" and not summary["complete"]
    assert summary["release"]["missing"] == 0 and "Wang" in summary["citation"]
    labelled, _ = populations.build({**release, "images": "labelled"})
    assert manifest.labelled(labelled).all() and len(labelled) == manifest.labelled(everything).sum()


def test_unknown_data_set():
    with pytest.raises(UserError, match=r"no data set 'mura'"):
        populations.source({**PHANTOM, "dataset": "mura"})
