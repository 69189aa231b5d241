"""The solver against brute force, against mlscorecheck, and against the recovered matrices of ali2019."""

import itertools
import logging
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from xray_keras.audit import confusion
from xray_keras.audit.confusion import Matrix
from xray_keras.errors import UserError


def exact(matrix: Matrix) -> dict[str, Fraction]:
    """The metrics by their textbook definitions, 0/0 = 0."""
    tp, fp, fn, tn = matrix

    def share(top, bottom):
        return Fraction(top, bottom) if bottom else Fraction(0)

    return {
        "accuracy": share(tp + tn, sum(matrix)),
        "recall": share(tp, tp + fn),
        "precision": share(tp, tp + fp),
        "specificity": share(tn, tn + fp),
        "f1": share(2 * tp, 2 * tp + fp + fn),
        "prevalence": share(tp + fn, sum(matrix)),
    }


def text(value: Fraction, decimals: int, percent: bool, rounding: str) -> str:
    with_unit = value * 100 if percent else value
    digits = (Decimal(with_unit.numerator) / Decimal(with_unit.denominator)).quantize(
        Decimal(1).scaleb(-decimals), rounding=rounding
    )
    return f"{digits}%" if percent else str(digits)


def every_matrix(n: int) -> list[Matrix]:
    return [
        Matrix(tp, fp, fn, n - tp - fp - fn)
        for tp, fp, fn in itertools.product(range(n + 1), repeat=3)
        if tp + fp + fn <= n
    ]


def prints_as(matrix: Matrix, metrics: dict[str, str], printing: str) -> bool:
    """Whether a matrix prints so: independent of the solver, by formatting in decimal arithmetic."""
    values = exact(matrix)
    modes = {
        "rounded": [(ROUND_HALF_UP, ROUND_HALF_EVEN, "half down")],
        "truncated": [(ROUND_DOWN,)],
    }
    modes["either"] = modes["rounded"] + modes["truncated"]

    def one(name: str, printed: str, roundings: tuple[str, ...]) -> bool:
        decimals = len(printed.rstrip("%").partition(".")[2])
        percent = printed.endswith("%")
        forms = set()
        for rounding in roundings:
            value, kind = values[name], rounding
            if rounding == "half down":
                kind = "ROUND_HALF_DOWN"
            forms.add(text(value, decimals, percent, kind))
        return printed in forms

    return any(
        all(one(name, printed, roundings) for name, printed in metrics.items())
        for roundings in modes[printing]
    )


matrices = st.builds(Matrix, *[st.integers(0, 9)] * 4).filter(lambda matrix: sum(matrix) > 0)
large = st.builds(Matrix, *[st.integers(0, 30_000)] * 4).filter(lambda matrix: sum(matrix) > 0)
subsets = st.sets(st.sampled_from(confusion.METRICS), min_size=1)
pairs = subsets.filter(
    lambda names: len(names - {"prevalence"}) >= 2
)  # enough to enumerate thousands of cases


@settings(deadline=None, max_examples=60)
@given(
    matrices, subsets, st.integers(1, 4), st.booleans(), st.sampled_from(["rounded", "truncated", "either"])
)
def test_the_solutions_are_exactly_those_of_brute_force(matrix, names, decimals, percent, printing):
    assume(sum(matrix) <= 20)
    rounding = ROUND_DOWN if printing == "truncated" else ROUND_HALF_EVEN
    metrics = {name: text(exact(matrix)[name], decimals, percent, rounding) for name in sorted(names)}
    expected = {other for other in every_matrix(sum(matrix)) if prints_as(other, metrics, printing)}
    solutions = confusion.solve(metrics, sum(matrix), printing=printing)
    found = list(solutions)
    assert matrix in found
    assert len(found) == len(set(found)) == solutions.count
    assert set(found) == expected
    assert solutions.conflict == ()


@settings(deadline=None, max_examples=60)
@given(
    large,
    pairs,
    st.integers(3, 5),
    st.booleans(),
    st.sampled_from(["rounded", "truncated"]),
    st.booleans(),
)
@example(Matrix(0, 0, 43, 10_309), {"recall", "precision", "accuracy", "f1"}, 5, False, "rounded", False)
@example(Matrix(5, 0, 0, 0), {"recall", "precision", "accuracy", "specificity"}, 3, True, "rounded", True)
def test_a_printed_matrix_is_always_recovered(matrix, names, decimals, percent, printing, give_positives):
    rounding = ROUND_DOWN if printing == "truncated" else ROUND_HALF_UP
    metrics = {name: text(exact(matrix)[name], decimals, percent, rounding) for name in sorted(names)}
    positives = matrix.tp + matrix.fn if give_positives else None
    assert confusion.possible(metrics, sum(matrix), positives, printing)
    if give_positives or {"accuracy", "recall"} <= names:
        solutions = confusion.solve(metrics, sum(matrix), positives, printing)
        inside = (
            (solutions.positives == matrix.tp + matrix.fn)
            & (solutions.tp == matrix.tp)
            & (solutions.fp_low <= matrix.fp)
            & (matrix.fp <= solutions.fp_high)
        )
        assert inside.sum() == 1


