"""What the checks of minaee2020 read: operating points, class counts, small views of its numbers."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from xray_keras.audit.arithmetic import counts_printing
from xray_keras.audit.outcome import Cell
from xray_keras.papers import loader
from xray_keras.papers.loader import PrintedTable
from xray_keras.papers.printed import Interval, Printed

PAPER = "minaee2020"
SENSITIVITY, SPECIFICITY = "Sensitivity", "Specificity"
COVID, AUGMENTED, NON_COVID = "COVID-19", "COVID-19 after augmentation", "Non-COVID"
TRAINING, TEST = "Training Set", "Test Set"
PAIR = ("SqueezeNet", "ResNet50")  # the two that the text prefers


@dataclass(frozen=True)
class Point:
    """One row of Tables II to V."""

    threshold: Printed
    sensitivity: Printed
    specificity: Printed


def table(name: str) -> PrintedTable:
    """A printed table."""
    return loader.table(PAPER, name)


def claimed(claim: str, name: str) -> Printed:
    """A number of a claim."""
    return loader.claims(PAPER)[claim].values[name]


def counts(claim: str) -> dict[str, int]:
    """The numbers of a claim that counts things."""
    return {name: int(value.exact) for name, value in loader.claims(PAPER)[claim].values.items()}


def images(split: str, kind: str) -> int:
    """A count of Table I."""
    return int(table("table1").number(split, kind).exact)


def all_images(split: str) -> int:
    """All images of a split, before augmentation (Table I)."""
    return images(split, COVID) + images(split, NON_COVID)


def tested(rate: str) -> int:
    """How many test images a sensitivity or specificity counts."""
    return images(TEST, COVID if rate == SENSITIVITY else NON_COVID)


def networks() -> list[str]:
    """The four, as Table VI spells them."""
    return list(loader.load(PAPER)["settings"]["networks"]["order"])


def points(network: str) -> list[Point]:
    """Its rows in Tables II to V, by rising threshold."""
    printed = table(loader.load(PAPER)["settings"]["networks"]["operating_points"][network])
    found = [
        Point(Printed(row), printed.number(row, SENSITIVITY), printed.number(row, SPECIFICITY))
        for row in printed.rows
    ]
    return sorted(found, key=lambda point: point.threshold.exact)


def at(network: str, sensitivity: Interval) -> list[Point]:
    """Its rows with one of these sensitivities."""
    return [point for point in points(network) if point.sensitivity.exact in sensitivity]


def compared(place: str, printed: Printed, recomputed: int) -> Cell:
    """A printed count beside the one that it should be."""
    return Cell(place, str(printed), str(recomputed), printed.exact == recomputed)


def split_cells(claim: str) -> list[Cell]:
    """The sizes of training and test set that a claim prints, beside those of Table I."""
    sides = {"training": TRAINING, "test": TEST}
    return [compared(name, claimed(claim, name), all_images(split)) for name, split in sides.items()]


def half_width(row: str, rate: str) -> Printed:
    """What Table VI prints behind ±.

    Raises:
        ValueError: nothing is printed there.
    """
    spread = table("table6").number(row, rate).spread
    if spread is None:
        raise ValueError(f"Table VI prints no ± for {row} {rate}")
    return spread


def possible(rate: Printed, n: int) -> Interval:
    """The least and the largest share of n images that prints as `rate`."""
    found = counts_printing(rate, n)
    return Interval(Fraction(found[0], n), Fraction(found[-1], n)) if found else rate.interval()


def leading(number: Printed) -> Interval:
    """Every number that rounds to this one in its first digit: the loose reading of a round number."""
    place = Fraction(10) ** math.floor(math.log10(number.value))
    return Interval(number.exact - place / 2, number.exact + place / 2)


def specificities_at(network: str, sensitivity: Interval) -> Interval:
    """What an unprinted threshold could give, between the rows with more and with less sensitivity."""
    more, less = [Fraction(0)], [Fraction(1)]
    for point in points(network):
        share = possible(point.specificity, tested(SPECIFICITY))
        if point.sensitivity.exact > sensitivity.high:
            more.append(share.low)
        elif point.sensitivity.exact < sensitivity.low:
            less.append(share.high)
    return Interval(max(more), min(less))


def depth(network: str) -> int:
    """The number of layers in a network's name."""
    return int(re.findall(r"\d+", network)[-1])


def bare(printed: Printed) -> str:
    """Its text without ±."""
    return printed.text.split("±")[0].strip()


def percent(share: float | Fraction, decimals: int = 1) -> str:
    """To be shown; comparisons use exact numbers."""
    return f"{100 * float(share):.{decimals}f}%"


def listed(numbers: Iterable[object]) -> str:
    """Separated by commas."""
    return ", ".join(map(str, numbers))
