"""Counts that the papers print of their data sets, under the names that `tally` counts by."""

from collections.abc import Mapping
from typing import NamedTuple

from xray_keras.datasets import textdis
from xray_keras.datasets.scenes.listing import COUNTED, PARTS
from xray_keras.papers import loader
from xray_keras.papers.printed import Printed

_WITHHELD = "the paper counts the test part as well, which the release withholds"
_EIGHT = "the paper's numbers are those of ChestX-ray8, the release before"


class PrintedCount(NamedTuple):
    """A printed number of images, patients or studies.

    Attributes:
        what: is counted, as `Tally.counts` names it.
        number: that is printed.
        paper, where: it is printed.
        note: why the official release may differ from it, "" where it should not.
    """

    what: str
    number: int
    paper: str
    where: str
    note: str = ""


def counts(name: str) -> tuple[PrintedCount, ...]:
    """What is printed of a data set, by its `DataSet.name`; nothing for most."""
    return {
        "nih": _nih,
        "covid-chestxray": _covid,
        "chexpert": _chexpert,
        "kermany": _kermany,
        "mura": _mura,
        "textdis": _textdis,
    }.get(name, tuple)()


def _nih() -> tuple[PrintedCount, ...]:
    ali, cohen = _facts("ali2019", "nih"), _facts("cohen2019", "chest_xray8")
    findings = (
        PrintedCount(name, count, "ali2019", ali["where"]) for name, count in ali["class_counts"].items()
    )
    return (*findings, *_read("cohen2019", cohen, {"images": "images", "patients": "patients"}, _EIGHT))


def _covid() -> tuple[PrintedCount, ...]:
    facts = _facts("minaee2020", "covid_chestxray")
    note = f"a radiologist chose them from the collection of {facts['as_of']}; it has grown since"
    return _read("minaee2020", facts, {"kept": "frontal radiographs of COVID-19"}, note)


def _chexpert() -> tuple[PrintedCount, ...]:
    facts = _facts("minaee2020", "chexpert")
    return _read("minaee2020", facts, {"images": "images", "patients": "patients"}, _WITHHELD)


def _kermany() -> tuple[PrintedCount, ...]:
    names = {"images": "training images", **{kind: f"training images, {kind}" for kind in _KINDS}}
    return _read("cohen2019", _facts("cohen2019", "pneumonia"), names)


_KINDS = ("pneumonia", "bacterial", "viral", "normal")


def _mura() -> tuple[PrintedCount, ...]:
    facts = _facts("cohen2019", "mura")
    return _read("cohen2019", facts, {"images": "images", "studies": "studies"}, _WITHHELD)


def _textdis() -> tuple[PrintedCount, ...]:
    where = _facts("zhao2019", "textdis")["where"]
    quota = textdis.printed()
    return tuple(
        PrintedCount(f"{part}, {kind}", quota[part][kind], "zhao2019", where)
        for part in PARTS.values()
        for kind in COUNTED.values()
    )


def _facts(paper: str, name: str) -> dict:
    return loader.load(paper)["datasets"][name]


def _read(paper: str, facts: Mapping, names: Mapping[str, str], note: str = "") -> tuple[PrintedCount, ...]:
    """Printed texts such as "5,232" of a paper's facts, by our name of what they count."""
    return tuple(
        PrintedCount(what, int(Printed(facts[key]).value), paper, facts["where"], note)
        for key, what in names.items()
    )
