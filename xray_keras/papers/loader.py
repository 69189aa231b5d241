"""Read the printed facts of a paper: tables cell by cell, settings, claims."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from xray_keras import files
from xray_keras.errors import UserError, reason, shortened
from xray_keras.papers.printed import Printed

FOLDER = Path(__file__).parent
_MOST_BYTES = 1 << 18  # YAML is read slowly; the longest transcription has a tenth of it
EMPTY = "–"  # a cell that the table leaves empty or fills with a dash


@dataclass(frozen=True)
class PrintedTable:
    """A printed table of numbers.

    Attributes:
        paper: identifier of the paper, e.g. "ali2019".
        name: e.g. "table2".
        where: section and printed number.
        caption: what it shows.
        columns: the labels across the top.
        metrics: the printed metrics, in order; ("",) where a row is one line of cells.
        rows: row → metric → one cell a column, None where empty. A row may print fewer metrics than others.
        notes: places where the print is corrected, to be shown under the table.
    """

    paper: str
    name: str
    where: str
    caption: str
    columns: tuple[str, ...]
    metrics: tuple[str, ...]
    rows: Mapping[str, Mapping[str, tuple[Printed | None, ...]]]
    notes: tuple[str, ...]

    def cell(self, row: str, metric: str, column: str) -> Printed | None:
        """The printed cell, or None where the table has none."""
        cells = self.rows.get(row, {}).get(metric)
        return None if cells is None or column not in self.columns else cells[self.columns.index(column)]

    def number(self, row: str, column: str, metric: str = "") -> Printed:
        """The printed cell.

        Raises:
            KeyError: the table has no such cell.
        """
        cell = self.cell(row, metric, column)
        if cell is None:
            raise KeyError(f"{self.paper} {self.name} has no cell {row} / {metric} / {column}")
        return cell


@dataclass(frozen=True)
class Claim:
    """A numerical statement of a paper, in the suite's own words.

    Attributes:
        values: its printed numbers, by name.
        names: rows or columns that it names.
        by: the check that decides it, "" where none can.
        needs: the artefact whose run answers it, "" where none is needed.
        cannot: why it cannot be checked, "" where it can.
    """

    id: str
    where: str
    statement: str
    values: Mapping[str, Printed]
    names: tuple[str, ...]
    by: str
    needs: str
    cannot: str


def names() -> tuple[str, ...]:
    """The papers of the suite."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "schema"))


@functools.cache
def load(paper: str) -> dict[str, Any]:
    """Everything transcribed from `paper`, as nested dictionaries (do not modify).

    Raises:
        UserError: the suite has no transcription of that paper, or it breaks the schema (see `read`).
    """
    if paper not in names():
        raise UserError(f"there is no paper {paper!r} in the suite; choose one of: {', '.join(names())}")
    return read(FOLDER / f"{paper}.yaml")


def read(path: Path) -> dict[str, Any]:
    """The transcription in a file: plain YAML.

    It has no tags of Python's, which would run code, and no anchors, which would let a small file stand for a huge one.

    Raises:
        UserError: the file is absent, too large, something else, or breaks the schema; the place is named.
    """
    files.check_regular(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UserError(f"{path} has more than {_MOST_BYTES:,} bytes, so it is no transcription")
        facts = yaml.load(path.read_text(encoding="utf-8"), _Plain)
    except OSError as error:
        raise files.access_error(path, error) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise UserError(f"{path} is not plain YAML ({reason(error)}); mend it") from None
    fault = jsonschema.exceptions.best_match(_validator().iter_errors(facts))
    if fault:
        place = "/".join(map(str, fault.absolute_path)) or "top"
        raise UserError(f"{path}, {shortened(place)}: {shortened(fault.message)}; mend it")
    return facts


class _Plain(yaml.SafeLoader):
    """Plain YAML, without anchors."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("it repeats a part of itself by an alias")
        return super().compose_node(parent, index)


@functools.cache
def _validator() -> jsonschema.Draft202012Validator:
    schema = yaml.safe_load((FOLDER / "schema.yaml").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)


@functools.cache
def claims(paper: str) -> Mapping[str, Claim]:
    """The claims of a paper, by id, in the order of the text.

    Raises:
        ValueError: an id stands twice, or a value is not a number.
    """
    found: dict[str, Claim] = {}
    for entry in load(paper)["claims"]:
        if entry["id"] in found:
            raise ValueError(f"{paper}.yaml: the claim {entry['id']} stands twice")
        check = {"by": "", "needs": "", "cannot": "", **entry["check"]}
        values = {name: Printed(text) for name, text in entry["values"].items()}
        named = tuple(entry.get("names", ()))
        found[entry["id"]] = Claim(entry["id"], entry["where"], entry["statement"], values, named, **check)
    return found


@functools.cache
def table(paper: str, name: str) -> PrintedTable:
    """A printed table of numbers, with rows of a misprinted block added under the names whose values they hold.

    Raises:
        UserError: unknown paper or table.
        ValueError: the transcription is malformed (a row with too few or too many cells, a cell without a number).
    """
    tables = {key: entry for key, entry in load(paper)["tables"].items() if entry.get("kind") != "text"}
    if name not in tables:
        raise UserError(f"{paper} has no {name!r} in the suite; choose one of: {', '.join(sorted(tables))}")
    printed = tables[name]
    nested = (
        printed["rows"]
        if "metrics" in printed
        else {row: {"": cells} for row, cells in printed["rows"].items()}
    )
    rows = {
        row: {metric: _cells(cells) for metric, cells in metrics.items()} for row, metrics in nested.items()
    }
    notes = []
    for line in printed.get("bottom_block", []):
        cells = _cells(line["cells"])
        repeated = rows.setdefault(line["row"], {}).setdefault(line["metric"], cells)
        if repeated != cells:
            raise ValueError(
                f"{paper} {name}: the {line['metric']} line of {line['row']} repeats other values"
            )
        label = f"“{line['printed_label']}”" if line["printed_label"] else "no label"
        notes.append(f"{line['metric']} of {line['row']} (printed with {label})")
    result = PrintedTable(
        paper=paper,
        name=name,
        where=printed["where"],
        caption=printed["caption"],
        columns=tuple(printed["columns"]),
        metrics=tuple(printed.get("metrics", [""])),
        rows=rows,
        notes=tuple(notes),
    )
    for row, metrics in rows.items():
        for metric, cells in metrics.items():
            if len(cells) != len(result.columns):
                raise ValueError(f"{paper} {name}: {row} {metric} has {len(cells)} cells")
    return result


def _cells(texts: list[str]) -> tuple[Printed | None, ...]:
    return tuple(None if text == EMPTY else Printed(text) for text in texts)
