"""What a check answers: a verdict with the printed value, the recomputed one and the arithmetic between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from xray_keras.errors import counted


class Verdict(StrEnum):
    """What can be said of a printed number."""

    HOLDS = "holds"
    FAILS = "fails"
    NEEDS_A_RUN = "needs a run"
    CANNOT_BE_CHECKED = "cannot be checked"


@dataclass(frozen=True)
class Cell:
    """One of many numbers that a check looks at.

    Attributes:
        place: row, metric and column.
        printed: the verbatim text.
        recomputed: what it should be.
        agrees: whether it is.
    """

    place: str
    printed: str
    recomputed: str
    agrees: bool


@dataclass(frozen=True)
class Outcome:
    """What a check found.

    Attributes:
        verdict: holds or fails.
        where: section, table, equation or figure that prints it.
        question: what was checked, one sentence.
        printed: what stands there.
        recomputed: what it should be.
        arithmetic: how the second follows from other printed numbers.
        reading: which reading the suite implements; "" where it makes no difference to the suite.
        cells: one entry a number where a check looks at many.
    """

    verdict: Verdict
    where: str
    question: str
    printed: str
    recomputed: str
    arithmetic: str
    reading: str = ""
    cells: Sequence[Cell] = ()

    @property
    def holds(self) -> bool:
        return self.verdict is Verdict.HOLDS


def verdict(holds: bool) -> Verdict:
    """Holds or fails."""
    return Verdict.HOLDS if holds else Verdict.FAILS


def of_cells(
    cells: Sequence[Cell], *, where: str, question: str, arithmetic: str, reading: str = ""
) -> Outcome:
    """The outcome of a check on many numbers: it holds where all agree, and names those that do not."""
    wrong = [cell for cell in cells if not cell.agrees]
    shown = "; ".join(f"{cell.place} {cell.printed}" for cell in wrong)
    should = "; ".join(f"{cell.place} {cell.recomputed}" for cell in wrong)
    return Outcome(
        verdict(not wrong),
        where,
        question,
        printed=shown or counted(len(cells), "number"),
        recomputed=should or (f"all {len(cells)} agree" if len(cells) > 1 else "it agrees"),
        arithmetic=arithmetic,
        reading=reading,
        cells=tuple(cells),
    )
