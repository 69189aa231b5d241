"""Page "explanations" of cohen2019: how often saliency, CAM and Grad-CAM point at the finding (section 4), scored."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from xray_keras import files
from xray_keras.datasets.findings import title
from xray_keras.errors import Damaged, UserError
from xray_keras.evaluation import localisation, parquet
from xray_keras.papers import loader
from xray_keras.reporting import data
from xray_keras.reporting.cohen2019.explanation_cells import (
    ALL,
    BASELINES,
    METHODS,
    methods,
    number,
    of,
    signed,
    tidy,
)
from xray_keras.reporting.cohen2019.facts import PAPER
from xray_keras.reporting.document import Document, Section
from xray_keras.reporting.runs import Run

HEADING = f"{PAPER}, Section 4: do the explanations point at the finding?"


def explanations(runs: Sequence[Run], output: Path) -> None:
    """Pointing game and IoU by finding and method, differences to two baselines, and the paper's sentences.

    Args:
        runs: an explained run of the classifier (`evaluation.explain`).
        output: path without suffix.

    Raises:
        UserError: the run has not been explained.
    """
    run = runs[0]
    facts, frame = read(run)
    cells = tidy(frame)
    lead = [
        data.statement(run),
        "The paper shows one image and scores no explanation; everything here is ours.",
    ]
    if frame.empty:
        lead.append(f"No explanation is scored: {facts['reason']}.")
        sections = []
    else:
        lead.append(_which(frame, facts))
        sections = [_pointing(cells), _overlap(cells), _against(cells), _densities(cells)]
    sections.append(_claims(cells, facts))
    paths = Document(HEADING, lead, sections, cells).write(output)
    print(f"{HEADING} ({run.kind}): {', '.join(map(str, paths))}")


def read(run: Run) -> tuple[dict[str, Any], pd.DataFrame]:
    """explanations.json and the scores of a run.

    Raises:
        UserError: the run has not been explained.
    """
    path = run.folder / "explanations.parquet"
    if not path.is_file():
        raise UserError(f"{path} is absent; run `xray-keras explain {run.folder}`")
    try:
        frame = parquet.read(path)
    except (OSError, Damaged) as error:
        raise UserError(
            f"{path} is damaged ({error}); delete it and run `xray-keras explain {run.folder}`"
        ) from error
    return files.read_json(path.with_suffix(".json")), frame


def _which(frame: pd.DataFrame, facts: dict[str, Any]) -> str:
    one = frame[frame["method"] == "cam"]
    return (
        f"Scored are {len(one):,} findings in {one['image'].nunique():,} validation and test images of "
        f"{one['patient'].nunique():,} patients, in which the finding is both labelled and outlined: at most "
        f"{facts['most']} images a finding, drawn by a hash of their names. The regions cover {one['area'].mean():.1%} "
        "of an image on average. Explained is the finding that is there, whether the network calls it or not. Of two "
        "baselines that see no image, one is a blob in the middle; the other knows where the finding usually is, from "
        "the regions of as many training images, where there are any."
    )


def _table(
    cells: pd.DataFrame, metric: str, write: Callable[[pd.Series], str]
) -> tuple[list[str], list[list[str]]]:
    """Columns, and a line a finding with the number of images and each method's cell."""
    shown = methods(cells)
    lines = []
    for finding in cells["finding"].unique():
        rows = cells[(cells["finding"] == finding) & (cells["metric"] == metric)].set_index("method")
        name = "**All**" if finding == ALL else title(finding)
        texts = [write(rows.loc[method]) if method in rows.index else "–" for method in shown]
        lines.append([name, f"{rows['images'].max():,}", *texts])
    return ["Finding", "n", *(METHODS[method] for method in shown)], lines


def _pointing(cells: pd.DataFrame) -> Section:
    text = (
        "Share of images where the map's maximum lies in the region, or at most "
        f"{localisation.TOLERANCE:.0%} of the side beside it (pointing game, Zhang et al. 2016: 15 pixels on "
        "photographs some 500 wide). Brackets: Wilson's 95 % interval by patient."
    )
    return Section("Pointing game", text, *_table(cells, "hit", number))


def _overlap(cells: pd.DataFrame) -> Section:
    text = (
        f"Mean IoU of the region with the box around the largest part of the map above {localisation.THRESHOLD:.0%} of "
        "its maximum, counted from its minimum (the higher level of Wang et al. 2017 for NIH's boxes), after a "
        f"Gaussian of {localisation.TOLERANCE:.0%} of the side that joins the gradient's speckles; nothing is tuned. A "
        "region of the phantom is no box, so not even its own box would reach 1. Brackets: 95 % interval of the "
        "bootstrap by patient."
    )
    return Section("Overlap", text, *_table(cells, "iou", number))


def _against(cells: pd.DataFrame) -> Section:
    lines = []
    for method in methods(cells):
        if method not in BASELINES:
            metrics = [f"{column} − {baseline}" for baseline in BASELINES for column in ("hit", "iou")]
            lines.append([METHODS[method], *(of(cells, method, metric, signed) for metric in metrics)])
    columns = [f"{name} − {METHODS[baseline]}" for baseline in BASELINES for name in ("hits", "IoU")]
    text = "Paired differences over all findings that have both, with 95 % intervals and p of the bootstrap by patient."
    return Section("Better than a map that sees no image?", text, ["Method", *columns], lines)


def _densities(cells: pd.DataFrame) -> Section:
    lines = []
    for method in methods(cells):
        lines.append([METHODS[method], of(cells, method, "inside"), of(cells, method, "beside")])
    text = (
        "Density of the map, counted from its minimum, inside the region, and in a ring of "
        f"{localisation.RING:.0%} of the side beside it, as multiples of its mean over the image; 1 is a map that does "
        "not care."
    )
    return Section("How dense is the map at the finding?", text, ["Method", "inside", "beside"], lines)


def _claims(cells: pd.DataFrame, facts: dict[str, Any]) -> Section:
    """What section 4 says and runs can answer, each with our numbers."""
    seconds = facts["seconds"]
    said = loader.claims(PAPER)
    printed = {name: said["runtimes"].values[name].value for name in ("explain", "predict")}
    answers = {
        "gradient_cost_of_all_classes": f"{seconds['all'] / seconds['one']:.2f} times one class: "
        f"{1000 * seconds['all']:.0f} against {1000 * seconds['one']:.0f} ms an image (medians of {facts['repeats']}); "
        f"{seconds['all'] / seconds['prediction']:.1f} times a prediction, where the printed runtimes give "
        f"{printed['explain'] / printed['predict']:.0f} times",
        "gradient_clusters": f"{of(cells, 'saliency', 'inside')} times as dense inside the region as on average",
        "gradient_beside_feature": f"{of(cells, 'saliency', 'beside')} times as dense beside it as on average",
        "cam_imprecise": f"{facts['map_side']} × {facts['map_side']} cells; the gradient's hits minus CAM's "
        f"{of(cells, 'saliency', 'hit − cam', signed)}, IoU {of(cells, 'saliency', 'iou − cam', signed)}",
    }
    lines = [[said[name].statement, answer] for name, answer in answers.items()]
    notes = [
        "Grad-CAM costs no second backward pass through the network here: behind global average pooling and one dense "
        "layer it is the positive part of CAM, divided by the number of cells (tested). The two differ where CAM is "
        "nowhere positive."
    ]
    return Section(
        "The paper's sentences, asked of our run", "", ["The paper says", "our run gives"], lines, notes
    )
