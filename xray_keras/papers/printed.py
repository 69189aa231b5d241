"""A number as a paper prints it: its text, its value, and every number that would have been printed so."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from xray_keras.errors import shortened

_UNITS = {"": Fraction(1), "%": Fraction(1, 100), "k": Fraction(1000), "K": Fraction(1000),
          "M": Fraction(10**6), "million": Fraction(10**6), "x": Fraction(1), "s": Fraction(1),
          "ms": Fraction(1, 1000)}  # fmt: skip
_NUMBER = re.compile(
    r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d\d?)?) ?(%|k|K|million|M|x|ms|s|)"
)

_LONGEST = 80  # characters; of a million digits, or of 1e999999999, nobody would see the end

ROUNDED, TRUNCATED = "rounded", "truncated"


@dataclass(frozen=True)
class Interval:
    """Numbers from `low` to `high`; `high` itself only where `closed`."""

    low: Fraction
    high: Fraction
    closed: bool = True

    def __contains__(self, number: Fraction | int) -> bool:
        return self.low <= number and (number <= self.high if self.closed else number < self.high)

    def meets(self, other: "Interval") -> bool:
        """Whether some number lies in both."""
        first, second = sorted((self, other), key=lambda interval: (interval.high, interval.closed))
        return second.low <= first.high if first.closed else second.low < first.high

    def __str__(self) -> str:
        return f"[{float(self.low):.7g}, {float(self.high):.7g}{']' if self.closed else ')'}"


@dataclass(frozen=True)
class Printed:
    """A number as printed: the verbatim text, from which value and precision follow.

    Understood: 0.71113, 1e-4, 5,302, 97.5%, 136.40M, 51k, 200 million, 176x, 54.03ms, and a value with its spread,
    0.810 ± 0.004.

    Raises:
        ValueError: the text is not a number.
    """

    text: str

    def __post_init__(self) -> None:
        if (
            len(self.text) > _LONGEST
            or not self._match
            or not any(character.isdigit() for character in self._match[1])
        ):
            raise ValueError(f"'{shortened(self.text)}' is not a printed number")

    @property
    def _match(self) -> re.Match[str] | None:
        return _NUMBER.fullmatch(self.text.split("±")[0].strip())

    @property
    def _digits(self) -> Decimal:
        assert self._match
        return Decimal(self._match[1].replace(",", ""))

    @property
    def unit(self) -> str:
        """ "", "%", "k", "K", "M", "million", "x", "s" or "ms"."""
        assert self._match
        return self._match[2]

    @property
    def exact(self) -> Fraction:
        """The value, units applied: 97.5% is 39/40, 54.03ms is in seconds."""
        return Fraction(self._digits) * _UNITS[self.unit]

    @property
    def value(self) -> float:
        return float(self.exact)

    @property
    def decimals(self) -> int:
        """Digits after the decimal point as printed; dropped trailing zeros cannot be known."""
        return max(0, -int(self._digits.as_tuple().exponent))

    @property
    def place(self) -> Fraction:
        """One unit in the last printed place, units applied: 0.001 for 97.5%."""
        return Fraction(10) ** int(self._digits.as_tuple().exponent) * _UNITS[self.unit]

    @property
    def spread(self) -> "Printed | None":
        """What is printed behind ±; it has the value's unit where it prints none."""
        _, sign, text = self.text.partition("±")
        if not sign:
            return None
        spread = Printed(text.strip())
        return spread if spread.unit else Printed(f"{spread}{self.unit}")

    def interval(self, printing: str = ROUNDED) -> Interval:
        """Every number that prints as this text, by rounding (ties either way) or by truncation."""
        if printing == ROUNDED:
            return Interval(self.exact - self.place / 2, self.exact + self.place / 2)
        if printing == TRUNCATED:
            return Interval(self.exact, self.exact + self.place, closed=False)
        raise ValueError(f"printing {printing!r} is unknown; choose {ROUNDED} or {TRUNCATED}")

    def __str__(self) -> str:
        return self.text


def restore_zeros(cells: Sequence[Printed]) -> list[Printed]:
    """A bare integer among decimals has lost its zeros: give it the fewest decimals that stand beside it.

    Tables that drop trailing zeros print an exact 0 as "0", which alone would mean anything below one half.
    """
    decimals = [cell.decimals for cell in cells if cell.decimals]
    if not decimals:
        return list(cells)
    zeros = "." + "0" * min(decimals)
    return [
        cell if cell.decimals or cell.spread else Printed(f"{cell._digits}{zeros}{cell.unit}")
        for cell in cells
    ]
