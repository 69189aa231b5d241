"""What the checks of ali2019 read: claims, class counts, rows of Tables II and III."""

import functools
from collections.abc import Mapping

from xray_keras.papers import loader
from xray_keras.papers.printed import Printed, restore_zeros

PAPER = "ali2019"
METRICS = ("Accuracy", "Recall", "Precision", "F1")


def claimed(claim: str, name: str) -> Printed:
    """A number of a claim."""
    return loader.claims(PAPER)[claim].values[name]


def class_sizes() -> dict[str, int]:
    """Printed images a finding (I)."""
    return dict(loader.load(PAPER)["datasets"]["nih"]["class_counts"])


@functools.cache
def cells(model: str, metric: str, table: str = "table2") -> dict[str, Printed]:
    """One printed row by column, dropped zeros restored."""
    printed = loader.table(PAPER, table)
    row = [printed.number(model, column, metric) for column in printed.columns]
    return dict(zip(printed.columns, restore_zeros(row), strict=True))


def row(model: str, finding: str, table: str = "table2") -> dict[str, str]:
    """The four threshold metrics of one model and finding, as the solver takes them."""
    return {metric.lower(): cells(model, metric, table)[finding].text for metric in METRICS}


def values(model: str, metric: str) -> Mapping[str, float]:
    """One printed row of Table II, as `comparisons` takes it."""
    return {finding: cell.value for finding, cell in cells(model, metric).items()}
