"""How good the GANs' images are: a line a run, beside yardsticks, over epochs and over training images."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from xray_keras.reporting import data, provenance
from xray_keras.reporting.ali2019 import quality_claims, quality_figures
from xray_keras.reporting.ali2019.gans import (
    FEW,
    NEVER,
    YARDSTICKS,
    Quality,
    against,
    distance,
    gans,
    learned,
)
from xray_keras.reporting.ali2019.gans import quality as read
from xray_keras.reporting.document import Document, Picture, Section
from xray_keras.reporting.metric_table import ours_text
from xray_keras.reporting.runs import Run

MEASURES = {"kernel": "KID", "frechet": "FID", "precision": "precision", "recall": "recall"}
Found = Mapping[Path, Quality]


def quality(runs: Sequence[Run], output: Path) -> None:
    """The page of image quality, with `<output>-epochs` and `<output>-images` as PNG and SVG.

    Args:
        runs: GAN runs that the stage quality has measured.
        output: path without suffix.

    Raises:
        UserError: no run is of a GAN, or one has not been measured.
    """
    runs = gans(runs, output.name)
    found = {run.folder: read(run) for run in runs}
    pictures = {
        name: Picture(f"{path.name}.png", alt)
        for name, path, alt in (
            ("epochs", *quality_figures.epochs(runs, found, output)),
            ("images", *quality_figures.images(runs, found, output)),
        )
    }
    network = found[runs[0].folder]["network"]
    lead = [
        data.statement(runs[0]),
        f"Features: {network}. {NEVER} {FEW}",
        "Every comparison is with test images that have the finding the run learned, and has as many images on either "
        "side, because precision and recall depend on it: compare them between lines of equal numbers only. Brackets "
        "hold 95 % intervals, which know the patients of the test images and the draw of the images, not that "
        "training again gives another generator.",
    ]
    sections = [
        _runs(runs, found),
        _yardsticks(runs, found),
        _selection(runs, found),
        Section(
            "KID against epochs",
            "The same codes and noise after every epoch shown. Gray: where blurred training images lie; black: where "
            "training images lie, the best there is to reach.",
            picture=pictures["epochs"],
        ),
        Section(
            "KID against the number of training images",
            "Findings differ in more than their number of images, so a slope across findings is no effect of the "
            "number; lines join runs of one finding with several numbers.",
            picture=pictures["images"],
        ),
        quality_claims.section(runs, found),
        provenance.assumptions(runs[:1]),
        provenance.settings(runs, ("Run", "px", "parameters", "epochs", "learning rate", "training")),
    ]
    tidy = pd.DataFrame([line for run in runs for line in _tidy(run, found[run.folder])])
    paths = Document("ali2019: how good are the GANs' images?", lead, sections, tidy).write(output)
    print(f"Image quality of ali2019's GANs ({runs[0].kind}): {', '.join(str(path) for path in paths)}")


def _cells(measured: Mapping[str, Any]) -> list[str]:
    shares = [ours_text(measured[name], None) for name in ("precision", "recall")]
    return [*(distance(measured[name]) for name in ("kernel", "frechet")), *shares]


def _runs(runs: Sequence[Run], found: Found) -> Section:
    lines = []
    for run in runs:
        each = found[run.folder]
        counts = [each["training"]["images"], each["epochs"], each["images"]]
        lines.append([learned(run), *(f"{count:,}" for count in counts), *_cells(each["generated"])])
    columns = ["Learned from", "training images", "epochs", "images a side", *MEASURES.values()]
    return Section(
        "Generated images",
        "Generated images in the order of generation, unselected. Precision: the share of generated images that are "
        "like test images; recall: the share of test images that some generated image is like.",
        columns,
        lines,
    )


def _yardsticks(runs: Sequence[Run], found: Found) -> Section:
    lines = [
        [learned(run), words, *_cells(found[run.folder]["yardsticks"][name])]
        for run in runs
        for name, words in YARDSTICKS.items()
    ]
    return Section(
        "Yardsticks",
        "What other images score against the same test images: training images as a perfect generator would, and "
        "images that nobody would call generated well.",
        ["Test images of", "yardstick", *MEASURES.values()],
        lines,
    )


def _selection(runs: Sequence[Run], found: Found) -> Section:
    lines = []
    for run in runs:
        everything, *upper = found[run.folder]["selections"]
        for entry in (everything, *upper):
            reading = "" if entry is everything else against(entry["kernel"], everything["kernel"])
            chosen = f"upper {entry['share']:.0%}".replace("%", " %") if entry in upper else "all"
            lines.append([learned(run), chosen, f"{entry['generated']:,}", *_cells(entry), reading])
    return Section(
        "Does the discriminator choose the better images?",
        "The paper lets the discriminator identify which images are used and does not print the rule. Here images are "
        "ranked by its logit, and the first of each upper share are measured, as many each time. The last column "
        "compares the intervals of KID with that of all images, which is stricter than a test.",
        ["Learned from", "kept", "images kept", *MEASURES.values(), "KID"],
        lines,
    )


def _tidy(run: Run, found: Quality) -> Iterator[dict[str, Any]]:
    parts = [({"what": "generated"}, found["generated"])]
    parts += [({"what": "selection", "share": entry["share"]}, entry) for entry in found["selections"]]
    parts += [({"what": "samples", "epoch": entry["epoch"]}, entry) for entry in found["curve"]]
    parts += [({"what": f"yardstick: {name}"}, entry) for name, entry in found["yardsticks"].items()]
    for place, measured in parts:
        for name, words in MEASURES.items():
            if name not in measured:
                continue
            low, high = measured[name]["interval"] or (None, None)
            yield {
                "run": run.folder.name,
                "learned": learned(run),
                "training_images": found["training"]["images"],
                "epochs": found["epochs"],
                "what": place["what"],
                "share": place.get("share"),
                "epoch": place.get("epoch"),
                "measure": words,
                "value": measured[name]["value"],
                "low": low,
                "high": high,
                "images": found["images"],
                "reason": measured[name]["reason"],
            }
