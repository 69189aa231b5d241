"""Equations 1 and 6 of zhao2019, evaluated exactly, against the publications that they follow."""

from fractions import Fraction
from itertools import product

from xray_keras.audit import outcome
from xray_keras.audit.outcome import Cell, Outcome
from xray_keras.audit.zhao2019.facts import PAPER, claimed
from xray_keras.papers import loader

ACTIVE, INACTIVE = Fraction(1), Fraction(-1)  # a teacher's neuron; only the sign matters
MARGIN = Fraction(1)  # both losses grow with the square of the unit, so one margin stands for all


def eq1_sign() -> Outcome:
    """III.D, equation 1: the printed indicator on students that agree with their teacher, and that do not."""
    cells = []
    for teacher, name in ((ACTIVE, "active"), (INACTIVE, "inactive")):
        for student, manner in ((teacher * MARGIN, "agrees"), (-teacher * MARGIN, "disagrees")):
            printed = equation1(teacher, student, MARGIN, *_indicator("printed"))
            should = published(teacher, student, MARGIN)
            cells.append(
                Cell(f"teacher {name}, student {manner}", f"{printed}u²", f"{should}u²", printed == should)
            )
    return outcome.of_cells(
        cells,
        where="III.D, equation 1",
        question="Is a student with the teacher's activations free of loss, and the opposite penalised?",
        arithmetic="equation 1 for one neuron, the student at ±u; with the indicator inverted both "
        "columns agree",
        reading="the suite takes the indicator inverted, 1 where the teacher is positive",
    )


def eq1_inverted() -> Outcome:
    """III.D, equation 1: with the indicator inverted it is the published loss and draws the student to ±u."""
    steps = [Fraction(k, 4) * MARGIN for k in range(-12, 13)]
    points = list(product((ACTIVE, Fraction(0), INACTIVE), steps))
    equal = [equation1(t, s, MARGIN, *_indicator("published")) == published(t, s, MARGIN) for t, s in points]
    free = {
        teacher: [s for s in steps if equation1(teacher, s, MARGIN, *_indicator("published")) == 0]
        for teacher in (ACTIVE, INACTIVE)
    }
    targets = min(free[ACTIVE], default=None) == MARGIN and max(free[INACTIVE], default=None) == -MARGIN
    margin = loader.load(PAPER)["cited"]["activation_boundaries"]["margin"]
    return Outcome(
        outcome.verdict(all(equal) and targets),
        "III.D, equation 1",
        "With the indicator inverted, is equation 1 the activation-boundary loss with targets ±u?",
        printed="towards u where the teacher is active, towards -u elsewhere",
        recomputed=f"{sum(equal)} of {len(points)} points equal; targets {'' if targets else 'not '}reached",
        arithmetic="published: (S − u)² up to u where the teacher is positive, (S + u)² from −u "
        "elsewhere; compared from −3u to 3u in quarters; the square sums over the feature, so it grows "
        "with its unprinted dimension",
        reading=f"u is not printed; the published code takes {margin}",
    )


def equation6_range() -> Outcome:
    """III.D, equation 6: does k_t stay where BEGAN keeps it?"""
    began = loader.load(PAPER)["cited"]["began"]
    low, high = (Fraction(end) for end in began["range_of_k"])
    initial, rate, ratio = (claimed("began_constants", name) for name in ("initial", "rate", "ratio"))
    after = equation6(initial.exact, Fraction(1), Fraction(1))
    return Outcome(
        outcome.verdict(low <= after <= high),
        "III.D, equation 6",
        "Does k_t stay between 0 and 1, as in BEGAN, without the clipping that is not printed?",
        printed=f"k_0 {initial}, f_k {rate}, n {ratio}; no clipping",
        recomputed=f"after one step k is {float(after):g}",
        arithmetic="both features reconstructed equally badly (error 1): k + f_k(n − 1); a negative k "
        "rewards the discriminator for reconstructing the student",
        reading="the suite clips k to [0, 1]; f_k is BEGAN's λ ("
        f"{began['lambda_k']} there), n its γ ({began['gamma']} there), T its real x, S its G(z)",
    )


def equation6_equilibrium() -> Outcome:
    """III.D, equation 6: is n the ratio of the two reconstruction errors at rest, as BEGAN's γ is?"""
    initial, ratio = claimed("began_constants", "initial").exact, claimed("n_sets_equilibrium", "ratio")
    teacher = Fraction(1)
    moves = [
        equation6(initial, teacher, teacher * ratio.exact * factor) - initial
        for factor in (Fraction(1, 2), 1, 2)
    ]
    return Outcome(
        outcome.verdict(moves[0] > 0 == moves[1] > moves[2]),
        "III.D, equation 6",
        "Is k_t at rest exactly where the student's error is n times the teacher's?",
        printed=f"n = {ratio} controls the equilibrium",
        recomputed=f"k moves by {', '.join(f'{float(move):g}' for move in moves)}",
        arithmetic="the student's error at half of, at, and at twice n times the teacher's, which is 1",
        reading="equation 4 weighs the student's term with the same k_t",
    )


def equation1(
    teacher: Fraction, student: Fraction, margin: Fraction, of_positive: Fraction, otherwise: Fraction
) -> Fraction:
    """Equation 1 for one neuron, with the indicator's two values."""
    d = of_positive if teacher > 0 else otherwise
    return (d * max(margin - student, Fraction(0)) + (1 - d) * max(margin + student, Fraction(0))) ** 2


def published(teacher: Fraction, student: Fraction, margin: Fraction) -> Fraction:
    """The activation-boundary loss for one neuron. Source: arXiv 1811.03233 and its code."""
    if teacher > 0:
        return (student - margin) ** 2 if student <= margin else Fraction(0)
    return (student + margin) ** 2 if student > -margin else Fraction(0)


def equation6(k: Fraction, teacher: Fraction, student: Fraction) -> Fraction:
    """The next k, from the mean reconstruction errors of the teacher's and the student's features."""
    rate, ratio = (claimed("began_constants", name).exact for name in ("rate", "ratio"))
    return k + rate * (ratio * teacher - student)


def _indicator(source: str) -> tuple[Fraction, Fraction]:
    facts = loader.load(PAPER)
    entry = facts["settings"]["equation1"] if source == "printed" else facts["cited"]["activation_boundaries"]
    return Fraction(entry["indicator_of_positive"]), Fraction(entry["indicator_otherwise"])
