"""Table VI of minaee2020: the networks at one sensitivity, and how much of their scores is the source."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from xray_keras.datasets.manifest import COVID
from xray_keras.evaluation import predictions, thresholds
from xray_keras.evaluation.thresholds import clopper_pearson
from xray_keras.papers import loader
from xray_keras.reporting.document import Document, Section
from xray_keras.reporting.minaee2020 import claims, sources
from xray_keras.reporting.minaee2020.networks import PAPER, Network, networks, wanted
from xray_keras.reporting.minaee2020.rates import area_cell, cells, half_width, sides, tidy
from xray_keras.reporting.minaee2020.text import (
    BY_IMAGE,
    PRINTED_VALUES,
    area_text,
    heading,
    percent,
    percents,
    provenance,
    rate,
    spread,
    statement,
)
from xray_keras.reporting.runs import Run


def table6(runs: Sequence[Run], output: Path) -> None:
    """Table VI: all networks at the printed sensitivity, with both intervals; what the score knows of the source.

    Args:
        runs: evaluated runs, one a seed; networks without a run are left empty.
        output: path without suffix.

    Raises:
        UserError: see `networks.networks`.
    """
    printed = loader.table(PAPER, "table6")
    found = networks(runs)
    sections = [
        _comparison(printed, found),
        sources.section(found),
        _seeds(found),
        _held_out(found),
        claims.section(found),
        *provenance(found),
    ]
    lead = [
        statement(runs),
        f"Each network stands at the highest threshold that finds at least {wanted().text} of the COVID-19 test "
        f"images: chosen on the test set itself, as printed. {PRINTED_VALUES}",
    ]
    numbers = tidy([*_cells(printed, found), *sources.cells(found)])
    paths = Document(heading("table6"), lead, sections, numbers).write(output)
    print(f"{heading('table6')} ({runs[0].kind}): {', '.join(map(str, paths))}")


def _comparison(printed: loader.PrintedTable, found: Sequence[Network]) -> Section:
    known = {each.row: each for each in found}
    lines = []
    for row in printed.rows:
        line = [row]
        point = known[row].points[0] if row in known else None
        line.append(f"{point.threshold:.3g}" if point else "–")
        for column, hits, n in sides(point):
            line.append(printed.number(row, column).text)
            if n:
                half = percent(half_width(hits, n))
                line += [f"{percent(hits / n)} ± {half}", percents(*clopper_pearson(hits, n))]
            else:
                line += ["–", "–"]
        lines.append([*line, area_text(known[row].areas[0]) if row in known else "–"])
    columns = ["Model", "threshold", "Sensitivity, printed", "ours ± Equation 3", "Clopper–Pearson"]
    columns += ["Specificity, printed", "ours ± Equation 3", "Clopper–Pearson", "AUC [DeLong]"]
    text = (
        "Equation 3 is the normal approximation, as printed: at 100% it claims certainty, and near it it may leave "
        f"what is possible. Clopper–Pearson's interval is exact. {BY_IMAGE}"
    )
    return Section("At the printed sensitivity", text, columns, lines)


def _seeds(found: Sequence[Network]) -> Section:
    lines = []
    for each in found:
        points = [(point.sensitivity, point.specificity) if point else (None, None) for point in each.points]
        rates = [spread(side) for side in zip(*points, strict=True)]
        areas = spread([area.value for area in each.areas], "{:.3f}")
        lines.append([each.row, str(len(each.runs)), *rates, areas])
    text = (
        "Seeds differ in the validation images, the initial last layer and the order of the images; each has a "
        "threshold of its own."
    )
    columns = ["Model", "seeds", "Sensitivity", "Specificity", "AUC"]
    return Section("Mean ± standard deviation over seeds", text, columns, lines)


def _held_out(found: Sequence[Network]) -> Section:
    lines = []
    for each in found:
        validation = predictions.rows(each.frames[0], "validation")
        y, p = validation[f"y_{COVID}"].to_numpy(), validation[f"p_{COVID}"].to_numpy()
        size = f"{int(y.sum()):,} / {len(y):,}"
        chosen = thresholds.at_sensitivity(y, p, wanted().value) if 0 < y.sum() < len(y) else None
        if chosen is None:
            lines.append([each.row, size, *["–"] * 3])
            continue
        point = thresholds.at(each.scores.y, each.scores.p, chosen.threshold)
        reached = [rate(hits, n) for _, hits, n in sides(point)]
        lines.append([each.row, size, f"{chosen.threshold:.3g}", *reached])
    text = (
        "In use nobody knows the test set: here the same rule picks the threshold on the validation images (copies "
        "included), and the test set only tells what it is worth."
    )
    columns = ["Model", "validation: COVID-19 / n", "threshold", "Sensitivity on the test set", "Specificity"]
    return Section("With the threshold from the validation images", text, columns, lines)


def _cells(printed: loader.PrintedTable, found: Sequence[Network]) -> Iterator[dict[str, Any]]:
    for each in found:
        texts = {column: printed.number(each.row, column).text for column in printed.columns}
        for run, point, area in zip(each.runs, each.points, each.areas, strict=True):
            where = {"model": each.row, "seed": run.config["seed"], "at": "printed sensitivity"}
            if point:
                yield from cells(where, point, texts)
            yield area_cell({**where, "at": ""}, "AUC", area)
