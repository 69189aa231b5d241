from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray_keras.papers.printed import ROUNDED, TRUNCATED, Interval, Printed, restore_zeros


@pytest.mark.parametrize(
    ("text", "exact", "place", "decimals"),
    [
        ("0.09982", Fraction(9982, 100_000), Fraction(1, 100_000), 5),
        ("0", Fraction(0), Fraction(1), 0),
        ("97.5%", Fraction(39, 40), Fraction(1, 1000), 1),
        ("5,302", Fraction(5302), Fraction(1), 0),
        ("1e-4", Fraction(1, 10_000), Fraction(1, 10_000), 4),
        ("136.40M", Fraction(136_400_000), Fraction(10_000), 2),
        ("51k", Fraction(51_000), Fraction(1000), 0),
        ("200 million", Fraction(200_000_000), Fraction(1_000_000), 0),
        ("54.03ms", Fraction(5403, 100_000), Fraction(1, 100_000), 2),
        ("9.53s", Fraction(953, 100), Fraction(1, 100), 2),
        ("176x", Fraction(176), Fraction(1), 0),
        ("-0.1", Fraction(-1, 10), Fraction(1, 10), 1),
    ],
)
def test_text_value_and_place(text, exact, place, decimals):
    printed = Printed(text)
    assert (printed.exact, printed.place, printed.decimals) == (exact, place, decimals)
    assert printed.text == str(printed) == text
    assert exact in printed.interval() and exact in printed.interval(TRUNCATED)


def test_spread():
    cell = Printed("97.5% ± 4.8%")
    assert cell.exact == Fraction(39, 40)
    assert cell.spread == Printed("97.5% ± 4.8").spread == Printed("4.8%")
    assert Printed("0.810").spread is None


@pytest.mark.parametrize("text", ["", "–", "high", "1.2.3", "%", "12 monkeys", "0,5", "."])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match="is not a printed number"):
        Printed(text)


def test_rounding_and_truncation():
    printed = Printed("0.25")
    rounded, truncated = printed.interval(ROUNDED), printed.interval(TRUNCATED)
    assert all(Fraction(n, 1000) in rounded for n in (245, 250, 255))
    assert Fraction(2449, 10_000) not in rounded and Fraction(2551, 10_000) not in rounded
    assert Fraction(25, 100) in truncated and Fraction(2599, 10_000) in truncated
    assert Fraction(26, 100) not in truncated and Fraction(2499, 10_000) not in truncated
    with pytest.raises(ValueError, match="'up' is unknown"):
        printed.interval("up")


@given(*[st.fractions(0, 1, max_denominator=6)] * 4, st.booleans(), st.booleans())
def test_intervals_meet_where_they_share_a_number(a, b, c, d, first_closed, second_closed):
    first = Interval(min(a, b), max(a, b), first_closed or a == b)
    second = Interval(min(c, d), max(c, d), second_closed or c == d)
    # What they share, if anything, begins at the larger of the two lower ends.
    start = max(first.low, second.low)
    assert first.meets(second) == second.meets(first) == (start in first and start in second)


def test_dropped_zeros():
    cells = [Printed(text) for text in ("0.477306", "0.041", "0", "1")]
    assert [cell.text for cell in restore_zeros(cells)] == ["0.477306", "0.041", "0.000", "1.000"]
    counts = [Printed("31"), Printed("2000")]
    assert restore_zeros(counts) == counts
    assert [cell.text for cell in restore_zeros([Printed("95%"), Printed("97.5%")])] == ["95.0%", "97.5%"]
