"""Scene pictures as rows of a manifest, a part of them, and the counts of that manifest."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from xray_keras.datasets.manifest import SCENE_COLUMNS, TEXT
from xray_keras.datasets.scenes.listing import COUNTED, PARTS, Scene


def rows(entries: Sequence[Scene], source: str) -> pd.DataFrame:
    """Entries of one set as rows; names get the set's name in front, for they are unique in it alone.

    No set says who took a picture, so that each counts as its own patient.
    """
    names = [f"{source}/{entry.image}" for entry in entries]
    return pd.DataFrame(
        {
            "image": names,
            "patient": names,
            "path": [entry.path for entry in entries],
            "source": source,
            "width": [entry.width for entry in entries],
            "height": [entry.height for entry in entries],
            "official_split": [entry.part for entry in entries],
            "outlines": [entry.outlines for entry in entries],
            TEXT: [entry.text for entry in entries],
        }
    )


def joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One manifest of several sets."""
    whole = pd.concat(parts, ignore_index=True)[list(SCENE_COLUMNS)]
    return whole.astype({"width": "int64", "height": "int64", TEXT: "int8"})


def limited(frame: pd.DataFrame, most: int | None) -> pd.DataFrame:
    """At most `most` pictures, each class of each part in proportion; all for None.

    Within a class of a part pictures come in the order of a hash of their name. A larger number holds all pictures of a
    smaller one, and four pictures are one of each, where there is one.

    Args:
        frame: a manifest, indexed from 0.
        most: pictures.
    """
    if most is None or len(frame) <= most:
        return frame
    digests = [hashlib.sha256(f"population/{name}".encode()).hexdigest() for name in frame["image"]]
    ranked = frame.assign(digest=digests).sort_values("digest")
    groups = ranked.groupby([TEXT, "official_split"])
    # What share of its group stands before a picture: the smallest of all groups together are in proportion.
    before = groups.cumcount() / groups["image"].transform("size")
    chosen = before.sort_values(kind="stable").index[:most]
    return frame.loc[chosen.sort_values()].reset_index(drop=True)


def counts(frame: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Pictures a part, with and without text."""
    return {
        part: {
            name: int(((frame["official_split"] == part) & (frame[TEXT] == text)).sum())
            for text, name in COUNTED.items()
        }
        for part in PARTS.values()
    }


def summary(frame: pd.DataFrame, sets: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Counts of a manifest, set by set, beside what is known of each set."""
    counted = {}
    for name, about in sets.items():
        here = frame[frame["source"] == name]
        counted[name] = {**about, "images": len(here), "text": int(here[TEXT].sum())}
    return {
        "dataset": "scene_text",
        "images": len(frame),
        "text": int(frame[TEXT].sum()),
        "counts": counts(frame),
        "sets": counted,
    }
