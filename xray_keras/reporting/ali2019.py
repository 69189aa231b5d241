"""The tables and figures of ali2019, from runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from xray_keras.datasets.findings import title
from xray_keras.evaluation import comparisons, predictions
from xray_keras.papers import loader
from xray_keras.reporting import ali2019_claims, curves, data
from xray_keras.reporting.document import Document, Section
from xray_keras.reporting.metric_table import ModelRow, ours_text, section, tidy
from xray_keras.reporting.runs import Run

BASELINE, TRANSFER = "BaselineModel", ("PretrainedInceptionV3", "PretrainedVGG16")


def table2(runs: Sequence[Run], output: Path) -> None:
    """Table II: the printed cells beside ours, the shifted AUC rows set right, the paper's comparisons recomputed.

    Args:
        runs: evaluated runs; those of one printed row are joined, whatever their number.
        output: path without suffix.

    Raises:
        UserError: two runs of a row predict the same finding, or on different images.
    """
    printed = loader.table("ali2019", "table2")
    groups = _by_row(runs)
    comparable = all(run.kind == "full" for run in runs)
    rows = [
        ModelRow(name, name if name in printed.rows else None, _labels(group))
        for name, group in groups.items()
    ]
    sections = [section(printed, row, comparable=comparable) for row in rows]
    sections.insert(0, _means(printed, rows))
    sections += [
        ali2019_claims.section(printed, rows, comparable=comparable),
        *_paired(groups),
        _auc_block(printed, rows),
        _assumptions(groups),
        _provenance(runs),
    ]
    lead = [data.statement(runs[0]), _legend(comparable)]
    name = f"ali2019, Table II: {printed.caption.lower()}"
    paths = Document(name, lead, sections, tidy(printed, rows, comparable=comparable)).write(output)
    print(f"Table II of ali2019 ({runs[0].kind}): {', '.join(str(path) for path in paths)}")
    print("Next: `make figure2 figure3` for the curves, `make table2 DATA=/my/datasets` for your radiographs")


def figure2(runs: Sequence[Run], output: Path) -> None:
    """Figure 2: loss against epoch, InceptionV3 and VGG16, with and without augmentation."""
    curves.draw(runs, output, "Figure 2", {"training": "loss", "validation": "val_loss"}, "loss")


def figure3(runs: Sequence[Run], output: Path) -> None:
    """Figure 3: F1 against epoch; which F1 is not printed, the mean over findings at 0.5 is drawn."""
    curves.draw(runs, output, "Figure 3", {"validation": "val_f1"}, "mean F1 over findings, threshold 0.5")


def _by_row(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Runs by printed row, the printed rows first and in their order."""
    order = [BASELINE, *TRANSFER]
    groups: dict[str, list[Run]] = {}
    for run in sorted(
        runs, key=lambda run: (order.index(row) if (row := run.card["row"]) in order else len(order), row)
    ):
        groups.setdefault(run.card["row"], []).append(run)
    return groups


def _labels(group: Sequence[Run]) -> dict[str, Mapping[str, Any]]:
    return {label: entry for run in group for label, entry in run.metrics["labels"].items()}


def _legend(comparable: bool) -> str:
    text = (
        "Brackets hold 95 % intervals. Decisions at p > 0.5 as printed; the tuned threshold maximises F1 on the "
        "validation images. "
    )
    if comparable:
        return (
            text + "Δ is ours − printed; ✓ where our interval covers the printed value, ✗ where it does not."
        )
    return (
        text
        + "Printed values are the paper's, on its own data: they stand beside ours for orientation, without a "
        "difference."
    )


def _means(printed: loader.PrintedTable, rows: Sequence[ModelRow]) -> Section:
    lines = []
    for row in rows:
        cells = printed.rows.get(row.name, {}).get("AUC", ())
        ours = [entry["auc"]["value"] for entry in row.labels.values() if entry["auc"]["value"] is not None]
        lines.append(
            [
                row.name,
                f"{sum(cell.value for cell in cells) / len(cells):.3f}" if cells else "–",
                f"{sum(ours) / len(ours):.3f}" if ours else "–",
                f"{len(ours)} of {len(printed.columns)}",
            ]
        )
    columns = ["Model", "mean of the printed AUCs", "mean AUC, ours", "findings with an AUC"]
    return Section("Mean AUC", columns=columns, rows=lines)


