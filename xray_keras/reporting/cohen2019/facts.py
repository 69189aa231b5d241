"""What the pages of cohen2019 share: the paper's name, headings, and which run is which."""

from collections.abc import Sequence

from xray_keras.papers import loader
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
