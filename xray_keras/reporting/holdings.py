"""The suite's data sets in words: which are there, what is missing, how to get the others."""

import shlex
import shutil
import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from xray_keras.datasets.findings import title
from xray_keras.datasets.overview.known import SETS, DataSet
from xray_keras.datasets.overview.look import ABSENT, BROKEN, FOUND, Compared, Holding, Overview

WIDTH = 100  # columns, at most; on a terminal no more than it has
_WITHOUT = (
    "Without DATA everything runs on computed images: radiographs of a phantom, and rendered scenes for zhao2019. "
    "Trends can be compared on them, values cannot."
)
_SUBSET = (
    "Missing images: at SCALE=demo what is on disk is used and counted; SCALE=paper wants every image, or "
    "MISSING=skip."
)


def describe(overview: Overview) -> str:
    """What is below a folder, what is broken, what is not there and how to get it, which papers can run on it."""
    data = overview.data
    here = overview.of(FOUND)
    blocks = [f"{data}: {len(here)} of the {len(overview.holdings)} data sets that the suite can use"]
    if overview.instead:
        blocks.append(
            f"This folder seems to be a data set itself; DATA is the folder above: xray-keras data {overview.instead}"
        )
    blocks += [_there(holding, data) for holding in here]
    blocks += [_there(holding, data) for holding in overview.of(BROKEN)]
    absent = overview.of(ABSENT)
    if absent:
        blocks.append(f"Not there ({len(absent)}):")
        blocks += [_wanted(holding.known, data) for holding in absent]
    if overview.unknown:
        names = _shortened(overview.unknown)
        blocks.append(_lines("", f"Folders here that the suite does not know, and does not read: {names}"))
    return "\n\n".join([*blocks, _runs(overview)])


def describe_available() -> str:
    """What the suite can use, where no folder was given."""
    blocks = [
        _lines("", _WITHOUT),
        f"It can use {len(SETS)} data sets, unpacked side by side in one folder, DATA:",
    ]
    blocks += [_wanted(known, Path("DATA")) for known in SETS]
    return "\n\n".join([*blocks, "xray-keras data FOLDER tells which of them are in a folder."])


def as_json(overview: Overview | None) -> dict[str, Any]:
    """The same, ready for JSON; without an overview only what the suite can use ("state" is null).

    Returns:
        "folder"; "sets", each with "name", "title", "state" ("found", "broken", "absent"), "folder", "link",
        "registration" (null where none is needed), "licence", "citation", "papers", "note", and where it is there
        "place", "listed", "on_disk", "missing", "counts", "problem" (null for none), "printed" (each with "what",
        "number", "paper", "where", "note", "found", "differs"); "unknown" folders; "lacking", paper → groups of sets of
        which one more is needed.
    """
    if overview is None:
        return {"folder": None, "sets": [_known(known) | {"state": None} for known in SETS]}
    return {
        "folder": str(overview.data.resolve()),
        "sets": [_holding(holding) for holding in overview.holdings],
        "unknown": list(overview.unknown),
        "lacking": {paper: [list(group) for group in groups] for paper, groups in overview.lacking().items()},
    }


def _known(known: DataSet) -> dict[str, Any]:
    return {
        "name": known.name,
        "title": known.title,
        "folder": known.folder,
        "link": known.link,
        "registration": known.registration or None,
        "licence": known.licence,
        "citation": known.citation,
        "papers": dict(known.papers),
        "note": known.note or None,
    }


def _holding(holding: Holding) -> dict[str, Any]:
    about = _known(holding.known) | {"state": holding.state}
    tally = holding.tally
    if tally is None:
        return about
    return about | {
        "place": str(tally.place.resolve()),
        "listed": tally.listed,
        "on_disk": tally.on_disk,
        "missing": tally.missing,
        "counts": dict(tally.counts),
        "problem": tally.problem or None,
        "printed": [
            {**each.printed._asdict(), "found": each.found, "differs": each.differs}
            for each in holding.compared
        ],
    }


def _there(holding: Holding, data: Path) -> str:
    tally, known = holding.tally, holding.known
    if tally is None:
        raise ValueError(f"{known.name} is absent")
    place = tally.place.relative_to(data) if tally.place.is_relative_to(data) else tally.place
    state = "" if holding.state == FOUND else "  CANNOT BE USED"
    listed = "" if tally.listed is None else f"{tally.listed:,} listed, "
    every = tally.listed is not None and tally.missing == tally.listed - tally.on_disk
    wanted = "" if every else "of those that are used "
    missing = "" if tally.missing is None else f", {tally.missing:,} {wanted}missing"
    lines = [
        f"{known.title} in {place}{state}",
        _lines("images", f"{listed}{tally.on_disk:,} on disk{missing}"),
        *([_lines("problem", tally.problem)] if tally.problem else []),
        *_printed(holding.compared),
        _lines("used by", _uses(known)),
        _lines("licence", known.licence),
        _lines("cite", known.citation),
    ]
    return "\n".join(lines)


def _printed(compared: Sequence[Compared]) -> list[str]:
    """One line for all counts that agree with print, and one for each that does not."""
    counted = [each for each in compared if each.found is not None]
    same = [each for each in counted if not each.differs]
    lines = []
    if same:
        by = ", ".join(sorted({f"{each.printed.paper} {each.printed.where}" for each in same}))
        lines.append(_lines("as printed", f"{len(same)} of {len(counted)} printed counts ({by})"))
    for each in counted:
        if each.differs:
            paper, where, note = each.printed.paper, each.printed.where, each.printed.note
            told = f"{title(each.printed.what)}: {each.found:,} here, {each.printed.number:,} printed ({paper} {where})"
            lines.append(_lines("DIFFERS", told + (f"; {note}" if note else "")))
    return lines


def _wanted(known: DataSet, data: Path) -> str:
    lines = [
        known.title,
        _lines("used by", _uses(known)),
        _lines("get it", known.link),
        _lines("register", known.registration or "no"),
        _lines("licence", known.licence),
        _lines("cite", known.citation),
        _labelled("unpack to", str(data / known.folder)),
        *([_lines("note", known.note)] if known.note else []),
    ]
    return "\n".join(lines)


def _uses(known: DataSet) -> str:
    return "; ".join(f"{paper} ({use})" for paper, use in known.papers.items())


def _runs(overview: Overview) -> str:
    """Which papers can run on the folder."""
    lines = ["Papers on this folder:"]
    for paper, groups in overview.lacking().items():
        if groups:
            lines.append(_lines(paper, "needs " + ", and ".join(" or ".join(group) for group in groups)))
        else:
            lines.append(_labelled(paper, f"make {paper} DATA={shlex.quote(str(overview.data))}"))
    if all(overview.lacking().values()):
        lines.append(_lines("", _WITHOUT))
    if any(holding.tally and holding.tally.missing for holding in overview.holdings):
        lines.append(_lines("", _SUBSET))
    return "\n".join(lines)


def _shortened(names: Iterable[str], most: int = 12) -> str:
    names = list(names)
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _labelled(label: str, text: str) -> str:
    """One line, however long: a path or a command, to be copied."""
    return f"  {label:<11}{text}"


def _lines(label: str, text: str) -> str:
    """A paragraph, labelled where it has a label; addresses are not broken."""
    head = _labelled(label, "") if label else ""
    return textwrap.fill(
        f"{head}{text}",
        min(WIDTH, shutil.get_terminal_size((WIDTH, 1)).columns),
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
