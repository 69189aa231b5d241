"""Checks of gan_notes: its one doubtful number and its list of citations. All else needs a run or is opinion."""

import re
from itertools import pairwise
from typing import Any

from xray_keras.audit.outcome import Cell, Outcome, of_cells, verdict
from xray_keras.papers import loader

PAPER = "gan_notes"
NOT_PRINTED = "not printed"


def _citations() -> dict[str, Any]:
    return loader.load(PAPER)["settings"]["citations"]


def airliner_probability() -> Outcome:
    """Overview: the probability of the airliner on the slide against the transcript."""
    values = loader.claims(PAPER)["airliner_probability"].values
    slide, transcript = values["slide"], values["transcript"]
    gap, rest = (float(100 * share) for share in (slide.exact - transcript.exact, 1 - transcript.exact))
    return Outcome(
        verdict(slide.exact == transcript.exact),
        "Overview",
        "Do slide and transcript print the same probability of the airliner?",
        f"{transcript} (transcript)",
        f"{slide} (slide)",
        f"they differ by {gap:g} percentage points; the transcript's would leave {rest:g}% to other classes",
        reading="the suite quotes the slide",
    )


def works_cited_complete() -> Outcome:
    """Works Cited: said to hold every resource of the week, against the addresses on slides and readings."""
    cells = [
        Cell(
            work["name"], ", ".join(work["slides"]), work["listed"], work["listed"] in ("videos", "notebook")
        )
        for work in _citations()["list"]
        if work["slides"]
    ]
    return of_cells(
        cells,
        where="Works Cited",
        question="Does the list hold every work whose address a slide or reading prints?",
        arithmetic=f"{len(cells)} works have an address in a lesson",
    )


def _in_order(first: str, second: str) -> bool:
    lessons = _citations()["lessons"]
    return lessons.index(first) <= lessons.index(second)


def works_cited_order() -> Outcome:
    """Works Cited: said to follow the lessons, against the lesson that first shows each work."""
    works = [work for work in _citations()["list"] if work["listed"] == "videos"]
    cells = [
        Cell(later["name"], earlier["first"], later["first"], _in_order(earlier["first"], later["first"]))
        for earlier, later in pairwise(works)
    ]
    # The slide that first prints an address may come after the lesson that first shows the work.
    addressed = [work for work in works if work["slides"]]
    early = [
        earlier["name"]
        for earlier, later in pairwise(addressed)
        if not _in_order(earlier["slides"][0], later["slides"][0])
    ]
    return of_cells(
        cells,
        where="Works Cited",
        question="Does the list follow the lessons?",
        arithmetic="each work by the lesson that first shows it; by the slide that first prints its address, "
        f"too early: {', '.join(early) or 'none'}",
    )


def citation_years() -> Outcome:
    """Works Cited: no work is older than its arXiv number, whose first digits are year and month."""
    cells = []
    for work in _citations()["list"]:
        number = re.search(r"arxiv\.org/abs/(\d\d)(\d\d)\.", work["address"])
        if number and work["year"] != NOT_PRINTED:
            submitted = f"20{number[1]}"
            cells.append(Cell(work["name"], work["year"], f"from {submitted}", work["year"] >= submitted))
    return of_cells(
        cells,
        where="Works Cited",
        question="Is every printed year at or after the arXiv number of its work?",
        arithmetic="an arXiv number begins with the year and month of submission",
    )


CHECKS = (airliner_probability, works_cited_complete, works_cited_order, citation_years)
