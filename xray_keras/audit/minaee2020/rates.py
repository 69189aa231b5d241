"""Sensitivities and specificities by threshold (Tables II to V): possible, in order, repeated right?"""

from itertools import pairwise

from xray_keras.audit.arithmetic import counts_printing
from xray_keras.audit.minaee2020.facts import (
    COVID,
    NON_COVID,
    PAIR,
    SENSITIVITY,
    SPECIFICITY,
    TEST,
    at,
    claimed,
    images,
    listed,
    networks,
    percent,
    points,
    table,
    tested,
)
from xray_keras.audit.outcome import Cell, Outcome, of_cells


def _grim(rate: str) -> list[Cell]:
    n, cells = tested(rate), []
    for network in networks():
        for point in points(network):
            printed = point.sensitivity if rate == SENSITIVITY else point.specificity
            found = counts_printing(printed, n)
            shown = f"{listed(found)} of {n}" if found else f"no count of {n}"
            cells.append(Cell(f"{network} at {point.threshold}", str(printed), shown, bool(found)))
    return cells


def grim_sensitivities() -> Outcome:
    """Every sensitivity of Tables II to V is a share of the test set's COVID-19 images."""
    return of_cells(
        _grim(SENSITIVITY),
        where="IV.D, Tables II to V",
        question="Is there a count of COVID-19 images that prints as each sensitivity?",
        arithmetic=f"multiples of {percent(1 / tested(SENSITIVITY))}",
    )


def grim_specificities() -> Outcome:
    """Every specificity of Tables II to V is a share of the test set's non-COVID images."""
    return of_cells(
        _grim(SPECIFICITY),
        where="IV.D, Tables II to V",
        question="Is there a count of non-COVID images that prints as each specificity?",
        arithmetic=f"one image is {percent(1 / tested(SPECIFICITY), 3)}, less than the last printed digit, "
        "so every specificity is possible; the counts are what the check shows",
    )


def thresholds_monotone() -> Outcome:
    """A higher threshold never raises sensitivity and never lowers specificity (IV.D, Tables II to V)."""
    cells = []
    for network in networks():
        for lower, higher in pairwise(points(network)):
            falls = higher.sensitivity.exact <= lower.sensitivity.exact
            rises = higher.specificity.exact >= lower.specificity.exact
            cells.append(
                Cell(
                    f"{network} from {lower.threshold} to {higher.threshold}",
                    f"{lower.sensitivity} → {higher.sensitivity}, {lower.specificity} → {higher.specificity}",
                    "falls and rises" if falls and rises else "out of order",
                    falls and rises,
                )
            )
    return of_cells(
        cells,
        where="IV.D, Tables II to V",
        question="Do sensitivity fall and specificity rise with the threshold?",
        arithmetic="neighbouring rows compared",
    )


def table6_repeats() -> Outcome:
    """Table VI repeats, for each network, the row of Tables II to V with the chosen sensitivity (IV.E)."""
    chosen, cells = claimed("cut_off_97_5", "sensitivity"), []
    for network in networks():
        sensitivity = table("table6").number(network, SENSITIVITY)
        specificity = table("table6").number(network, SPECIFICITY)
        rows = [point for point in points(network) if point.sensitivity.exact == chosen.exact]
        agrees = sensitivity.exact == chosen.exact and specificity.exact in {
            row.specificity.exact for row in rows
        }
        shown = (
            listed(f"{row.sensitivity} / {row.specificity} at {row.threshold}" for row in rows) or "no row"
        )
        cells.append(Cell(network, f"{sensitivity} / {specificity}", shown, agrees))
    return of_cells(
        cells,
        where="IV.E, Table VI",
        question="Does Table VI repeat the rows of Tables II to V at that sensitivity?",
        arithmetic="looked up; the threshold is chosen on the test set itself",
    )


def better_pair() -> Outcome:
    """SqueezeNet and ResNet50 against the two others, wherever both print a sensitivity (IV.D, IV.F)."""
    cells, ties = [], 0
    for better in PAIR:
        for other in (network for network in networks() if network not in PAIR):
            for point in points(better):
                for rival in at(other, point.sensitivity.interval()):
                    ties += point.specificity.exact == rival.specificity.exact
                    cells.append(
                        Cell(
                            f"{better} at {point.sensitivity}",
                            str(point.specificity),
                            f"{other} {rival.specificity}",
                            point.specificity.exact >= rival.specificity.exact,
                        )
                    )
    found = len(cells)
    cells.append(Cell("strictly", f"{found - ties} of {found}", "one at least", ties < found))
    return of_cells(
        cells,
        where="IV.D, Tables II to V",
        question="Are the two at least as specific as the others at every sensitivity that both print?",
        arithmetic=f"{found} comparisons, {ties} of them ties",
    )


def _matrix() -> dict[str, tuple[int, int]]:
    """Row → (called right, called wrong)."""
    matrix = table("figure11")
    right = {row: int(matrix.number(row, row).exact) for row in matrix.rows}
    wrong = {
        row: int(matrix.number(row, other).exact)
        for row in matrix.rows
        for other in matrix.columns
        if row != other
    }
    return {row: (right[row], wrong[row]) for row in matrix.rows}


def confusion_total() -> Outcome:
    """The counts of Figure 11 against the test set."""
    (negatives, positives), cells = _matrix().values(), []
    total = claimed("matrix_total", "images")
    for place, counts, expected in (
        (NON_COVID, negatives, images(TEST, NON_COVID)),
        (COVID, positives, images(TEST, COVID)),
        ("all", (*negatives, *positives), int(total.exact)),
    ):
        cells.append(Cell(place, " + ".join(map(str, counts)), str(expected), sum(counts) == expected))
    return of_cells(
        cells,
        where="IV.F, Figure 11",
        question="Does the confusion matrix count every test image?",
        arithmetic="row sums against Table I, the total against the text",
    )


def confusion_vs_table() -> Outcome:
    """Sensitivity and specificity of Figure 11 against the rows of Table III."""
    matrix, network, cells = _matrix(), PAIR[1], []
    rows = points(network)
    (tn, fp), (tp, fn) = matrix.values()
    for rate, right, n in ((SENSITIVITY, tp, tp + fn), (SPECIFICITY, tn, tn + fp)):
        printed = {row.threshold: row.sensitivity if rate == SENSITIVITY else row.specificity for row in rows}
        fitting = [cell for cell in printed.values() if right in counts_printing(cell, n)]
        closest = min(printed.values(), key=lambda cell: abs(cell.value - right / n))
        cells.append(
            Cell(
                rate,
                f"{right}/{n} = {percent(right / n, 2)}",
                str(fitting[0])
                if fitting
                else f"{closest} needs {listed(counts_printing(closest, n))} of {n}",
                bool(fitting),
            )
        )
    return of_cells(
        cells,
        where="IV.F, Figure 11 and Table III",
        question=f"Does a row of the table of {network} print the rates of its confusion matrix?",
        arithmetic=f"{tp}/{tp + fn} = {percent(tp / (tp + fn), 2)}, {tn}/{tn + fp} = "
        f"{percent(tn / (tn + fp), 2)}; rows: "
        f"{listed(f'{row.sensitivity} / {row.specificity}' for row in rows)}",
        reading="the suite renders matrix and table from the same predictions",
    )
