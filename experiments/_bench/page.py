"""The benchmark's page: reports/bench.md and its numbers as CSV."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from experiments._bench.lines import Contender, Line
from xray_keras.reporting.document import Document, Section

Measured = Sequence[tuple[Line, Sequence[Contender]]]


def write(stages: Mapping[str, Measured], machine: Sequence[str], output: Path) -> list[Path]:
    """Write the page.

    Args:
        stages: heading → its lines as measured.
        machine: paragraphs on processor, versions, load.
        output: path without suffix.
    """
    lead = [
        "Every line was measured in one run, contenders in turns, round after round: medians of the rounds, and in "
        "brackets the range over them. A ratio above 1 says that the peer takes longer than the suite.",
        *machine,
    ]
    sections = [_section(title, measured) for title, measured in stages.items()]
    tidy = pd.DataFrame(
        [
            {"stage": title, "task": line.task, "unit": line.unit, "work": line.work, **vars(contender)}
            for title, measured in stages.items()
            for line, contenders in measured
            for contender in contenders
        ]
    )
    return Document("How fast is it?", lead, sections, tidy, prose=True).write(output)


def _section(title: str, measured: Measured) -> Section:
    rows, notes = [], []
    for line, contenders in measured:
        for number, contender in enumerate(contenders):
            name = f"**{contender.name}**" if number == 0 else contender.name
            cells = [_speed(line, contender), _cpu(line, contender), _ratio(contender)]
            rows.append([line.task if number == 0 else "", name, *cells])
        notes += [f"{line.task}: {line.remark}"] if line.remark else []
    columns = ["Task", "By", "Speed", "Processor time", "Peer / ours"]
    return Section(title, columns=columns, rows=rows, notes=notes)


def _speed(line: Line, contender: Contender) -> str:
    if not line.unit:
        return f"{contender.wall:.3g} s [{contender.low:.3g}–{contender.high:.3g}]"
    fast, slow = line.work / contender.low, line.work / contender.high
    return f"{_rate(line.work / contender.wall)} {line.unit}/s [{_rate(slow)}–{_rate(fast)}]"


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _cpu(line: Line, contender: Contender) -> str:
    if not line.unit:
        return "–"  # another process does the work
    return f"{contender.cpu / line.work * 1000:.3g} ms"


def _ratio(contender: Contender) -> str:
    return f"{contender.ratio:.3g} [{contender.ratio_low:.3g}–{contender.ratio_high:.3g}]"
