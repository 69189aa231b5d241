"""Pictures that come with a page, so that it can be tried without one's own: computed, of no patient."""

from pathlib import Path

from PIL import Image

from xray_keras import files
from xray_keras.datasets.findings import FINDINGS
from xray_keras.datasets.phantom.chest import Phantom
from xray_keras.datasets.phantom.ood import OodPhantom
from xray_keras.datasets.populations import PHANTOM_SEED

SIDE = 512
CREDIT = "computed, no patient"
_SEED = PHANTOM_SEED + 1  # people whom no phantom population has, so that no model was trained on them
_DRAWN = 400  # to choose from
_SHOWN = ("Cardiomegaly", "Pneumothorax", "Mass")
_FOREIGN = "phantom-limbs"


def write(folder: Path) -> list[dict[str, str]]:
    """Write chests with no finding and with one, and a hand or forearm, which a gate should refuse.

    Returns:
        "file" (a PNG in `folder`, 512 pixels, 8-bit gray), "title" and "credit" of each.
    """
    chests, foreign = Phantom(_SEED), OodPhantom(_SEED)
    people = chests.manifest(_DRAWN)
    found = people[list(FINDINGS)].sum(axis=1)
    chosen = {"Chest without findings": people[found == 0].index[0]}
    for finding in _SHOWN:
        alone = people[(found == 1) & (people[finding] == 1)]
        chosen[f"Chest with {finding.lower()}"] = alone.index[0]
    others, _ = foreign.manifest(1)
    limb = foreign.images(others[others["source"] == _FOREIGN], SIDE)
    pictures = [*chests.images(people.loc[list(chosen.values())], SIDE), *limb]
    listed = []
    for number, (title, pixels) in enumerate(zip([*chosen, "A limb"], pictures, strict=True), start=1):
        path = folder / f"{number}.png"
        with files.publish(path) as temporary:
            Image.fromarray(pixels).save(temporary, format="PNG", optimize=True)
        listed.append({"file": path.name, "title": title, "credit": CREDIT})
    return listed
