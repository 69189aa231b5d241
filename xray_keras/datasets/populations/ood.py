"""Populations of images on which a gate is tried: chests to accept, everything else to reject (cohen2019 §1.1).

Four sets, each from the first place that has it; a set that is nowhere is absent and counted. Stand-ins are used where
the paper's own set is not there, under their own names.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xray_keras.datasets import kermany, mura, ood_stand_ins, small_pictures
from xray_keras.datasets.populations import PHANTOM_SEED, folder
from xray_keras.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

    from xray_keras.datasets.decoding import Source

ACCEPT, REJECT = "accept", "reject"
# The paper's set → its group and where it, or what stands for it, may be.
SETS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "pneumonia": (ACCEPT, (kermany,)),
    "mura": (REJECT, (mura, ood_stand_ins.HANDS)),
    "cifar100": (REJECT, (small_pictures.CIFAR100, small_pictures.CIFAR10, ood_stand_ins.CIFAR10)),
    "mnist": (REJECT, (small_pictures.MNIST, ood_stand_ins.MNIST)),
}
OWN = (kermany, mura, small_pictures.CIFAR100, small_pictures.MNIST)
"""The paper's own sets."""


def files(data: Path) -> list[Path]:
    """Files and folders whose change means another manifest."""
    found: list[Path] = []
    for _, _, _adapter, place in _found(data):
        if isinstance(place, str):
            found.append(small_pictures.locate(data, place))
        else:
            below = (path for path in place.glob("*/*") if path.is_dir())
            found += [place, *place.glob("*_image_paths.csv"), *below]
    return sorted(found)


def is_complete(data: Path) -> bool:
    """Whether all four of the paper's own sets are there."""
    return all(adapter.find(data) for adapter in OWN)


def source(population: Mapping[str, Any]) -> "Source":
    """The sets below `data`, or computed and bundled stand-ins."""
    from xray_keras.datasets.ood_originals import Originals
    from xray_keras.datasets.phantom.ood import OodPhantom

    data = folder(population)
    return OodPhantom(PHANTOM_SEED) if data is None else Originals(data)


def build(population: Mapping[str, Any]) -> "tuple[pd.DataFrame, dict[str, Any]]":
    """Manifest and summary, see `populations.build`; `max_images` limits each set.

    Returns:
        The manifest (`manifest.OOD_COLUMNS`), and a summary: `origin`, `dataset`, `complete`, `images`, `sets` (name →
        what it stands for, whether it is the paper's own, group, images used and found, patients, pneumonia, left_out,
        counts, citation, licence) and `absent` (the paper's sets for which there is nothing).

    Raises:
        UserError: no set at all is there, or one is malformed (see the adapters).
    """
    from xray_keras.datasets import ood_rows
    from xray_keras.datasets.phantom.ood import OodPhantom

    data, limit = folder(population), population["max_images"]
    if data is None:
        frame, sets = OodPhantom(PHANTOM_SEED).manifest(limit)
        return frame, ood_rows.summary(frame, sets) | {
            "origin": "phantom",
            "complete": False,
            "absent": [],
            "seed": PHANTOM_SEED,
        }
    parts, sets = [], {}
    for of, group, adapter, place in _found(data):
        name = _name(adapter)
        listing = (
            adapter.read(data, place, population["missing"]) if adapter is mura else adapter.read(data, place)
        )
        used = ood_rows.limited(listing.entries, limit)
        parts.append(ood_rows.rows(used, name, group))
        sets[name] = {
            "of": of,
            "own": adapter in OWN,
            "group": group,
            "found": len(listing.entries),
            "left_out": dict(listing.left_out),
            "counts": dict(listing.counts),
            "citation": _about(adapter)[0],
            "licence": _about(adapter)[1],
        }
    if not parts:
        raise UserError(
            f"{data} holds no images to reject or accept; unpack at least one of {', '.join(_wanted())} there "
            f"({kermany.LINK}, {mura.LINK}), or leave DATA out for computed ones"
        )
    frame = ood_rows.joined(parts)
    here = {entry["of"] for entry in sets.values()}
    every = all(entry["own"] and entry["found"] <= (limit or entry["found"]) for entry in sets.values())
    return frame, ood_rows.summary(frame, sets) | {
        "origin": "release",
        "complete": every and here == set(SETS),
        "absent": [of for of in SETS if of not in here],
    }


def _found(data: Path) -> Iterator[tuple[str, str, Any, Path | str]]:
    """The paper's set, its group, the first adapter that has something for it, and where."""
    for of, (group, adapters) in SETS.items():
        for adapter in adapters:
            place = adapter.find(data)
            if place is not None:
                yield of, group, adapter, place
                break


def _name(adapter: Any) -> str:
    return adapter.NAME if hasattr(adapter, "NAME") else adapter.name


def _about(adapter: Any) -> tuple[str, str]:
    """Citation and licence."""
    return (
        (adapter.CITATION, adapter.LICENCE)
        if hasattr(adapter, "NAME")
        else (adapter.citation, adapter.licence)
    )


def _wanted() -> list[str]:
    """Folders and files in which sets are looked for, the most usual place of each."""
    return [
        kermany.FOLDER,
        mura.FOLDER,
        *(each.places[0] for each in (small_pictures.CIFAR100, small_pictures.CIFAR10, small_pictures.MNIST)),
        *(
            f"{ood_stand_ins.FOLDER}/{each.folder}"
            for each in (ood_stand_ins.HANDS, ood_stand_ins.CIFAR10, ood_stand_ins.MNIST)
        ),
    ]
