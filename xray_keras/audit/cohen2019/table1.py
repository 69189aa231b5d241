"""Table 1 of cohen2019: AUCs against their sources, against each other, and their printed spread."""

import math
import re
from collections.abc import Iterable
from fractions import Fraction

from scipy import stats

from xray_keras.audit.cohen2019.facts import CHEXNET, PAPER, WANG, WENG, aucs, cited, cited_number, said
from xray_keras.audit.outcome import Cell, Outcome, of_cells, verdict
from xray_keras.papers import loader
from xray_keras.papers.printed import TRUNCATED, Interval, Printed

TABLE = "2, Table 1"
LEVEL = 0.05  # of the test of all spreads together


def _count(cells: Iterable[bool]) -> int:
    return sum(cells)


def chexnet_column_truncated() -> Outcome:
    """Table 1: the CheXNet column against the four decimals of the CheXNet paper."""
    printed = aucs(CHEXNET)
    source = {disease: Printed(text) for disease, text in cited("chexnet")["auc"].items()}
    cut = _count(source[disease].exact in auc.interval(TRUNCATED) for disease, auc in printed.items())
    cells = [
        Cell(disease, auc.text, source[disease].text, source[disease].exact in auc.interval())
        for disease, auc in printed.items()
    ]
    rounded = _count(cell.agrees for cell in cells)
    return of_cells(
        cells,
        where=TABLE,
        question="Are CheXNet's AUCs rounded to the printed decimals?",
        arithmetic=f"rounding explains {rounded} of {len(cells)}, truncation {cut}",
        reading="the suite compares with the CheXNet paper's four decimals",
    )


def wang_vs_chester_wang() -> Outcome:
    """Table 1: the AUCs of Wang et al. against those that ali2019 prints for them (its Table II)."""
    table = loader.table("ali2019", "table2")
    own = aucs(WANG)
    theirs = {disease: table.number("Wang", disease.replace(" ", "_"), "AUC") for disease in own}
    # That table drops trailing zeros: its 0.81 has as many decimals as the rest of the row.
    half = min(auc.place for auc in theirs.values()) / 2
    cells = []
    for disease, auc in own.items():
        other = Interval(theirs[disease].exact - half, theirs[disease].exact + half)
        cells.append(Cell(disease, auc.text, theirs[disease].text, auc.interval().meets(other)))
    return of_cells(
        cells,
        where=f"{TABLE}; ali2019 Table II",
        question="Do cohen2019 and ali2019 print the same AUCs for Wang et al.?",
        arithmetic="two AUCs agree where some number would print as both; ali2019 drops trailing zeros",
        reading="the suite keeps both columns, each with its source",
    )


def wang_architecture() -> Outcome:
    """Table 1, head of the first column: a DenseNet for Wang et al."""
    head = loader.table(PAPER, "table1").columns[WANG]
    found = re.search(r"DenseNet-(\d+)", head)
    network = found[0] if found else "no DenseNet"
    depths = cited("densenet")["depths"]
    networks = cited("wang")["networks"]
    return Outcome(
        verdict(network in networks),
        TABLE,
        "Is the network over the first column one that Wang et al. trained?",
        network,
        ", ".join(networks),
        f"DenseNet is published with {', '.join(depths)} layers; only the depth is that of a listed ResNet",
        reading="the suite labels that column ResNet-50",
    )


def better_than_wang() -> Outcome:
    """Table 1: the reused weights against the first column."""
    wang = aucs(WANG)
    cells = [
        Cell(disease, auc.text, f"above {wang[disease]}", auc.interval().low > wang[disease].interval().high)
        for disease, auc in aucs(WENG).items()
    ]
    return of_cells(
        cells,
        where=TABLE,
        question="Are the reused weights better than Wang et al. in every disease?",
        arithmetic="even the least AUC that prints so against the largest of Wang et al.",
    )


def _mean(column: int) -> Fraction:
    values = aucs(column).values()
    return sum((auc.exact for auc in values), Fraction(0)) / len(values)


def mean_auc() -> Outcome:
    """Table 1: means over the diseases, which the paper does not print."""
    wang, chexnet, weng = (_mean(column) for column in (WANG, CHEXNET, WENG))
    return Outcome(
        verdict(wang < weng < chexnet),
        TABLE,
        "Does the mean AUC of the reused weights lie between Wang et al. and CheXNet?",
        "no mean is printed",
        f"{float(wang):.4f} (Wang), {float(weng):.4f} (reused weights), {float(chexnet):.4f} (CheXNet)",
        f"mean of {len(aucs(WENG))} AUCs each",
    )


