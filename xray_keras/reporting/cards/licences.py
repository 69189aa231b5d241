"""Which pictures the suite uses, whose they are and on which terms; the page that says so."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from xray_keras.datasets.overview.known import SETS
from xray_keras.datasets.phantom import ood
from xray_keras.datasets.rendered import text as rendered
from xray_keras.reporting import foreign, scenes
from xray_keras.reporting.document import Document, Section

_INSTEAD = "stand in where no DATA is given"


@dataclass(frozen=True)
class Entry:
    """A set of pictures.

    Attributes:
        title: as people call it.
        papers: paper → what the set is used for.
        licence, citation: of the set.
        link: where to get it, "" where it needs no download.
        registration: what is asked of people before they get it, "" for nothing.
    """

    title: str
    papers: Mapping[str, str]
    licence: str
    citation: str
    link: str = ""
    registration: str = ""

    @property
    def plain(self) -> str:
        """The licence without the address of the set."""
        return self.licence.replace(f" ({self.link})", "")

    @property
    def terms(self) -> str:
        """Licence and registration in one."""
        asked = self.registration.removeprefix("yes: ")
        return self.plain + (f" To register: {asked}." if asked else "")


def entries() -> dict[str, Entry]:
    """Every set by name: those of `datasets.overview.known`, then those that need no download."""
    known = {
        each.name: Entry(each.title, each.papers, each.licence, each.citation, each.link, each.registration)
        for each in SETS
    }
    chests = ood.KINDS["phantom-children"]  # the adult chests are computed as the children's are
    radiographs = dict.fromkeys(known["nih"].papers, _INSTEAD)
    built_in = {
        "phantom": Entry("phantom radiographs", radiographs, chests.licence, chests.citation),
        **{
            name: Entry(foreign.NAMES[name], {"cohen2019": _INSTEAD}, kind.licence, kind.citation)
            for name, kind in ood.KINDS.items()
        },
        rendered.SOURCE: Entry(
            scenes.NAMES[rendered.SOURCE], {"zhao2019": _INSTEAD}, rendered.LICENCE, rendered.CITATION
        ),
    }
    return known | built_in


def document() -> Document:
    """The page of all sets."""
    every = entries()
    owned = [each for each in every.values() if each.link]
    built_in = [each for each in every.values() if not each.link]
    lead = [
        "No data set is part of this suite. You get each from its owner, on the owner's terms, which bind you; the "
        "suite reads it where you unpacked it and writes nothing there. `xray-keras data` says the same, and what a "
        "folder holds.",
        "Licences are given as the owners state them, as far as that is known; where it is not, the page says so. Read "
        "the original terms before you use, share or publish anything made of a set, trained networks included.",
    ]
    sections = [
        Section(
            "Data sets",
            columns=["Data set", "used for", "licence", "registration"],
            rows=[[each.title, _uses(each), each.plain, each.registration or "no"] for each in owned],
        ),
        Section(
            "Where to get them, and how to cite them",
            notes=[f"**{each.title}**: {each.link}. Cite {each.citation}" for each in owned],
        ),
        Section(
            "Pictures that need no download",
            "Computed by the suite, or bundled with scikit-learn.",
            columns=["Pictures", "used for", "licence", "source"],
            rows=[[each.title, _uses(each), each.licence, each.citation] for each in built_in],
        ),
    ]
    tidy = pd.DataFrame(
        [
            {
                "name": name,
                "title": each.title,
                "papers": " ".join(each.papers),
                "licence": each.licence,
                "registration": each.registration,
                "link": each.link,
                "citation": each.citation,
            }
            for name, each in every.items()
        ]
    )
    return Document("Data sets and their licences", lead, sections, tidy, prose=True)


def _uses(entry: Entry) -> str:
    papers: dict[str, list[str]] = {}
    for paper, use in entry.papers.items():
        papers.setdefault(use, []).append(paper)
    return "; ".join(f"{', '.join(those)}: {use}" for use, those in papers.items())
