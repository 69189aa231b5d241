"""Table I of zhao2019: how good and how fast the teacher and the student are beside MSP-Net."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from xray_keras.errors import UserError
from xray_keras.evaluation.speed import STUDENT
from xray_keras.reporting import data, provenance
from xray_keras.reporting.document import Document, Section
from xray_keras.reporting.metric_table import ours_text, value_cell
from xray_keras.reporting.runs import Run
from xray_keras.reporting.zhao2019 import rules, speed_claims, times
from xray_keras.reporting.zhao2019.compared import COLUMNS, LABEL, PAPER, ROWS, Compared, read

METRICS = {"Recall": "Recall", "Precision": "Precision", "F-measure": "F1"}
"""Printed → as `metric_table.value_cell` calls it."""


def table1(runs: Sequence[Run], output: Path) -> None:
    """Table I with intervals, times on this machine, and what becomes of the paper's sentences about them.

    Args:
        runs: evaluated runs of the teacher, MSP-Net and the fully trained student; of several seeds the lowest counts,
            and rows without a run stay empty. Times come from MSP-Net's speed.json.
        output: path without suffix.

    Raises:
        UserError: no run is of this table, a run is not evaluated, or runs have other test pictures.
    """
    found = read(runs)
    if not found.runs:
        raise UserError(f"Table I needs a run of {', '.join(ROWS)}; train one of them")
    first = found.runs.get(STUDENT) or next(iter(found.runs.values()))
    lead = [
        data.statement(first),
        "A picture is called text where any of its 34 regions exceeds one half. The student is that of Table II's last "
        "row, here its run of the lowest seed. Brackets behind recall, precision, F and AUC are 95 % intervals.",
    ]
    chosen = list(found.runs.values())
    sections = [
        _accuracy(found),
        rules.section(first),
        times.sizes(found),
        times.times(found),
        times.ratios(found),
        speed_claims.section(found),
        provenance.assumptions(chosen),
        provenance.settings(chosen, ("Run", "Model", "seed", "px", "parameters", "epochs", "training")),
    ]
    heading = f"{PAPER}, Table I: {found.printed.caption.lower()}"
    paths = Document(heading, lead, sections, pd.DataFrame(_tidy(found))).write(output)
    print(f"Table I of {PAPER} ({first.kind}): {', '.join(str(path) for path in paths)}")


def _entry(run: Run) -> dict[str, Any]:
    return run.metrics["labels"][LABEL]


def _accuracy(found: Compared) -> Section:
    columns, lines, sizes = ["Method"], [], set()
    for metric in METRICS:
        columns += [f"{metric}, printed", "ours"]
    for row in found.printed.rows:
        run = found.runs.get(row)
        entry = _entry(run) if run else None
        line = [row]
        for metric, name in METRICS.items():
            printed = found.printed.number(row, metric)
            comparable = printed if run and run.kind == "full" else None
            line += [printed.text, ours_text(value_cell(entry, name), comparable) if entry else "not run"]
        lines.append([*line, ours_text(entry["auc"], None) if entry else "not run"])
        if entry:
            sizes.add(f"{entry['positives']:,} of {entry['images']:,}")
    return Section(
        "Recall, precision and F",
        f"{' or '.join(sorted(sizes))} test pictures have text.",
        [*columns, "AUC"],
        lines,
        notes=[
            "Rows with * are printed from other publications and not run here. The paper takes MSP-Net's three numbers "
            "from its publication; ours are of a network like it, trained here."
        ],
    )


def _tidy(found: Compared) -> Iterator[dict[str, Any]]:
    """Every number: row, metric, framework, device, size, printed, value, low, high, n."""
    for row in found.printed.rows:
        run = found.runs.get(row)
        entry = _entry(run) if run else None
        for metric, name in {**METRICS, "AUC": "AUC"}.items():
            cell = value_cell(entry, name) if entry else {"value": None, "interval": None}
            low, high = cell["interval"] or (None, None)
            printed = found.printed.cell(row, "", metric)
            yield {
                "row": row, "metric": metric, "printed": printed and printed.text, "value": cell["value"],
                "low": low, "high": high, "n": entry["images"] if entry else None,
            }  # fmt: skip
    if found.speed is None:
        return
    for time in found.speed["times"]:
        where = {name: time[name] for name in ("framework", "device")} | {
            "size": "x".join(map(str, time["size"]))
        }
        own = time["size"] == found.speed["networks"][time["network"]]["own"]
        printed = found.printed.cell(time["network"], "", COLUMNS[time["device"]])
        wall = time["wall_ms"]
        yield {
            "row": time["network"], "metric": "ms", **where, "printed": printed.text if own and printed else None,
            "value": wall["median"], "low": wall["q1"], "high": wall["q3"], "n": time["n"],
        }  # fmt: skip
    for each in found.speed["ratios"]:
        yield {
            "row": f"{each['slow']} / {each['fast']}", "metric": "ratio", "framework": each["framework"],
            "device": each["device"], "size": each["at"], "value": each["median"], "low": each["low"],
            "high": each["high"], "n": each["n"],
        }  # fmt: skip
