"""Equation 1, the optimisers and ALI's training in cohen2019."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from xray_keras.audit.cohen2019.facts import PAPER, cited, cited_number, said, setting
from xray_keras.audit.outcome import Cell, Outcome, of_cells, verdict
from xray_keras.papers import loader

GRID = 24  # equation 1 is looked at in all multiples of 1/24, exactly: 24 has many divisors
EQUATION = "2, Equation 1"


def calibrated(x: Fraction, opt: Fraction) -> Fraction:
    """Equation 1: output x in [0, 1] at operating point opt in (0, 1)."""
    return x / (2 * opt) if x <= opt else 1 - (1 - x) / (2 * (1 - opt))


def _grid() -> list[Fraction]:
    return [Fraction(k, GRID) for k in range(GRID + 1)]


def _curves() -> Iterator[tuple[Fraction, list[Fraction]]]:
    """Every operating point of the grid inside (0, 1) with the curve's values on the whole grid."""
    for opt in _grid()[1:-1]:
        yield opt, [calibrated(x, opt) for x in _grid()]


def adam_standard() -> Outcome:
    """§2: the classifier's Adam against the defaults of the Adam paper."""
    cells = [
        Cell(
            name, value.text, cited_number("adam", name).text, value.exact == cited_number("adam", name).exact
        )
        for name, value in loader.claims(PAPER)["adam_standard"].values.items()
    ]
    return of_cells(
        cells,
        where="2",
        question="Are the classifier's Adam parameters the standard ones?",
        arithmetic="compared with the defaults of the Adam paper",
    )


def equation1_midpoint() -> Outcome:
    """Equation 1: the operating point becomes one half."""
    printed = said("operating_point_is_half", "probability")
    found = {calibrated(opt, opt) for opt in _grid()[1:-1]}
    return Outcome(
        verdict(found == {printed.exact}),
        EQUATION,
        "Does every operating point become the printed probability?",
        printed.text,
        ", ".join(f"{float(100 * value):g}%" for value in sorted(found)),
        "opt / (2 opt) = 1/2 for any operating point but 0; at 0 and 1 a denominator vanishes",
    )


def equation1_range() -> Outcome:
    """Equation 1: values stay in the printed range and reach both ends."""
    low, high = said("probabilities_in_range", "low"), said("probabilities_in_range", "high")
    values = [value for _, curve in _curves() for value in curve]
    return Outcome(
        verdict((min(values), max(values)) == (low.exact, high.exact)),
        EQUATION,
        "Do the transformed predictions stay in the printed range?",
        f"[{low}, {high}]",
        f"[{float(min(values)):g}, {float(max(values)):g}]",
        f"exact fractions on a grid of {GRID + 1} outputs and {GRID - 1} operating points",
    )


def equation1_monotone() -> Outcome:
    """Equation 1: strictly increasing and continuous, so ROC curves and AUCs do not change."""
    rising = all(one < two for _, curve in _curves() for one, two in pairwise(curve))
    jumps = {1 - (1 - opt) / (2 * (1 - opt)) - calibrated(opt, opt) for opt in _grid()[1:-1]}
    return Outcome(
        verdict(rising and jumps == {0}),
        EQUATION,
        "Does Equation 1 keep the order of predictions, without a jump?",
        "two linear pieces",
        "increasing, continuous" if rising and jumps == {0} else "not increasing or not continuous",
        "both branches give the same at the operating point; both slopes are positive",
        reading="the suite computes AUCs before Equation 1 as after it",
    )


def youden_is_furthest() -> Outcome:
    """§2: distance from the diagonal of the ROC square against TPR − FPR."""
    proportional = True
    for fpr in _grid():
        for tpr in _grid():
            foot = (fpr + tpr) / 2  # of the perpendicular to the diagonal
            squared = (fpr - foot) ** 2 + (tpr - foot) ** 2
            proportional = proportional and squared == (tpr - fpr) ** 2 / 2
    return Outcome(
        verdict(proportional),
        "2",
        "Is the point with the highest TPR − FPR the one furthest from the diagonal?",
        "furthest from the diagonal",
        "distance |TPR − FPR| / √2" if proportional else "another distance",
        "exact on a grid of the ROC square; for a curve that nowhere runs further below the diagonal",
    )


