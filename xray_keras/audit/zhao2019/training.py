"""How zhao2019 cuts, labels and scales its images, and what it trains with."""

from fractions import Fraction

from xray_keras.audit import outcome
from xray_keras.audit.outcome import Cell, Outcome, Verdict
from xray_keras.audit.zhao2019.facts import GPU, MSPNET, PAPER, STUDENT, claimed
from xray_keras.papers import loader


def regions() -> Outcome:
    """III.A, III.D, IV.A: regions of an image."""
    sides = [int(claimed("pooled_sizes", name).exact) for name in ("small", "large")]
    printed = claimed("region_count", "regions")
    total = sum(side * side for side in sides)
    return Outcome(
        outcome.verdict(total == printed.exact),
        "III.A, III.D",
        "Do the two grids make the printed number of regions?",
        printed=str(printed),
        recomputed=str(total),
        arithmetic=" + ".join(f"{side}·{side}" for side in sides)
        + "; both sizes from both layers, kept apart, would make twice as many",
        reading="one grid of each size: the teacher adds its layers, the student takes one layer for each "
        "size",
    )


def label_rules() -> Outcome:
    """III.D, IV.A: the two rules that mark a region."""
    own, repeated = claimed("own_label_rule", "area"), claimed("label_threshold_percent", "area")
    other = claimed("mspnet_label_rule", "area")
    cells = [
        Cell("threshold of III.D in IV.A", str(repeated), str(own), own.exact == repeated.exact),
        Cell("looser than MSP-Net's", str(own), f"below {other}", own.exact < other.exact),
    ]
    return outcome.of_cells(
        cells,
        where="III.D, IV.A",
        question="Is the own threshold printed twice the same, and the looser one?",
        arithmetic="MSP-Net asks for more area and for height besides: all it marks is marked here too",
        reading="a region is positive from the threshold on, as III.D has it",
    )


def input_sizes() -> Outcome:
    """IV.A, IV.C, Table I: do the compared rows see the same input?"""
    own, other = claimed("input_heights", "short_edge"), claimed("input_heights", "mspnet_height")
    pixels = Fraction(other.exact, own.exact) ** 2
    table = loader.table(PAPER, "table1")
    times = table.number(MSPNET, GPU).exact / table.number(STUDENT, GPU).exact
    return Outcome(
        outcome.verdict(own.exact == other.exact),
        "IV.A, IV.C, Table I",
        "Do MSP-Net and the own networks get inputs of one size?",
        printed=f"{own} and {other} pixels",
        recomputed=f"MSP-Net's image has {float(pixels):.2f} times the pixels",
        arithmetic=f"({other}/{own})², where the short edge is the height; the GPU times differ by "
        f"{float(times):.2f}. Same images, so the qualities may be compared; times and causes may not",
    )


def decay_schedule() -> Outcome:
    """IV.B: when does the student's learning rate fall, and how often?"""
    start, divisor = claimed("learning_rates", "student"), claimed("learning_rate_decay", "divisor")
    rates = [float(start.exact / divisor.exact**k) for k in range(3)]
    return Outcome(
        Verdict.CANNOT_BE_CHECKED,
        "IV.B",
        "Can the learning-rate schedule be followed?",
        printed=f"{start}, divided by {divisor} when the training loss stops improving",
        recomputed=", ".join(f"{rate:g}" for rate in rates) + ", …",
        arithmetic="patience, least improvement, number of reductions and epochs are not printed",
        reading="they are assumptions of the experiment and listed there",
    )


def discriminator_rate() -> Outcome:
    """IV.B: the discriminator's learning rate."""
    factor = claimed("discriminator_learning_rate", "factor")
    student, divisor = claimed("learning_rates", "student"), claimed("learning_rate_decay", "divisor")
    rates = [student.exact * factor.exact, student.exact * factor.exact / divisor.exact]
    return Outcome(
        Verdict.CANNOT_BE_CHECKED,
        "IV.B",
        "What is the discriminator's learning rate?",
        printed=f"always {factor} times the student's",
        recomputed=" and then ".join(f"{float(rate):g}" for rate in rates),
        arithmetic=f"{factor} · {student}, and less with the student's; no number is printed to compare with",
        reading="the discriminator's rate follows every reduction of the student's",
    )


def framework_version() -> Outcome:
    """IV.C: was there such a release?"""
    facts = loader.load(PAPER)
    printed = str(facts["settings"]["training"]["framework"])
    version = printed.split()[-1]
    releases = facts["cited"]["pytorch"]["releases"]
    alike = [release for release in releases if sorted(release) == sorted(version)]
    return Outcome(
        outcome.verdict(version in releases),
        "IV.C",
        "Had the printed release of PyTorch appeared?",
        printed=printed,
        recomputed=f"releases {releases[0]} to {releases[-1]}; of the same digits: "
        f"{', '.join(alike) or 'none'}",
        arithmetic="looked up among the releases before the conference",
        reading=f"{alike[0]} with digits swapped" if alike and version not in releases else "",
    )
