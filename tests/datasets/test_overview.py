from pathlib import Path

import numpy as np
import pytest
from covid_trees import chexpert_row, covid_row, write_chexpert, write_covid
from nih_tree import write_csv, write_release
from ood_trees import write_batch, write_kermany, write_mura, write_stand_ins
from scene_trees import write_icdar, write_msra, write_photographs, write_textdis

from xray_keras.datasets import nih
from xray_keras.datasets.overview import look, tally
from xray_keras.datasets.overview.known import SETS
from xray_keras.datasets.populations import ood, scene_text
from xray_keras.errors import UserError
from xray_keras.papers import loader


@pytest.fixture(autouse=True)
def no_keras_folder(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path_factory.mktemp("keras")))


def holdings(data: Path) -> dict[str, look.Holding]:
    return {holding.known.name: holding for holding in look.look(data).holdings}


def state(data: Path) -> dict[str, str]:
    return {name: holding.state for name, holding in holdings(data).items()}


def test_every_paper_and_every_adapter_is_known():
    assert set(look.NEEDS) == set(loader.names()) == {paper for known in SETS for paper in known.papers}
    names = [known.name for known in SETS]
    assert len(set(names)) == len(names) and {
        name for groups in look.NEEDS.values() for group in groups for name in group
    } <= {*names}
    wanted = {
        getattr(each, "NAME", None) or each.name for _, adapters in ood.SETS.values() for each in adapters
    }
    assert wanted | {each.NAME for each in scene_text.SETS} | {"nih", "chexpert", "covid-chestxray"} == set(
        names
    )
    for known in SETS:
        assert known.link and known.licence and known.citation and known.folder


def test_a_release_is_counted_listed_on_disk_and_missing(tmp_path):
    root = write_release(tmp_path / nih.FOLDER)
    (root / "images" / "00000001_000.png").unlink()
    (root / "images" / "00000009_000.png").write_bytes(b"unlisted")
    found = holdings(tmp_path)["nih"].tally
    assert (found.listed, found.on_disk, found.missing, found.problem) == (5, 4, 1, "")
    assert found.counts["images"] == 5 and found.counts["patients"] == 3 and found.counts["Cardiomegaly"] == 2
    assert found.place == root


def test_counts_stand_beside_the_printed_ones(tmp_path):
    root = tmp_path / nih.FOLDER
    root.mkdir()
    hernias = loader.load("ali2019")["datasets"]["nih"]["class_counts"]["Hernia"]
    write_csv(
        root, tuple((f"{n:08d}_000.png", "Hernia", "0", str(n), "50", "M", "PA") for n in range(hernias))
    )
    compared = {(each.printed.paper, each.printed.what): each for each in holdings(tmp_path)["nih"].compared}
    assert len(compared) == 16
    assert not compared["ali2019", "Hernia"].differs and compared["ali2019", "Hernia"].found == hernias
    assert compared["ali2019", "Mass"].differs and compared["ali2019", "Mass"].found == 0
    assert compared["cohen2019", "images"].printed.number == 108948
    assert "ChestX-ray8" in compared["cohen2019", "images"].printed.note


def test_what_a_stage_would_refuse_is_broken_and_says_why(tmp_path):
    root = write_release(tmp_path / nih.FOLDER)
    (root / "test_list.txt").unlink()
    broken = holdings(tmp_path)["nih"]
    assert broken.state == look.BROKEN and "test_list.txt is absent" in broken.tally.problem
    assert broken.tally.listed == 5
    (root / "Data_Entry_2017_v2020.csv").unlink()
    broken = holdings(tmp_path)["nih"]
    assert broken.state == look.BROKEN and broken.tally.on_disk == 5 and broken.tally.listed is None
    assert all(each.found is None and not each.differs for each in broken.compared)


def test_labels_without_any_image_cannot_be_used(tmp_path):
    root = write_release(tmp_path / nih.FOLDER)
    for path in (root / "images").iterdir():
        path.unlink()
    broken = holdings(tmp_path)["nih"]
    assert broken.state == look.BROKEN and nih.LINK in broken.tally.problem and broken.tally.missing == 5


def test_collections_of_minaee2020(tmp_path):
    rows = [covid_row("1", "a.png"), covid_row("2", "b.png"), covid_row("3", "c.jpg", view="L"),
            covid_row("4", "d.png", finding="No Finding")]  # fmt: skip
    write_covid(tmp_path, rows, absent=["b.png"])
    write_chexpert(
        tmp_path,
        [
            chexpert_row(1, Edema="1.0"),
            chexpert_row(2, Edema="1.0"),
            chexpert_row(3, kind="lateral", Edema="1.0"),
        ],
        absent=[2],
    )
    found = holdings(tmp_path)
    covid, chexpert = found["covid-chestxray"].tally, found["chexpert"].tally
    assert (covid.listed, covid.on_disk, covid.missing) == (4, 3, 1)
    assert covid.counts["frontal radiographs of COVID-19"] == 1
    assert found["covid-chestxray"].compared[0].printed.number == 71
    # The tree adds a lateral view, which is not on disk, to the empty list of the validation part.
    assert (chexpert.listed, chexpert.on_disk, chexpert.missing) == (4, 2, 1)
    assert chexpert.counts == {"images": 4, "patients": 4, "frontal radiographs with one category": 1}
    (tmp_path / "CheXpert-v1.0-small" / "valid.csv").unlink()
    broken = holdings(tmp_path)["chexpert"]
    assert broken.state == look.BROKEN and (broken.tally.listed, broken.tally.on_disk) == (3, 2)


