"""Numbers of a card in words, and put where a text has a place for them."""

from collections.abc import Callable, Mapping

from xray_keras.reporting import verdicts
from xray_keras.reporting.cards.family import PLACEHOLDER
from xray_keras.reporting.cards.found import Number
from xray_keras.reporting.metric_table import signed

NOT_RUN = "not run"


def told(number: Number | None, form: str = "interval") -> str:
    """A number as a card says it, and on how many images: "0.712 [0.680–0.744], n = 246". Without a value, the reason.

    Args:
        form: "interval"; "difference", with signs; "percent"; "whole", without decimals; or "count", without interval.
    """
    if number is None or (number.value is None and not number.reason):
        return NOT_RUN
    if number.value is None:
        return f"none: {number.reason}"
    one, between, unit = _FORMS[form]
    text = one(number.value) + unit
    if between and number.low is not None and number.high is not None:
        text += f" [{one(number.low)}{between}{one(number.high)}]"
    return text + (f", n = {' + '.join(f'{count:,}' for count in number.n)}" if number.n else "")


_FORMS: Mapping[str, tuple[Callable[[float], str], str, str]] = {
    "interval": (lambda value: _minus(f"{value:.3f}"), "–", ""),
    "difference": (signed, " to ", ""),
    "percent": (lambda value: f"{100 * value:.1f}", "–", " %"),
    "whole": (lambda value: _minus(f"{value:,.0f}"), " to ", ""),
    "count": (lambda value: f"{value:,.0f}", "", ""),
}
"""Form → a value's digits, what stands between the ends of its interval ("" for no interval), its unit."""


def supported(number: Number | None, above: float | None = None, below: float | None = None) -> bool:
    """Whether the interval lies where a sentence needs it; a sentence that needs nothing is always right."""
    if number is None or number.value is None or (above is None and below is None):
        return True
    ends = None if number.low is None or number.high is None else (number.low, number.high)
    cell = {"value": number.value, "interval": ends}
    return (above is None or verdicts.above(cell, above) == verdicts.HOLDS) and (
        below is None or verdicts.below(cell, below) == verdicts.HOLDS
    )


def fill(text: str, numbers: Mapping[str, str]) -> str:
    """A text with its numbers.

    Raises:
        KeyError: it has the place of an unknown one.
    """
    return PLACEHOLDER.sub(lambda match: numbers[match[1]], " ".join(text.split()))


def _minus(text: str) -> str:
    return text.replace("-", "−")
