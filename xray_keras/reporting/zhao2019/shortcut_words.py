"""What the numbers of `evaluation.shortcuts` mean, in the words that their intervals allow."""

from collections.abc import Iterator, Mapping
from typing import Any

from xray_keras.evaluation.shortcuts import LANDSCAPE, LIKE_ORIGIN, LIKE_PICTURES, WHOLE
from xray_keras.evaluation.unread import ORIGIN, PIXELS
from xray_keras.reporting.metric_table import ours_text

CHANCE = 0.5
SEEN = {
    "aspect": ("the aspect", "width over height, which a network sees too"),
    "shape": ("the shape", "width and height of the original, which a network does not see"),
    "colour": ("the colours", "mean and spread of red, green and blue"),
    "fineness": ("the fineness", "gradients, and what blocks of 8 × 8 pixels hold from coarse to fine"),
    "thumbnail": ("a thumbnail", "8 × 8 gray cells, in which no letter can be read"),
    "all": ("all of these", "letters change colours and fineness, so this is more than the origin"),
    PIXELS: (
        "surrounding pixels",
        "colours, fineness and thumbnail with the text left out, and as much in the same places of pictures without",
    ),
    ORIGIN: ("the surroundings", "these pixels and the shape: what the origin gives away without the text"),
}
"""Set → what a classifier sees, in words, and what that is."""
GROUPS = {
    WHOLE: ("all test pictures", "the question as printed"),
    LANDSCAPE: ("landscape pictures", "to be upright is no hint here"),
    LIKE_PICTURES: (
        "like pictures",
        "pairs, one with text, of one aspect, whose surroundings have equal gradients",
    ),
    LIKE_ORIGIN: ("like surroundings", "pairs, one with text, that the surroundings hardly tell apart"),
}


def verdict(found: Mapping[str, Any]) -> str:
    """Whether the origin alone gives a picture away, in the words that the intervals allow.

    Args:
        found: see `evaluation.shortcuts.write`.
    """
    origin, group = found["sets"][ORIGIN], found["groups"][LIKE_ORIGIN]
    if origin["auc"]["interval"] is None:
        return f"Not measured: {origin['auc']['reason']}."
    one = len(found["sources"]) == 1
    subject = "What surrounds the text" if one else "The origin"
    area, (low, _) = f"AUC {ours_text(origin['auc'], None)}", origin["auc"]["interval"]
    difference = (origin["difference"] or {}).get("interval")
    if low <= CHANCE:
        first = f"{subject} alone is not shown to give a picture away: surroundings and shape reach {area}"
    elif difference and difference[0] > 0:
        first = (
            f"{subject} alone gives a part of the pictures away: surroundings and shape reach {area}, less than the "
            f"network's {ours_text(found['network'], None)}"
        )
    else:
        first = (
            f"{subject} alone gives the pictures away: surroundings and shape reach {area}, and the network, "
            f"{ours_text(found['network'], None)}, is not shown to be better"
        )
    left = group["network"]["interval"]
    if left is None:
        return f"{first}; no pairs are alike enough to ask the network without that hint."
    beyond = "the network still tells text from none" if left[0] > CHANCE else (
        "the network is not shown to tell text from none"
    )  # fmt: skip
    return (
        f"{first}. Among {group['positives']:,} pairs whose surroundings are alike, {beyond}: "
        f"{ours_text(group['network'], None)}."
    )


def hints(found: Mapping[str, Any]) -> Iterator[str]:
    """What the counts of pictures alone give away, a sentence each.

    Args:
        found: see `evaluation.shortcuts.write`.
    """
    mixed = [name for name, count in found["sources"].items() if all(count.values())]
    if len(found["sources"]) > 1 and not mixed:
        yield "No source has pictures of both kinds: who knows the source knows the answer."
    for name, count in found["shapes"].items():
        if sum(count.values()) and not all(count.values()):
            kind = "without" if count["without"] else "with"
            yield f"All {count[kind]:,} {name} pictures are {kind} text: their shape alone tells."
    with_text = sum(count["with"] for count in found["shapes"].values())
    if found["outlined"] < with_text:
        unknown = with_text - found["outlined"]
        yield f"Of {unknown:,} pictures with text it is not known where it stands: nothing is left out of them."


def tells(area: Mapping[str, Any]) -> str:
    """What an AUC, a `metrics.Cell`, says of the one whose it is."""
    if area["interval"] is None:
        return f"not measured ({area['reason']})"
    low, high = area["interval"]
    if low > CHANCE:
        return f"tells text from none (AUC {area['value']:.3f})"
    if high < CHANCE:
        return f"ranks pictures without text **higher** (AUC {area['value']:.3f})"
    return f"is not shown to tell text from none (AUC {area['value']:.3f})"