def test_foreign_images(tmp_path):
    write_kermany(tmp_path)
    root = write_mura(tmp_path, "valid")
    write_stand_ins(tmp_path, each=3)
    found = holdings(tmp_path)
    children = found["kermany"]
    assert children.tally.on_disk == 10 and children.tally.listed is None
    assert {each.printed.what: each.found for each in children.compared} == {
        "training images": 6,
        "training images, pneumonia": 3,
        "training images, bacterial": 2,
        "training images, viral": 1,
        "training images, normal": 3,
    }
    assert found["mura"].tally.counts == {"images": 3, "studies": 2}
    assert (found["mura"].tally.listed, found["mura"].tally.missing) == (3, 0)
    assert [found[name].tally.on_disk for name in ("hand-radiographs", "cifar10", "mnist")] == [3, 3, 3]
    assert found["cifar100"].state == look.ABSENT
    next(root.glob("valid/XR_WRIST/*/*/image1.png")).unlink()
    assert (holdings(tmp_path)["mura"].tally.on_disk, holdings(tmp_path)["mura"].tally.missing) == (2, 1)


def test_small_pictures_are_counted_in_their_file_also_where_keras_keeps_them(tmp_path, monkeypatch):
    pixels = np.zeros((7, 32, 32, 3), np.uint8)
    write_batch(tmp_path / "cifar-100-python" / "test", pixels)
    kept = tmp_path / "home" / "datasets" / "cifar-10-batches-py" / "test_batch"
    write_batch(kept, pixels[:5])
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "home"))
    found = holdings(tmp_path)
    assert found["cifar100"].tally.on_disk == 7
    assert found["cifar10"].tally.on_disk == 5 and found["cifar10"].tally.place == kept
    other = tmp_path / "other" / "cifar-100-python"
    other.mkdir(parents=True)
    (other / "test").write_bytes(b"none")
    assert holdings(other.parent)["cifar100"].state == look.BROKEN


def test_scenes(tmp_path):
    write_textdis(tmp_path)
    write_msra(tmp_path)
    write_icdar(tmp_path)
    write_photographs(tmp_path)
    found = holdings(tmp_path)
    assert [found[name].tally.on_disk for name in ("textdis", "msra-td500", "icdar", "photographs")] == [
        8,
        5,
        3,
        6,
    ]
    compared = {each.printed.what: (each.found, each.printed.number) for each in found["textdis"].compared}
    assert compared == {
        "train_val, text": (2, 5302), "train_val, non_text": (3, 6000),
        "test, text": (2, 2000), "test, non_text": (1, 2000),
    }  # fmt: skip
    for path in (tmp_path / "icdar").rglob("*.*"):
        path.unlink()
    assert state(tmp_path)["icdar"] == look.BROKEN


def test_papers_say_what_they_lack(tmp_path):
    write_msra(tmp_path)
    lacking = look.look(tmp_path).lacking()
    assert lacking["zhao2019"] == [("TextDis", "photographs without text")]
    assert lacking["minaee2020"] == [
        ("COVID-19 image data collection",),
        ("CheXpert, small", "NIH ChestX-ray14"),
    ]
    write_photographs(tmp_path)
    write_release(tmp_path / nih.FOLDER)
    lacking = look.look(tmp_path).lacking()
    assert lacking["zhao2019"] == lacking["ali2019"] == lacking["gan_notes"] == []
    assert len(lacking["cohen2019"]) == len(lacking["minaee2020"]) == 1


def test_folders_of_other_names_are_told_and_a_set_given_as_data_too(tmp_path):
    write_release(tmp_path / "ChestXray-NIHCC")
    (tmp_path / ".hidden").mkdir()
    found = look.look(tmp_path)
    assert found.unknown == ("ChestXray-NIHCC",) and found.instead is None
    assert {holding.state for holding in found.holdings} == {look.ABSENT}
    root = write_release(tmp_path / nih.FOLDER)
    assert look.look(root).instead == tmp_path


def test_what_is_no_folder_is_refused_in_one_sentence(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for wrong, words in ((file, "is a file"), (tmp_path / "none", "does not exist")):
        with pytest.raises(UserError, match=words) as caught:
            look.look(wrong)
        assert str(wrong) in str(caught.value) and "\n" not in str(caught.value)


def test_a_folder_that_may_not_be_read_spoils_nothing_else(tmp_path, monkeypatch):
    write_msra(tmp_path)
    root = write_release(tmp_path / nih.FOLDER)

    def refuse(_):
        raise PermissionError(13, "Permission denied", str(root / "images"))

    monkeypatch.setattr(tally.nih_files, "images_on_disk", refuse)
    found = holdings(tmp_path)
    assert found["nih"].state == look.BROKEN and found["msra-td500"].state == look.FOUND
    assert found["nih"].tally.problem == f"{root / 'images'} cannot be read (Permission denied)"


def test_no_picture_is_opened(tmp_path, monkeypatch):
    write_kermany(tmp_path)
    write_msra(tmp_path)
    write_release(tmp_path / nih.FOLDER)
    for path in [*tmp_path.rglob("*.png"), *tmp_path.rglob("*.jpeg"), *tmp_path.rglob("*.JPG")]:
        path.write_bytes(b"no picture")
    assert [name for name, one in state(tmp_path).items() if one == look.FOUND] == [
        "nih",
        "kermany",
        "msra-td500",
    ]
