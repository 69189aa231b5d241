"""NIH ChestX-ray14 in its official layout: 112,120 frontal radiographs of 30,805 patients, 14 findings.

Source: Wang et al., "ChestX-ray8: Hospital-scale Chest X-ray Database and Benchmarks on Weakly-Supervised
Classification and Localization of Common Thorax Diseases", CVPR 2017, and the release's own files:

    Data_Entry_2017_v2020.csv (or the first edition, Data_Entry_2017.csv), train_val_list.txt, test_list.txt,
    BBox_List_2017.csv, and the PNGs in images/ or in images_001/images/ … images_012/images/.

Only the standard library is imported here until rows or pixels are asked for, so that the Makefile can call
`is_complete` while it plans.
"""

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from xray_keras.datasets import nih_files
from xray_keras.datasets.findings import FINDINGS, NO_FINDING
from xray_keras.errors import UserError, shortened

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FOLDER = "nih-chestxray14"
LINK = nih_files.LINK
CITATION = (
    "X. Wang, Y. Peng, L. Lu, Z. Lu, M. Bagheri and R. M. Summers: ChestX-ray8: Hospital-scale Chest X-ray "
    "Database and Benchmarks on Weakly-Supervised Classification and Localization of Common Thorax Diseases. "
    "CVPR 2017, pp. 3462-3471."
)
LICENCE = (
    "Free to use, provided that the NIH Clinical Center is acknowledged as the source with a link to the "
    f"download site ({LINK}) and Wang et al. (CVPR 2017) is cited."
)
IMAGES = 112_120
"""Images of the complete release."""

_AGE = re.compile(r"(\d{1,3})([YMWD]?)")
_UNITS_A_YEAR = {"": 1, "Y": 1, "M": 12, "W": 52, "D": 365}


@dataclass(frozen=True)
class Summary:
    """What a release lists and what of it is on disk; `as_json()` for reports."""

    csv: str
    images_listed: int
    images_on_disk: int
    missing: int
    extra: int
    """PNG files on disk that the CSV does not list."""
    patients: int
    patients_on_disk: int
    labelled: int
    labelled_on_disk: int
    class_counts: dict[str, int]
    class_counts_on_disk: dict[str, int]

    @property
    def complete(self) -> bool:
        """Whether this is the complete official release: 112,120 images listed, all of them on disk."""
        return self.images_listed == IMAGES and self.missing == 0

    def as_json(self) -> dict[str, Any]:
        """The fields, and `complete`."""
        return {**asdict(self), "complete": self.complete}


@dataclass(frozen=True)
class Release:
    """The release unpacked at `root`, the folder that holds the CSV and the images; it is only ever read."""

    root: Path

    def read_manifest(self, missing: Literal["error", "skip"] = "error") -> tuple["pd.DataFrame", Summary]:
        """Read the manifest of the images on disk, in the order of the CSV.

        Ages are whole years as the release states them; its first edition holds a few above 120, kept as they
        are. Where one image lies in two folders, the first folder by name is used.

        Args:
            missing: whether listed images that are absent from the disk are an error, or skipped and counted.

        Returns:
            The manifest (see `manifest.COLUMNS`; `path` relative to `root`) and the counts.

        Raises:
            UserError: the folder or a file of it is absent, malformed or contradictory, or images miss.
        """
        if missing not in ("error", "skip"):
            raise UserError(
                f"missing={missing!r} is neither error nor skip; set MISSING=error or MISSING=skip"
            )
        root = nih_files.root(self.root)
        source = nih_files.csv_file(root)
        entries = nih_files.entries(source)
        official = nih_files.official(root, source, {entry.image for entry in entries})
        paths = nih_files.images_on_disk(root)
        absent = [entry.image for entry in entries if entry.image not in paths]
        if absent and (missing == "error" or len(absent) == len(entries)):
            raise UserError(
                f"{len(absent):,} of the {len(entries):,} images that {source} lists are not below {root} "
                f"(first: {shortened(', '.join(absent[:3]))}); unpack the image archives from {LINK} there, or use "
                "those present with MISSING=skip (--missing skip)"
            )
        listed = _frame(entries, official, paths, source)
        frame = listed[listed["path"] != ""].reset_index(drop=True)
        return frame, _summary(source.name, listed, frame, extra=len(paths) - len(frame))

    def boxes(self) -> "pd.DataFrame":
        """Read the hand-drawn boxes: columns image, finding, and x, y, w, h (float64, pixels of 1024).

        Raises:
            UserError: the file is absent or malformed.
        """
        import pandas as pd

        found = nih_files.boxes(nih_files.root(self.root))
        return pd.DataFrame(found, columns=["image", "finding", "x", "y", "w", "h"])

    def signature(self, rows: "pd.DataFrame") -> str:
        """What the pixels of `rows` depend on besides the manifest (see `images.signature`)."""
        from xray_keras.datasets import images

        return images.signature(FOLDER, self.root, rows["path"])

    def images(self, rows: "pd.DataFrame", size: int) -> "np.ndarray":
        """Decode the images of manifest rows: uint8 (B, size, size), 0 to 255.

        Raises:
            UserError: an image cannot be read (see `images.read_gray`).
        """
        import numpy as np

        from xray_keras.datasets.images import read_gray

        pixels = np.empty((len(rows), size, size), np.uint8)
        for index, path in enumerate(rows["path"]):
            pixels[index] = read_gray(self.root / path, size)
        return pixels


