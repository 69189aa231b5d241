"""Figure 4 of ali2019: a radiograph, a generated effusion, a generated pneumonia in which nothing is recognised."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from xray_keras import npz
from xray_keras.errors import UserError
from xray_keras.papers import loader
from xray_keras.reporting import data, drawing
from xray_keras.reporting.ali2019 import quality_claims
from xray_keras.reporting.ali2019.gans import NEVER, YARDSTICKS, Quality, distance, gans, learned, quality
from xray_keras.reporting.metric_table import ours_text
from xray_keras.reporting.runs import Run

FINDINGS = ("Effusion", "Pneumonia")
EACH = 4  # pictures of a kind
_FIRST = "Here all pictures are the first of their kind; none is chosen."
_KEPT = (
    "Pictures of patients are not copied into this repository, and a generated picture may be a near copy of one; "
    "this run's are in `samples/` of its folder, one sheet an epoch."
)


def figure4(runs: Sequence[Run], output: Path) -> None:
    """Figure 4: test radiographs with the first finding, generated ones with it, and generated pneumonia.

    Computed radiographs and what a GAN learned from them are drawn; of real ones the distances alone.

    Args:
        runs: GAN runs of effusion and of pneumonia, measured by the stage quality; others are left out.
        output: path without suffix.

    Raises:
        UserError: neither finding has a run, or one has not been measured, or its samples are absent.
    """
    chosen = _chosen(runs, output.name)
    found = [quality(run) for run in chosen]
    drawn = chosen[0].kind == "phantom"
    figure = _pictures(chosen) if drawn else _distances(chosen, found)
    drawing.title(figure, "ali2019, Figure 4", chosen[0])
    lines = [_line(run, each) for run, each in zip(chosen, found, strict=True)]
    content = loader.load("ali2019")["figures"]["figure4"]
    drawing.write(
        figure,
        output,
        title=f"ali2019, Figure 4: {content['caption'][0].lower()}{content['caption'][1:]}",
        alt=(_drawn(chosen) if drawn else "KID of generated images beside yardsticks")
        + ". "
        + " ".join(lines),
        paragraphs=[
            data.statement(chosen[0]),
            f"Printed: {content['content']}. " + (_FIRST if drawn else _KEPT),
            "\n".join(f"- {line}" for line in lines),
            f"Distances are those of {found[0]['network']}. {NEVER}",
            *_claims(),
        ],
        tidy=pd.DataFrame(
            [
                {
                    "run": run.folder.name,
                    "learned": learned(run),
                    "images": each["images"],
                    "what": what,
                    **numbers,
                }
                for run, each in zip(chosen, found, strict=True)
                for what, numbers in _numbers(each)
            ]
        ),
    )


def _chosen(runs: Sequence[Run], artefact: str) -> list[Run]:
    of_finding: dict[str, Run] = {}
    for run in gans(runs, artefact):
        of_finding.setdefault(run.config["model_options"]["finding"], run)
    chosen = [of_finding[finding] for finding in FINDINGS if finding in of_finding]
    if not chosen:
        raise UserError(
            f"{artefact} needs a GAN of {' or '.join(FINDINGS)}; train ali2019/infogan_effusion first"
        )
    return chosen


def _pictures(runs: Sequence[Run]) -> Figure:
    """A row of test radiographs, and one of generated ones for each run."""
    rows = [(f"radiographs,\n{learned(runs[0])}", _read(runs[0], "real")[:EACH])]
    rows += [(f"generated,\n{learned(run)}", _read(run, "image")[-1][:EACH]) for run in runs]
    figure, panels = plt.subplots(
        len(rows), EACH, figsize=(1.7 * EACH + 0.6, 1.75 * len(rows) + 0.4), squeeze=False
    )
    for (words, images), line in zip(rows, panels, strict=True):
        for panel in line:
            drawing.pictures_only(panel)
        for panel, image in zip(line, images, strict=False):
            panel.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        line[0].set_ylabel(words)
    return figure


def _read(run: Run, name: str) -> np.ndarray:
    """An array of samples.npz, see `training.infogan`."""
    remedy = f"delete {run.folder / 'model.keras'} and train the run again"
    return npz.read(run.folder / "samples.npz", remedy, [name])[name]


def _distances(runs: Sequence[Run], found: Sequence[Quality]) -> Figure:
    bars = [
        (f"{learned(run)}: {words}", numbers["kid"], k)
        for run, each in zip(runs, found, strict=True)
        for k, (words, numbers) in enumerate(_numbers(each))
        if numbers["kid"] is not None
    ]
    figure, panel = plt.subplots(figsize=(7.5, 0.35 * len(bars) + 1.4))
    colours = [drawing.COLOURS[0] if k == 0 else "silver" for _, _, k in bars]
    panel.barh(range(len(bars)), [value for _, value, _ in bars], color=colours)
    panel.set_yticks(range(len(bars)), [words for words, _, _ in bars])
    panel.invert_yaxis()
    panel.set(xlabel="KID against test radiographs with the finding")
    panel.grid(axis="x")
    return figure


def _numbers(found: Quality) -> list[tuple[str, dict[str, float | None]]]:
    """Each kind of image with its KID and ends, generated ones first."""
    kinds = {
        "generated": found["generated"],
        **{words: found["yardsticks"][name] for name, words in YARDSTICKS.items()},
    }
    return [
        (
            words,
            dict(
                zip(
                    ("kid", "low", "high"),
                    (measured["kernel"]["value"], *(measured["kernel"]["interval"] or (None, None))),
                    strict=True,
                )
            ),
        )
        for words, measured in kinds.items()
    ]


def _line(run: Run, found: Quality) -> str:
    own, yardsticks = found["generated"], found["yardsticks"]
    beside = ", ".join(
        f"{words} {distance(yardsticks[name]['kernel'])}" for name, words in YARDSTICKS.items()
    )
    return (
        f"{learned(run)}: {found['training']['images']:,} training images, {found['epochs']:,} epochs; generated "
        f"images have a KID of {distance(own['kernel'])} ({beside}), precision {ours_text(own['precision'], None)}, "
        f"recall {ours_text(own['recall'], None)}, {found['images']:,} images a side: {quality_claims.standing(found)}."
    )


def _short(runs: Sequence[Run], found: Sequence[Quality]) -> str:
    pairs = zip(runs, found, strict=True)
    return "; ".join(f"{learned(run)}: KID {distance(each['generated']['kernel'])}" for run, each in pairs)


def _drawn(runs: Sequence[Run]) -> str:
    return f"Rows of {EACH}: radiographs, " + ", ".join(f"generated from {learned(run)}" for run in runs)


def _claims() -> list[str]:
    claims = loader.claims("ali2019")
    told = [
        f"{claims[name].statement} ({', '.join(f'{what} {value}' for what, value in claims[name].values.items())})"
        for name in quality_claims.CLAIMS
    ]
    return [
        f"The paper says: {'; '.join(told)}. It judges by the naked eye; what these runs show for it stands on the "
        "page of image quality (`make quality`)."
    ]
