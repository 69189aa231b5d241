"""Say on which data numbers stand, in words a reader cannot mistake."""

from collections.abc import Mapping
from typing import Any

from xray_keras.datasets import covid_xray_5k_rule
from xray_keras.datasets.findings import NO_FINDING, title
from xray_keras.datasets.manifest import COVID
from xray_keras.papers import loader
from xray_keras.reporting import foreign, scenes
from xray_keras.reporting.runs import Run

SPLITS = {
    "image-80-20": "80/20 by image, as the printed cells suggest",
    "patient-80-20": "80/20 by patient",
    "official": "the release's own lists, by patient",
}


def describe(summary: Mapping[str, Any]) -> str:
    """What the manifest stage found: images, patients, what is missing, class counts beside the printed ones."""
    if summary.get("dataset") == "ood":
        return foreign.describe(summary)
    if summary.get("dataset") == "covid_xray_5k":
        return _describe_covid(summary)
    if summary.get("dataset") == "scene_text":
        return scenes.describe(summary)
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


COLLECTIONS = {
    "covid-chestxray-dataset": "covid-chestxray-dataset",
    "chexpert": "CheXpert",
    "nih": "NIH ChestX-ray14",
    "phantom": "the phantom",
}


def _describe_covid(summary: Mapping[str, Any]) -> str:
    """COVID-Xray-5k: where its images are from, every filter's count, counts found beside printed ones."""
    if summary["origin"] == "phantom":
        lines = [
            f"COVID-Xray-5k, phantom: {summary['images']:,} computed radiographs, seed {summary['seed']}"
        ]
    else:
        lines = ["COVID-Xray-5k, put together by the printed rule"]
    for name, found in summary.get("collections", {}).items():
        if name == "covid-chestxray-dataset":
            use, usable = "positives", f"{found['covid']:,} of COVID-19 and {found['other']:,} others"
        else:
            use, usable = "negatives", f"{found['single']:,}"
            use += "" if name == "chexpert" else ", because the data folder holds no CheXpert-v1.0-small"
        lines.append(
            f"{COLLECTIONS[name]} ({use}): {found['rows']:,} images of {found['patients']:,} patients listed, usable "
            f"{usable}; left out:"
        )
        lines += [f"  {count:>9,}  {reason}" for reason, count in found["left_out"].items()]
    lines += _covid_counts(summary)
    probe = summary["counts"]["probe"]
    lines.append(
        f"beside the paper's set: {probe['normal']:,} normal and {probe['other']:,} other radiographs of the "
        "positives' collection, to ask how much of a score is the source"
    )
    return "\n".join(lines)


def _covid_counts(summary: Mapping[str, Any]) -> list[str]:
    """Images of the training and the test side by finding, each found and printed."""
    rule = covid_xray_5k_rule.printed()
    findings, counts = summary["findings"], summary["counts"]
    categories = [name for name in findings["test"] if name not in (COVID, NO_FINDING)]
    quotas = {COVID: rule.covid, **rule.quotas(NO_FINDING, *categories)}
    sides = ("train_val", "test")
    rows: list[tuple[str, list[tuple[int, int]]]] = [
        (title(name), [(findings[side].get(name, 0), quota[side]) for side in sides])
        for name, quota in quotas.items()
    ]
    rows.insert(1, ("COVID-19, with copies", [(summary["augmented"], rule.covid["train_val"] * rule.times)]))
    total = {side: counts[side]["normal"] + counts[side]["other"] for side in sides}
    rows.append(
        ("all without COVID-19", [(total[side], rule.normal[side] + rule.other[side]) for side in sides])
    )
    lines = [f"{'images':<28}{'training':>9}{'printed':>9}{'test':>9}{'printed':>9}"]
    for name, pairs in rows:
        cells = "".join(f"{count:>9,}" for pair in pairs for count in pair)
        note = "" if all(found == printed for found, printed in pairs) else "  differs"
        lines.append(f"{name:<28}{cells:<36}{note}".rstrip())
    return lines


def statement(run: Run) -> str:
    """One paragraph for the head of a table or figure: data, scale, split, leaks."""
    images = run.environment["data"]["images"]
    n = sum(images.values())
    if run.config["dataset"] == "scene_text":
        return (
            f"Data: **{scenes.where(run.kind, run.data, n)}**. Scale: {run.config['scale']}. Train "
            f"{images['train']:,}, validation {images['validation']:,}, test {images['test']:,} pictures, by the sets' "
            "own parts."
        )
    kind = "labelled " if run.config["images"] == "labelled" else ""
    where = {
        "phantom": f"phantom, n = {n:,} computed radiographs; no patient is in them, so only trends can be compared",
        "subset": f"subset, n = {n:,} images of NIH ChestX-ray14; not the paper's set",
        "full": f"the complete NIH ChestX-ray14 release, n = {n:,} {kind}images",
    }[run.kind]
    leaked = run.environment["data"]["leaked_patients"]
    leak = f"**{leaked:,} patients are on both sides**" if leaked else "no patient on both sides"
    return (
        f"Data: **{where}**. Scale: {run.config['scale']}. Split: {SPLITS[run.config['split']]}; {leak}. "
        f"Train {images['train']:,}, validation {images['validation']:,}, test {images['test']:,} images. "
        f"Seed {run.config['seed']}."
    )
