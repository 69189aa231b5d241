"""What is below the user's folder: every set of the suite, found or not, its counts beside the printed ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from xray_keras.datasets.overview import printed
from xray_keras.datasets.overview.known import SETS, DataSet
from xray_keras.datasets.overview.tally import Tally
from xray_keras.errors import UserError

FOUND, BROKEN, ABSENT = "found", "broken", "absent"

NEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "ali2019": (("nih",),),
    "minaee2020": (("covid-chestxray",), ("chexpert", "nih")),
    "cohen2019": (("nih",), ("kermany", "mura", "hand-radiographs", "cifar100", "cifar10", "mnist")),
    "gan_notes": (("nih",),),
    "zhao2019": (("textdis", "msra-td500", "icdar"), ("textdis", "photographs")),
}
"""Paper → what must be there for it to run on DATA: of each group, one set."""


class Compared(NamedTuple):
    """A printed count and ours; `found` is None where nothing could be counted."""

    printed: printed.PrintedCount
    found: int | None

    @property
    def differs(self) -> bool:
        return self.found is not None and self.found != self.printed.number


@dataclass(frozen=True)
class Holding:
    """One data set of the suite, and what of it is there.

    Attributes:
        known: the set.
        tally: of what is there; None where it is absent.
        compared: printed counts beside ours.
    """

    known: DataSet
    tally: Tally | None
    compared: tuple[Compared, ...]

    @property
    def state(self) -> str:
        """`FOUND`; `BROKEN` where it is there but cannot be used; or `ABSENT`."""
        if self.tally is None:
            return ABSENT
        return BROKEN if self.tally.problem else FOUND


@dataclass(frozen=True)
class Overview:
    """The suite's sets below a folder.

    Attributes:
        data: the folder.
        holdings: a set each, in the order of `known.SETS`.
        unknown: folders that are there and belong to none of them.
        instead: the folder above, where the one given seems to be a data set itself; else None.
    """

    data: Path
    holdings: tuple[Holding, ...]
    unknown: tuple[str, ...]
    instead: Path | None

    def of(self, state: str) -> list[Holding]:
        """Those in one state."""
        return [holding for holding in self.holdings if holding.state == state]

    def lacking(self) -> Mapping[str, list[tuple[str, ...]]]:
        """Paper → groups of sets (titles) of which one more must be there before it runs on this folder."""
        here = {holding.known.name for holding in self.of(FOUND)}
        titles = {known.name: known.title for known in SETS}
        return {
            paper: [tuple(titles[name] for name in group) for group in groups if not here & set(group)]
            for paper, groups in NEEDS.items()
        }


def look(data: Path) -> Overview:
    """Look for every set below a folder; nothing is written.

    Raises:
        UserError: it is no folder, or cannot be read.
    """
    try:
        if not data.exists():
            raise UserError(f"{data} does not exist; give the folder above your data sets")
        if not data.is_dir():
            raise UserError(f"{data} is a file; give the folder above your data sets")
        below = sorted(path.name for path in data.iterdir() if path.is_dir())
    except OSError as error:
        raise UserError(
            f"{data} cannot be read ({error.strerror}); give a folder that you may read"
        ) from None
    holdings = tuple(_holding(known, data) for known in SETS)
    tops = {top for known in SETS for top in known.tops}
    unknown = tuple(name for name in below if name not in tops and not name.startswith("."))
    nothing = all(holding.state == ABSENT for holding in holdings)
    itself = nothing and data.resolve().name in tops
    return Overview(data, holdings, unknown, data.resolve().parent if itself else None)


def _holding(known: DataSet, data: Path) -> Holding:
    try:
        tally = known.tally(data)
    except OSError as error:
        place = data / known.folder
        tally = Tally(place, 0, problem=f"{error.filename or place} cannot be read ({error.strerror})")
    if tally is None:
        return Holding(known, None, ())
    counted = bool(tally.counts)
    compared = tuple(
        Compared(each, tally.counts.get(each.what, 0) if counted else None)
        for each in printed.counts(known.name)
    )
    return Holding(known, tally, compared)
