"""Foreign images in words: which sets they are, what they stand for, and what was found of them."""

from collections.abc import Mapping
from typing import Any

from xray_keras.evaluation import ood

NAMES = {
    ood.CHEST: "chests, held out",
    "kermany": "children's chests",
    "mura": "MURA",
    "hand-radiographs": "hand radiographs",
    "cifar100": "CIFAR-100",
    "cifar10": "CIFAR-10",
    "mnist": "MNIST",
    "phantom-children": "children's chests, computed",
    "phantom-limbs": "limbs, computed",
    "photograph-crops": "crops of two photographs",
    "digits-8x8": "digits of 8×8 pixels",
}
PAPERS = {"pneumonia": "the pneumonia data set", "mura": "MURA", "cifar100": "CIFAR-100", "mnist": "MNIST"}


def named(name: str) -> str:
    """ "hand radiographs"."""
    return NAMES.get(name, name)


def describe(summary: Mapping[str, Any]) -> str:
    """What the manifest stage found: every set with its images, patients, what was left out, and the absent ones.

    Args:
        summary: see `datasets.populations.ood.build`.
    """
    lines = [f"foreign images: {summary['images']:,}"]
    for name, each in summary["sets"].items():
        stands = "" if each["own"] else f", where the paper takes {PAPERS[each['of']]}"
        lines.append(
            f"{named(name)}, to {each['group']}{stands}: {each['images']:,} of {each['found']:,} images, of "
            f"{each['patients']:,} patients"
        )
        if each["pneumonia"] is not None:
            lines.append(f"  {each['pneumonia']:>9,}  with pneumonia")
        lines += [f"  {count:>9,}  {what}" for what, count in each["counts"].items()]
        lines += [f"  {count:>9,}  left out: {reason}" for reason, count in each["left_out"].items()]
    lines += [f"absent: {PAPERS[of]}" for of in summary["absent"]]
    return "\n".join(lines)
