"""From the files of a set of scenes to its usable pictures: headers and boxes are read, the rest counted and named."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from xray_keras.datasets.ood_listing import JUNK
from xray_keras.datasets.outlines import Outline, mended, to_text
from xray_keras.datasets.scenes.listing import (
    BOX_SUFFIXES,
    NAMED,
    SUFFIXES,
    Boxes,
    Folder,
    Scene,
    Scenes,
    files,
    is_junk,
    is_picture,
)
from xray_keras.datasets.scenes.pictures import measure
from xray_keras.errors import UserError

BAD_PICTURE = "picture that cannot be used"
BAD_BOXES = "text picture whose box file cannot be read"
NO_FILE = "text picture without a box file"
NO_BOX = "text picture whose box file lists nothing"
NO_AREA = "text picture with no box that has an area in it"
ONLY_IGNORED = "text picture whose text is all marked as unreadable"
NO_PICTURE = "box file without a picture"
OTHER = "neither a picture nor a box file by its name"


def gather(
    data: Path,
    root: Path,
    folders: Sequence[Folder],
    missing: Literal["error", "skip"],
    boxes: Boxes | None = None,
) -> Scenes:
    """Measure every picture and read its boxes.

    A text picture without a usable box cannot give region labels: it is left out and counted whatever `missing` says.

    Args:
        data: the user's folder.
        root: of the set, below `data`.
        folders: where its pictures are.
        missing: what to do with a picture or a box file that cannot be read: "error", or leave the picture out, count
            and name it ("skip").
        boxes: None where no folder shows text.

    Raises:
        UserError: such a file; there is no picture, or none of a class that the folders hold is usable.
    """
    if missing not in ("error", "skip"):
        raise UserError(f"missing={missing!r} is neither error nor skip; set MISSING=error or MISSING=skip")
    found = [(folder, list(files(folder.path))) for folder in folders]
    short = Counter(_short(root, path) for _, paths in found for path in paths if is_picture(path))
    if not short:
        raise UserError(
            f"{root} holds no picture ({', '.join(SUFFIXES)}); put some there, or remove the folder"
        )
    work = _Work(data, root, missing, boxes, short)
    for folder, paths in found:
        used: set[Path] = set()
        for path in filter(is_picture, paths):
            used.update(work.add(folder, path))
        for path in paths:
            if not is_picture(path) and path not in used:
                work.leave_out(_stray(path, folder), path)
    for text in sorted({folder.text for folder in folders}):
        on_disk = sum(is_picture(path) for folder, paths in found if folder.text == text for path in paths)
        if on_disk and not any(entry.text == text for entry in work.entries):
            reasons = "; ".join(f"{count:,} {reason}" for reason, count in sorted(work.left_out.items()))
            kind = "text pictures" if text else "pictures without text"
            raise UserError(
                f"none of the {on_disk:,} {kind} of {root} is usable ({reasons}); unpack it again"
            )
    return Scenes(work.entries, dict(work.left_out), work.named, dict(work.boxes_seen))


class _LeftOut(Exception):
    """Why a text picture is not used; `why` where a file is bad."""

    def __init__(self, reason: str, why: UserError | None = None) -> None:
        super().__init__(reason)
        self.why = why


class _Work:
    """The state of `gather`."""

    def __init__(
        self, data: Path, root: Path, missing: str, boxes: Boxes | None, short: Mapping[str, int]
    ) -> None:
        self.entries: list[Scene] = []
        self.left_out = Counter[str]()
        self.named: dict[str, list[str]] = {}
        self.boxes_seen = Counter[str]()
        self._data, self._root, self._missing, self._boxes, self._short = data, root, missing, boxes, short

    def leave_out(self, reason: str, path: Path, why: UserError | None = None) -> None:
        if why is not None and self._missing == "error":
            raise UserError(f"{why}, or leave such pictures out with MISSING=skip (--missing skip)") from None
        self.left_out[reason] += 1
        names = self.named.setdefault(reason, [])
        if len(names) < NAMED:
            told = (
                str(why).replace(f"{self._data}{os.sep}", "")
                if why
                else path.relative_to(self._data).as_posix()
            )
            names.append(_printable(told))

    def add(self, folder: Folder, path: Path) -> list[Path]:
        """An entry of a picture, or why there is none; the box files that belong to it."""
        places = [place for place in self._places(folder, path) if place.is_file()]
        try:
            below = path.relative_to(self._data).as_posix()
            if _printable(below) != below:
                raise UserError(f"{_printable(str(path))} has a name that is not UTF-8; rename it")
            width, height = measure(path)
        except UserError as error:
            self.leave_out(BAD_PICTURE, path, error)
            return places
        if folder.text:
            try:
                outlines = self._outlines(places, width, height)
            except _LeftOut as reason:
                self.leave_out(str(reason), path, reason.why)
                return places
        else:
            outlines = ""
        short = _short(self._root, path)
        name = short if self._short[short] == 1 else path.relative_to(self._root).as_posix()
        self.entries.append(Scene(name, below, width, height, folder.part, outlines, folder.text))
        return places

    def _places(self, folder: Folder, path: Path) -> Iterable[Path]:
        return self._boxes.places(path) if self._boxes and folder.text else ()

    def _outlines(self, places: Sequence[Path], width: int, height: int) -> str:
        """The cell of a manifest.

        Raises:
            _LeftOut: there is no text to learn from.
        """
        if not places or self._boxes is None:
            raise _LeftOut(NO_FILE)
        try:
            listed = self._boxes.parse(places[0])
        except UserError as error:
            raise _LeftOut(BAD_BOXES, error) from None
        if not listed:
            raise _LeftOut(NO_BOX)
        clipped = [(mended(outline.polygon, width, height), outline.ignored) for outline in listed]
        usable = [Outline(polygon, ignored) for polygon, ignored in clipped if polygon is not None]
        if not usable:
            raise _LeftOut(NO_AREA)
        if all(outline.ignored for outline in usable):
            raise _LeftOut(ONLY_IGNORED)
        as_listed = {outline.polygon.tobytes() for outline in listed}
        ignored = sum(outline.ignored for outline in usable)
        self.boxes_seen.update(
            {
                "text": len(usable) - ignored,
                "marked as unreadable": ignored,
                "clipped or mended": sum(each.polygon.tobytes() not in as_listed for each in usable),
                "without area in the picture, dropped": len(listed) - len(usable),
            }
        )
        return to_text(usable)


def _stray(path: Path, folder: Folder) -> str:
    if is_junk(path):
        return JUNK
    return NO_PICTURE if folder.text and path.suffix.lower() in BOX_SUFFIXES else OTHER


def _short(root: Path, path: Path) -> str:
    """Below the folder of a part."""
    return "/".join(path.relative_to(root).parts[1:])


def _printable(text: str) -> str:
    """Bytes of a file name that are no UTF-8 as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