@settings(deadline=None, max_examples=80)
@given(matrices, subsets, st.integers(1, 4), st.data())
def test_a_changed_digit_is_flagged_whenever_no_matrix_fits(matrix, names, decimals, data):
    assume(2 <= sum(matrix) <= 16)
    metrics = {name: text(exact(matrix)[name], decimals, False, ROUND_HALF_EVEN) for name in sorted(names)}
    changed = data.draw(st.sampled_from(sorted(metrics)))
    place = data.draw(st.integers(2, decimals + 1))
    digit = data.draw(st.sampled_from("0123456789"))
    metrics[changed] = metrics[changed][:place] + digit + metrics[changed][place + 1 :]
    fits = any(prints_as(other, metrics, "rounded") for other in every_matrix(sum(matrix)))
    assert confusion.possible(metrics, sum(matrix)) is fits
    conflict = confusion.conflict(metrics, sum(matrix))
    assert bool(conflict) is not fits
    if conflict:  # it excludes every matrix, and no metric in it can be spared
        assert not confusion.possible({name: metrics[name] for name in conflict}, sum(matrix))
        for spared in conflict if len(conflict) > 1 else ():
            rest = {name: metrics[name] for name in conflict if name != spared}
            assert confusion.possible(rest, sum(matrix))


@settings(deadline=None, max_examples=40)
@given(st.builds(Matrix, *[st.integers(1, 300)] * 4), st.integers(2, 4), st.integers(-2, 2))
def test_agrees_with_mlscorecheck(matrix, decimals, shift):
    """mlscorecheck takes interval arithmetic with eps on either side; agreement is asked where it says consistent
    within half a unit, and where it still says inconsistent within a whole one."""
    checker = pytest.importorskip("mlscorecheck.check.binary").check_1_testset_no_kfold
    logging.disable(logging.INFO)
    names = {"accuracy": "acc", "recall": "sens", "precision": "ppv", "specificity": "spec"}
    printed = {name: text(exact(matrix)[name], decimals, False, ROUND_HALF_EVEN) for name in names}
    unit = Decimal(1).scaleb(-decimals)
    shifted = Decimal(printed["accuracy"]) + shift * unit
    assume(0 <= shifted <= 1)
    printed["accuracy"] = str(shifted)
    positives = matrix.tp + matrix.fn
    ours = confusion.possible(printed, sum(matrix), positives)

    def inconsistent(eps: float) -> bool:
        scores = {names[name]: float(value) for name, value in printed.items()}
        testset = {"p": positives, "n": sum(matrix) - positives}
        return checker(testset=testset, scores=scores, eps=eps)["inconsistency"]

    if ours:
        assert not inconsistent(float(unit) / 2)
    elif shift:
        assert inconsistent(float(unit) * 0.499)


def test_a_hand_computed_case():
    """40 positives: 97.5 % is 39 of them; 90.5 % of 3,000 is 2,714 to 2,716."""
    found = list(confusion.solve({"sensitivity": "97.5%", "specificity": "90.5%"}, 3040, positives=40))
    assert found == [Matrix(39, fp, 1, 3000 - fp) for fp in (284, 285, 286)]
    assert confusion.solve({"recall": "97.1%"}, 3040, positives=40).conflict == ("recall",)


def test_truncation_and_rounding_differ():
    third = {"recall": "0.66"}
    assert not confusion.possible(third, 3, positives=3)
    assert confusion.possible(third, 3, positives=3, printing="truncated")
    assert confusion.possible(third, 3, positives=3, printing="either")


def test_more_digits_than_64_bits_hold_lose_no_matrix():
    """As pandas writes a float."""
    value = repr(9428 / 10240)
    found = list(
        confusion.solve({"accuracy": value, "recall": repr(105 / 558), "precision": repr(105 / 464)}, 10240)
    )
    assert Matrix(105, 359, 453, 9323) in found


def test_two_hundred_thousand_cases():
    metrics = {"recall": "0.9213", "precision": "0.8821", "accuracy": "0.9712"}
    assert confusion.solve(metrics, 200_000).count > 0
    # F1 = 2·0.9213·0.8821/1.8034 = 0.9013, whatever the accuracy.
    assert confusion.conflict(metrics | {"f1": "0.9112"}, 200_000) == ("recall", "precision", "f1")


@pytest.mark.parametrize(
    ("metrics", "n", "positives", "printing", "words"),
    [
        ({"auc": "0.9"}, 10, None, "rounded", "'auc' is unknown"),
        ({"recall": "high"}, 10, None, "rounded", "recall: 'high' is not a printed number"),
        ({}, 10, None, "rounded", "at least one metric"),
        ({"recall": "0.9"}, 0, None, "rounded", "1 to 200,000"),
        ({"recall": "0.9"}, 200_001, None, "rounded", "1 to 200,000"),
        ({"recall": "0.9"}, 10, 11, "rounded", "11 positives among 10"),
        ({"recall": "0.9"}, 10, None, "up", "'up' is unknown"),
        ({"accuracy": "0.9"}, 100_000, None, "rounded", "give the positives"),
    ],
)
def test_what_cannot_be_solved_is_said(metrics, n, positives, printing, words):
    with pytest.raises(UserError, match=words):
        confusion.solve(metrics, n, positives, printing)
