"""MURA in its official layout: bone radiographs of the arm, from finger to shoulder.

Source: Rajpurkar et al., "MURA: Large Dataset for Abnormality Detection in Musculoskeletal Radiographs", MIDL 2018, and
the release's own files: train_image_paths.csv and valid_image_paths.csv, one path a line
(MURA-v1.1/valid/XR_HAND/patient11185/study1_positive/image1.png), and the PNGs there. The validation part is used, the
only labelled one that no classifier of MURA learns from; the training part where it is alone.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Literal

from xray_keras import files
from xray_keras.datasets.ood_listing import Entry, Listing, pictures
from xray_keras.errors import UserError, shortened

FOLDER = "MURA-v1.1"
NAME = "mura"
LINK = "https://stanfordmlgroup.github.io/competitions/mura/"
CITATION = (
    "P. Rajpurkar, J. Irvin, A. Bagul et al.: MURA: Large Dataset for Abnormality Detection in Musculoskeletal "
    "Radiographs. MIDL 2018, arXiv 1712.06957."
)
LICENCE = f"Stanford University School of Medicine MURA Dataset Research Use Agreement ({LINK})."

_PARTS = ("valid", "train")
_PATH = re.compile(
    rf"{FOLDER}/(?:valid|train)/XR_(\w+)/(patient\d+)/study\d+_(?:positive|negative)/[^/]+\.png"
)


def find(data: Path) -> Path | None:
    """The release below `data`, or None."""
    root = data / FOLDER
    return root if any((root / part).is_dir() for part in _PARTS) else None


def read(data: Path, root: Path, missing: Literal["error", "skip"] = "error") -> Listing:
    """The images of one part, in the order of its list, or sorted where the list is absent.

    Args:
        data: the user's folder.
        root: what `find` gave.
        missing: whether listed images that are absent from the disk are an error, or skipped and counted.

    Raises:
        UserError: a path that is not MURA's, no image, or images miss.
    """
    part = next(name for name in _PARTS if (root / name).is_dir())
    paths, left_out = _listed(root, part)
    absent = [path for path in paths if not files.is_there(data / path)]
    if absent and (missing == "error" or len(absent) == len(paths)):
        raise UserError(
            f"{len(absent):,} of the {len(paths):,} images of {root / part} are not on disk (first: "
            f"{shortened(absent[0])}); unpack {FOLDER} again from {LINK}, or use those present with MISSING=skip "
            "(--missing skip)"
        )
    gone, entries, counts = set(absent), [], Counter[str]()
    for path in paths:
        if path in gone:
            continue
        match = _PATH.fullmatch(path)
        if match is None:
            raise UserError(
                f"{root / part} lists {shortened(path)}, which is not MURA's; unpack {FOLDER} from {LINK}"
            )
        counts[match[1].lower()] += 1
        entries.append(Entry(path.removeprefix(f"{FOLDER}/"), match[2], path))
    if not entries:
        raise UserError(f"{root / part} holds no image; unpack {FOLDER} from {LINK}")
    return Listing(entries, left_out | ({"file missing": len(absent)} if absent else {}), counts)


def _listed(root: Path, part: str) -> tuple[list[str], dict[str, int]]:
    """Paths of a part, "MURA-v1.1/…", and what its folder holds besides."""
    path = root / f"{part}_image_paths.csv"
    if not path.is_file():
        found, others = pictures(root / part)
        return [f"{FOLDER}/{one.relative_to(root).as_posix()}" for one in found], others
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}); unpack {FOLDER} from {LINK}") from None
    return [line.strip().rstrip(",") for line in lines if line.strip()], {}
