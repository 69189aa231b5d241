"""The comparisons that ali2019 draws from Table II (IV.A), recomputed from the printed and from our numbers."""

from collections.abc import Callable, Mapping, Sequence

from xray_keras.datasets.findings import title
from xray_keras.papers import loader
from xray_keras.reporting.document import Section
from xray_keras.reporting.metric_table import ModelRow, value_cell

BASE, INCEPTION, VGG, WANG = "BaselineModel", "PretrainedInceptionV3", "PretrainedVGG16", "Wang"

# (model, metric) → finding → value; findings without a value are absent.
Values = Callable[[str, str], Mapping[str, float]]


def section(printed: loader.PrintedTable, rows: Sequence[ModelRow], *, comparable: bool) -> Section:
    """One line a claim: what the paper says, what its own cells give, what ours give."""
    ours = {row.name: row for row in rows}

    def printed_values(model: str, metric: str) -> dict[str, float]:
        cells = printed.rows.get(model, {}).get(metric, ())
        return {finding: cell.value for finding, cell in zip(printed.columns, cells, strict=False)}

    def our_values(model: str, metric: str) -> dict[str, float]:
        if model == WANG:  # only on the paper's data may our AUCs meet another paper's
            return printed_values(model, metric) if comparable else {}
        labels = ours[model].labels if model in ours else {}
        cells = {finding: value_cell(entry, metric)["value"] for finding, entry in labels.items()}
        return {finding: value for finding, value in cells.items() if value is not None}

    lines = []
    for claim in loader.load("ali2019")["claims"]:
        recompute = CLAIMS[claim["id"]]
        lines.append([claim["statement"], recompute(printed_values), recompute(our_values)])
    return Section(
        "The paper's comparisons, recomputed",
        "Where a finding lacks a value in one of the models (no positive test image, or not run) it is left out.",
        ["The paper says", "its printed cells give", "our numbers give"],
        lines,
    )


def _best_of_two(values: Values, metric: str) -> dict[str, float]:
    first, second = values(INCEPTION, metric), values(VGG, metric)
    return {finding: max(first[finding], second[finding]) for finding in first if finding in second}


def _wins(better: Mapping[str, float], worse: Mapping[str, float]) -> tuple[list[str], int]:
    """Findings on which `better` is strictly larger, and how many findings both have."""
    shared = [finding for finding in better if finding in worse]
    return [finding for finding in shared if better[finding] > worse[finding]], len(shared)


def transfer_beats_baseline(values: Values) -> str:
    won, shared = _wins(_best_of_two(values, "F1"), values(BASE, "F1"))
    return f"{len(won)} of {shared}" if shared else "–"


def baseline_wins(values: Values) -> str:
    won, shared = _wins(values(BASE, "F1"), _best_of_two(values, "F1"))
    return (", ".join(title(finding) for finding in won) or "none") if shared else "–"


def largest_classes_best(values: Values) -> str:
    best = _best_of_two(values, "F1")
    return ", ".join(title(finding) for finding in sorted(best, key=lambda f: -best[f])[:2]) or "–"


def vgg_against_inception(values: Values) -> str:
    among, shared = _wins(_best_of_two(values, "F1"), values(BASE, "F1"))
    if not shared:
        return "–"
    texts = []
    for metric in ("F1", "AUC"):
        vgg, inception = values(VGG, metric), values(INCEPTION, metric)
        both = [finding for finding in among if finding in vgg and finding in inception]
        first = sum(vgg[finding] > inception[finding] for finding in both)
        second = sum(inception[finding] > vgg[finding] for finding in both)
        texts.append(f"by {metric} {first} and {second}")
    return "; ".join(texts)


def better_than_wang(values: Values) -> str:
    wang = values(WANG, "AUC")
    if not wang:
        return "– (another data set)"
    either, shared = _wins(_best_of_two(values, "AUC"), wang)
    alone = [f"{name} alone {len(_wins(values(name, 'AUC'), wang)[0])}" for name in (INCEPTION, VGG)]
    return f"better of the two {len(either)} of {shared}; {', '.join(alone)}"


CLAIMS: dict[str, Callable[[Values], str]] = {
    function.__name__: function
    for function in (
        transfer_beats_baseline,
        baseline_wins,
        largest_classes_best,
        vgg_against_inception,
        better_than_wang,
    )
}
