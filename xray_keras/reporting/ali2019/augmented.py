"""Table III of ali2019: the binary CNNs with and without GAN images, printed and ours, and what is behind the gains."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from xray_keras.datasets.findings import title
from xray_keras.evaluation.comparisons import holm
from xray_keras.papers import loader
from xray_keras.reporting import data, provenance
from xray_keras.reporting.ali2019 import augmented_arms, augmented_reading
from xray_keras.reporting.ali2019.augmented_arms import difference_cells
from xray_keras.reporting.ali2019.augmented_runs import (
    PATHS,
    UNSELECTED,
    WITH,
    WITHOUT,
    Trained,
    cell,
    read,
)
from xray_keras.reporting.document import Document, Section
from xray_keras.reporting.metric_table import ours_text, signed
from xray_keras.reporting.runs import Run


def table3(runs: Sequence[Run], output: Path) -> None:
    """Table III: the printed cells beside means over seeds, paired differences, and how the printed gains arise.

    Args:
        runs: trained runs of arms, one a finding, with the arms "without" and "with" at least.
        output: path without suffix.

    Raises:
        UserError: a run has no such arms, its predictions are absent or damaged, or a finding is in two runs.
    """
    printed = loader.table("ali2019", "table3")
    trained = read(runs, printed.columns)
    comparable = all(run.kind == "full" for run in runs)
    sections = [
        _values(printed, trained, comparable=comparable),
        _differences(printed, trained),
        *augmented_reading.sections(printed, trained, comparable=comparable),
        augmented_arms.selection(trained),
        augmented_arms.shown(trained),
        augmented_arms.every_arm(trained),
        provenance.assumptions(runs[:1]),
        provenance.settings(runs, ("Run", "px", "parameters", "learning rate", "precision", "training")),
    ]
    paths = Document(
        f"ali2019, Table III: {printed.caption[0].lower()}{printed.caption[1:]}",
        [data.statement(runs[0]), _legend(trained[0], comparable)],
        [section for section in sections if section.rows or section.notes],
        pd.DataFrame(list(_tidy(printed, trained))),
    ).write(output)
    print(f"Table III of ali2019 ({runs[0].kind}): {', '.join(str(path) for path in paths)}")


def _legend(first: Trained, comparable: bool) -> str:
    seeds = first.evaluated["arms"][WITH]["seeds"]
    size, steps = first.run.config["size"], first.contents[WITHOUT]["steps"]
    text = (
        f"{size} × {size} pixels. Mean over {len(seeds)} seeds, with 95 % intervals from "
        f"{first.evaluated['resamples']:,} resamples of whole patients: they hold for these networks on other "
        "patients, and what another seed changes is the standard deviation below. All networks of a finding take the "
        f"same number of steps ({steps:,} for {title(first.finding)}) on the same real images. Decisions at p > 0.5 as "
        "printed; the tuned threshold maximises F1 on the validation images. "
    )
    if comparable:
        return (
            text + "Δ is ours − printed; ✓ where our interval covers the printed value, ✗ where it does not."
        )
    return (
        text + "Printed values are the paper's, on its own data: they stand beside ours without a difference."
    )


def _values(printed: loader.PrintedTable, trained: Sequence[Trained], *, comparable: bool) -> Section:
    lines = []
    for each in trained:
        test = f"{each.evaluated['positives'][each.finding]:,} / {each.evaluated['images']:,}"
        for metric in PATHS:
            line = [title(each.finding), test, metric]
            for arm in (WITH, WITHOUT):
                stated = cell(printed, arm, metric, each.finding)
                ours = ours_text(each.value(arm, metric), stated if comparable else None)
                line += [stated.text if stated else "–", ours]
            lines.append(line)
    columns = [
        "Finding",
        "positive / n",
        "metric",
        "with GAN, printed",
        "ours",
        "without GAN, printed",
        "ours",
    ]
    return Section("With and without GAN images", columns=columns, rows=lines)


def _differences(printed: loader.PrintedTable, trained: Sequence[Trained]) -> Section:
    lines = []
    for metric in PATHS:
        found = [each.difference(WITHOUT, metric) for each in trained]
        corrected = holm([entry["p"] if entry else None for entry in found])
        for each, entry, p in zip(trained, found, corrected, strict=True):
            stated = [cell(printed, arm, metric, each.finding) for arm in (WITH, WITHOUT)]
            gain = signed(stated[0].value - stated[1].value, 4) if stated[0] and stated[1] else "–"
            lines.append([title(each.finding), metric, gain, *difference_cells(entry, p)])
    lines.sort(key=lambda line: [title(each.finding) for each in trained].index(line[0]))
    return Section(
        "What do the GAN images add?",
        "With − without, means over the same seeds on the same test images: intervals and two-sided p from resamples "
        "of whole patients, Holm's correction over the findings.",
        ["Finding", "metric", "printed", "ours", "95 % interval", "p", "p (Holm)"],
        lines,
    )


def _tidy(printed: loader.PrintedTable, trained: Sequence[Trained]) -> Iterator[dict[str, Any]]:
    for each in trained:
        same = {"finding": each.finding, "images": each.evaluated["images"]}
        same["positives"] = each.evaluated["positives"][each.finding]
        for metric in PATHS:
            for arm in each.arms:
                ours, stated = each.value(arm, metric), cell(printed, arm, metric, each.finding)
                low, high = ours["interval"] or (None, None)
                yield {**same, "metric": metric, "arm": arm, "printed": stated.text if stated else None,
                       "value": ours["value"], "low": low, "high": high, "sd": ours["sd"], "p": None,
                       "reason": ours["reason"]}  # fmt: skip
            for reference in (WITHOUT, UNSELECTED):
                if entry := each.difference(reference, metric):
                    low, high = entry["interval"] or (None, None)
                    yield {**same, "metric": metric, "arm": f"{WITH} − {reference}", "printed": None,
                           "value": entry["difference"], "low": low, "high": high, "sd": None, "p": entry["p"],
                           "reason": entry["reason"]}  # fmt: skip
