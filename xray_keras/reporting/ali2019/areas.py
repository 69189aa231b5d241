"""The AUCs of ali2019's Table II: their means, and the block that the printed table repeats at its bottom."""

from collections.abc import Mapping, Sequence

import pandas as pd

from xray_keras.datasets.findings import title
from xray_keras.evaluation import evaluate
from xray_keras.papers import loader
from xray_keras.reporting.document import Section
from xray_keras.reporting.metric_table import ModelRow, ours_text


def means(printed: loader.PrintedTable, merged: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
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


def means_section(means: pd.DataFrame) -> Section:
    """The same as a table."""
    lines = []
    for mean in means.to_dict("records"):
        interval = None if pd.isna(mean["low"]) else (mean["low"], mean["high"])
        ours = ours_text({"value": mean["value"], "interval": interval}, None)
        lines.append([mean["model"], mean["printed"] or "–", ours, f"{mean['images']:,}", mean["reason"]])
    columns = ["Model", "mean of the printed AUCs", "ours", "test images", "ours is the"]
    return Section("Mean AUC", columns=columns, rows=lines)


def against_wang(printed: loader.PrintedTable, rows: Sequence[ModelRow]) -> Section:
    """Every AUC under the model that it belongs to, whatever label stands before it in print."""
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
