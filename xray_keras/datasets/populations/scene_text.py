"""Populations of pictures with and without text (zhao2019 §IV.A), or of the rendered scenes that stand for them.

Pictures with text are TextDis', or else those of MSRA-TD500 and of a folder in ICDAR's format; pictures without are
TextDis' own, or else plain photographs. A set that is not there is absent and counted.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xray_keras.datasets import icdar_quadrilaterals, msra_td500, photographs, textdis
from xray_keras.datasets.populations import PHANTOM_SEED, folder
from xray_keras.datasets.scenes import listing as scene_listing
from xray_keras.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from xray_keras.datasets.decoding import Source

SETS = (textdis, msra_td500, icdar_quadrilaterals, photographs)
INSTEAD = {1: (msra_td500, icdar_quadrilaterals), 0: (photographs,)}
"""What is read where TextDis has no pictures with (1) or without text (0)."""


def files(data: Path) -> list[Path]:
    """Files and folders whose change means another manifest."""
    found = []
    for adapter in SETS:
        root = adapter.find(data)
        if root is not None:
            found += [path for each in adapter.folders(root) for path in scene_listing.watched(each.path)]
    return sorted(found)


def is_complete(data: Path) -> bool:
    """Whether TextDis is there with as many pictures as the paper prints."""
    return textdis.is_complete(data)


def source(population: Mapping[str, Any]) -> "Source":
    """The sets below `data`, or rendered scenes."""
    from xray_keras.datasets.rendered.text import Rendered
    from xray_keras.datasets.scenes.originals import Originals, Scaled

    data = folder(population)
    return Scaled(Rendered(PHANTOM_SEED)) if data is None else Originals(data)


def build(population: Mapping[str, Any]) -> "tuple[pd.DataFrame, dict[str, Any]]":
    """Manifest and summary, see `populations.build`; `max_images` limits all pictures, see `scenes.rows.limited`.

    Returns:
        The manifest (`manifest.SCENE_COLUMNS`), and a summary: `origin`, `dataset`, `complete` (whether it is all of
        TextDis), `images`, `text` (how many of them show some), `counts` (part → with and without text), `sets` (name →
        whether it is the paper's own, images found and used, how many show text, left_out by reason and some of them
        named, boxes, citation, licence), `absent` (sets that are not there) and `unused` (that are, but not needed).

    Raises:
        UserError: there are no pictures with text or none without, or a set is malformed (see the adapters).
    """
    from xray_keras.datasets.scenes import rows as scene_rows

    data, limit = folder(population), population["max_images"]
    if data is None:
        return _rendered(limit)
    read = {textdis: textdis.read(data, population["missing"])} if textdis.find(data) else {}
    for text, adapters in INSTEAD.items():
        if not any(entry.text == text for scenes in read.values() for entry in scenes.entries):
            read |= {each: each.read(data, population["missing"]) for each in adapters if each.find(data)}
    shown = {entry.text for scenes in read.values() for entry in scenes.entries}
    if shown != {0, 1}:
        lacking = " or ".join(
            kind for text, kind in ((1, "with text"), (0, "without text")) if text not in shown
        )
        raise UserError(
            f"{data} holds no pictures {lacking}; unpack {textdis.FOLDER} there, or {msra_td500.FOLDER} or "
            f"{icdar_quadrilaterals.FOLDER} and {photographs.FOLDER}, or leave DATA out for rendered ones"
        )
    here = [each for each in SETS if each in read]
    whole = scene_rows.joined([scene_rows.rows(read[each].entries, each.NAME) for each in here])
    frame = scene_rows.limited(whole, limit)
    sets = {each.NAME: _about(each, read[each]) for each in here}
    return frame, scene_rows.summary(frame, sets) | {
        "origin": "release",
        "complete": here == [textdis] and scene_rows.counts(frame) == textdis.printed(),
        "absent": [each.NAME for each in SETS if not each.find(data)],
        "unused": [each.NAME for each in SETS if each.find(data) and each not in read],
    }


def _about(adapter: Any, scenes: scene_listing.Scenes) -> dict[str, Any]:
    return {
        "own": adapter is textdis,
        "found": len(scenes.entries),
        "left_out": dict(scenes.left_out),
        "named": dict(scenes.named),
        "boxes": dict(scenes.boxes),
        "citation": adapter.CITATION,
        "licence": adapter.LICENCE,
    }


def _rendered(limit: int | None) -> "tuple[pd.DataFrame, dict[str, Any]]":
    """As many rendered scenes as TextDis has pictures, or `limit`."""
    from xray_keras.datasets.rendered import text as rendered_text
    from xray_keras.datasets.scenes import rows as scene_rows

    every = sum(number for part in textdis.printed().values() for number in part.values())
    frame = rendered_text.Rendered(PHANTOM_SEED).manifest(limit or every)
    about = {
        "own": False,
        "found": len(frame),
        "left_out": {},
        "named": {},
        "boxes": {},
        "citation": rendered_text.CITATION,
        "licence": rendered_text.LICENCE,
    }
    return frame, scene_rows.summary(frame, {rendered_text.SOURCE: about}) | {
        "origin": "phantom",
        "complete": False,
        "absent": [],
        "unused": [],
        "seed": PHANTOM_SEED,
    }