def _paired(groups: Mapping[str, Sequence[Run]]) -> list[Section]:
    """Does transfer beat the binary CNNs on the same images? Differences, each with a paired test."""
    if BASELINE not in groups:
        return []
    baseline = _predictions(groups[BASELINE])
    lines, detail = [], {}
    for name in groups:
        if name == BASELINE:
            continue
        compared = comparisons.compare(_predictions(groups[name]), baseline, sources=(name, BASELINE))
        detail[name] = compared["labels"]
        for metric, mean in (
            ("AUC", compared["mean"]["auc"]),
            ("F1 at 0.5", compared["mean"]["f1"]["default"]),
        ):
            lines.append([name, metric, *_difference_cells(mean), _verdict(mean)])
    if not lines:
        return []
    columns = ["Model against BaselineModel", "mean of", "difference", "95 % interval", "p", "reading"]
    findings = sorted({finding for labels in detail.values() for finding in labels})
    per_finding = [
        [title(finding), *(text for name in detail for text in _finding_cells(detail[name].get(finding)))]
        for finding in findings
    ]
    headings = ["Finding", *(text for name in detail for text in (f"{name}: Δ AUC", "p (Holm)"))]
    return [
        Section(
            "Does transfer beat the binary CNNs?",
            "The paper's first claim, on the same test images: differences of means over findings, with intervals "
            "and two-sided p from 1,000 resamples of whole patients.",
            columns,
            lines,
        ),
        Section(
            "AUC differences by finding",
            "Paired DeLong test with patients as clusters, Holm's correction over the findings.",
            headings,
            per_finding,
        ),
    ]


def _predictions(group: Sequence[Run]) -> pd.DataFrame:
    sources = [str(run.predictions) for run in group]
    return predictions.merge([predictions.read(run.predictions) for run in group], sources)


def _difference_cells(entry: Mapping[str, Any]) -> list[str]:
    if entry["difference"] is None:
        return ["–", "–", "–"]
    low, high = entry["interval"] or (float("nan"), float("nan"))
    texts = [f"{entry['difference']:+.3f}", f"{low:+.3f} to {high:+.3f}", f"{entry['p']:.3f}"]
    return [text.replace("-", "−") for text in texts]


def _finding_cells(entry: Mapping[str, Any] | None) -> list[str]:
    if entry is None or entry["auc"]["difference"] is None:
        return ["–", "–"]
    auc = entry["auc"]
    p = "–" if auc["p_holm"] is None else f"{auc['p_holm']:.3f}"
    return [f"{auc['difference']:+.3f}".replace("-", "−"), p]


def _verdict(entry: Mapping[str, Any]) -> str:
    if entry["interval"] is None:
        return "cannot be tested"
    low, high = entry["interval"]
    if low > 0:
        return "transfer is better"
    return "the binary CNNs are better" if high < 0 else "no difference shown"


def _auc_block(printed: loader.PrintedTable, rows: Sequence[ModelRow]) -> Section:
    ours = {row.name: row for row in rows}
    names = list(printed.rows)
    columns = ["Finding"]
    for name in names:
        columns += [f"{name}, printed"] + (["ours"] if name in ours else [])
    lines = []
    for finding in printed.columns:
        line = [title(finding)]
        for name in names:
            cell = printed.cell(name, "AUC", finding)
            line.append(cell.text if cell else "–")
            if name in ours:
                entry = ours[name].labels.get(finding)
                line.append(ours_text(entry["auc"], None) if entry else "–")
        lines.append(line)
    return Section(
        "AUC against Wang et al.",
        "The printed table repeats the AUCs at its bottom with labels shifted by one line; here each row stands "
        "under the model whose values it repeats: " + "; ".join(printed.notes) + ".",
        columns,
        lines,
    )


def _assumptions(groups: Mapping[str, Sequence[Run]]) -> Section:
    notes = [
        f"{name}, {setting}: {text}"
        for name, group in groups.items()
        for setting, text in group[0].card["assumed"].items()
    ]
    return Section("What the paper leaves open, and what is done here", notes=notes)


def _provenance(runs: Sequence[Run]) -> Section:
    lines = []
    for run in runs:
        config, environment = run.config, run.environment
        lines.append(
            [
                run.folder.name,
                str(config["size"]),
                f"{environment['parameters']:,}",
                str(len(run.history)),
                f"{config['learning_rate']:g}",
                config["weights"] or "–",
                config["precision"],
                f"{environment['seconds']:.0f} s",
            ]
        )
    environment = runs[0].environment
    versions = ", ".join(f"{name} {version}" for name, version in environment["versions"].items())
    text = f"{versions}; {environment['device']}. Data fingerprint {environment['data']['fingerprint'][:16]}."
    columns = [
        "Run",
        "px",
        "parameters",
        "epochs",
        "learning rate",
        "initial weights",
        "precision",
        "training",
    ]
    return Section("Runs", text, columns, lines)
