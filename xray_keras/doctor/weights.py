"""Which ImageNet weights are in the cache, whole by their size, and which are missing."""

import json
import os
import zipfile
from pathlib import Path

from xray_keras.doctor.finding import FAILED, NOTE, OK, Finding
from xray_keras.models.weight_cache import cache_folder
from xray_keras.models.weight_resolution import VARIABLE
from xray_keras.models.weight_sources import SOURCES, Source

_HEADER = 128  # bytes before the values of each array in an .npz
FETCH = "make weights fetches and verifies them; else each is fetched when a run first needs it"


def examine() -> Finding:
    """One finding for all of them; absent ones are a note, a variable that names nothing stops every run."""
    named = os.environ.get(VARIABLE)
    if named and not Path(named).expanduser().exists():
        said = f"{VARIABLE} is {named}, which is not there"
        return Finding("ImageNet weights", FAILED, said, f"correct or unset {VARIABLE}")
    folder = cache_folder()
    states = {name: state(source, folder) for name, source in SOURCES.items()}
    whole, damaged, missing = (
        [name for name, each in states.items() if each == wanted]
        for wanted in ("whole", "damaged", "missing")
    )
    facts = {"folder": str(folder), "states": states}
    if len(whole) == len(states):
        return Finding("ImageNet weights", OK, f"all {len(whole)} in {folder}, whole by size", facts=facts)
    told = [f"{len(whole)} of {len(states)} in {folder}"]
    if missing:
        told.append(f"missing {', '.join(missing)}")
    if damaged:
        told.append(f"damaged {', '.join(damaged)}")
    return Finding("ImageNet weights", NOTE, "; ".join(told), FETCH, facts)


def state(source: Source, folder: Path) -> str:
    """ "whole", "damaged" or "missing": the card is there, and the tensors take the bytes of all parameters.

    The hash is compared when a run reads them; a size is told in milliseconds.
    """
    npz = folder / f"{source.architecture}.npz"
    if not npz.is_file():
        return "missing"
    try:
        card = json.loads(npz.with_suffix(".json").read_text(encoding="utf-8"))
        with zipfile.ZipFile(npz) as archive:  # its table of contents is at the end: a file cut off has none
            values = sum(member.file_size - _HEADER for member in archive.infolist())
    except (OSError, ValueError, zipfile.BadZipFile):
        return "damaged"
    sound = isinstance(card, dict) and card.get("architecture") == source.architecture
    return "whole" if sound and values >= 4 * source.parameters else "damaged"