def comparable_performance() -> Outcome:
    """§2: the reused weights against CheXNet, measured by twice their own printed spread."""
    chexnet = aucs(CHEXNET)
    cells, below, near = [], 0, 0
    for disease, auc in aucs(WENG).items():
        assert auc.spread
        difference = auc.exact - chexnet[disease].exact
        below += difference < 0
        near += abs(difference) <= auc.spread.exact
        agrees = abs(difference) <= 2 * auc.spread.exact
        cells.append(Cell(disease, auc.text, f"{chexnet[disease]} ({float(difference):+.3f})", agrees))
    within = _count(cell.agrees for cell in cells)
    return of_cells(
        cells,
        where=TABLE,
        question="Do the reused weights perform like CheXNet, to twice the printed standard deviation?",
        arithmetic=f"lower in {below} of {len(cells)}; within one standard deviation in {near}, within two "
        f"in {within}; the mean is lower by {float(_mean(CHEXNET) - _mean(WENG)):.4f}",
        reading="the suite calls two AUCs comparable where they differ by at most two standard deviations",
    )


def weng_published() -> Outcome:
    """Table 1: the reused weights as evaluated here against their authors' own AUCs."""
    source = {disease: Printed(text) for disease, text in cited("weng")["auc"].items()}
    cells = []
    for disease, auc in aucs(WENG).items():
        assert auc.spread
        agrees = abs(auc.exact - source[disease].exact) <= 2 * auc.spread.exact
        cells.append(Cell(disease, auc.text, source[disease].text, agrees))
    lower = _count(auc.exact < source[disease].exact for disease, auc in aucs(WENG).items())
    return of_cells(
        cells,
        where=TABLE,
        question="Do the weights reach their authors' own AUCs, to twice the printed standard deviation?",
        arithmetic=f"lower in {lower} of {len(cells)}; the authors average ten crops, normalised as ImageNet",
        reading="variant paper evaluates one crop without normalisation, variant sound ten crops with it",
    )


def hanley_mcneil(auc: float, positives: float, negatives: float) -> float:
    """Standard error of an AUC (Hanley and McNeil 1982, Radiology 143:29)."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (positives - 1) * (q1 - auc**2) + (negatives - 1) * (q2 - auc**2)
    return math.sqrt(spread / (positives * negatives))


def spread_rule() -> Outcome:
    """Table 1, caption: standard deviations over random halves of the test set, against sampling theory."""
    splits, share = int(said("spread_rule", "splits").exact), said("spread_rule", "share").value
    test, all_images = (
        cited_number("chexnet_lists", "test").value,
        cited_number("chestxray14", "images").value,
    )
    # A share h drawn without replacement has (1 - h) / h times the variance of the whole; a half: the same.
    factor = math.sqrt((1 - share) / share)
    columns = aucs(WENG)
    # All spreads together at LEVEL; sums of squares are divided by the splits, or by one less.
    tail = LEVEL / (2 * len(columns))
    low = math.sqrt(stats.chi2.ppf(tail, splits - 1) / splits)
    high = math.sqrt(stats.chi2.isf(tail, splits - 1) / (splits - 1))
    cells, below = [], 0
    for disease, auc in columns.items():
        assert auc.spread
        positives = Printed(cited("chestxray14")["positives"][disease]).value * test / all_images
        expected = factor * hanley_mcneil(auc.value, positives, test - positives)
        interval = auc.spread.interval()
        below += interval.high < expected
        agrees = interval.low <= high * expected and low * expected <= interval.high
        cells.append(Cell(disease, auc.spread.text, f"{expected:.4f}", agrees))
    return of_cells(
        cells,
        where="Table 1, caption",
        question="Can the printed spreads come from random halves of the test set?",
        arithmetic=f"halves drawn without replacement vary by {factor:g} times the standard error of the AUC "
        "on the whole test set (Hanley and McNeil; positives by its share of the release); chi-square with "
        f"{splits - 1} degrees of freedom, all diseases together at {LEVEL:g}; "
        f"{below} of {len(cells)} lie below theory",
        reading="the suite draws the halves without replacement",
    )
