"""Is one model better than another on the same images? Paired differences as sections of a page."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from xray_keras.datasets.findings import title
from xray_keras.evaluation import comparisons
from xray_keras.reporting.document import Section


def sections(
    reference: str,
    predictions: Mapping[str, pd.DataFrame],
    *,
    question: str,
    lead: str,
    better: str,
    worse: str,
) -> list[Section]:
    """Compare every model with `reference` on the same test images: means over findings, then finding by finding.

    Args:
        reference: the model to beat; without its predictions there is nothing to say.
        predictions: model → predictions of the same images.
        question: heading of the first section.
        lead: beginning of its text.
        better, worse: what an interval above or below zero means.

    Raises:
        UserError: the images or their truths differ.
    """
    if reference not in predictions:
        return []
    lines, detail = [], {}
    for name, frame in predictions.items():
        if name == reference:
            continue
        compared = comparisons.compare(frame, predictions[reference], sources=(name, reference))
        detail[name] = compared["labels"]
        for metric, mean in (
            ("AUC", compared["mean"]["auc"]),
            ("F1 at 0.5", compared["mean"]["f1"]["default"]),
        ):
            lines.append([name, metric, *_difference_cells(mean), _verdict(mean, better, worse)])
    if not lines:
        return []
    columns = [f"Model against {reference}", "mean of", "difference", "95 % interval", "p", "reading"]
    findings = sorted({finding for labels in detail.values() for finding in labels})
    per_finding = [
        [title(finding), *(text for name in detail for text in _finding_cells(detail[name].get(finding)))]
        for finding in findings
    ]
    headings = ["Finding", *(text for name in detail for text in (f"{name}: Δ AUC", "p (Holm)"))]
    return [
        Section(
            question,
            f"{lead}: differences of means over findings, with intervals and two-sided p from 1,000 resamples of whole "
            "patients.",
            columns,
            lines,
        ),
        Section(
            "AUC differences by finding",
            "Paired DeLong test with patients as clusters, Holm's correction over the findings.",
            headings,
            per_finding,
        ),
    ]


def _difference_cells(entry: Mapping[str, Any]) -> list[str]:
    if entry["difference"] is None:
        return ["–", "–", "–"]
    low, high = entry["interval"] or (float("nan"), float("nan"))
    texts = [f"{entry['difference']:+.3f}", f"{low:+.3f} to {high:+.3f}", f"{entry['p']:.3f}"]
    return [text.replace("-", "−") for text in texts]


def _finding_cells(entry: Mapping[str, Any] | None) -> list[str]:
    if entry is None or entry["auc"]["difference"] is None:
        return ["–", "–"]
    auc = entry["auc"]
    p = "–" if auc["p_holm"] is None else f"{auc['p_holm']:.3f}"
    return [f"{auc['difference']:+.3f}".replace("-", "−"), p]


def _verdict(entry: Mapping[str, Any], better: str, worse: str) -> str:
    if entry["interval"] is None:
        return "cannot be tested"
    low, high = entry["interval"]
    if low > 0:
        return better
    return worse if high < 0 else "no difference shown"
