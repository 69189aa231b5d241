import dataclasses

import pytest

from xray_keras.reporting import provenance


def test_a_line_a_run_in_the_order_of_the_columns(sixteen):
    section = provenance.settings(sixteen, ("precision", "Run", "px", "epochs", "learning rate", "training"))
    assert section.rows[3] == ["float32", "baseline_3", "64", "2", "0.0001", "1 s"]
    assert len(section.rows) == 16
    assert section.text == "keras 3; CPU. Data fingerprint ffffffffffffffff."


def test_no_weights_are_a_dash(sixteen):
    assert provenance.settings(sixteen[:1], ("initial weights",)).rows == [["–"]]
    with pytest.raises(KeyError):
        provenance.settings(sixteen[:1], ("no such setting",))


def noted(run, **assumed):
    return dataclasses.replace(run, card={**run.card, "assumed": assumed})


def test_what_is_assumed_is_told_by_row_and_once_where_rows_share_it(sixteen):
    first, second, third = sixteen[0], sixteen[-1], sixteen[-2]
    rows = [
        noted(first, epochs="x", layers="lost"),
        noted(second, epochs="x", layers="guessed"),
        noted(third, epochs="x", layers="guessed", margin="1"),
    ]
    one, two, three = (run.card["row"] for run in rows)
    assert list(provenance.assumptions(rows).notes) == [
        "all rows, epochs: x",
        f"{one}, layers: lost",
        f"{two} and {three}, layers: guessed",
        f"{three}, margin: 1",
    ]
    assert list(provenance.assumptions(rows[:1]).notes) == [f"{one}, epochs: x", f"{one}, layers: lost"]
