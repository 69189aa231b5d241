"""What the abstract, the introduction and the conclusion of minaee2020 make of Tables II to VI."""

from fractions import Fraction

from xray_keras.audit.arithmetic import auc_bounds_of_points, counts_printing, normal_half_width
from xray_keras.audit.minaee2020.facts import (
    PAIR,
    SENSITIVITY,
    SPECIFICITY,
    at,
    bare,
    claimed,
    leading,
    listed,
    networks,
    percent,
    points,
    possible,
    specificities_at,
    table,
    tested,
)
from xray_keras.audit.outcome import Cell, Outcome, of_cells, verdict
from xray_keras.papers.printed import Interval


def abstract_sensitivity() -> Outcome:
    """Most of the networks reach that sensitivity, with that half-width (Abstract, Equation 3)."""
    printed, n = claimed("abstract_sensitivity", "sensitivity"), tested(SENSITIVITY)
    spread = printed.spread
    widths = {count: normal_half_width(count / n, n, _z()) for count in counts_printing(printed, n)}
    fitting = [
        count for count, width in widths.items() if spread is None or Fraction(width) in spread.interval()
    ]
    shares = [Interval(Fraction(count, n), Fraction(count, n)) for count in fitting]
    tied = any(share.low in (printed.interval().low, printed.interval().high) for share in shares)
    tie = f", so {bare(printed)} is a tie rounded down" if tied else ""
    reached = [network for network in networks() if any(at(network, share) for share in shares)]
    return Outcome(
        verdict(2 * len(reached) > len(networks())),
        "Abstract",
        "Do most of the networks reach that sensitivity, within that half-width?",
        printed=str(printed),
        recomputed="; ".join(
            f"{count}/{n} = {percent(count / n)} ± {percent(widths[count], 2)}" for count in fitting
        )
        or "no count fits",
        arithmetic=f"{len(reached)} of {len(networks())} networks print it; {n} images allow multiples of "
        f"{percent(1 / n)}{tie}",
    )


def abstract_specificity() -> Outcome:
    """Most of the networks have a specificity near the printed one (Abstract, Tables II to V)."""
    sensitivity, printed = (claimed("abstract_specificity", name) for name in ("sensitivity", "specificity"))
    near = leading(printed)
    rows = [(network, point) for network in networks() for point in at(network, sensitivity.interval())]
    cells = [
        Cell(network, str(point.specificity), str(printed), point.specificity.exact in near)
        for network, point in rows
    ]
    strict = sum(point.specificity.exact in printed.interval() for _, point in rows)
    loose = sum(cell.agrees for cell in cells)
    better = sum(point.specificity.exact >= near.low for _, point in rows)
    return Outcome(
        verdict(2 * loose > len(cells)),
        "Abstract",
        "Do most of the networks have about that specificity?",
        printed=f"around {printed}",
        recomputed=listed(point.specificity for _, point in rows),
        arithmetic=f"{strict} of {len(cells)} round to {printed}; {loose} do to the nearest ten; "
        f"{better} are about that or better, a looser reading",
        cells=tuple(cells),
    )


def claim_best_97_5_95() -> Outcome:
    """Sensitivity and specificity of the best network (I, twice) against every row of Tables II to V."""
    sensitivity, printed = (claimed("best_97_5_95", name) for name in ("sensitivity", "specificity"))
    rows = [(network, point) for network in networks() for point in at(network, sensitivity.interval())]
    reached = [network for network, point in rows if point.specificity.exact in printed.interval()]
    unseen = [
        network
        for network in networks()
        if specificities_at(network, sensitivity.interval()).meets(printed.interval())
    ]
    return Outcome(
        verdict(bool(reached)),
        "I",
        "Does a network print both rates in one row?",
        printed=f"{sensitivity} with {printed}",
        recomputed=listed(f"{sensitivity} with {point.specificity} ({network})" for network, point in rows),
        arithmetic="rows at that sensitivity, specificity rounded as printed; at a threshold that is not "
        f"printed, between its neighbours, {listed(unseen) or 'no network'} could reach both",
    )


def claim_84_97() -> Outcome:
    """Range of the specificities at one sensitivity (IV.D) against Tables II to V."""
    sensitivity, low, high = (claimed("range_84_97", name) for name in ("sensitivity", "low", "high"))
    found = [point.specificity for network in networks() for point in at(network, sensitivity.interval())]
    least, largest = (pick(found, key=lambda rate: rate.exact) for pick in (min, max))
    return of_cells(
        [
            Cell("lowest", str(low), str(least), least.exact in low.interval()),
            Cell("highest", str(high), str(largest), largest.exact in high.interval()),
        ],
        where="IV.D, Tables II to V",
        question=f"Do the specificities at a sensitivity of about {sensitivity} have that range?",
        arithmetic=f"{listed(found)}; every row whose sensitivity rounds to {sensitivity}",
    )


def average_specificity() -> Outcome:
    """Mean specificity at the chosen sensitivity (V, Table VI)."""
    printed = claimed("average_specificity", "specificity")
    rates = [table("table6").number(network, SPECIFICITY) for network in networks()]
    low, high = (
        sum((getattr(rate.interval(), end) for rate in rates), Fraction(0)) / len(rates)
        for end in ("low", "high")
    )
    mean = sum((rate.exact for rate in rates), Fraction(0)) / len(rates)
    return Outcome(
        verdict(Interval(low, high).meets(printed.interval())),
        "V, Table VI",
        "Is that the mean of the four specificities?",
        printed=f"around {printed}",
        recomputed=percent(mean, 2),
        arithmetic=f"({' + '.join(map(bare, rates))}) / {len(rates)} = {percent(mean, 2)}",
    )


def auc_order_possible() -> Outcome:
    """Areas that the operating points allow (Tables II to V), before Figure 10 is run.

    A ROC curve never falls, so every printed point narrows its area; rounding widens it a little.
    """
    first, bounds = PAIR[0], {network: _auc_bounds(network) for network in networks()}
    cells, decided = [], []
    for network, (low, high) in bounds.items():
        cells.append(Cell(network, "AUC not printed", f"{low:.4f} to {high:.4f}", bounds[first][1] >= low))
        if network != first and bounds[first][0] > high:
            decided.append(network)
    undecided = [network for network in networks() if network not in (*decided, first)]
    gap = max(low for low, _ in bounds.values()) - min(high for _, high in bounds.values())
    return Outcome(
        verdict(all(cell.agrees for cell in cells)),
        "IV.F, Tables II to V",
        f"Do the printed operating points leave room for {first} to have the largest area?",
        printed=f"{first} slightly the largest, all similar",
        recomputed=f"decided against {listed(decided) or 'none'}; open against {listed(undecided) or 'none'}",
        arithmetic="; ".join(f"{cell.place} {cell.recomputed}" for cell in cells)
        + f"; the areas may be as close as {max(gap, 0.0):.4f}; only the run of Figure 10 can tell the rest",
        cells=tuple(cells),
    )


def _auc_bounds(network: str) -> tuple[float, float]:
    shares = [
        (possible(point.sensitivity, tested(SENSITIVITY)), possible(point.specificity, tested(SPECIFICITY)))
        for point in points(network)
    ]
    least = auc_bounds_of_points([(float(up.low), float(across.low)) for up, across in shares])
    largest = auc_bounds_of_points([(float(up.high), float(across.high)) for up, across in shares])
    return least[0], largest[1]


def _z() -> float:
    return claimed("z_of_95", "z").value
