import pytest
from PIL import Image

from tests.reporting.minaee2020 import fake_runs as fake
from tests.reporting.minaee2020.pages import ROW, folder_of, render
from xray_keras.errors import UserError
from xray_keras.papers import loader
from xray_keras.reporting import minaee2020
from xray_keras.reporting.minaee2020.networks import row_of

TABLES = [f"table{number}" for number in range(1, 7)]
FIGURES = ["figure2", *(f"figure{number}" for number in range(6, 13))]


@pytest.mark.parametrize("name", TABLES + FIGURES)
def test_every_artefact_of_the_issue_says_on_what_it_stands(name, phantom, pixels):
    text, frame = render(name, phantom)
    assert "phantom, n = 332 computed radiographs" in text and "not for diagnosis" in text
    assert "CheXpert" not in text.splitlines()[2] and len(frame)
    suffixes = {path.suffix for path in folder_of(phantom).glob(f"{name}.*")}
    assert suffixes == {".md", ".csv", *((".png", ".svg") if name.startswith("figure") else (".tex",))}


@pytest.mark.parametrize(
    ("artefact", "row"),
    [*ROW.items(), ("figure6", "ResNet18"), ("figure7", "ResNet50"), ("figure8", "SqueezeNet"),
     ("figure9", "Densenet-121"), ("figure11", "ResNet50"), ("figure12", "SqueezeNet")],
)  # fmt: skip
def test_each_artefact_is_about_its_printed_network(artefact, row):
    assert row_of(artefact) == row
    places = loader.load("minaee2020")["settings"]["networks"]["operating_points"]
    assert artefact not in ROW or places[row] == artefact


def test_a_subset_says_where_its_negatives_are_from(subset):
    text, _ = render("table2", subset)
    assert "negatives from NIH ChestX-ray14, where the paper takes CheXpert" in text
    assert "subset, n = 332" in text and "40 of them COVID-19" in text


def test_the_same_runs_give_the_same_bytes(phantom, tmp_path):
    for folder in ("a", "b"):
        minaee2020.figure10(phantom, tmp_path / folder / "figure10")
    for suffix in (".png", ".svg", ".csv", ".md"):
        assert len({(tmp_path / folder / f"figure10{suffix}").read_bytes() for folder in ("a", "b")}) == 1
    with Image.open(tmp_path / "a" / "figure10.png") as image:
        assert image.size[0] > 1000


def test_bad_runs_get_one_sentence(phantom, tmp_path):
    with pytest.raises(UserError, match="none of the runs fills the row 'ResNet50'"):
        minaee2020.table3(phantom[:3], tmp_path / "table3")
    with pytest.raises(UserError, match="same seed"):
        minaee2020.table6([phantom[0], phantom[0]], tmp_path / "table6")
    frame = fake.images("phantom")
    scores = fake.scored(frame, 1.0, 0)
    fake.write_all(tmp_path, "phantom", seeds=1)
    old = fake.write_run(tmp_path, "ResNet18", 0, frame, scores.drop(columns="group"), "phantom")
    with pytest.raises(UserError, match=r"has no column 'group'.*predict"):
        minaee2020.table2([old], tmp_path / "table2")
    other = fake.write_run(
        tmp_path, "ResNet18", 0, frame, scores[scores["image"] != scores["image"].iloc[-60]], "phantom"
    )
    with pytest.raises(UserError, match="different images"):
        minaee2020.table6([other, *phantom[3:]], tmp_path / "table6")
