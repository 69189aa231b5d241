"""What the checks of cohen2019 read: printed numbers of its claims, cited numbers, Table 1."""

from typing import Any

from xray_keras.papers import loader
from xray_keras.papers.printed import Printed

PAPER = "cohen2019"
WANG, CHEXNET, WENG = range(3)  # columns of Table 1, from left to right


def said(claim: str, name: str) -> Printed:
    """A number of a claim."""
    return loader.claims(PAPER)[claim].values[name]


def cited(source: str) -> dict[str, Any]:
    """What another source prints."""
    return loader.load(PAPER)["cited"][source]


def cited_number(source: str, name: str) -> Printed:
    """A number that another source prints."""
    return Printed(cited(source)[name])


def setting(group: str) -> dict[str, Any]:
    """One group of the printed settings."""
    return loader.load(PAPER)["settings"][group]


def aucs(column: int) -> dict[str, Printed]:
    """One column of Table 1, by disease."""
    table = loader.table(PAPER, "table1")
    return {disease: table.number(disease, table.columns[column]) for disease in table.rows}
