"""The comparisons that ali2019 draws from Table II (IV.A), recomputed from the printed and from our numbers."""

from collections.abc import Callable, Sequence

from xray_keras.audit.ali2019 import comparisons
from xray_keras.audit.ali2019.comparisons import WANG, Values
from xray_keras.datasets.findings import title
from xray_keras.papers import loader
from xray_keras.reporting.document import Section
from xray_keras.reporting.metric_table import ModelRow, value_cell


def section(printed: loader.PrintedTable, rows: Sequence[ModelRow], *, comparable: bool) -> Section:
    """One line a claim: what the paper says, what its own cells give, what ours give."""
    ours = {row.name: row for row in rows}

    def printed_values(model: str, metric: str) -> dict[str, float]:
        cells = printed.rows.get(model, {}).get(metric, ())
        return {finding: cell.value for finding, cell in zip(printed.columns, cells, strict=False) if cell}

    def our_values(model: str, metric: str) -> dict[str, float]:
        if model == WANG:  # only on the paper's data may our AUCs meet another paper's
            return printed_values(model, metric) if comparable else {}
        labels = ours[model].labels if model in ours else {}
        cells = {finding: value_cell(entry, metric)["value"] for finding, entry in labels.items()}
        return {finding: value for finding, value in cells.items() if value is not None}

    lines = []
    for claim, recompute in CLAIMS.items():
        statement = loader.claims("ali2019")[claim].statement
        lines.append([statement, recompute(printed_values), recompute(our_values)])
    return Section(
        "The paper's comparisons, recomputed",
        "Where a finding lacks a value in one of the models (no positive test image, or not run) it is left out.",
        ["The paper says", "its printed cells give", "our numbers give"],
        lines,
    )


def _transfer_beats_baseline(values: Values) -> str:
    won = comparisons.transfer_beats_baseline(values)
    return f"{len(won.findings)} of {won.of}" if won.of else "–"


def _baseline_wins(values: Values) -> str:
    won = comparisons.baseline_wins(values)
    return (", ".join(map(title, won.findings)) or "none") if won.of else "–"


def _largest_classes_best(values: Values) -> str:
    return ", ".join(map(title, comparisons.best_findings(values))) or "–"


def _vgg_against_inception(values: Values) -> str:
    if not comparisons.transfer_beats_baseline(values).of:
        return "–"
    counts = {metric: comparisons.vgg_against_inception(values, metric) for metric in ("F1", "AUC")}
    return "; ".join(f"by {metric} {vgg} and {inception}" for metric, (vgg, inception) in counts.items())


def _better_than_wang(values: Values) -> str:
    if not values(WANG, "AUC"):
        return "– (another data set)"
    either, *alone = comparisons.better_than_wang(values).items()
    texts = [f"{either[0]} {len(either[1].findings)} of {either[1].of}"]
    return "; ".join([*texts, ", ".join(f"{name} {len(won.findings)}" for name, won in alone)])


CLAIMS: dict[str, Callable[[Values], str]] = {
    "transfer_beats_baseline": _transfer_beats_baseline,
    "baseline_wins": _baseline_wins,
    "largest_classes_best": _largest_classes_best,
    "vgg_against_inception": _vgg_against_inception,
    "better_than_wang": _better_than_wang,
}
