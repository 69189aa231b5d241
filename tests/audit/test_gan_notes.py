"""The checks of gan_notes: verdicts against the text by hand, and that each can turn."""

import pytest

from tests.audit.changed_facts import changed
from xray_keras.audit import gan_notes
from xray_keras.audit.outcome import Verdict
from xray_keras.papers import loader

# What this suite renders for the notes, which print no table or figure with numbers.
ARTEFACTS = {"laboratory"}


@pytest.fixture
def facts(monkeypatch):
    """A copy of the facts that the checks read; change it before the first check."""
    for copies in changed(monkeypatch, "gan_notes"):
        yield copies["gan_notes"]


def work(facts, name):
    return next(entry for entry in facts["settings"]["citations"]["list"] if entry["name"] == name)


def wrong(outcome):
    return [cell.place for cell in outcome.cells if not cell.agrees]


def test_every_verdict():
    assert {check.__name__: check().verdict for check in gan_notes.CHECKS} == {
        "airliner_probability": Verdict.FAILS,
        "works_cited_complete": Verdict.FAILS,
        "works_cited_order": Verdict.HOLDS,
        "citation_years": Verdict.HOLDS,
    }


def test_claims_name_checks_and_artefacts_that_exist():
    checks = {check.__name__ for check in gan_notes.CHECKS}
    claims = loader.claims("gan_notes").values()
    assert {claim.by for claim in claims} - {""} <= checks
    assert {claim.needs for claim in claims} - {""} == ARTEFACTS


def test_airliner():
    outcome = gan_notes.airliner_probability()
    assert outcome.printed.startswith("6.8%") and outcome.recomputed.startswith("96.8%")
    assert (
        "90 percentage points" in outcome.arithmetic and "93.2%" in outcome.arithmetic
    )  # 96.8 − 6.8; 100 − 6.8


def test_airliner_holds_where_both_say_the_same(facts):
    claim = next(entry for entry in facts["claims"] if entry["id"] == "airliner_probability")
    claim["values"]["transcript"] = "96.8%"
    assert gan_notes.airliner_probability().verdict is Verdict.HOLDS


def test_two_readings_are_missing_from_works_cited():
    assert wrong(gan_notes.works_cited_complete()) == ["RandAugment", "fingerprints"]


def test_works_cited_would_be_complete_with_them(facts):
    for name in ("RandAugment", "fingerprints"):
        work(facts, name)["listed"] = "videos"
    assert gan_notes.works_cited_complete().verdict is Verdict.HOLDS


def test_order_by_subject_and_by_address():
    outcome = gan_notes.works_cited_order()
    assert len(outcome.cells) == 22 - 1  # neighbours among the 22 works of the videos
    assert outcome.arithmetic.endswith("too early: GazeGAN")  # shown early, its address only in Pros & Cons


def test_order_fails_for_a_work_out_of_place(facts):
    work(facts, "GauGAN")["first"] = "Anonymity"
    outcome = gan_notes.works_cited_order()
    assert outcome.verdict is Verdict.FAILS and wrong(outcome) == ["SRGAN"]


def test_years():
    cells = {cell.place: cell for cell in gan_notes.citation_years().cells}
    assert len(cells) == 15  # works with an arXiv number
    assert (cells["StackGAN"].printed, cells["StackGAN"].recomputed) == ("2017", "from 2016")  # 1612.03242


def test_a_year_before_the_arxiv_number_fails(facts):
    work(facts, "StackGAN")["year"] = "2015"
    assert wrong(gan_notes.citation_years()) == ["StackGAN"]


def test_every_work_is_complete():
    citations = loader.load("gan_notes")["settings"]["citations"]
    lessons = {*citations["lessons"], "notebook"}
    for entry in citations["list"]:
        assert set(entry) == {"name", "task", "year", "address", "first", "slides", "listed"}
        assert {entry["first"], *entry["slides"]} <= lessons, entry["name"]
    addresses = [entry["address"] for entry in citations["list"]]
    assert len(set(addresses)) == len(addresses) == 28
