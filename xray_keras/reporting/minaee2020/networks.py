"""Runs of minaee2020 as its tables and figures read them: one network, several seeds, one test set."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from xray_keras.datasets.manifest import COVID
from xray_keras.errors import UserError
from xray_keras.evaluation import intervals, predictions, thresholds
from xray_keras.papers import loader
from xray_keras.papers.printed import Printed
from xray_keras.reporting.runs import Run

PAPER = "minaee2020"


class Scores(NamedTuple):
    """Test images of one run: truth 0 or 1, score for COVID-19 in [0, 1], patient's number, group; (N,) each."""

    y: np.ndarray
    p: np.ndarray
    clusters: np.ndarray
    group: np.ndarray


@dataclass(frozen=True)
class Network:
    """One printed row.

    Attributes:
        row: as in Table VI.
        runs: one a seed, smallest first; the first one's scores are those that are drawn and counted.
        frames: their predictions.
    """

    row: str
    runs: tuple[Run, ...]
    frames: tuple[pd.DataFrame, ...]

    @cached_property
    def seeds(self) -> tuple[Scores, ...]:
        return tuple(map(_scores, self.frames))

    @property
    def scores(self) -> Scores:
        return self.seeds[0]

    @cached_property
    def points(self) -> tuple[thresholds.OperatingPoint | None, ...]:
        """The operating point of Table VI for each seed, None where its scores reach no such sensitivity."""
        return tuple(thresholds.at_sensitivity(scores.y, scores.p, wanted().value) for scores in self.seeds)

    @cached_property
    def areas(self) -> tuple[intervals.Auc, ...]:
        """The AUC of each seed, with DeLong's interval by patient."""
        return tuple(intervals.auc(scores.y, scores.p, scores.clusters) for scores in self.seeds)


def wanted() -> Printed:
    """The sensitivity at which Table VI compares the networks."""
    return loader.claims(PAPER)["cut_off_97_5"].values["sensitivity"]


def networks(runs: Sequence[Run]) -> list[Network]:
    """Runs by network, in the order of Table VI.

    Raises:
        UserError: predictions lack `group` or `source`; two runs of a network share a seed; the test images differ.
    """
    order = loader.load(PAPER)["settings"]["networks"]["order"]
    unknown = [run for run in runs if run.card["row"] not in order]
    if unknown:
        raise UserError(
            f"{unknown[0].folder / 'card.json'} names the row {unknown[0].card['row']!r}; "
            f"choose one of {', '.join(order)}"
        )
    found = []
    for row in order:
        group = sorted((run for run in runs if run.card["row"] == row), key=lambda run: run.config["seed"])
        seeds = [run.config["seed"] for run in group]
        if len(set(seeds)) < len(seeds):
            raise UserError(f"two runs of {row} have the same seed ({seeds}); pass each run once")
        if group:
            found.append(Network(row, tuple(group), tuple(map(_read, group))))
    tests = [predictions.rows(frame, "test") for each in found for frame in each.frames]
    predictions.same_images(tests, [str(run.predictions) for each in found for run in each.runs])
    return found


def network(runs: Sequence[Run], row: str) -> Network:
    """The network of one printed row.

    Raises:
        UserError: no run is of that row; else as `networks`.
    """
    chosen = [run for run in runs if run.card["row"] == row]
    if not chosen:
        raise UserError(f"none of the runs fills the row {row!r} of {PAPER}; train its experiment first")
    return networks(chosen)[0]


def row_of(artefact: str) -> str:
    """The printed row that a table, histogram or matrix is about by its caption, such as "ResNet50" of "table3"."""
    facts = loader.load(PAPER)
    caption = (facts["tables"] | facts["figures"])[artefact]["caption"].lower()
    return next(row for row in facts["settings"]["networks"]["order"] if row.lower() in caption)


def _read(run: Run) -> pd.DataFrame:
    frame = predictions.read(run.predictions)
    for column in ("group", "source", f"p_{COVID}"):
        if column not in frame:
            raise UserError(
                f"{run.predictions} has no column {column!r}; delete it and predict the run again"
            )
    return frame.sort_values("image", ignore_index=True)  # the same images stand in the same rows


def _scores(frame: pd.DataFrame) -> Scores:
    test = predictions.rows(frame, "test")
    y, p = test[f"y_{COVID}"].to_numpy(np.float64), test[f"p_{COVID}"].to_numpy(np.float64)
    return Scores(y, p, predictions.clusters(test), test["group"].to_numpy())
