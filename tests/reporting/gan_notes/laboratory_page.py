"""What stands on the laboratory's page and in its CSV, and the same from the networks' answers."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from tests.reporting.gan_notes.laboratory_runs import LABELS
from xray_keras.reporting.runs import Run

PICTURES = ("neighbours", "deidentified", "adversarial")


def sections(output: Path) -> dict[str, list[str]]:
    """Lines by heading."""
    text = output.with_suffix(".md").read_text()
    return {part.split("\n")[0]: part.splitlines() for part in text.split("\n## ")[1:]}


def cells(lines: list[str], *start: str) -> list[str]:
    """Of the table row that begins so."""
    line = next(line for line in lines if line.startswith("| " + " | ".join(start) + " |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def tidy(output: Path) -> pd.DataFrame:
    return pd.read_csv(output.with_suffix(".csv"), dtype={"share": str})


def number(output: Path, section: str, of: str, metric: str, share: str | None = None) -> pd.Series:
    """The one row of the CSV."""
    frame = tidy(output)
    chosen = frame[(frame["section"] == section) & (frame["of"] == of) & (frame["metric"] == metric)]
    chosen = chosen if share is None else chosen[chosen["share"] == share]
    assert len(chosen) == 1
    return chosen.iloc[0]


def networks(run: Run, arm: str) -> list[pd.DataFrame]:
    """Test rows of each of an arm's networks."""
    frame = pd.read_parquet(run.folder / "arms.parquet")
    chosen = frame[(frame["arm"] == arm) & (frame["split"] == "test")]
    return [part for _, part in chosen.groupby("seed")]


def mean(run: Run, arm: str, measure: Callable[..., float]) -> float:
    """Over networks and labels."""
    return np.mean(
        [measure(part[f"y_{label}"], part[f"p_{label}"]) for part in networks(run, arm) for label in LABELS]
    )


def by_name(lab: list[Run], name: str) -> Run:
    return next(run for run in lab if run.folder.name == name)


def pictures(page: Path) -> dict[str, str]:
    """Alternative texts by file."""
    found = re.findall(r"^!\[(.+)\]\((.+?)\)$", page.with_suffix(".md").read_text(), re.MULTILINE)
    return {file: alt for alt, file in found}