def ali_search_grid() -> Outcome:
    """§3.1: the tried latent sizes and learning rates against the published ALI."""
    values = loader.claims(PAPER)["ali_search_grid"].values
    cells = []
    for kind, name in (("latent", "latent"), ("rate", "learning_rate")):
        tried = [value for key, value in values.items() if key.startswith(kind)]
        published = cited_number("chester_code", name)
        shown = ", ".join(value.text for value in tried)
        cells.append(
            Cell(name, shown, published.text, any(value.exact == published.exact for value in tried))
        )
    sizes = sum(key.startswith("latent") for key in values)
    rates = sum(key.startswith("rate") for key in values)
    return of_cells(
        cells,
        where="3.1",
        question="Does the published ALI come from the printed search?",
        arithmetic=f"{sizes} latent sizes × {rates} learning rates = {sizes * rates}; choice not printed",
        reading="the suite takes the published latent size and learning rate",
    )


def label_smoothing() -> Outcome:
    """§3.1: smoothed labels on both sides against the cited source, which smooths one side."""
    ranges = {
        side: tuple(said("label_smoothing", f"{side}_{end}").exact for end in ("low", "high"))
        for side in ("positive", "negative")
    }
    smoothed = [side for side, (low, high) in ranges.items() if low != high]
    source = cited("salimans")["smoothed"]
    middles = ", ".join(f"{float((low + high) / 2):g}" for low, high in ranges.values())
    return Outcome(
        verdict(smoothed == source),
        "3.1",
        "Are the labels smoothed as in the cited source?",
        ", ".join(smoothed),
        ", ".join(source),
        f"the source smooths one side only; here the middles are {middles}, and the ranges "
        f"{'do not overlap' if ranges['negative'][1] < ranges['positive'][0] else 'overlap'}",
        reading="the suite draws labels from both printed ranges",
    )


def beta2() -> Outcome:
    """§3.1: Adam's β2 for ALI against the classifier's, and against the convention of the ALI paper."""
    printed, usual = said("ali_adam", "beta_2"), said("adam_standard", "beta_2")
    theirs, code = cited("ali"), cited("chester_code")
    memory, usual_memory = (1 / (1 - value.exact) for value in (printed, usual))
    return Outcome(
        verdict(printed.exact == usual.exact),
        "3.1",
        "Is the β2 printed for ALI in Adam's convention?",
        printed.text,
        f"{float(1 - printed.exact):g}",
        f"second moments remember 1/(1 - β2) = {float(memory):.3f} steps with the printed value, "
        f"{float(usual_memory):g} with the classifier's {usual}; the ALI paper prints {theirs['beta_2']} for "
        f"a framework that takes {theirs['convention']}; the released code passes {code['beta_2']} as β2",
        reading="variants paper and code take the printed value, variant sound one minus it",
    )


def ali_iterations() -> Outcome:
    """§3.1: iterations times batch size against ALI's training images."""
    iterations, batch = said("ali_iterations", "iterations"), said("ali_iterations", "batch")
    images = said("ali_split", "training")
    count = cited("chester_code")["iterations_count"]
    steps = iterations.exact / batch.exact
    epochs = iterations.exact / images.exact
    return Outcome(
        verdict(count == "batches"),
        "3.1",
        "Are the printed iterations batches?",
        iterations.text,
        f"{float(steps):,.10g} batches",
        f"as batches, {iterations} × {batch} / {images} = {float(epochs * batch.exact):,.1f} epochs; the "
        f"released code counts {count}: {float(epochs):.2f} epochs",
        reading="the suite counts images",
    )


def cam_resolution() -> Outcome:
    """§4: resolution of DenseNet-121's last activation map against its input."""
    side, last = cited_number("densenet", "input").exact, cited_number("densenet", "last_map").exact
    factor = side / last
    architecture = setting("classifier")["architecture"]
    return Outcome(
        verdict(last < side),
        "4",
        "Do the deep activation maps have a much lower resolution than the image?",
        "greatly reduced",
        f"{last} × {last} cells for {side} × {side} pixels",
        f"each cell stands for {factor} × {factor} pixels ({architecture}; the input size is not printed)",
        reading="the suite upsamples class activation maps to the image, as printed",
    )
