"""What the reports say of a family: numbers in its texts, the table of its results, and where each was read."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xray_keras.papers import loader
from xray_keras.reporting.cards.found import KINDS, SHIPPED, Number, Reports
from xray_keras.reporting.cards.words import NOT_RUN, supported, told
from xray_keras.reporting.document import Section

COLUMNS = ("about", "kind", "report", "row", "column", "value", "low", "high", "n", "told")
"""Of a card's CSV: a line a number that was found; `about` is a result, or the number's place in a text."""
_HOW = (
    "Brackets hold 95 % intervals; n is how many were measured. On the phantom only trends can be compared."
)
_METRICS = {"auc": "AUC", "recall": "recall", "precision": "precision"}
_UNSUPPORTED = " (here not shown)"
_ABSENT = "–"


class Quotes:
    """Numbers of one card, kept as lines of its CSV.

    Attributes:
        lines: under `COLUMNS`.
        used: reports that were read, `<kind>/<paper>/<artefact>`.
    """

    def __init__(self, reports: Reports) -> None:
        self.reports = reports
        self.lines: list[dict[str, Any]] = []
        self.used: list[str] = []

    def number(self, name: str, wanted: Mapping[str, Any]) -> str:
        """A number of a text, see `numbers` of the schema; marked where its interval does not say what the text says.

        Raises:
            KeyError: the paper's transcription has no such fact.
            UserError: see `Reports.find`.
        """
        if "printed" in wanted:
            paper, *keys = wanted["printed"].split("/")
            fact: Any = loader.load(paper)
            for key in keys:
                fact = fact[key]
            return str(fact)
        found, text = self._find(name, wanted["report"], wanted, wanted["row"])
        right = supported(found, wanted.get("above"), wanted.get("below"))
        return text if right else text + _UNSUPPORTED

    def result(self, wanted: Mapping[str, Any]) -> dict[str, str]:
        """A line of the table, see `results` of the schema: "printed", and what stands under each of `KINDS`.

        Raises:
            UserError: see `Reports.find`.
        """
        cells, printed = {}, ""
        for kind in KINDS:
            row = {
                key: cell.get(kind) if isinstance(cell, Mapping) else cell
                for key, cell in wanted["row"].items()
            }
            if None in row.values():
                cells[kind] = _ABSENT
                continue
            found, cells[kind] = self._find(wanted["of"], f"{kind}/{wanted['report']}", wanted, row)
            printed = printed or (found.printed if found else "")
        return {"printed": printed or _ABSENT, **cells}

    def _find(
        self, about: str, report: str, wanted: Mapping[str, Any], row: Mapping[str, Any]
    ) -> tuple[Number | None, str]:
        column = wanted.get("column", "value")
        found = self.reports.find(report, row, column, wanted.get("n", ()))
        text = told(found, wanted.get("form", "interval"))
        if found is not None and found.value is not None:
            if report not in self.used:
                self.used.append(report)
            self.lines.append(
                {
                    "about": about,
                    "kind": report.partition("/")[0],
                    "report": report,
                    "row": "; ".join(f"{key} = {cell}" for key, cell in row.items()),
                    "column": column,
                    "value": found.value,
                    "low": found.low,
                    "high": found.high,
                    "n": " + ".join(map(str, found.n)),
                    "told": text,
                }
            )
        return found, text


def section(facts: Mapping[str, Any], measured: str, quotes: Quotes, output: Path) -> Section:
    """The table of results; columns in which nothing was run are left out, and said to be.

    Args:
        facts: of the family. measured: how, in words.
        quotes: those of the texts, to which the table's are added.
        output: folder of the card.

    Raises:
        UserError: see `Reports.find`.
    """
    lines = [(wanted["of"], quotes.result(wanted)) for wanted in facts["results"]]
    run = [kind for kind in KINDS if any(cells[kind] not in (NOT_RUN, _ABSENT) for _, cells in lines)]
    kinds = run or [next(iter(KINDS))]
    printed = ["printed"] if any(cells["printed"] != _ABSENT for _, cells in lines) else []
    idle = [words for kind, words in KINDS.items() if kind not in kinds]
    return Section(
        "Results",
        f"{measured} {_HOW}",
        columns=["Measure", *printed, *(KINDS[kind] for kind in kinds)],
        rows=[[of, *(cells[key] for key in (*printed, *kinds))] for of, cells in lines],
        notes=[note for note in (_idle(idle), _read_from(quotes, output)) if note],
    )


def _idle(kinds: list[str]) -> str:
    return f"{NOT_RUN.capitalize()}: {', '.join(kinds)}." if kinds else ""


def _read_from(quotes: Quotes, output: Path) -> str:
    """Names and links of the reports that numbers of the card were read from; "" where there are none."""
    up = Path(os.path.relpath(quotes.reports.folder, output)).as_posix()
    links: dict[str, list[str]] = {}
    for report in sorted(quotes.used, key=lambda report: [*KINDS, SHIPPED].index(report.partition("/")[0])):
        kind, _, name = report.partition("/")
        if name:
            links.setdefault(name.replace("/", ", "), []).append(f"[{kind}]({up}/{report}.md)")
    named = "; ".join(f"{name} ({', '.join(kinds)})" for name, kinds in links.items())
    return f"Numbers of this card are read from {named}." if named else ""


def shipped(quotes: Quotes) -> Section:
    """How the network does that comes with the text filter, as the card beside it says."""
    sets = {line["on"]: line["pictures"] for line in quotes.reports.rows(SHIPPED) or ()}

    def cell(metric: str, pictures: str) -> str:
        wanted = {"report": SHIPPED, "row": {"metric": metric, "pictures": pictures}}
        return quotes.number(f"shipped: {metric}", wanted)

    return Section(
        "The network that comes with the text filter",
        "`xray_keras/textfilter/student.onnx`, trained by VARIANT=filter.",
        columns=["Measure", *sets],
        rows=[
            [name, *(cell(metric, pictures) for pictures in sets.values())]
            for metric, name in _METRICS.items()
        ],
    )
