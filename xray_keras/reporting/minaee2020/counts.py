"""Table I of minaee2020: how many images of what, from the manifest."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from xray_keras.datasets.findings import title
from xray_keras.papers import loader
from xray_keras.reporting.data import COLLECTIONS
from xray_keras.reporting.document import Document, Section
from xray_keras.reporting.minaee2020.networks import PAPER
from xray_keras.reporting.minaee2020.text import GROUPS, heading, images, statement
from xray_keras.reporting.runs import Run

SIDES = {"Training Set": "train_val", "Test Set": "test"}


def table1(runs: Sequence[Run], output: Path) -> None:
    """Table I: images a class and split, printed and found; by finding, by collection; what was left out and why.

    Args:
        runs: trained runs; the first one's images are counted.
        output: path without suffix.
    """
    frame = images(runs[0])
    classes, findings, collections = _classes(frame), _findings(frame), _collections(frame)
    patients = [set(frame["patient"][frame["official_split"] == split]) for split in SIDES.values()]
    shared = len(set.intersection(*patients))
    sections = [
        _section(
            "Images a class",
            f"{shared:,} patients have images on both sides."
            if shared
            else "No patient has images on both sides.",
            classes,
        ),
        _section(
            "Non-COVID images a finding",
            'One finding an image. For the test set the paper says "around" for each but the first.',
            findings,
        ),
        _where(collections, output.name.replace("table1", "table6")),
        *_left_out(runs[0]),
    ]
    numbers = pd.concat([classes, findings, collections], ignore_index=True).astype({"patients": "Int64"})
    paths = Document(heading("table1"), [statement(runs)], sections, numbers).write(output)
    print(f"{heading('table1')} ({runs[0].kind}): {', '.join(map(str, paths))}")


def _classes(frame: pd.DataFrame) -> pd.DataFrame:
    """Side, what, printed (verbatim) and found of the cells of Table I."""
    printed = loader.table(PAPER, "table1")
    lines = []
    for row, split in SIDES.items():
        rows = frame[frame["official_split"] == split]
        covid = rows["group"] == "covid"
        found = (int((covid & (rows["copy"] == 0)).sum()), int(covid.sum()), int((~covid).sum()))
        for column, number in zip(printed.columns, found, strict=True):
            if cell := printed.cell(row, "", column):
                lines.append({"side": row, "what": column, "printed": cell.text, "found": number})
    return pd.DataFrame(lines)


def _findings(frame: pd.DataFrame) -> pd.DataFrame:
    """The same of each finding among the negatives, as II describes them."""
    said = {"Training Set": "training_negatives", "Test Set": "test_negatives"}
    used = frame[frame["group"].isin(("normal", "other")) & frame["official_split"].isin(SIDES.values())]
    lines = []
    for group, finding in (
        used[["group", "finding"]].drop_duplicates().sort_values(["group", "finding"]).to_numpy()
    ):
        rows = used[used["finding"] == finding]
        for side, split in SIDES.items():
            text = loader.claims(PAPER)[said[side]].values["no_finding" if group == "normal" else "each"].text
            number = int((rows["official_split"] == split).sum())
            lines.append({"side": side, "what": title(finding), "printed": text, "found": number})
    return pd.DataFrame(lines)


def _section(name: str, text: str, cells: pd.DataFrame) -> Section:
    """A line a category, both sides across, printed and found."""
    columns = [f"{side}, {kind}" for side in SIDES for kind in ("printed", "found")]
    lines = []
    for what in cells["what"].unique():
        line = [what]
        for side in SIDES:
            cell = cells[(cells["what"] == what) & (cells["side"] == side)]
            line += [cell["printed"].iloc[0], f"{cell['found'].iloc[0]:,}"] if len(cell) else ["–", "–"]
        lines.append(line)
    return Section(name, text, ["Category", *columns], lines)


def _collections(frame: pd.DataFrame) -> pd.DataFrame:
    """Original images of each collection, group and side: side, what, found, collection, patients."""
    sides = {split: side for side, split in SIDES.items()} | {"probe": "Held out"}
    keys = ["source", "group", "official_split"]
    counted = (
        frame[frame["copy"] == 0].groupby(keys)["patient"].agg(found="size", patients="nunique").reset_index()
    )
    return pd.DataFrame(
        {
            "side": counted["official_split"].map(sides),
            "what": counted["group"].map(GROUPS),
            "found": counted["found"],
            "collection": counted["source"].map(COLLECTIONS),
            "patients": counted["patients"],
        }
    )


def _where(collections: pd.DataFrame, other_page: str) -> Section:
    columns = ["collection", "what", "side", "found", "patients"]
    lines = [[f"{cell:,}" if isinstance(cell, int) else cell for cell in row]
             for row in collections[columns].to_numpy(object).tolist()]  # fmt: skip
    text = (
        "Without copies. Images held out of both sides are not in the paper's set; they serve the question of "
        f"[Table VI]({other_page}.md) how much of a score is the source."
    )
    return Section(
        "Where the images are from", text, ["Collection", "group", "side", "images", "patients"], lines
    )


def _left_out(run: Run) -> list[Section]:
    """Rows of each collection that are not used, by reason; a phantom leaves nothing out."""
    lines = []
    collections: Mapping[str, Mapping] = run.data.get("collections", {})
    for source, counts in collections.items():
        name = COLLECTIONS.get(source, source)
        lines += [[name, reason, f"{number:,}"] for reason, number in counts.get("left_out", {}).items()]
    if not lines:
        return []
    text = "Every listed image that is no candidate, under the first reason that excludes it."
    return [Section("What was left out", text, ["Collection", "reason", "images"], lines)]
