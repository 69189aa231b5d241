"""What every page of cohen2019 begins with: its heading, and the words for the data."""

from collections.abc import Sequence

from xray_keras.papers import loader
from xray_keras.reporting import data
from xray_keras.reporting.runs import Run

PAPER = "cohen2019"


def heading(artefact: str) -> str:
    """ "cohen2019, Figure 3: ROC curves on the holdout set, a red star at each operating point"."""
    facts = loader.load(PAPER)
    entry = (facts["tables"] | facts["figures"])[artefact]
    where = entry["where"].split(", ")[-1]
    return f"{PAPER}, {where}: {entry.get('caption') or entry['content']}"


def of_row(runs: Sequence[Run], trainer: str) -> Run | None:
    """The first run that a trainer made: "ali", or "supervised" for the classifier; None where there is none."""
    return next((run for run in runs if run.config["trainer"] == trainer), None)


def statement(run: Run) -> str:
    """One paragraph for the head of a page: data, scale, split, leaks."""
    return data.statement(run)
