"""Runs of a GAN as the pages of ali2019 read them: what each learned from, and how good its images are."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from xray_keras import files
from xray_keras.datasets.findings import title
from xray_keras.errors import UserError
from xray_keras.reporting.runs import Run

TRAINER = "infogan"
YARDSTICKS = {
    "training": "training images",
    "blurred": "blurred training images",
    "noise": "noise of their gray levels",
}
NEVER = (
    "Never compare with a published FID or KID: those are of another network, and an FID is of another number of "
    "images as well."
)
FEW = (
    "An FID of fewer images than features is mostly the excess of so small a sample, which the yardstick of training "
    "images shows; the KID has no such excess and may be negative."
)

Quality = Mapping[str, Any]


def gans(runs: Sequence[Run], artefact: str) -> list[Run]:
    """Those of the runs that are of a GAN, in their order.

    Raises:
        UserError: none is.
    """
    found = [run for run in runs if run.config["trainer"] == TRAINER]
    if not found:
        raise UserError(f"{artefact} needs a run of a GAN; train ali2019/infogan_effusion first")
    return found


def learned(run: Run) -> str:
    """ "Effusion", "all images", "all images, 14 labels as codes", "Effusion, 25 % of the patients"."""
    options = run.config["model_options"]
    text = title(options["finding"]) if options["finding"] else "all images"
    if options["conditions"]:
        text += f", {len(options['conditions'])} labels as codes"
    share = run.config.get("share", 1.0)
    return text if share == 1 else f"{text}, {share:.0%} of the patients".replace("%", " %")


def quality(run: Run) -> Quality:
    """quality.json, see `evaluation.gan_quality`.

    Raises:
        UserError: the stage quality has not been run.
    """
    return files.read_json(run.folder / "quality.json")


def distance(cell: Mapping[str, Any]) -> str:
    """A distance and its interval to three digits of the largest, "1,444 [1,274 to 1,595]"; "–" where there is none."""
    if cell["value"] is None:
        return "–"
    ends = cell["interval"] or []
    largest = max(abs(number) for number in (cell["value"], *ends))
    digits = max(0, 2 - math.floor(math.log10(largest))) if largest else 0
    texts = [f"{number:,.{digits}f}" for number in (cell["value"], *ends)]
    text = texts[0] + (f" [{texts[1]} to {texts[2]}]" if ends else "")
    return text.replace("-", "−")


def against(one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Where a distance lies beside another one, by their intervals: "lower", "higher" or "not told apart"."""
    if not one["interval"] or not other["interval"]:
        return "not told apart"
    (low, high), (least, most) = one["interval"], other["interval"]
    return "lower" if high < least else "higher" if low > most else "not told apart"
