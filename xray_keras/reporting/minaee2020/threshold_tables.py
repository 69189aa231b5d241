"""Tables II to V of minaee2020: one network's sensitivity and specificity along the threshold, printed and ours."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from xray_keras.evaluation import thresholds
from xray_keras.evaluation.thresholds import OperatingPoint, clopper_pearson
from xray_keras.papers import loader
from xray_keras.papers.printed import Printed
from xray_keras.reporting.document import Document, Section
from xray_keras.reporting.minaee2020.networks import PAPER, Network, Scores, network, row_of
from xray_keras.reporting.minaee2020.rates import cells, tidy
from xray_keras.reporting.minaee2020.text import (
    BY_IMAGE,
    PRINTED_VALUES,
    heading,
    percent,
    percents,
    provenance,
    rate,
    spread,
    statement,
)
from xray_keras.reporting.runs import Run

LEAST_SENSITIVITY = 0.8  # of the steps that are shown; the lowest printed one is higher


def by_threshold(runs: Sequence[Run], output: Path, name: str) -> None:
    """One network at the printed thresholds, and at every step of our sensitivity.

    Args:
        runs: evaluated runs, of which those of the table's network are shown; one a seed.
        output: path without suffix.
        name: "table2" to "table5".

    Raises:
        UserError: no run is of the network; see `networks.networks`.
    """
    printed = loader.table(PAPER, name)
    found = network(runs, row_of(name))
    sections = [_at_printed(printed, found), _at_steps(printed, found), *provenance([found])]
    title, lead = heading(name), [statement(found.runs), PRINTED_VALUES]
    paths = Document(title, lead, sections, tidy(_cells(printed, found))).write(output)
    print(f"{title} ({found.runs[0].kind}): {', '.join(map(str, paths))}")


def _at_printed(printed: loader.PrintedTable, found: Network) -> Section:
    lines = []
    for threshold in printed.rows:
        points = [thresholds.at(scores.y, scores.p, Printed(threshold).value) for scores in found.seeds]
        lines.append(
            [
                threshold,
                printed.number(threshold, "Sensitivity").text,
                rate(points[0].tp, points[0].positives),
                spread([point.sensitivity for point in points]),
                printed.number(threshold, "Specificity").text,
                rate(points[0].tn, points[0].negatives),
                spread([point.specificity for point in points]),
            ]
        )
    columns = ["Threshold", "Sensitivity, printed", "ours", "mean ± sd over seeds"]
    columns += ["Specificity, printed", "ours", "mean ± sd over seeds"]
    return Section("At the printed thresholds", columns=columns, rows=lines)


def _at_steps(printed: loader.PrintedTable, found: Network) -> Section:
    lines = []
    for point in _steps(found.scores):
        same = [
            printed.number(threshold, "Specificity").text
            for threshold in printed.rows
            if printed.number(threshold, "Sensitivity").exact * point.positives == point.tp
        ]
        others = [thresholds.at_sensitivity(scores.y, scores.p, point.sensitivity) for scores in found.seeds]
        lines.append(
            [
                rate(point.tp, point.positives),
                percents(*clopper_pearson(point.tp, point.positives)),
                f"{point.threshold:.3g}",
                same[0] if same else "–",
                rate(point.tn, point.negatives),
                percents(*clopper_pearson(point.tn, point.negatives)),
                spread([other.specificity if other else None for other in others]),
            ]
        )
    positives = int(found.scores.y.sum())
    text = (
        f"Every sensitivity from {percent(LEAST_SENSITIVITY)} on that {positives} COVID-19 images allow, one image "
        "after the other, each at its best specificity; the threshold lies halfway to the next lower score. Printed "
        f"is the specificity at the same sensitivity. Brackets of Clopper–Pearson, 95 %. {BY_IMAGE}"
    )
    columns = ["Sensitivity, ours", "Clopper–Pearson", "threshold", "Specificity, printed", "ours"]
    columns += ["Clopper–Pearson", "mean ± sd over seeds"]
    return Section("At our own thresholds", text, columns, lines)


def _steps(scores: Scores) -> list[OperatingPoint]:
    points = thresholds.steps(scores.y, scores.p)
    return [point for point in points if point.sensitivity >= LEAST_SENSITIVITY]


def _cells(printed: loader.PrintedTable, found: Network) -> Iterator[dict[str, Any]]:
    for run, scores in zip(found.runs, found.seeds, strict=True):
        where = {"model": found.row, "seed": run.config["seed"]}
        for threshold in printed.rows:
            point = thresholds.at(scores.y, scores.p, Printed(threshold).value)
            texts = {column: printed.number(threshold, column).text for column in printed.columns}
            yield from cells({**where, "at": "printed threshold"}, point, texts)
        for point in _steps(scores):
            yield from cells({**where, "at": "own threshold"}, point, {})
