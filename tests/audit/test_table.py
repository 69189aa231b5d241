"""`xray-keras audit TABLE.csv`: anyone's table, well or badly written."""

import pytest

from xray_keras import cli
from xray_keras.audit import table, table_file
from xray_keras.errors import UserError

GOOD = """model,Accuracy,Sensitivity,PPV,F1-score
VGG16,0.679,0.62303,0.3757,0.46875
"""


def write(tmp_path, text, name="table.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def test_a_consistent_row_names_its_matrix(tmp_path, capsys):
    path = write(tmp_path, GOOD)
    assert cli.main(["audit", str(path), "--n", "10352"]) == 0
    shown = capsys.readouterr().out
    assert "exactly one confusion matrix of 10,352 cases, TP 1,466, FP 2,436, FN 887, TN 5,563" in shown
    assert shown.endswith("0 of 1 row impossible\n")


def test_an_impossible_row_says_why_and_exits_with_1(tmp_path, capsys):
    path = write(tmp_path, GOOD.replace("0.46875", "0.47875"))
    assert cli.main(["audit", str(path), "--n", "10352"]) == 1
    shown = capsys.readouterr().out
    assert "VGG16: IMPOSSIBLE: F1 0.47875 is not 2PR/(P+R)" in shown
    assert "no confusion matrix of 10,352 cases prints" in shown


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("m,recall,specificity,auc\na,0.95,0.98,0.90\n", "AUC 0.90 is impossible"),
        ("m,recall\na,1.2%\nb,101%\n", "recall 101% lies outside 0 to 1"),
        ("m,recall,positives\na,0.96,40\n", "no count of 40 positives prints as recall 0.96"),
        ("m,recall,n,positives\na,97.0%,3040,40\n", "no confusion matrix of 3,040 cases with 40 positives"),
        ("m,recall,precision,f1\na,0.9,0.8,0.95\n", "F1 0.95 is not"),
    ],
)
def test_what_is_impossible(tmp_path, row, problem):
    found = table.audit(write(tmp_path, row))
    assert not found.possible
    assert problem in "; ".join(text for audited in found.rows for text in audited.problems)


def test_columns_override_and_missing_cells_are_left_out(tmp_path):
    found = table.audit(write(tmp_path, "m,recall,f1,n\na,0.5,–,4\nb,,0.5,\n"), n=1000)
    assert found.possible
    assert "of 4 cases" in found.rows[0].findings[0] and "of 1,000 cases" in found.rows[1].findings[0]


def test_too_few_metrics_are_consistent_and_not_counted(tmp_path):
    found = table.audit(write(tmp_path, "m,accuracy\na,0.9\n"), n=150_000)
    assert found.possible and "too many" in found.rows[0].findings[0]


def test_percentages_and_commas_are_understood_and_said(tmp_path):
    path = write(tmp_path, "Modell;Sensitivity;Specificity\nA;97,5;90,5\nB;100;81,3\n")
    found = table.audit(path, n=3040, positives=40)
    assert found.possible
    assert "Sensitivity: the comma is read as a decimal point" in found.remarks
    assert "Sensitivity: numbers above 1 are read as percentages" in found.remarks
    assert any(remark.startswith("Sensitivity: 100% is read as rounded") for remark in found.remarks)
    quoted = table.audit(write(tmp_path, 'm,recall,precision\na,"0,975","0,5"\n'), n=3040)
    assert quoted.possible and len(quoted.remarks) == 2


def test_a_spread_is_not_part_of_the_number(tmp_path):
    rows = table_file.read(write(tmp_path, "m,recall\na,97.5 ± 4.8\n"))
    assert rows.cells[0]["recall"].exact == table_file.Printed("97.5%").exact
    assert table.audit(write(tmp_path, "m,recall\na,97.5 ± 4.8\n"), n=3040, positives=40).possible


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("97.5% ± 4.8%", "the ± follows from 1.96·√(p(1 − p)/n) of 40 cases"),
        ("97.5% ± 4.8", "the ± follows from"),
        ("97.5 ± 4.8%", "the ± follows from"),
        ("0.975 ± 0.048", "the ± follows from"),
        # 39/40: 1.96·√(.975·.025/40) = .04838
        (
            "97.5% ± 4.7%",
            "does not follow from 1.96·√(p(1 − p)/n) of 40 cases, which gives 4.838%; it is another",
        ),
        ("0.975 ± 0.05", "the ± follows from"),
        ("0.975 ± 0.06", "which gives 0.04838;"),
    ],
)
def test_a_spread_is_compared_with_the_normal_approximation(tmp_path, cell, said):
    found = table.audit(write(tmp_path, f"m,recall\na,{cell}\n"), n=3040, positives=40)
    assert found.possible and found.rows[0].findings[0].startswith("consistent: ")
    assert said in found.rows[0].findings[1]


