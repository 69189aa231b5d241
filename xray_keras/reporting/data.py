"""Say on which data numbers stand, in words a reader cannot mistake."""

from collections.abc import Mapping
from typing import Any

from xray_keras.datasets.findings import title
from xray_keras.papers import loader
from xray_keras.reporting.runs import Run

SPLITS = {
    "image-80-20": "80/20 by image, as the printed cells suggest",
    "patient-80-20": "80/20 by patient",
    "official": "the release's own lists, by patient",
}


def describe(summary: Mapping[str, Any]) -> str:
    """What the manifest stage found: images, patients, what is missing, class counts beside the printed ones."""
    if summary["origin"] == "phantom":
        return f"phantom: {summary['images']:,} computed radiographs, seed {summary['seed']}"
    release = summary["release"]
    printed = loader.load("ali2019")["datasets"]["nih"]["class_counts"]
    lines = [
        f"NIH ChestX-ray14, {release['csv']}: {release['images_listed']:,} images of {release['patients']:,} patients "
        f"listed; {release['images_on_disk']:,} of {release['patients_on_disk']:,} on disk, {release['missing']:,} "
        f"missing, {release['extra']:,} not listed",
        f"{'finding':<20}{'listed':>9}{'printed':>9}{'on disk':>9}",
    ]
    for finding, count in release["class_counts"].items():
        note = "" if count == printed[finding] else "  differs from the printed count"
        on_disk = release["class_counts_on_disk"][finding]
        lines.append(f"{title(finding):<20}{count:>9,}{printed[finding]:>9,}{on_disk:>9,}{note}")
    lines.append(f"used: {summary['images']:,} images")
    return "\n".join(lines)


def statement(run: Run) -> str:
    """One paragraph for the head of a table or figure: data, scale, split, leaks."""
    images = run.environment["data"]["images"]
    n = sum(images.values())
    where = {
        "phantom": f"phantom, n = {n:,} computed radiographs; no patient is in them, so only trends can be compared",
        "subset": f"subset, n = {n:,} images of NIH ChestX-ray14; not the paper's set",
        "full": f"the complete NIH ChestX-ray14 release, n = {n:,} labelled images",
    }[run.kind]
    leaked = run.environment["data"]["leaked_patients"]
    leak = f"**{leaked:,} patients are on both sides**" if leaked else "no patient on both sides"
    return (
        f"Data: **{where}**. Scale: {run.config['scale']}. Split: {SPLITS[run.config['split']]}; {leak}. "
        f"Train {images['train']:,}, validation {images['validation']:,}, test {images['test']:,} images. "
        f"Seed {run.config['seed']}."
    )
