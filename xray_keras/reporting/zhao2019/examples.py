"""Figure 5 of zhao2019: which regions of a picture the networks take for text, drawn on the picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from xray_keras import experiment
from xray_keras.datasets.manifest import TEXT
from xray_keras.datasets.scenes import cached as cached_scenes
from xray_keras.errors import UserError
from xray_keras.evaluation import predictions
from xray_keras.papers import loader
from xray_keras.reporting import data, drawing
from xray_keras.reporting.runs import Run
from xray_keras.reporting.zhao2019.example_panels import (
    COARSE,
    FINE,
    HALF,
    REGIONS,
    SIDES,
    TEACHER,
    draw,
    margins,
)

PAPER = "zhao2019"
STUDENTS = ("Our proposed", "Student Network")
CHOICES: Mapping[str, tuple[int, bool, bool]] = {
    "text found, surest": (1, True, True),
    "text found, least sure": (1, True, False),
    "text missed, surest": (1, False, True),
    "no text, surest": (0, True, True),
    "no text, least sure": (0, True, False),
    "false alarm, surest": (0, False, True),
}
"""Which pictures are drawn → whether they show text, whether the network is right, whether it is at its surest."""


def figure5(runs: Sequence[Run], output: Path) -> None:
    """Figure 5: test pictures with their true outlines and the regions that the teacher and the student take for text.

    Pictures are chosen by the student's scores alone, see `choose`. Computed pictures are drawn; of photographs only
    outlines and regions, because other people's pictures are not copied into a repository: the figure with photographs
    is written into the run's folder.

    Args:
        runs: the teacher, a student, or both; of several students the first of `STUDENTS`, of several seeds the lowest.
        output: path without suffix.

    Raises:
        UserError: predictions or population are absent, or the runs have other test pictures.
    """
    networks = _networks(runs)
    run = list(networks.values())[-1]
    frames = dict(zip(networks, _predicted(list(networks.values())), strict=True))
    chosen = choose(list(frames.values())[-1])
    scenes = cached_scenes.open_cached(
        experiment.population_folder(run.folder, run.config), run.config["size"]
    )
    drawn = run.kind == "phantom"
    heading = f"{PAPER}, Figure 5: {loader.load(PAPER)['figures']['figure5']['caption'].lower()}"
    if not drawn:
        shown = draw(scenes, frames, chosen, pictures=True)
        drawing.title(shown, heading, run)
        margins(shown)
        drawing.picture(shown, run.folder / "figure5.png")
    figure = draw(scenes, frames, chosen, pictures=drawn)
    drawing.title(figure, heading, run)
    margins(figure)
    tidy = _tidy(frames, chosen)
    called = "; ".join(
        f"{row['choice']}: {row['network']} {row['p']:.2f}"
        for row in tidy.dropna(subset="image").to_dict("records")
    )
    paragraphs = [
        data.statement(run),
        f"{' and '.join(networks)}. Filled: regions of the {FINE} × {FINE} grid in which the network sees text with a "
        f"probability above one half; outlined in orange: those of the {COARSE} × {COARSE} grid; in yellow: where the "
        "text is, dotted where it is marked as unreadable. Above each picture stands the greatest of its "
        f"{len(REGIONS)} probabilities, the picture's own. Chosen by the scores of {run.card['row']}, seed "
        f"{run.config['seed']}, not by eye: of the test pictures with text and of those without, the surest and the "
        "least sure right answer, and the surest wrong one. Colours are made paler.",
    ]
    absent = [name for name, image in chosen.items() if image is None]
    if absent:
        paragraphs.append(f"No test picture is of these kinds: {'; '.join(absent)}.")
    if not drawn:
        paragraphs.append(
            "Photographs are not copied into this repository; `figure5.png` in the run's folder shows them."
        )
    paragraphs.append("The printed figure's pictures are not in the paper's text.")
    drawing.write(
        figure,
        output,
        title=heading,
        alt=f"Pictures with the regions that hold text; {called}",
        paragraphs=paragraphs,
        tidy=tidy,
    )


def choose(frame: pd.DataFrame) -> dict[str, str | None]:
    """One picture for each of `CHOICES`: its name, or None where there is none; equal scores go by name.

    Args:
        frame: predictions of test pictures.
    """
    ordered = frame.sort_values([f"p_{TEXT}", "image"])
    called = ordered[f"p_{TEXT}"] > HALF
    chosen: dict[str, str | None] = {}
    for name, (text, right, surest) in CHOICES.items():
        there = ordered[(ordered[f"y_{TEXT}"] == text) & (called == (bool(text) == right))]
        highest = (bool(text) == right) == surest
        left = [image for image in there["image"] if image not in chosen.values()]
        chosen[name] = left[-1 if highest else 0] if left else None
    return chosen


def _networks(runs: Sequence[Run]) -> dict[str, Run]:
    """Teacher, then student, as far as they are there: printed row → run."""
    first: dict[str, Run] = {}
    for run in sorted(runs, key=lambda each: each.config["seed"]):
        first.setdefault(run.card["row"], run)
    students = [row for row in (*STUDENTS, *first) if row in first and row != TEACHER]
    return {row: first[row] for row in (TEACHER, *students[:1]) if row in first}


def _predicted(runs: Sequence[Run]) -> list[pd.DataFrame]:
    frames = [predictions.rows(predictions.read(run.predictions), "test") for run in runs]
    for run, frame in zip(runs, frames, strict=True):
        if not set(REGIONS) <= set(frame):
            raise UserError(f"{run.predictions} has no probabilities of regions (r00 …); predict again")
    return predictions.same_images(frames, [str(run.predictions) for run in runs])


def _tidy(frames: Mapping[str, pd.DataFrame], chosen: Mapping[str, str | None]) -> pd.DataFrame:
    """Network, choice, image, text, p, regions above one half of either grid, and all regions."""
    lines = []
    for name, image in chosen.items():
        for network, frame in frames.items():
            line: dict[str, object] = {"network": network, "choice": name, "image": image}
            if image is not None:
                found = frame.loc[frame["image"] == image].iloc[0]
                called = found[REGIONS].to_numpy(np.float64) > HALF
                line |= {"text": int(found[f"y_{TEXT}"]), "p": found[f"p_{TEXT}"]}
                line |= {
                    f"above half, {side} × {side}": int(called[np.equal(SIDES, side)].sum())
                    for side in (FINE, COARSE)
                }
                line |= {region: found[region] for region in REGIONS}
            lines.append(line)
    return pd.DataFrame(lines)