def is_complete(root: Path | str) -> bool:
    """Whether all 112,120 images that the CSV lists are on disk below `root`; False for any broken folder."""
    root = Path(root)
    paths = nih_files.images_on_disk(root)
    if len(paths) < IMAGES:
        return False
    try:
        listed = nih_files.listed(nih_files.csv_file(root))
    except UserError:
        return False
    return len(listed) == IMAGES and listed <= paths.keys()


def _frame(
    entries: list[nih_files.Entry], official: dict[str, str], paths: dict[str, str], source: Path
) -> "pd.DataFrame":
    """The manifest of all listed images; `path` is empty for those not on disk."""
    import numpy as np
    import pandas as pd

    from xray_keras.datasets import manifest

    labels = np.zeros((len(entries), len(FINDINGS)), np.int8)
    numbers = {finding: index for index, finding in enumerate(FINDINGS)}
    rows = []
    for row, entry in enumerate(entries):
        named = entry.findings.split("|")
        for name in named:
            if name in numbers:
                labels[row, numbers[name]] = 1
            elif name != NO_FINDING:
                raise UserError(
                    f"{source}, line {entry.line}: '{shortened(name)}' is not a finding of ChestX-ray14; use one of "
                    f"{', '.join(FINDINGS)}, or {NO_FINDING}"
                )
        if NO_FINDING in named and len(named) > 1:
            raise UserError(
                f"{source}, line {entry.line}: '{shortened(entry.findings)}' says {NO_FINDING} together with a "
                "finding; keep one of them"
            )
        age = _AGE.fullmatch(entry.age)
        if not (
            age and entry.follow_up.isdecimal() and entry.sex in ("M", "F") and entry.view in ("PA", "AP")
        ):
            raise UserError(
                f"{source}, line {entry.line}: follow-up {_told(entry.follow_up)}, age {_told(entry.age)}, sex "
                f"{_told(entry.sex)} or view {_told(entry.view)} is not a whole number, an age, M or F, PA or AP; "
                f"download the file again from {LINK}"
            )
        years = int(age[1]) // _UNITS_A_YEAR[age[2]]
        path = paths.get(entry.image, "")
        part = official[entry.image]
        rows.append(
            (entry.image, entry.patient, path, int(entry.follow_up), years, entry.sex, entry.view, part)
        )
    frame = pd.DataFrame(rows, columns=list(manifest.COLUMNS[: len(rows[0])]))
    frame[list(FINDINGS)] = labels
    manifest.validate(frame, str(source))
    return frame


def _told(cell: str) -> str:
    return repr(shortened(cell, 12))


def _summary(name: str, listed: "pd.DataFrame", present: "pd.DataFrame", extra: int) -> Summary:
    from xray_keras.datasets import manifest

    return Summary(
        csv=name,
        images_listed=len(listed),
        images_on_disk=len(present),
        missing=len(listed) - len(present),
        extra=extra,
        patients=listed["patient"].nunique(),
        patients_on_disk=present["patient"].nunique(),
        labelled=int(manifest.labelled(listed).sum()),
        labelled_on_disk=int(manifest.labelled(present).sum()),
        class_counts=manifest.class_counts(listed),
        class_counts_on_disk=manifest.class_counts(present),
    )
