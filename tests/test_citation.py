"""CITATION.cff says what the package and the papers' own files say."""

from pathlib import Path

import yaml

import xray_keras
from xray_keras.papers import loader

ROOT = Path(__file__).parents[1]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def test_version_and_licence():
    assert CITATION["version"] == xray_keras.__version__
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith(f"{CITATION['license']} License")
    assert f"license = {CITATION['license']}" in (ROOT / "setup.cfg").read_text(encoding="utf-8")


def test_every_paper_with_named_authors_is_cited_as_printed():
    papers = [loader.load(name)["paper"] for name in loader.names()]
    printed = {paper["title"]: paper for paper in papers if paper["authors"] != "not printed"}
    cited = {each["title"]: each for each in CITATION["references"]}
    assert cited.keys() == printed.keys()
    for title, reference in cited.items():
        names = [
            each.get("name") or f"{each['given-names']} {each['family-names']}"
            for each in reference["authors"]
        ]
        assert names == printed[title]["authors"]
        if "doi" in reference:
            assert reference["doi"] == printed[title]["doi"]
