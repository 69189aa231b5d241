"""The comparisons that ali2019 draws from Table II (IV.A), on any numbers: the printed ones or ours."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

BASE, INCEPTION, VGG, WANG = "BaselineModel", "PretrainedInceptionV3", "PretrainedVGG16", "Wang"

# (model, metric) → finding → value; findings without a value are absent.
Values = Callable[[str, str], Mapping[str, float]]


class Wins(NamedTuple):
    """Findings on which one side is strictly better, and how many findings both sides have."""

    findings: tuple[str, ...]
    of: int


def wins(better: Mapping[str, float], worse: Mapping[str, float]) -> Wins:
    """Where `better` is strictly larger."""
    shared = [finding for finding in better if finding in worse]
    return Wins(tuple(finding for finding in shared if better[finding] > worse[finding]), len(shared))


def best_of_two(values: Values, metric: str) -> dict[str, float]:
    """The better of the two pre-trained models, finding by finding."""
    first, second = values(INCEPTION, metric), values(VGG, metric)
    return {finding: max(first[finding], second[finding]) for finding in first if finding in second}


def transfer_beats_baseline(values: Values) -> Wins:
    """By F1."""
    return wins(best_of_two(values, "F1"), values(BASE, "F1"))


def baseline_wins(values: Values) -> Wins:
    """By F1."""
    return wins(values(BASE, "F1"), best_of_two(values, "F1"))


def best_findings(values: Values) -> tuple[str, ...]:
    """The two findings with the highest F1 of the pre-trained models."""
    best = best_of_two(values, "F1")
    return tuple(sorted(best, key=lambda finding: -best[finding])[:2])


def vgg_against_inception(values: Values, metric: str) -> tuple[int, int]:
    """On how many of the findings where transfer beats the baseline VGG16 is better, and InceptionV3."""
    among = transfer_beats_baseline(values).findings
    vgg, inception = values(VGG, metric), values(INCEPTION, metric)
    both = [finding for finding in among if finding in vgg and finding in inception]
    first = sum(vgg[finding] > inception[finding] for finding in both)
    return first, sum(inception[finding] > vgg[finding] for finding in both)


def better_than_wang(values: Values) -> dict[str, Wins]:
    """By AUC: the better of the two models, and each alone."""
    wang = values(WANG, "AUC")
    sides = {"better of the two": best_of_two(values, "AUC")}
    sides |= {f"{model} alone": dict(values(model, "AUC")) for model in (INCEPTION, VGG)}
    return {name: wins(side, wang) for name, side in sides.items()}
