from pathlib import Path

import pytest

from xray_keras.errors import UserError
from xray_keras.reporting.cards import words
from xray_keras.reporting.cards.found import SHIPPED, Number, Reports
from xray_keras.reporting.cards.results import Quotes

CSV = """model,finding,value,low,high,images,printed,reason
A,mean,0.75,0.7,0.8,200,0.8,
A,Hernia,,,,200,0.9,no positive in test
A,Mass,,,,200,,
B,mean,-0.0312,,,1200,,
B,mean,0.5,,,1200,,
"""


@pytest.fixture
def reports(tmp_path):
    folder = tmp_path / "subset" / "ali2019"
    folder.mkdir(parents=True)
    (folder / "table2.csv").write_text(CSV)
    return Reports(tmp_path)


def find(reports: Reports, **more):
    row = {"model": "A", "finding": "mean"} | more.pop("row", {})
    return reports.find("subset/ali2019/table2", row, **more)


def test_a_number_comes_with_interval_count_and_what_is_printed(reports):
    assert find(reports) == Number(0.75, 0.7, 0.8, (), "0.8", "")
    assert find(reports, n=["images"]).n == (200,)
    assert find(reports, column="images").value == 200


def test_what_was_not_made_is_not_run(reports):
    assert reports.find("full/ali2019/table2", {"model": "A"}) is None
    assert find(reports, row={"finding": "Edema"}) is None
    assert words.told(None) == "not run" and words.told(find(reports, row={"finding": "Mass"})) == "not run"


def test_what_has_no_value_tells_the_reason(reports):
    assert words.told(find(reports, row={"finding": "Hernia"})) == "none: no positive in test"


def test_a_column_that_is_not_there_is_an_error(reports):
    for more in ({"column": "auc"}, {"row": {"auc": "1"}}, {"n": ["auc"]}):
        with pytest.raises(UserError, match=r"table2\.csv has no column 'auc'; render"):
            find(reports, **more)


def test_a_row_that_is_several_is_an_error(reports):
    with pytest.raises(UserError, match=r"table2\.csv has 2 lines"):
        find(reports, row={"model": "B"})


def test_numbers_of_a_row_may_be_numbers(reports):
    assert find(reports, row={"images": 200}).value == 0.75


@pytest.mark.parametrize(
    ("number", "form", "told"),
    [
        (Number(0.7123, 0.68, 0.7449, ()), "interval", "0.712 [0.680–0.745]"),
        (Number(-0.02, -0.04, 0.01, (12,)), "interval", "−0.020 [−0.040–0.010], n = 12"),
        (Number(0.5, None, None, (6, 1200)), "interval", "0.500, n = 6 + 1,200"),
        (Number(0.031, -0.008, 0.053, ()), "difference", "+0.031 [−0.008 to +0.053]"),
        (Number(0.17666, 0.1316, 0.233, (300,)), "percent", "17.7 % [13.2–23.3], n = 300"),
        (Number(1407.7, -4.2, 1593.9, ()), "whole", "1,408 [−4 to 1,594]"),
        (Number(1715.0, 1.0, 2.0, ()), "count", "1,715"),
    ],
)
def test_numbers_in_words(number, form, told):
    assert words.told(number, form) == told


@pytest.mark.parametrize(
    ("above", "below", "right"),
    [(None, None, True), (0.5, None, True), (0.69, None, True), (0.7, None, False), (0.75, None, False),
     (None, 0.9, True), (None, 0.75, False), (0.5, 0.75, False)],
)  # fmt: skip
def test_a_sentence_is_supported_by_a_whole_interval(above, below, right):
    assert words.supported(Number(0.75, 0.7, 0.8, ()), above, below) is right


def test_a_sentence_is_not_supported_without_an_interval_but_not_judged_without_a_run():
    assert not words.supported(Number(0.75, None, None, ()), above=0.5)
    assert words.supported(None, above=0.5) and words.supported(Number(None, None, None, ()), above=0.5)


def test_a_number_that_does_not_say_what_the_text_says_is_marked(reports):
    wanted = {"report": "subset/ali2019/table2", "row": {"model": "A", "finding": "mean"}}
    assert Quotes(reports).number("x", wanted | {"above": 0.6}) == "0.750 [0.700–0.800]"
    assert Quotes(reports).number("x", wanted | {"above": 0.72}) == "0.750 [0.700–0.800] (here not shown)"
    assert Quotes(reports).number("x", wanted | {"below": 0.5}).endswith("(here not shown)")


def test_a_printed_fact_is_read_from_the_paper(reports):
    wanted = {"printed": "cohen2019/cited/chexnet_lists/training"}
    assert Quotes(reports).number("x", wanted) == "78,468"
    with pytest.raises(KeyError):
        Quotes(reports).number("x", {"printed": "cohen2019/cited/chexnet_lists/nothing"})


def test_a_line_of_the_table_has_a_cell_a_kind(reports):
    quotes = Quotes(reports)
    row = {"model": {"subset": "A", "full": "A"}, "finding": "mean"}
    wanted = {"of": "AUC", "report": "ali2019/table2", "row": row, "n": ["images"]}
    told = "0.750 [0.700–0.800], n = 200"
    assert quotes.result(wanted) == {"printed": "0.8", "phantom": "–", "subset": told, "full": "not run"}
    (line,) = quotes.lines
    assert (line["about"], line["kind"], line["row"]) == ("AUC", "subset", "model = A; finding = mean")
    assert (line["value"], line["low"], line["high"], line["n"]) == (0.75, 0.7, 0.8, "200")


def test_places_are_filled_and_unknown_ones_are_errors():
    assert words.fill("of {a}\n  and {b}", {"a": "1", "b": "2"}) == "of 1 and 2"
    with pytest.raises(KeyError):
        words.fill("{c}", {"a": "1"})


def test_the_shipped_network_is_read_from_its_card():
    rows = Reports(Path("nowhere")).rows(SHIPPED)
    assert {line["pictures"] for line in rows} == {"1", "2"} and len({line["on"] for line in rows}) == 2
    recalls = [float(line["value"]) for line in rows if line["metric"] == "recall"]
    assert len(recalls) == 2 and all(0 < recall < 1 for recall in recalls)
