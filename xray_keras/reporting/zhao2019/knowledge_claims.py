"""What zhao2019 says that each part of the distillation gives (IV.C, Table II), asked of our students."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from xray_keras.papers import loader
from xray_keras.reporting.document import Section
from xray_keras.reporting.metric_table import signed
from xray_keras.reporting.verdicts import FAILS, HOLDS, OPEN, above, every
from xray_keras.reporting.zhao2019.compared import LABEL, PAPER

F = "default/f1"
_HARD, _SOFT, _ADVERSARIAL, _ALL = "Hard label", "Soft label", "Soft label + Adversarial", "Our proposed"
CLAIMS: Mapping[str, Sequence[tuple[str, str]]] = {
    "soft_beats_hard": ((_SOFT, _HARD),),
    "adversarial_helps": ((_ADVERSARIAL, _SOFT),),
    "pretraining_helps": ((_ALL, _ADVERSARIAL),),
    "full_training_best": ((_ALL, _HARD), (_ALL, _SOFT), (_ALL, _ADVERSARIAL)),
}
"""Claim → pairs of rows, of which the first is said to be better than the second."""
PAIRS = tuple(dict.fromkeys(pair for pairs in CLAIMS.values() for pair in pairs))
_ERRORS = 2.0


def section(evaluated: Mapping[str, Any]) -> Section:
    """A line a claim whose rows were all run: the sentence, the verdict, and the differences of F.

    Args:
        evaluated: of `evaluation.arms`, with the differences of `PAIRS` among those that were asked for.
    """
    said = loader.claims(PAPER)
    found = {(each["arm"], each["reference"]): each["labels"][LABEL][F] for each in evaluated["differences"]}
    lines = []
    for name, pairs in CLAIMS.items():
        if set(pairs) <= set(found):
            word = every(_judged(evaluated, pair, found[pair]) for pair in pairs)
            numbers = "; ".join(_text(evaluated, pair, found[pair]) for pair in pairs)
            lines.append([said[name].statement, said[name].where, f"**{word}**", numbers])
    return Section(
        "What the paper says",
        f"“{HOLDS}” or “{FAILS}” where the 95 % interval of the difference in F, over pictures, leaves zero out "
        f"and the difference exceeds {_ERRORS:g} of its standard errors over seeds; “{OPEN}” otherwise.",
        ["The paper says", "where", "verdict", "differences in F"],
        lines,
    )


def _judged(evaluated: Mapping[str, Any], pair: tuple[str, str], difference: Mapping[str, Any]) -> str:
    error = _error(evaluated, pair)
    value = difference["difference"]
    if value is None or error is None or abs(value) <= _ERRORS * error:
        return OPEN
    return above({"value": value, "interval": difference["interval"]})


def _error(evaluated: Mapping[str, Any], pair: tuple[str, str]) -> float | None:
    """Standard error of a difference of means over seeds; None with one seed."""
    arms = [evaluated["arms"][row] for row in pair]
    spreads = [arm["labels"][LABEL][F]["sd"] for arm in arms]
    if None in spreads:
        return None
    return math.sqrt(sum(sd**2 / len(arm["seeds"]) for sd, arm in zip(spreads, arms, strict=True)))


def _text(evaluated: Mapping[str, Any], pair: tuple[str, str], difference: Mapping[str, Any]) -> str:
    if difference["difference"] is None:
        return f"{pair[0]} − {pair[1]}: undefined"
    ends = f" [{' to '.join(map(signed, difference['interval']))}]" if difference["interval"] else ""
    error = _error(evaluated, pair)
    seeds = "one seed" if error is None else f"standard error over seeds {error:.3f}"
    return f"{pair[0]} − {pair[1]} {signed(difference['difference'])}{ends}, {seeds}"
