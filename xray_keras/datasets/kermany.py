"""Paediatric chest radiographs (Kermany et al. 2018) in their official layout: normal, bacterial or viral pneumonia.

Source: Kermany et al., "Identifying Medical Diagnoses and Treatable Diseases by Image-Based Deep Learning", Cell 2018,
and the release's own files: train/ and test/ (a later packaging adds val/), each with NORMAL/ and PNEUMONIA/, as JPEG.
The archive unpacks into chest_xray/; that folder is found below `FOLDER` and in its place. Two packagings name the
files differently, and both tell the patient: person82_bacteria_405.jpeg, NORMAL2-IM-0381-0001.jpeg and
BACTERIA-1008087-0001.jpeg.
"""

import re
from collections import Counter
from pathlib import Path

from xray_keras.datasets.ood_listing import Entry, Listing, pictures
from xray_keras.errors import UserError

FOLDER = "kermany-chest-xray"
NAME = "kermany"
LINK = "https://data.mendeley.com/datasets/rscbjbr9sj"
CITATION = (
    "D. S. Kermany, M. Goldbaum, W. Cai et al.: Identifying Medical Diagnoses and Treatable Diseases by Image-Based "
    "Deep Learning. Cell 172(5), 2018, pp. 1122-1131."
)
LICENCE = f"CC BY 4.0 ({LINK})."

_PARTS = ("train", "val", "test")
_CLASSES = ("NORMAL", "PNEUMONIA")
_PLACES = (FOLDER, f"{FOLDER}/chest_xray", "chest_xray")
# A patient's number, and the agent where there is one.
_NAMES = {
    "PNEUMONIA": re.compile(
        r"(?P<patient>person\d+)_(?P<agent>bacteria|virus)_\d+|(?P<patient2>(?P<agent2>BACTERIA|VIRUS)-\d+)-\d+"
    ),
    "NORMAL": re.compile(r"(?P<patient>(?:NORMAL\d*-)?IM-\d+|NORMAL-\d+)-\d+(?:-\d+)?"),
}
_AGENTS = {"bacteria": "bacterial", "virus": "viral"}


def find(data: Path) -> Path | None:
    """The folder below `data` that holds train/ or test/, or None."""
    for place in _PLACES:
        if any((data / place / part / kind).is_dir() for part in _PARTS for kind in _CLASSES):
            return data / place
    return None


def read(data: Path, root: Path) -> Listing:
    """Every image of every part: nothing is learned from them.

    One patient has one number in both folders of a part and in all parts, the cautious reading where packagings number
    anew.

    Args:
        data: the user's folder.
        root: what `find` gave.

    Raises:
        UserError: a file is not named as the release names it, so its patient is unknown, or there is no image.
    """
    entries, counts, left_out = [], Counter[str](), Counter[str]()
    for part in _PARTS:
        for kind in _CLASSES:
            found, others = pictures(root / part / kind)
            left_out.update(others)
            for path in found:
                name = _NAMES[kind].fullmatch(path.stem)
                if name is None:
                    raise UserError(
                        f"{path} is not named as the release names its {kind} images, so its patient is unknown; "
                        f"unpack the archive from {LINK} again"
                    )
                groups = name.groupdict()
                agent = _AGENTS.get((groups.get("agent") or groups.get("agent2") or "").lower(), "normal")
                counts[f"{part}, {agent}"] += 1
                entries.append(
                    Entry(
                        image=f"{part}/{kind}/{path.name}",
                        patient=groups["patient"] or groups["patient2"],
                        path=path.relative_to(data).as_posix(),
                        pneumonia=int(kind == "PNEUMONIA"),
                    )
                )
    if not entries:
        raise UserError(f"{root} holds no PNG or JPEG in train/ or test/; unpack {LINK} there")
    return Listing(entries, left_out, counts)
