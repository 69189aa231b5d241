"""The `screen` verb: which generated pictures are near copies of training pictures, and of which?

`near_copies` decides. The error rate is that of its rule: of pictures of patients who were not learned from, at most
this share is flagged by chance. A picture that could not be read is neither flagged nor passed.
"""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from xray_keras import files
from xray_keras.evaluation import kept_pictures, screened_sets
from xray_keras.evaluation.screened_sets import Screening, Side

_SHOWN = 10  # of the nearest pictures, for people
HEADER = ("image", "flagged", "original", "distance", "p")


def describe(found: Screening) -> str:
    """Some lines for people: what was compared, what is flagged, the nearest pictures, and what could not be read."""
    new, known, others, result = found
    flagged, count, rate = int(result.flagged.sum()), len(result.flagged), result.rule.error_rate
    chance = rate * count  # on average
    lines = [
        f"{count:,} pictures of {new.found.place} screened",
        f"against {_people(known)}",
        f"with a rule from {_people(others)}",
        f"{flagged:,} of {count:,} are flagged as near copies ({flagged / count:.1%}): nearer than "
        f"{result.rule.threshold:.3f}; at the stated error rate of {rate:.3g}, chance alone flags at most "
        f"{chance:,.{0 if chance >= 10 else 1}f} of so many pictures of other patients, on average",
        "the nearest:",
    ]
    order = np.argsort(result.distance, kind="stable")[:_SHOWN]
    width = max(len(new.name(row)) for row in order)
    lines += [
        f"  {'flagged' if result.flagged[row] else 'passed':<7}  {new.name(row):<{width}}  of "
        f"{known.name(result.original[row])}  distance {result.distance[row]:.3f}, p {result.p[row]:.2g}"
        for row in order
    ]
    for side, verdict in ((new, "not screened"), (known, "not compared with"), (others, "not held out")):
        lines += [f"{verdict}: {reason}" for reason in side.unreadable.values()]
    return "\n".join(lines)


def write(found: Screening, path: Path) -> None:
    """Write a row of each generated picture, in their order, as CSV: the columns of `HEADER`, flagged "yes" or "no".

    A picture that could not be read has "not screened" there, and nothing after it.
    """
    new, result = found.generated, found.result
    cells: dict[str, tuple[str, ...]] = dict.fromkeys(new.unreadable, ("not screened", "", "", ""))
    for row in range(len(new.rows)):
        cells[new.name(row)] = (
            "yes" if result.flagged[row] else "no",
            found.training.name(result.original[row]),
            f"{result.distance[row]:.6f}",
            f"{result.p[row]:.6g}",
        )
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((name, *cells[name]) for name in new.found.names)
    files.write_text(path, text.getvalue())


def as_json(found: Screening) -> dict[str, Any]:
    """The same ready for JSON.

    Returns:
        {"screened", "flagged": how many; "error_rate", "threshold": of the rule; "patients": {"training", "held_out"};
        "copies": [{"image", "original", "distance", "p"}] of each that is flagged; "unreadable": picture → reason}
    """
    new, known, others, result = found
    copies = [
        {
            "image": new.name(row),
            "original": known.name(result.original[row]),
            "distance": float(result.distance[row]),
            "p": float(result.p[row]),
        }
        for row in np.flatnonzero(result.flagged).tolist()
    ]
    return {
        "screened": len(result.flagged),
        "flagged": len(copies),
        "error_rate": result.rule.error_rate,
        "threshold": float(result.rule.threshold),
        "patients": {
            name: len(np.unique(side.patients)) for name, side in (("training", known), ("held_out", others))
        },
        "copies": copies,
        "unreadable": {**new.unreadable, **known.unreadable, **others.unreadable},
    }


def command(
    generated: Path,
    against: Path,
    held_out: Path | None,
    output: Path | None,
    kept: Path | None,
    patients: Path | None,
    error_rate: float,
    *,
    show: Callable[[Screening], None] | None = None,
) -> int:
    """The `screen` verb: show what is found; 2 where a picture could not be read, else 1 where one is flagged.

    Args:
        generated, against, held_out, patients, error_rate: see `screened_sets.screen`.
        output: table to write, see `write`. kept: place for the pictures that pass, see `kept_pictures.keep`.
        show: what shows it; None prints it for people.
    """
    if kept:
        kept_pictures.check(generated, kept)
    found = screened_sets.screen(generated, against, held_out, patients=patients, error_rate=error_rate)
    if output:
        write(found, output)
    if show:
        show(found)
    else:
        print(describe(found))
    if kept:
        kept_pictures.keep(found.generated.found, found.passed(), kept)
    if not found.complete:
        return 2
    return 1 if found.result.flagged.any() else 0


def _people(side: Side) -> str:
    """How many pictures and patients a side has, and how patients were told apart."""
    return (
        f"{len(side.rows):,} pictures of {len(np.unique(side.patients)):,} patients in {side.found.place} "
        f"(patients: {side.found.counting})"
    )
