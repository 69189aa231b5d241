"""What the two rules for regions make of the pictures with text (zhao2019 III.D): what a network can learn to find."""

import numpy as np

from xray_keras import experiment
from xray_keras.datasets import manifest, outlines, region_labels
from xray_keras.datasets.manifest import TEXT
from xray_keras.reporting.document import Section
from xray_keras.reporting.runs import Run

RULES: dict[str, region_labels.Rule] = {"the paper's": "area", "MSP-Net's": "msp_net"}


def section(run: Run) -> Section:
    """How many pictures with text have a region of text by each rule, and how many regions.

    Args:
        run: of a network of regions; its population's manifest tells the outlines.
    """
    listed = manifest.read(experiment.population_folder(run.folder, run.config) / "manifest.csv")
    text = listed[listed[TEXT] == 1]
    thresholds = region_labels.thresholds()
    lines = []
    for name, rule in RULES.items():
        drawn = zip(text["outlines"], text["width"], text["height"], strict=True)
        labels = [
            region_labels.label(outlines.from_text(each), wide, high, rule) for each, wide, high in drawn
        ]
        counts = np.nansum(labels, axis=1)
        lines.append([name, f"{(counts > 0).mean():.1%}", f"{counts.mean():.1f}"])
    return Section(
        "What the rules call text",
        f"By the paper a region holds text where text covers {thresholds.area:.0%} of it; by MSP-Net where it covers "
        f"more than {thresholds.msp_net_area:.0%} and a line is higher than {thresholds.msp_net_height:g} of it. A "
        "picture none of whose regions is called so teaches that there is no text. All "
        f"{len(text):,} pictures with text:",
        ["Rule", "pictures with such a region", f"such regions a picture, of {region_labels.REGIONS}"],
        lines,
    )
