"""The result table of README, copied from the reports between two markers."""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from xray_keras import files
from xray_keras.errors import UserError

_KINDS = {"phantom": "phantom", "subset": "subset of the releases", "full": "complete releases"}
_MARKERS = re.compile(r"(<!-- results -->\n).*?(<!-- /results -->)", re.DOTALL)


def results(reports: Path) -> str:
    """The headline of each paper that has a report, printed and on every kind of data; "" where none has.

    Raises:
        UserError: a table is not as the suite writes it.
    """
    try:
        parts = [
            _means(reports, "ali2019/table2.csv", "ali2019, Table II"),
            _minaee2020(reports),
            _means(reports, "cohen2019/table1.csv", "cohen2019, Table 1"),
            _zhao2019(reports),
        ]
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise UserError(
            f"a CSV below {reports} is not as the suite wrote it ({error}); render its table again"
        ) from None
    return "\n".join(part for part in parts if part)


def _means(reports: Path, name: str, title: str) -> str:
    """Mean AUC over the findings of each model of a table."""
    found = {
        kind: frame[frame["finding"] == "mean"].set_index("model")
        for kind, frame in _tables(reports, name).items()
    }
    return _beside_printed(found, f"{title}: mean AUC", "images")


def _zhao2019(reports: Path) -> str:
    """F of the networks of Table I that were run."""
    found = {
        kind: frame[(frame["metric"] == "F-measure") & frame["value"].notna()].set_index("row")
        for kind, frame in _tables(reports, "zhao2019/table1.csv").items()
    }
    return _beside_printed(found, "zhao2019, Table I: F", "n")


def _beside_printed(found: Mapping[str, pd.DataFrame], title: str, count: str) -> str:
    """A line a row of the frames, printed and on every kind of data; `count` is the column of test images."""
    if not found:
        return ""
    headings = [
        f"ours, {_KINDS[kind]} (test n = {int(cells[count].iloc[0]):,})" for kind, cells in found.items()
    ]
    lines = [f"| {title} | printed | {' | '.join(headings)} |", f"|---|--:|{'--:|' * len(headings)}"]
    first = next(iter(found.values()))
    for row in first.index:
        printed = first.loc[row, "printed"]
        ours = [_interval(cells.loc[row]) for cells in found.values()]
        lines.append(f"| {row} | {'–' if pd.isna(printed) else printed} | {' | '.join(ours)} |")
    return "\n".join(lines) + "\n"


def _minaee2020(reports: Path) -> str:
    """AUC of the four networks of Table VI (the paper prints none), and what is left of it inside one collection."""
    found = {}
    for kind, frame in _tables(reports, "minaee2020/table6.csv").items():
        first = frame[frame["seed"] == frame["seed"].min()]
        questions = {"": "source: printed", ", inside one collection": "source: inside"}
        for words, question in questions.items():
            answers = first[first["at"] == question].set_index("model")
            if kind != "phantom" or not words:  # the phantom is one collection
                found[f"ours, {_KINDS[kind]}{words}"] = answers
    if not found:
        return ""
    lines = [
        f"| minaee2020, Table VI: AUC | {' | '.join(found)} |",
        f"|---|{'--:|' * len(found)}",
    ]
    for model in next(iter(found.values())).index:
        lines.append(
            f"| {model} | {' | '.join(_interval(answers.loc[model]) for answers in found.values())} |"
        )
    return "\n".join(lines) + "\n"


def _tables(reports: Path, name: str) -> dict[str, pd.DataFrame]:
    paths = {kind: reports / kind / name for kind in _KINDS}
    return {kind: pd.read_csv(path, dtype={"printed": str}) for kind, path in paths.items() if path.is_file()}


def _interval(row: pd.Series) -> str:
    if pd.isna(row["value"]):
        return "–"
    return f"{row['value']:.3f} [{row['low']:.3f}–{row['high']:.3f}]"


def fill(readme: Path, reports: Path) -> None:
    """Replace what stands between the markers of `readme`.

    Raises:
        UserError: no report, or no markers.
    """
    text = readme.read_text(encoding="utf-8")
    if not _MARKERS.search(text):
        raise UserError(f"{readme} has no markers <!-- results --> and <!-- /results -->; put them back")
    table = results(reports)
    if not table:
        raise UserError(f"{reports} holds no headline table; run make table2 first")
    files.write_text(readme, _MARKERS.sub(lambda match: match[1] + table + match[2], text))
