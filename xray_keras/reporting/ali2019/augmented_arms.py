"""What is behind Table III: the discriminator's selection, what the networks were shown, the spread over seeds."""

from collections.abc import Mapping, Sequence
from typing import Any

from xray_keras.datasets.findings import title
from xray_keras.evaluation.comparisons import holm
from xray_keras.reporting.ali2019.augmented_runs import TUNED, UNSELECTED, Trained
from xray_keras.reporting.document import Section
from xray_keras.reporting.metric_table import ours_text, signed


def selection(trained: Sequence[Trained]) -> Section:
    """What the choice of images by the discriminator adds, corrected for several findings (Holm)."""
    lines = []
    for metric in ("F1", TUNED, "AUC"):
        found = {each.finding: entry for each in trained if (entry := each.difference(UNSELECTED, metric))}
        corrected = holm([entry["p"] for entry in found.values()])
        for (finding, entry), p in zip(found.items(), corrected, strict=True):
            lines.append([title(finding), metric, *difference_cells(entry, p)])
    return Section(
        "Does the discriminator's selection matter?",
        "The paper lets the discriminator identify which images are used; its rule is not printed. Images that it "
        "ranks highest (the share is in the run's `config.json`, `kept`) minus images as they were generated.",
        ["Finding", "metric", "selected − unselected", "95 % interval", "p", "p (Holm)"],
        lines,
    )


def shown(trained: Sequence[Trained]) -> Section:
    """What each arm's networks were shown."""
    lines = []
    for each in trained:
        for arm in each.arms:
            entry = each.contents[arm]
            lines.append(
                [
                    title(each.finding),
                    arm,
                    f"{entry['real']:,}",
                    f"{entry['generated']:,}",
                    _positive_share(entry, each.finding),
                    _positive_share(entry["shown"], each.finding),
                    f"{entry['steps']:,}",
                ]
            )
    columns = [
        "Finding",
        "arm",
        "real images",
        "generated",
        "positive",
        "positive among those shown",
        "steps",
    ]
    return Section(
        "What the networks were shown",
        "A GAN of one finding makes positives alone, so its images raise the share of positives in training. Shown: "
        "every showing of an image counted, over all epochs.",
        columns,
        lines,
    )


def _positive_share(entry: Mapping[str, Any], finding: str) -> str:
    count = entry["real"] + entry["generated"]
    return f"{100 * entry['positives'][finding] / count:.1f} %" if count else "–"


def every_arm(trained: Sequence[Trained]) -> Section:
    """AUC and F1 of each arm, with their spread over seeds."""
    lines = []
    for each in trained:
        for arm in each.arms:
            cells = [each.value(arm, metric) for metric in ("AUC", "F1", TUNED)]
            texts = [ours_text(value, None) for value in cells]
            spread = ["–" if value["sd"] is None else f"{value['sd']:.3f}" for value in cells]
            both = (text for pair in zip(texts, spread, strict=True) for text in pair)
            lines.append([title(each.finding), arm, *both])
    columns = ["Finding", "arm", "AUC", "sd over seeds", "F1", "sd over seeds", TUNED, "sd over seeds"]
    return Section("Every arm", columns=columns, rows=lines)


def difference_cells(entry: Mapping[str, Any] | None, corrected: float | None) -> list[str]:
    """Four cells: a difference, its interval, p, and p corrected; dashes where there is none."""
    if entry is None or entry["difference"] is None:
        return ["–"] * 4
    interval = " to ".join(signed(end) for end in entry["interval"]) if entry["interval"] else "–"
    ps = ["–" if p is None else f"{p:.3f}" for p in (entry["p"], corrected)]
    return [signed(entry["difference"]), interval, *ps]
