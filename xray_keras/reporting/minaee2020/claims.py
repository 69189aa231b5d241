"""What minaee2020 says about its scores and areas (IV.C, IV.F), asked of our runs."""

from collections.abc import Callable, Sequence

import numpy as np

from xray_keras.evaluation import intervals
from xray_keras.papers import loader
from xray_keras.reporting.document import Section
from xray_keras.reporting.minaee2020.networks import PAPER, Network
from xray_keras.reporting.minaee2020.text import percent


def section(found: Sequence[Network]) -> Section:
    """One line a claim that the printed numbers cannot decide: the paper's words, and what our scores give."""
    lines = [[loader.claims(PAPER)[claim].statement, ask(found)] for claim, ask in CLAIMS.items()]
    text = "From the first seed's scores on the test set; brackets are 95 % intervals by patient."
    return Section("The paper's sentences about the scores", text, ["The paper says", "our runs give"], lines)


def _other_above_normal(found: Sequence[Network]) -> str:
    texts = []
    for each in found:
        y, p, clusters, group = each.scores
        negative = (y == 0) & np.isin(group, ("normal", "other"))
        sick = (group[negative] == "other").astype(np.float64)
        if not 0 < sick.sum() < len(sick):
            continue
        _, numbers = np.unique(clusters[negative], return_inverse=True)
        area = intervals.auc(sick, p[negative], numbers)
        texts.append(f"{each.row} {area.value:.2f} [{area.interval[0]:.2f}–{area.interval[1]:.2f}]")
    return f"an image with another disease outscores a normal one with probability {_joined(texts)}"


def _covid_above_all(found: Sequence[Network]) -> str:
    texts = [f"{each.row} {_median(each, 1):.2f} against {_median(each, 0):.2f}" for each in found]
    return f"median score of COVID-19 against the others: {_joined(texts)}"


def _farthest_apart(found: Sequence[Network]) -> str:
    gaps = {each.row: _mean(each, 1) - _mean(each, 0) for each in found}
    texts = [f"{row} {gap:.2f}" for row, gap in sorted(gaps.items(), key=lambda item: -item[1])]
    return f"distance of the mean scores, largest first: {_joined(texts)}"


def _similar_areas(found: Sequence[Network]) -> str:
    values = [each.areas[0].value for each in found]
    return f"{min(values):.3f} to {max(values):.3f}"


def _against_squeezenet(found: Sequence[Network]) -> str:
    squeezenet = next((each for each in found if each.row == "SqueezeNet"), None)
    if squeezenet is None:
        return "–"
    texts = []
    for each in found:
        if each is squeezenet:
            continue
        y, p, clusters, _ = squeezenet.scores
        difference = intervals.auc_difference(y, p, each.scores.p, clusters)
        low, high = difference.interval
        texts.append(
            f"{difference.value:+.3f} [{low:+.3f} to {high:+.3f}] against {each.row}".replace("-0", "−0")
        )
    return f"AUC of SqueezeNet {squeezenet.areas[0].value:.3f}, that is {_joined(texts)}"


def _best_two(found: Sequence[Network]) -> str:
    known = [(point.specificity, each.row) for each in found if (point := each.points[0])]
    return ", ".join(f"{row} {percent(value)}" for value, row in sorted(known, reverse=True)) + (
        " specificity at the printed sensitivity"
    )


def _median(network: Network, truth: int) -> float:
    return float(np.median(network.scores.p[network.scores.y == truth]))


def _mean(network: Network, truth: int) -> float:
    return float(np.mean(network.scores.p[network.scores.y == truth]))


def _joined(texts: Sequence[str]) -> str:
    return ", ".join(texts) or "–"


CLAIMS: dict[str, Callable[[Sequence[Network]], str]] = {
    "other_diseases_score_higher": _other_above_normal,
    "positives_score_higher": _covid_above_all,
    "squeezenet_separates_best": _farthest_apart,
    "auc_similar": _similar_areas,
    "auc_squeezenet_highest": _against_squeezenet,
    "better_pair": _best_two,
}
