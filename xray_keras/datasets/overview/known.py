"""The data sets that the suite can use: what for, where to get them, under which terms, where they belong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xray_keras.datasets import (
    chexpert,
    covid_chestxray,
    icdar_quadrilaterals,
    kermany,
    msra_td500,
    mura,
    nih,
    ood_stand_ins,
    photographs,
    small_pictures,
    textdis,
)
from xray_keras.datasets.overview import tally
from xray_keras.datasets.overview.tally import Tally

_AGREEMENT = "yes: name, e-mail address and consent to a research use agreement, at that address"
_ACCEPT, _REJECT = "radiographs that the gate should accept", "images that the gate should reject"
_TEXT, _NO_TEXT = (f"pictures {kind} text where TextDis is absent" for kind in ("with", "without"))


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """One data set.

    Attributes:
        name: short, unique.
        title: as people call it.
        folder: below DATA, into which to unpack it.
        others: further first folders or files below DATA where it is found.
        link: official address.
        registration: what is asked of people before they get it; "" for nothing.
        licence, citation: of the set.
        papers: paper of the suite → what the set is used for.
        note: what else one should know before getting it.
        tally: counts what is below the user's folder, None where it is absent.
    """

    name: str
    title: str
    folder: str
    link: str
    licence: str
    citation: str
    papers: Mapping[str, str]
    tally: Callable[[Path], Tally | None]
    registration: str = ""
    others: tuple[str, ...] = ()
    note: str = ""

    @property
    def tops(self) -> set[str]:
        """The first part of every place below DATA where it is looked for."""
        return {self.folder.split("/")[0], *self.others}


def _terms(adapter: Any) -> dict[str, Any]:
    """What an adapter says of its set."""
    return {
        "folder": adapter.FOLDER,
        "link": adapter.LINK,
        "licence": adapter.LICENCE,
        "citation": adapter.CITATION,
    }


def _small(collection: small_pictures.Collection, link: str, *instead: Any) -> dict[str, Any]:
    """The same of a collection of small pictures; `instead` are folders of some of its pictures."""
    fetched = (
        f"keras.datasets.{collection.name}.load_data() fetches it too, and it is found where Keras keeps it"
    )
    tops = list(dict.fromkeys(place.split("/")[0] for place in collection.places))
    tops.remove(small_pictures.KERAS)
    return {
        "name": collection.name,
        "folder": tops[0],
        "link": link,
        "licence": collection.licence,
        "citation": collection.citation,
        "tally": tally.first(*(tally.listing(each) for each in (collection, *instead))),
        "others": (*tops[1:], *(ood_stand_ins.FOLDER for _ in instead)),
        "note": fetched,
    }


_TINY = "https://www.cs.toronto.edu/~kriz/cifar.html"

SETS = (
    DataSet(
        name="nih",
        title="NIH ChestX-ray14",
        **_terms(nih),
        papers={
            "ali2019": "all tables and figures",
            "cohen2019": "classifier, gate and explanations",
            "gan_notes": "the laboratory",
            "minaee2020": "negatives where CheXpert is absent",
        },
        tally=tally.chestxray14,
        note="take the label files and as many of the image archives as you like",
    ),
    DataSet(
        name="covid-chestxray",
        title="COVID-19 image data collection",
        **_terms(covid_chestxray),
        papers={"minaee2020": "positives"},
        tally=tally.covid_collection,
        note=f"git clone {covid_chestxray.LINK}",
    ),
    DataSet(
        name="chexpert",
        title="CheXpert, small",
        **_terms(chexpert),
        papers={"minaee2020": "negatives"},
        tally=tally.chexpert_small,
        registration=_AGREEMENT,
    ),
    DataSet(
        name=kermany.NAME,
        title="Kermany's children",
        **_terms(kermany),
        papers={"cohen2019": _ACCEPT},
        tally=tally.children,
        others=("chest_xray",),
    ),
    DataSet(
        name=mura.NAME,
        title="MURA",
        **_terms(mura),
        papers={"cohen2019": _REJECT},
        tally=tally.bones,
        registration=_AGREEMENT,
    ),
    DataSet(
        name=ood_stand_ins.HANDS.name,
        title="hand radiographs",
        folder=f"{ood_stand_ins.FOLDER}/{ood_stand_ins.HANDS.folder}",
        link="https://github.com/Project-MONAI/MONAI-extra-test-data (MedNIST, folder Hand)",
        licence=ood_stand_ins.HANDS.licence,
        citation=ood_stand_ins.HANDS.citation,
        papers={"cohen2019": f"{_REJECT}, where MURA is absent"},
        tally=tally.listing(ood_stand_ins.HANDS),
        note="any hand radiographs as PNG or JPEG will do; they are called what they are",
    ),
    DataSet(title="CIFAR-100", **_small(small_pictures.CIFAR100, _TINY), papers={"cohen2019": _REJECT}),
    DataSet(
        title="CIFAR-10",
        **_small(small_pictures.CIFAR10, _TINY, ood_stand_ins.CIFAR10),
        papers={"cohen2019": f"{_REJECT}, where CIFAR-100 is absent"},
    ),
    DataSet(
        title="MNIST",
        **_small(small_pictures.MNIST, "http://yann.lecun.com/exdb/mnist/", ood_stand_ins.MNIST),
        papers={"cohen2019": _REJECT},
    ),
    DataSet(
        name=textdis.NAME,
        title="TextDis",
        **_terms(textdis),
        papers={"zhao2019": "pictures with and without text"},
        tally=tally.scenes(textdis),
        registration="ask the authors",
        others=("TextDis",),
    ),
    DataSet(
        name=msra_td500.NAME,
        title="MSRA-TD500",
        **_terms(msra_td500),
        papers={"zhao2019": _TEXT},
        tally=tally.scenes(msra_td500),
        others=("MSRA-TD500",),
    ),
    DataSet(
        name=icdar_quadrilaterals.NAME,
        title="ICDAR 2015, challenge 4",
        **_terms(icdar_quadrilaterals),
        papers={"zhao2019": _TEXT},
        tally=tally.scenes(icdar_quadrilaterals),
        registration="yes: an account, at that address",
        note="any set with such quadrilaterals will do: pictures and box files side by side in train/ and test/",
    ),
    DataSet(
        name=photographs.NAME,
        title="photographs without text",
        **_terms(photographs),
        papers={"zhao2019": _NO_TEXT},
        tally=tally.scenes(photographs),
        note="BSDS500 or photographs of your own, in train/ and test/; you vouch that no text is in them",
    ),
)
"""Radiographs, then foreign images, then scenes."""