def test_a_spread_follows_from_any_count_that_prints_as_its_rate(tmp_path):
    # 90.5% taken as exact gives 1.049; 2714/3000 prints so and gives 1.051, which prints 1.1
    for spread, said in (("1.1", "follows"), ("1.0", "follows"), ("1.2", "does not follow")):
        path = write(tmp_path, f"m,specificity\na,90.5% ± {spread}%\n")
        assert f"the ± {said}" in table.audit(path, n=3040, positives=40).rows[0].findings[1]


def test_a_spread_that_cannot_be_checked_is_said(tmp_path):
    found = table.audit(write(tmp_path, "m,recall,auc,f1\na,0.9 ± 0.1,0.95 ± 0.1,–\n"))
    assert found.rows[0].findings[1:] == (
        "recall 0.9 ± 0.1: the ± was read off and not checked, which takes n and positives",
        "auc 0.95 ± 0.1: the ± was read off and not checked",
    )
    spread = "m,recall,specificity\na,0.5 ± 0.1,1.0 ± 0.1\n"
    assert "not checked" in table.audit(write(tmp_path, spread), n=4, positives=4).rows[0].findings[-1]


def test_a_row_is_not_called_impossible_and_consistent_at_once(tmp_path, capsys):
    path = write(tmp_path, "m,auc,sensitivity,specificity\nA,0.5,0.9,0.95\n")
    assert cli.main(["audit", str(path), "--n", "400", "--positives", "40"]) == 1
    shown = capsys.readouterr().out
    assert "A: IMPOSSIBLE: AUC 0.5" in shown and "consistent" not in shown
    assert "A: the other metrics alone fit: " in shown and "40 positives, " not in shown


def test_one_is_singular(tmp_path):
    one = table.audit(write(tmp_path, "m,recall\na,1.0\n"), n=1, positives=1).rows[0].findings[0]
    assert "exactly one confusion matrix of 1 case with 1 positive, TP 1" in one
    given = table.audit(write(tmp_path, "m,recall\na,1.0\n"), n=3, positives=1).rows[0].findings[0]
    assert given == "consistent: 3 confusion matrices of 3 cases with 1 positive"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("   \n", "is empty"),
        ("model,recall\n", "no row below its header"),
        ("model,colour\na,red\n", "no column of a metric"),
        ("recall\n0.9\n", "no column of a metric"),
        ("m,recall,sensitivity\na,0.9,0.9\n", "'recall' and 'sensitivity' both mean recall"),
        ("m,recall\na,high\n", "row 'a', column 'recall': 'high' is not a number"),
        ("m,recall\na,0.9\nb,95\n", "mixes percentages with fractions"),
        ("m,recall,precision\na,0,975,0,5\n", "cannot be read as a table"),
        ('m,recall\n"a,0.9\n', "cannot be read as a table"),
        ("m,recall,n\na,0.9,many\n", "'many' is not a count"),
        ("m,recall,n\na,0.9,0\n", "n = 0"),
    ],
)
def test_bad_files_are_one_sentence(tmp_path, capsys, text, words):
    path = write(tmp_path, text)
    assert cli.main(["audit", str(path)]) == 2
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1 and "Traceback" not in error


def test_absent_and_binary_files(tmp_path):
    with pytest.raises(UserError, match="is absent; name a CSV"):
        table.audit(tmp_path / "absent.csv")
    with pytest.raises(UserError, match="is a folder; name a file in it"):
        table.audit(tmp_path)
    with pytest.raises(UserError, match="is not text in UTF-8"):
        table.audit(write(tmp_path, "m,recall\nä,0.9\n", encoding="latin-1"))
    with pytest.raises(UserError, match="'up' is unknown"):
        table.audit(write(tmp_path, GOOD), printing="up")
    with pytest.raises(UserError, match="41 positives among 40"):
        table.audit(write(tmp_path, GOOD), n=40, positives=41)
