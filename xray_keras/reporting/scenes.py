"""Pictures with and without text in words: which sets they are, and what was found of them."""

from collections.abc import Mapping
from typing import Any

NAMES = {
    "textdis": "TextDis",
    "msra-td500": "MSRA-TD500",
    "icdar": "an ICDAR set",
    "photographs": "photographs without text",
    "rendered": "pictures computed with rendered fonts",
}


def describe(summary: Mapping[str, Any]) -> str:
    """What the manifest stage found.

    Each set, what was left out of it, and how many pictures are used beside the printed numbers.

    Args:
        summary: see `datasets.populations.scene_text.build`.
    """
    lines = [f"pictures: {summary['images']:,}, of which {summary['text']:,} with text"]
    for name, each in summary["sets"].items():
        lines.append(f"{NAMES[name]}: {each['images']:,} used of {each['found']:,} found")
        lines += [f"  {count:>9,}  left out: {reason}" for reason, count in each["left_out"].items()]
    return "\n".join(lines)


def where(kind: str, summary: Mapping[str, Any], n: int) -> str:
    """On which pictures numbers stand, in words a reader cannot mistake.

    Args:
        kind: of the run: "phantom", "subset" or "full".
        summary: as of `describe`.
        n: pictures.
    """
    if kind == "phantom":
        return f"computed, n = {n:,} pictures with rendered fonts; no camera took them, so only trends can be compared"
    if kind == "full":
        return f"the complete TextDis release, n = {n:,} pictures"
    names = " and ".join(NAMES[name] for name in summary["sets"])
    return f"n = {n:,} pictures of {names}; not the paper's set"
