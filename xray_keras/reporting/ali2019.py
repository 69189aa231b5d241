"""The tables and figures of ali2019, from runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from xray_keras.datasets.findings import title
from xray_keras.evaluation import evaluate, predictions
from xray_keras.papers import loader
from xray_keras.reporting import ali2019_claims, curves, data, paired
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
    merged = {name: _predictions(group) for name, group in groups.items()}
    means = _means(printed, merged)
    sections.insert(0, _means_section(means))
    sections += [
        ali2019_claims.section(printed, rows, comparable=comparable),
        *paired.sections(BASELINE, merged),
        _auc_block(printed, rows),
        _assumptions(groups),
        _provenance(runs),
    ]
    lead = [data.statement(runs[0]), _legend(comparable)]
    name = f"ali2019, Table II: {printed.caption.lower()}"
    cells = pd.concat([means, tidy(printed, rows, comparable=comparable)], ignore_index=True)
    paths = Document(name, lead, sections, cells).write(output)
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


def _means(printed: loader.PrintedTable, merged: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Mean AUC of each row: in the tidy form, with an interval by patients."""
    lines = []
    for name, frame in merged.items():
        cells = [cell for cell in printed.rows.get(name, {}).get("AUC", ()) if cell]
        result = evaluate.evaluate(frame)
        mean = result["mean"]["auc"]
        low, high = mean["interval"] or (None, None)
        lines.append(
            {
                "model": name,
                "metric": "AUC",
                "finding": "mean",
                "printed": f"{sum(cell.value for cell in cells) / len(cells):.4f}" if cells else None,
                "value": mean["value"],
                "low": low,
                "high": high,
                "images": result["test"]["images"],
                "reason": f"mean over {len(mean['labels'])} of {len(printed.columns)} findings",
            }
        )
    return pd.DataFrame(lines)


def _means_section(means: pd.DataFrame) -> Section:
    lines = []
    for mean in means.to_dict("records"):
        interval = None if pd.isna(mean["low"]) else (mean["low"], mean["high"])
        ours = ours_text({"value": mean["value"], "interval": interval}, None)
        lines.append([mean["model"], mean["printed"] or "–", ours, f"{mean['images']:,}", mean["reason"]])
    columns = ["Model", "mean of the printed AUCs", "ours", "test images", "ours is the"]
    return Section("Mean AUC", columns=columns, rows=lines)


def _predictions(group: Sequence[Run]) -> pd.DataFrame:
    sources = [str(run.predictions) for run in group]
    return predictions.merge([predictions.read(run.predictions) for run in group], sources)


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
    return Section(
        "What the paper leaves open, and what is done here",
        "Values are those of SCALE=paper; what these runs used stands below and in each run's `config.json`.",
        notes=notes,
    )


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
