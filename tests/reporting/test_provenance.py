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


def test_what_is_assumed_is_told_by_row(sixteen):
    notes = provenance.assumptions([sixteen[0], sixteen[-1]]).notes
    assert list(notes) == ["BaselineModel, epochs: x", "PretrainedVGG16, epochs: x"]
