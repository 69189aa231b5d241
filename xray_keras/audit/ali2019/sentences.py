"""The comparing sentences of ali2019 (IV.A), recomputed from its own Table II."""

import numpy as np

from xray_keras.audit.ali2019 import comparisons
from xray_keras.audit.ali2019.comparisons import INCEPTION, VGG
from xray_keras.audit.ali2019.facts import PAPER, cells, claimed, class_sizes, values
from xray_keras.audit.outcome import Cell, Outcome, of_cells, verdict
from xray_keras.datasets.findings import FINDINGS, title
from xray_keras.papers import loader


def transfer_beats_baseline() -> Outcome:
    """IV.A: by F1, on how many findings is a pre-trained model better?"""
    won = comparisons.transfer_beats_baseline(values)
    printed = [claimed("transfer_beats_baseline", name) for name in ("wins", "findings")]
    return Outcome(
        verdict(len(won.findings) in printed[0].interval() and won.of in printed[1].interval()),
        "IV.A, Table II",
        "On how many findings does a pre-trained model beat the binary CNN by F1?",
        printed=f"{printed[0]} of {printed[1]}",
        recomputed=f"{len(won.findings)} of {won.of}",
        arithmetic="the better of the two pre-trained models, finding by finding",
        reading="also asked of our numbers, with a paired test",
    )


def baseline_wins_on_the_rarest() -> Outcome:
    """IV.A: where the baseline wins, and whether these findings are the rarest."""
    won = set(comparisons.baseline_wins(values).findings)
    counts = class_sizes()
    rarest = sorted(counts, key=counts.__getitem__)[: int(claimed("baseline_wins", "findings").exact)]
    named = set(loader.claims(PAPER)["baseline_wins"].names)
    return Outcome(
        verdict(won == named == set(rarest)),
        "IV.A, Table II",
        "Does the binary CNN win on hernia, pneumonia and fibrosis, and are these the rarest?",
        printed=", ".join(sorted(named)),
        recomputed=f"wins on {', '.join(sorted(won))}; rarest: {', '.join(sorted(rarest))}",
        arithmetic="F1 of Table II; images of I: "
        + ", ".join(f"{finding} {counts[finding]:,}" for finding in rarest),
    )


def rare_f1_near_zero() -> Outcome:
    """IV.A: the pre-trained models' F1 on the three findings where the baseline wins."""
    found = []
    for model in (INCEPTION, VGG):
        for finding in comparisons.baseline_wins(values).findings:
            cell = cells(model, "F1")[finding]
            found.append(
                Cell(f"{model}, {finding}", cell.text, f"{cell.value:.1f} to one decimal", cell.value < 0.15)
            )
    return of_cells(
        found,
        where="IV.A, Table II",
        question="Is the pre-trained models' F1 on these findings at or near zero?",
        arithmetic="“close to 0” is read as 0.1 or less to one decimal",
    )


def largest_classes_best() -> Outcome:
    """IV.A: the two best findings of the pre-trained models are the two with most images."""
    best = set(comparisons.best_findings(values))
    counts = class_sizes()
    largest = set(sorted(counts, key=counts.__getitem__)[-2:])
    named = set(loader.claims(PAPER)["largest_classes_best"].names)
    return Outcome(
        verdict(best == named == largest),
        "IV.A, Table II",
        "Do the pre-trained models do best on effusion and infiltration, and are these the largest classes?",
        printed=", ".join(sorted(named)),
        recomputed=f"best: {', '.join(sorted(best))}; largest: {', '.join(sorted(largest))}",
        arithmetic="highest F1 of the two models; printed images of I",
    )


def models_differ_little() -> Outcome:
    """IV.A: VGG16 against InceptionV3, over all findings."""
    texts, gaps = [], []
    for metric in ("F1", "AUC"):
        first, second = (np.array(list(values(model, metric).values())) for model in (VGG, INCEPTION))
        gaps.append(abs(first.mean() - second.mean()))
        widest = int(np.argmax(np.abs(first - second)))
        texts.append(
            f"mean {metric} {first.mean():.4f} and {second.mean():.4f}, at most {abs(first - second)[widest]:.3f} "
            f"apart ({title(FINDINGS[widest])})"
        )
    baseline = np.mean(list(values(comparisons.BASE, "AUC").values()))
    gain = np.mean(list(values(INCEPTION, "AUC").values())) - baseline
    return Outcome(
        verdict(max(gaps) < gain),
        "IV.A, Table II",
        "Do VGG16 and InceptionV3 differ little?",
        printed="very little",
        recomputed="; ".join(texts),
        arithmetic=f"little against what both gain over the baseline ({gain:+.3f} in mean AUC); true of the means, "
        "not of each finding",
    )


def vgg7_inception4() -> Outcome:
    """IV.A: which of the two is better on how many findings, by the measure of the sentence before, F1."""
    vgg, inception = (claimed("vgg_against_inception", name) for name in ("vgg16", "inception_v3"))
    by = {metric: comparisons.vgg_against_inception(values, metric) for metric in ("F1", "AUC")}
    holds = by["F1"][0] in vgg.interval() and by["F1"][1] in inception.interval()
    return Outcome(
        verdict(holds),
        "IV.A, Table II",
        "Of the findings where transfer wins, on how many is VGG16 better and on how many InceptionV3?",
        printed=f"VGG16 {vgg}, InceptionV3 {inception}",
        recomputed="; ".join(
            f"by {metric} VGG16 {first}, InceptionV3 {second}" for metric, (first, second) in by.items()
        ),
        arithmetic="the eleven findings were counted by F1; the printed split is that of the AUC",
        reading="tables show both counts",
    )


def better_than_wang() -> Outcome:
    """IV.A: AUCs against those that the paper prints for Wang et al."""
    printed = [claimed("better_than_wang", name) for name in ("wins", "findings")]
    sides = comparisons.better_than_wang(values)
    (_, either), *_ = sides.items()
    means = {
        model: float(np.mean(list(values(model, "AUC").values())))
        for model in (INCEPTION, VGG, comparisons.WANG)
    }
    return Outcome(
        verdict(len(either.findings) in printed[0].interval() and either.of in printed[1].interval()),
        "IV.A, Table II",
        "On how many findings do the pre-trained models beat Wang et al. by AUC?",
        printed=f"{printed[0]} of {printed[1]}",
        recomputed="; ".join(f"{name} {len(won.findings)} of {won.of}" for name, won in sides.items()),
        arithmetic="true of the better of the two, finding by finding, chosen on the test set; mean AUC "
        + ", ".join(f"{model} {mean:.3f}" for model, mean in means.items()),
        reading="each model is compared on its own as well",
    )
