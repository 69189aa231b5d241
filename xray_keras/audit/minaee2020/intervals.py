"""Equation 3 and the half-widths of Table VI (IV.E)."""

from collections.abc import Iterator
from fractions import Fraction
from statistics import NormalDist

from xray_keras.audit.arithmetic import clopper_pearson, counts_printing, normal_half_width, wilson
from xray_keras.audit.minaee2020.facts import (
    NON_COVID,
    SENSITIVITY,
    SPECIFICITY,
    claimed,
    half_width,
    listed,
    networks,
    percent,
    table,
    tested,
)
from xray_keras.audit.outcome import Cell, Outcome, of_cells, verdict
from xray_keras.papers.printed import Printed


def _cells_of_table6() -> Iterator[tuple[str, str, Printed, Printed, int]]:
    """Network, rate, the printed cell, its ± and the test images behind it."""
    for network in networks():
        for rate in (SENSITIVITY, SPECIFICITY):
            yield (
                network,
                rate,
                table("table6").number(network, rate),
                half_width(network, rate),
                tested(rate),
            )


def _equation3(share: float, n: int) -> float:
    return normal_half_width(share, n, claimed("z_of_95", "z").value)


def _counts(rate: Printed, spread: Printed, n: int) -> list[int]:
    """Every count that prints as the rate and, by Equation 3, as the half-width."""
    return [k for k in counts_printing(rate, n) if Fraction(_equation3(k / n, n)) in spread.interval()]


def z_of_95() -> Outcome:
    """z of the printed level (IV.E)."""
    printed, level = claimed("z_of_95", "z"), claimed("z_of_95", "level")
    exact = NormalDist().inv_cdf((1 + level.value) / 2)
    return Outcome(
        verdict(Fraction(exact) in printed.interval()),
        "IV.E",
        "Is that the two-sided quantile of the normal distribution?",
        printed=str(printed),
        recomputed=f"{exact:.4f}",
        arithmetic=f"Φ⁻¹((1 + {level.value:g})/2)",
    )


def ci_from_counts() -> Outcome:
    """Table VI's ± by Equation 3 from any count that prints as the rate, beside Wilson's and the exact interval."""
    cells, notes = [], []
    for network, rate, printed, spread, n in _cells_of_table6():
        fitting = _counts(printed, spread, n)
        shown = f"{listed(fitting)} of {n}" if fitting else f"no count of {n}"
        width, count = _equation3(printed.value, n), round(printed.value * n)
        intervals = f"Wilson {_ends(wilson(count, n))}, Clopper–Pearson {_ends(clopper_pearson(count, n))}"
        cells.append(
            Cell(
                f"{network} {rate}",
                str(printed),
                f"{shown}; the rate as printed ± {percent(width, 3)}; {intervals}",
                bool(fitting),
            )
        )
        if Fraction(width) not in spread.interval():
            widths = listed(
                f"{k}/{n} gives {percent(_equation3(k / n, n), 3)}" for k in counts_printing(printed, n)
            )
            right = int(table("figure11").number(NON_COVID, NON_COVID).exact)
            notes.append(
                f"{network} {rate} {printed}: the rate taken as exact gives {percent(width, 3)}, but of the counts "
                f"that print so {widths}; the {right} of Figure 11 give {percent(_equation3(right / n, n), 3)}"
            )
    return of_cells(
        cells,
        where="IV.E, Table VI, Equation 3",
        question="Is there a count that prints as the rate and, by Equation 3, as its ±?",
        arithmetic="; ".join(["z·√(a(1 − a)/N) of every count a·N that rounds to the printed rate", *notes]),
        reading="the suite prints Equation 3 from its own counts, beside Wilson's interval",
    )


def interval_inside_one() -> Outcome:
    """A share with its ± should stay between 0 and 1 (Table VI)."""
    cells = []
    for network, rate, printed, spread, n in _cells_of_table6():
        top, count = printed.exact + spread.exact, round(printed.value * n)
        cells.append(
            Cell(
                f"{network} {rate}",
                f"{printed}, up to {percent(top)}",
                f"Wilson {_ends(wilson(count, n))}",
                top <= 1 and printed.exact >= spread.exact,
            )
        )
    return of_cells(
        cells,
        where="IV.E, Table VI",
        question="Do the intervals hold possible rates only?",
        arithmetic="printed rate + printed ±; the normal approximation fails near one with few images",
        reading="the suite prints Wilson's interval beside Equation 3",
    )


def half_width_specificity() -> Outcome:
    """Half-widths of the specificities around the printed one (IV.E, Table VI)."""
    return _about("half_width_specificity", SPECIFICITY)


def half_width_sensitivity() -> Outcome:
    """Half-widths of the sensitivities around the printed one (IV.E, Table VI)."""
    return _about("half_width_sensitivity", SENSITIVITY)


def _about(claim: str, rate: str) -> Outcome:
    text, cells, widths = claimed(claim, "half_width"), [], []
    for network, name, printed, spread, n in _cells_of_table6():
        if name == rate:
            agrees = spread.exact in text.interval()
            cells.append(Cell(network, str(spread), str(text), agrees))
            widths.append(percent(_equation3(printed.value, n), 2))
    return of_cells(
        cells,
        where="IV.E, Table VI",
        question="Do the half-widths round to the one in the text?",
        arithmetic=f"Equation 3 gives {listed(widths)}",
    )


def half_width_order() -> Outcome:
    """Sensitivities have wider intervals than specificities (IV.E, Table VI)."""
    pairs = {
        network: (half_width(network, SENSITIVITY), half_width(network, SPECIFICITY))
        for network in networks()
    }
    ratios = [wide.exact / narrow.exact for wide, narrow in pairs.values()]
    return of_cells(
        [
            Cell(network, f"± {wide}", f"wider than ± {narrow}", wide.exact > narrow.exact)
            for network, (wide, narrow) in pairs.items()
        ],
        where="IV.E, Table VI",
        question="Is every sensitivity's interval wider than its specificity's?",
        arithmetic=f"{float(min(ratios)):.1f} to {float(max(ratios)):.1f} times as wide, "
        "which the text calls slightly",
    )


def _ends(interval: tuple[float, float]) -> str:
    return f"{percent(interval[0])} to {percent(interval[1])}"
