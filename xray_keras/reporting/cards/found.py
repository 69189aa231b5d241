"""Numbers of the reports, found by what their row says: none is typed into a card."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from xray_keras import files
from xray_keras.errors import UserError

KINDS = {"phantom": "phantom (computed)", "subset": "subset of the releases", "full": "complete releases"}
"""Kind of data → its heading."""
SHIPPED = "shipped"
"""Name of the rows that come with the text filter's network."""

Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Number:
    """A number of a report.

    Attributes:
        value: as the CSV has it; None where it has none, though the report was made.
        low, high: ends of its 95 % interval, None where it has none.
        n: on how many images, one number a column asked for.
        printed: what the paper prints there, "" for nothing.
        reason: why there is no value, "" where that is not said.
    """

    value: float | None
    low: float | None
    high: float | None
    n: tuple[int, ...]
    printed: str = ""
    reason: str = ""


class Reports:
    """The CSVs of a folder of reports.

    Attributes:
        folder: holds `<kind>/<paper>/<artefact>.csv`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, Rows | None] = {}

    def rows(self, name: str) -> Rows | None:
        """The lines of a report, as they stand there; None where it was not made.

        Args:
            name: `<kind>/<paper>/<artefact>`, or `SHIPPED`.
        """
        if name not in self._read:
            path = self.path(name)
            if name == SHIPPED:
                self._read[name] = _shipped()
            elif path.is_file():
                with path.open(encoding="utf-8", newline="") as opened:
                    self._read[name] = list(csv.DictReader(opened))
            else:
                self._read[name] = None
        return self._read[name]

    def path(self, name: str) -> Path:
        """The CSV of a report."""
        return self.folder / f"{name}.csv"

    def find(
        self, name: str, row: Mapping[str, str | float], column: str = "value", n: Sequence[str] = ()
    ) -> Number | None:
        """One number; None where its report was not made or has no such line.

        Args:
            name: see `rows`.
            row: column → what stands there, for as many columns as make it one line.
            column: of the number; its interval stands in `low` and `high`.
            n: columns that count images.

        Raises:
            UserError: the report lacks a column, or has several such lines.
        """
        rows = self.rows(name)
        if not rows:
            return None
        for wanted in (*row, column, *n):
            if wanted not in rows[0]:
                raise UserError(f"{self.path(name)} has no column {wanted!r}; render that report again")
        lines = [line for line in rows if all(line[key] == str(cell) for key, cell in row.items())]
        if len(lines) > 1:
            raise UserError(f"{self.path(name)} has {len(lines)} lines with {row}; render that report again")
        if not lines:
            return None
        (line,) = lines
        return Number(
            _value(line, column),
            _value(line, "low"),
            _value(line, "high"),
            tuple(int(float(line[each])) for each in n if line[each]),
            line.get("printed") or "",
            line.get("reason") or "",
        )


def _value(line: Mapping[str, str], name: str) -> float | None:
    return float(line[name]) if line.get(name) else None


def _shipped() -> Rows:
    """How well the text filter's own network does, a line a metric and set of pictures; `pictures` numbers the sets."""
    card = files.read_json(Path(str(resources.files("xray_keras.textfilter") / "student.json")))
    sets = list(dict.fromkeys(each["on"] for each in card["measured"]))
    return [
        {
            "metric": each["metric"],
            "pictures": str(sets.index(each["on"]) + 1),
            "on": each["on"],
            "value": str(each["value"]),
            "low": str(each["interval"][0]),
            "high": str(each["interval"][1]),
        }
        for each in card["measured"]
    ]
