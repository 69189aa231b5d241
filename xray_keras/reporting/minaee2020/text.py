"""The words around the numbers of minaee2020: which data, which artefact, and how a number is written."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from xray_keras import experiment
from xray_keras.datasets import manifest
from xray_keras.datasets.manifest import COVID
from xray_keras.evaluation import intervals
from xray_keras.papers import loader
from xray_keras.reporting.data import COLLECTIONS
from xray_keras.reporting.document import Section
from xray_keras.reporting.minaee2020.networks import PAPER, Network
from xray_keras.reporting.provenance import assumptions, settings
from xray_keras.reporting.runs import Run

GROUPS = {"covid": COVID, "normal": "normal", "other": "other disease"}
PRINTED_VALUES = (
    "Printed values are the paper's, on its own images: which ones its radiologist kept is not printed, so they stand "
    "beside ours for orientation, without a difference. COVID-19 means a score above the threshold."
)
BY_IMAGE = (
    "These intervals count images as if each were of another patient; DeLong's know the patients; Newcombe's stand for "
    "them where the classes separate perfectly."
)
NOTHING_PRINTED = (
    "The printed figure's values are not in the paper's text, so there is nothing to compare one by one."
)


def images(run: Run) -> pd.DataFrame:
    """The manifest of the run's images."""
    return manifest.read(experiment.population_folder(run.folder, run.config) / "manifest.csv")


def statement(runs: Sequence[Run]) -> str:
    """One paragraph for the head of a page: data, where the negatives are from, scale, split, seeds."""
    run = min(runs, key=lambda each: each.config["seed"])  # the one that is drawn and counted
    listed = images(run)
    parts = run.environment["data"]["images"]
    used = listed[(listed["official_split"] != "probe") & (listed["copy"] == 0)]
    n = len(used)
    sick = used["group"] == "covid"
    negatives = named(used["source"][~sick])
    where = {
        "phantom": f"phantom, n = {n:,} computed radiographs; no patient is in them, so only trends can be compared",
        "subset": f"subset, n = {n:,} images; not the paper's set",
        "full": f"as many images as printed, n = {n:,}; which of them the paper took is not printed",
    }[run.kind]
    if run.kind != "phantom":
        where += f"; COVID-19 from {named(used['source'][sick])}, negatives from {negatives}"
        where += "" if set(used["source"][~sick]) == {"chexpert"} else ", where the paper takes CheXpert"
    test = used[used["official_split"] == "test"]
    positives = int((test["group"] == "covid").sum())
    leaked = run.environment["data"]["leaked_patients"]
    leak = f"**{leaked:,} patients are on both sides**" if leaked else "no patient is on both sides"
    seeds = sorted({each.config["seed"] for each in runs})
    drawn = f" (drawn and counted: seed {seeds[0]})" if len(seeds) > 1 else ""
    return (
        f"Data: **{where}**. Scale: {run.config['scale']}, variant: {run.config['variant']}. Train "
        f"{parts['train']:,} and validation {parts['validation']:,} images, augmented copies included; test "
        f"{parts['test']:,} images, {positives:,} of them COVID-19; {leak}. "
        f"Seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}{drawn}."
    )


def heading(artefact: str) -> str:
    """ "minaee2020, Table II: Sensitivity and specificity of ResNet18 by threshold"."""
    facts = loader.load(PAPER)
    entry = (facts["tables"] | facts["figures"])[artefact]
    return f"{PAPER}, {entry['where'].split(', ')[-1]}: {entry['caption']}"


def named(sources: Iterable[str]) -> str:
    """Collections in words, sorted: "CheXpert and NIH ChestX-ray14"."""
    return " and ".join(sorted(COLLECTIONS.get(source, source) for source in set(sources))) or "nowhere"


def percent(share: float | None) -> str:
    """ "97.5%", as the paper prints rates."""
    return "–" if share is None else f"{100 * share:.1f}%"


def percents(low: float, high: float) -> str:
    """ "80.0–95.0%" of two shares."""
    return f"{100 * low:.1f}–{100 * high:.1f}%"


def spread(values: Sequence[float | None], form: str = "{:.1%}") -> str:
    """Mean ± standard deviation over seeds, or "–" for fewer than two; a seed without a value has none to give."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return "–"
    return f"{form.format(np.mean(known))} ± {form.format(np.std(known, ddof=1))}"


def rate(hits: int, n: int) -> str:
    """ "97.5% (39/40)"."""
    return f"{percent(hits / n)} ({hits:,}/{n:,})"


def area_text(area: intervals.Auc) -> str:
    """ "0.912 [0.880–0.935]" of an area under a curve."""
    low, high = area.interval
    return f"{area.value:.3f} [{low:.3f}–{high:.3f}]"


def provenance(found: Sequence[Network]) -> list[Section]:
    """What the paper leaves open of each network, and every run."""
    columns = ("Model", "seed", "px", "epochs", "learning rate", "initial weights", "precision", "training")
    return [
        assumptions(each.runs[0] for each in found),
        settings([run for each in found for run in each.runs], columns),
    ]
