import ast
import importlib
import re
from pathlib import Path

import pytest
import yaml

import xray_keras.models
from xray_keras.experiment import Experiment
from xray_keras.models.weight_sources import SOURCES
from xray_keras.papers import loader
from xray_keras.reporting.cards import family, licences

ROOT = Path(__file__).parents[3]
MODELS = Path(xray_keras.models.__file__).parent
GOOD = {
    "title": "some networks",
    "networks": ["vgg16"],
    "papers": ["ali2019"],
    "about": "They score {seen} images.",
    "intended": ["To try them."],
    "not_intended": ["Anything else."],
    "data": ["nih"],
    "weights": {"text": "None."},
    "measured": "By eye.",
    "results": [{"of": "AUC", "report": "ali2019/table2", "row": {"finding": "mean"}}],
    "limits": ["Few images."],
    "shortcuts": ["None known."],
    "patients": ["Nobody was asked."],
    "numbers": {"seen": {"report": "subset/ali2019/table2", "row": {"finding": "mean"}, "column": "images"}},
}


@pytest.fixture
def of(tmp_path, monkeypatch):
    """Load a family of these facts."""
    monkeypatch.setattr(family, "FOLDER", tmp_path / "families")
    family.FOLDER.mkdir()
    (tmp_path / "schema.yaml").write_text(Path(family.__file__).with_name("schema.yaml").read_text())
    family.load.cache_clear()
    yield lambda facts: (
        (family.FOLDER / "some.yaml").write_text(yaml.safe_dump(facts), encoding="utf-8"),
        family.load("some"),
    )[1]
    family.load.cache_clear()


def builders() -> set[str]:
    """Modules of xray_keras.models with a public function that makes networks of nothing but settings."""
    found = set()
    for path in MODELS.glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.returns:
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                takes = " ".join(ast.unparse(each.annotation) for each in arguments if each.annotation)
                makes = "keras.Model" in ast.unparse(node.returns)
                if makes and "keras" not in takes and "Path" not in takes:  # neither a part of one nor a file
                    found.add(path.stem)
    return found


def members() -> list[str]:
    return [network for name in family.names() for network in family.load(name)["networks"]]


def test_every_architecture_belongs_to_exactly_one_family():
    assert len(builders()) >= 18 and {"vgg16", "ali", "infogan", "siamese"} <= builders()
    assert sorted(members()) == sorted(builders())


def test_every_network_that_an_experiment_trains_belongs_to_a_family():
    trained = set()
    for path in (ROOT / "experiments").glob("[a-z]*/[a-z]*.py"):
        if path.parent.name != "notebooks":
            module = importlib.import_module(f"experiments.{path.parent.name}.{path.stem}")
            trained.add(module.EXPERIMENT.model)
            assert isinstance(module.EXPERIMENT, Experiment)
    assert {"deep_covid", "text_student", "infogan"} <= trained <= set(members())


@pytest.mark.parametrize("name", family.names())
def test_a_family_names_modules_papers_data_and_weights_that_are_there(name):
    facts = family.load(name)
    assert all((MODELS / f"{network}.py").is_file() for network in facts["networks"])
    assert set(facts["papers"]) <= set(loader.names())
    assert set(facts["data"]) <= set(licences.entries())
    assert set(facts["weights"].get("published", ())) <= set(SOURCES)
    for paper in facts["papers"]:  # every set that its papers use, of those that the family can see
        assert any(paper in licences.entries()[each].papers for each in facts["data"])
    for wanted in facts["results"]:
        assert wanted["report"].split("/")[0] in facts["papers"]


@pytest.mark.parametrize("name", family.names())
def test_no_result_is_typed_into_the_prose(name):
    for text in family.prose(family.load(name)):
        assert not re.search(r"\b[01]\.\d|\d\.\d+ ?%|\[\d", text), text
        assert "diagnos" not in text.lower()  # the renderer says it


def test_a_good_family_is_loaded(of):
    assert of(GOOD)["title"] == "some networks"


@pytest.mark.parametrize("missing", [key for key in GOOD if key != "numbers"])
def test_every_section_is_required(of, missing):
    with pytest.raises(ValueError, match=f"some.yaml, top: '{missing}' is a required property"):
        of({key: value for key, value in GOOD.items() if key != missing})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "blue"}, "colour"),
        ({"limits": []}, "limits"),
        ({"limits": "one"}, "limits"),
        ({"networks": ["VGG 16"]}, "networks/0"),
        (
            {"results": [{"of": "AUC", "report": "subset/ali2019/table2", "row": {"a": "b"}}]},
            "results/0/report",
        ),
        ({"numbers": {"seen": {"report": "ali2019/table2", "row": {"a": "b"}}}}, "numbers/seen"),
        ({"numbers": {"seen": {"printed": "ali2019"}}}, "numbers/seen"),
        ({"results": [{"of": "A", "report": "a/b", "row": {"a": {"demo": "b"}}}]}, "results/0/row/a"),
        ({"results": [{"of": "A", "report": "a/b", "row": {"a": "b"}, "form": "big"}]}, "results/0/form"),
    ],
)
def test_what_breaks_the_schema_is_named(of, change, said):
    with pytest.raises(ValueError, match=said):
        of(GOOD | change)


def test_the_place_of_an_unknown_number_is_an_error(of):
    with pytest.raises(ValueError, match=r"unknown numbers in texts \(sene\)"):
        of(GOOD | {"about": "They score {sene} and {seen} images."})
    with pytest.raises(ValueError, match=r"unknown numbers in texts \(\)"):
        of(GOOD | {"patients": ["{}"]})
    with pytest.raises(ValueError, match=r"unknown numbers in texts \(other\)"):
        of(GOOD | {"weights": {"text": "{other}"}})


def test_a_number_that_no_text_uses_is_an_error(of):
    with pytest.raises(ValueError, match=r"numbers in no text \(seen\)"):
        of(GOOD | {"about": "They score images."})
