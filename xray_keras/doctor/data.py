"""Whether the data sets in the user's folder, if one is named, can be used."""

import os
from pathlib import Path

from xray_keras.datasets.overview import look
from xray_keras.doctor.finding import FAILED, NOTE, OK, Finding
from xray_keras.errors import UserError

VARIABLE = "DATA"  # which make takes from the environment, too


def examine(data: Path | None) -> Finding:
    """Look below `data`, or else below the folder that the variable DATA names."""
    named = data or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is None:
        said = "no folder is named, so the phantom serves"
        return Finding("data", OK, said, "xray-keras data FOLDER tells what is in a folder of yours")
    try:
        found = look.look(named)
    except UserError as error:
        return Finding("data", FAILED, str(error))
    here, broken = ([each.known.title for each in found.of(state)] for state in (look.FOUND, look.BROKEN))
    facts = {"folder": str(named), "found": here, "broken": broken}
    if broken:
        said = f"{', '.join(broken)} in {named} cannot be used"
        return Finding("data", FAILED, said, f"xray-keras data {named} says why", facts)
    if not here:
        remedy = f"xray-keras data {named} tells how to get them, and what their folders are called"
        return Finding("data", NOTE, f"{named} holds none of the suite's data sets", remedy, facts)
    return Finding("data", OK, f"{len(here)} sets in {named}: {', '.join(here)}", facts=facts)
