import pytest
from ood_trees import KERMANY, write_kermany

from xray_keras.datasets import kermany
from xray_keras.errors import UserError


@pytest.mark.parametrize("place", ["kermany-chest-xray", "kermany-chest-xray/chest_xray", "chest_xray"])
def test_every_nesting_of_the_release(place, tmp_path):
    write_kermany(tmp_path, place)
    root = kermany.find(tmp_path)
    assert root == tmp_path / place
    listing = kermany.read(tmp_path, root)
    assert len(listing.entries) == sum(map(len, KERMANY.values())) == 10
    assert all((tmp_path / entry.path).is_file() for entry in listing.entries)
    assert listing.left_out == {}


def test_patients_and_agents_come_from_the_names(tmp_path):
    listing = kermany.read(tmp_path, write_kermany(tmp_path))
    patients = {entry.image: entry.patient for entry in listing.entries}
    assert patients["train/NORMAL/IM-0115-0001.jpeg"] == "IM-0115"
    assert patients["train/NORMAL/NORMAL2-IM-0007-0001.jpeg"] == "NORMAL2-IM-0007"
    assert patients["train/NORMAL/NORMAL2-IM-0007-0001-0002.jpeg"] == "NORMAL2-IM-0007"
    assert patients["test/PNEUMONIA/BACTERIA-1008087-0001.jpeg"] == "BACTERIA-1008087"
    assert patients["test/NORMAL/NORMAL-1049278-0001.jpeg"] == "NORMAL-1049278"
    one = [image for image, patient in patients.items() if patient == "person1"]
    assert len(one) == 3 and {image.split("/")[0] for image in one} == {"train", "test"}
    assert len(set(patients.values())) == 7
    assert listing.counts == {
        "train, normal": 3,
        "train, bacterial": 2,
        "train, viral": 1,
        "test, normal": 1,
        "test, bacterial": 1,
        "test, viral": 2,
    }
    assert [entry.pneumonia for entry in listing.entries] == [
        int("/PNEUMONIA/" in e.image) for e in listing.entries
    ]


def test_other_files_are_counted(tmp_path):
    root = write_kermany(tmp_path)
    (root / "test/NORMAL/.DS_Store").write_bytes(b"")
    (root / "test/NORMAL/._IM-0115-0001.jpeg").write_bytes(b"")
    (root / "train/PNEUMONIA/notes.txt").write_text("")
    listing = kermany.read(tmp_path, root)
    assert len(listing.entries) == 10
    assert listing.left_out == {"file of the operating system": 2, "neither PNG nor JPEG": 1}


def test_a_name_without_a_patient(tmp_path):
    root = write_kermany(tmp_path)
    path = root / "test/PNEUMONIA/scan.jpeg"
    (root / "test/PNEUMONIA/person1_virus_6.jpeg").rename(path)
    with pytest.raises(UserError, match=r"scan\.jpeg is not named .* patient is unknown; unpack"):
        kermany.read(tmp_path, root)


def test_absent_or_empty(tmp_path):
    assert kermany.find(tmp_path) is None
    (tmp_path / "chest_xray/test/NORMAL").mkdir(parents=True)
    root = kermany.find(tmp_path)
    assert root is not None
    with pytest.raises(UserError, match="holds no PNG or JPEG"):
        kermany.read(tmp_path, root)
