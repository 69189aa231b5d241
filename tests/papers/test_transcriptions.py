"""One generated test a file: the schema, the tables, the claims; against the texts where these are at hand."""

import copy
import re
from pathlib import Path

import pytest
import yaml

from xray_keras.errors import UserError
from xray_keras.papers import loader

TEXTS = Path(__file__).parents[3] / "shared" / "papers"


@pytest.mark.parametrize("paper", loader.names())
def test_transcription_is_whole(paper):
    facts = loader.load(paper)
    assert facts["paper"]["id"] == paper
    for name, table in facts["tables"].items():
        if table.get("kind") != "text":
            assert loader.table(paper, name).rows
    claims = loader.claims(paper)
    assert claims
    for claim in claims.values():
        assert bool(claim.by) + bool(claim.needs) + bool(claim.cannot) == 1
        if claim.needs:
            assert re.fullmatch(r"(table|figure)\d+|quality|laboratory", claim.needs)
    if facts["settings"] and paper != "gan_notes":
        assert "not printed" in str(facts["settings"])


@pytest.mark.parametrize("paper", loader.names())
def test_every_cell_stands_in_the_text(paper):
    path = TEXTS / f"{paper}.txt"
    if not path.is_file():
        pytest.skip("the papers' texts are not in this checkout")
    text = path.read_text().replace("\\pm", "±").replace(r"\%", "%")
    missing = [
        cell.text
        for name, entry in loader.load(paper)["tables"].items()
        if entry.get("kind") != "text"
        for metrics in loader.table(paper, name).rows.values()
        for cells in metrics.values()
        for cell in cells
        if cell and not re.search(rf"(?<![\d.]){re.escape(cell.text)}(?!\d)", text)
    ]
    assert missing == []


@pytest.mark.parametrize("paper", loader.names())
def test_no_sentence_is_carried_over(paper):
    """No run of nine words stands in both, titles and printed table texts aside."""
    path = TEXTS / f"{paper}.txt"
    if not path.is_file():
        pytest.skip("the papers' texts are not in this checkout")
    facts = copy.deepcopy(loader.load(paper))
    facts["paper"] = {}
    facts["cited"] = {}
    facts["tables"] = {name: table["caption"] for name, table in facts["tables"].items()}

    def words(text: str) -> list[str]:
        return re.findall(r"[a-z]+", text.lower())

    def runs(text: str) -> set[tuple[str, ...]]:
        found = words(text)
        return {tuple(found[k : k + 9]) for k in range(len(found) - 8)}

    def strings(node: object) -> list[str]:
        if isinstance(node, dict):
            return [text for value in node.values() for text in strings(value)]
        if isinstance(node, list):
            return [text for value in node for text in strings(value)]
        return [str(node)] if " " in str(node) else []  # addresses have none

    printed = runs(path.read_text())
    assert [text for text in strings(facts) if runs(text) & printed] == []


def test_a_broken_file_is_refused_with_its_place(tmp_path, monkeypatch):
    facts = yaml.safe_load((loader.FOLDER / "ali2019.yaml").read_text())
    (tmp_path / "schema.yaml").write_text((loader.FOLDER / "schema.yaml").read_text())
    monkeypatch.setattr(loader, "FOLDER", tmp_path)
    broken = {
        "no_check": (lambda f: f["claims"][0].pop("check"), r"claims/0: 'check' is a required property"),
        "no_axes": (lambda f: f["figures"]["figure2"].pop("axes"), r"figures/figure2: 'axes'"),
        "typo": (lambda f: f.update(setings={}), r"top: .*'setings'"),
    }
    for name, (spoil, words) in broken.items():
        spoiled = copy.deepcopy(facts)
        spoil(spoiled)
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(spoiled))
        with pytest.raises(UserError, match=words):
            loader.load(name)


def test_the_same_claim_twice_is_refused(monkeypatch):
    facts = copy.deepcopy(loader.load("ali2019"))
    facts["claims"].append(facts["claims"][0])
    monkeypatch.setattr(loader, "load", lambda paper: facts)
    with pytest.raises(ValueError, match="us_xray_exams stands twice"):
        loader.claims.__wrapped__("ali2019")
