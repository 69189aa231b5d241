"""The card of a family as a page."""

from pathlib import Path
from typing import Any

import pandas as pd

from xray_keras.papers import loader
from xray_keras.reporting.cards import family, licences, results, weights
from xray_keras.reporting.cards.found import Reports
from xray_keras.reporting.cards.words import fill
from xray_keras.reporting.document import Document, Section

LICENCES = "data"
"""Name of the page of licences, beside the cards."""
_WARNING = (
    "**Not for diagnosis**, nor for any other decision about a patient: networks of reproduced experiments, to study "
    "and to teach with. Nobody has tested them in the care of patients, and no authority has approved them."
)
_LISTS = {
    "intended": "Intended use",
    "not_intended": "Not intended",
    "limits": "Limits",
    "shortcuts": "Known shortcuts",
    "patients": "Patients and privacy",
}


def document(name: str, reports: Reports, output: Path) -> Document:
    """The card of a family.

    Args:
        name: of the family.
        reports: to read its numbers from.
        output: folder of the card, for links.

    Raises:
        ValueError: see `family.load`.
        UserError: see `Reports.find`.
    """
    facts = family.load(name)
    quotes = results.Quotes(reports)
    numbers = {place: quotes.number(place, wanted) for place, wanted in facts.get("numbers", {}).items()}
    listed = {
        key: Section(heading, notes=[fill(text, numbers) for text in facts[key]])
        for key, heading in _LISTS.items()
    }
    measured = [results.section(facts, fill(facts["measured"], numbers), quotes, output)]
    if facts.get("ships"):
        measured.append(results.shipped(quotes))
    lead = [_WARNING, fill(facts["about"], numbers), _networks(facts)]
    sections = [
        listed["intended"],
        listed["not_intended"],
        _data(facts),
        _weights(facts, fill(facts["weights"]["text"], numbers)),
        *measured,
        listed["limits"],
        listed["shortcuts"],
        listed["patients"],
    ]
    tidy = pd.DataFrame(quotes.lines, columns=results.COLUMNS)
    return Document(f"Model card: {facts['title']}", lead, sections, tidy, prose=True)


def write(reports: Path, output: Path) -> list[Path]:
    """Write the card of every family and the page of licences, each as Markdown and CSV.

    Args:
        reports: holds `<kind>/<paper>/<artefact>.csv`; a number of a report that is not there is "not run".
        output: folder for the pages.

    Returns:
        The files.

    Raises:
        UserError: a report lacks a column, or a file cannot be written.
    """
    read = Reports(reports)
    pages = {name: document(name, read, output) for name in family.names()}
    pages[LICENCES] = licences.document()
    return [path for name, page in pages.items() for path in page.write(output / name)]


def _networks(facts: dict[str, Any]) -> str:
    modules = ", ".join(f"`{name}`" for name in facts["networks"])
    papers = "; ".join(f"{paper}, “{loader.load(paper)['paper']['title']}”" for paper in facts["papers"])
    return f"In `xray_keras.models`: {modules}. From {papers}."


def _data(facts: dict[str, Any]) -> Section:
    every = licences.entries()
    titles: dict[tuple[str, str], list[str]] = {}  # (use, terms) → sets that share both
    for name in facts["data"]:
        entry = every[name]
        uses = dict.fromkeys(use for paper, use in entry.papers.items() if paper in facts["papers"])
        titles.setdefault(("; ".join(uses), entry.terms), []).append(entry.title)
    return Section(
        "Data",
        f"Addresses and citations: [data sets and their licences]({LICENCES}.md).",
        columns=["Pictures", "used for", "licence and terms"],
        rows=[["; ".join(those), use, terms] for (use, terms), those in titles.items()],
    )


def _weights(facts: dict[str, Any], text: str) -> Section:
    published = facts["weights"].get("published")
    if not published:
        return Section("Weights", text)
    return Section("Weights", text, columns=weights.COLUMNS, rows=weights.rows(published))
