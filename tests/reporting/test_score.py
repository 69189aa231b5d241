import pandas as pd
import pytest

from tests.reporting.conftest import scores, truth
from xray_keras import cli


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "mine.csv"
    scores(truth(), ("Mass", "Effusion"), 1.0, 3).to_csv(path, index=False)
    return path


SCORE = ["--paper", "ali2019", "--table", "table2"]


def test_score_renders_anyones_predictions(csv, capsys):
    assert cli.main(["score", str(csv), *SCORE]) == 0
    assert "Mean AUC over 2 findings" in capsys.readouterr().out
    text = (csv.parent / "mine-table2.md").read_text()
    assert "mine.csv beside PretrainedVGG16" in text and "mine.csv beside BaselineModel" in text


def test_score_beside_one_row(csv, tmp_path):
    assert cli.main(["score", str(csv), *SCORE, "--row", "PretrainedVGG16", "-o", str(tmp_path / "x")]) == 0
    assert "BaselineModel" not in (tmp_path / "x.md").read_text()


@pytest.mark.parametrize(
    ("shared", "said"), [(0, None), (1, "1 patient is in both"), (2, "2 patients are in both")]
)
def test_patients_on_both_sides_are_warned_of(csv, capsys, shared, said):
    frame = pd.read_csv(csv)  # the first 60 rows are validation, two of a patient
    frame.loc[range(0, 2 * shared, 2), "split"] = "test"
    frame.to_csv(csv, index=False)
    assert cli.main(["score", str(csv), *SCORE]) == 0
    warned, page = capsys.readouterr().err, (csv.parent / "mine-table2.md").read_text()
    if said is None:
        assert not warned and "in both" not in page
    else:
        assert (
            warned.startswith(f"xray-keras: warning: {said} validation and test") and warned.count("\n") == 1
        )
        assert f"{said} validation and test" in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.assign(p_Mass=f["p_Mass"].where(f.index > 3)), "p_Mass"),
        (lambda f: f.rename(columns={"y_Mass": "y_Lump", "p_Mass": "p_Lump"}), "Lump"),
        (lambda f: pd.concat([f, f.iloc[:2]]), "more than once|twice|duplicate"),
        (lambda f: f.assign(p_Mass=f["p_Mass"] * 100), "p_Mass"),
        (lambda f: f.iloc[:0], "no row|empty|no test"),
    ],
)
def test_bad_predictions_get_one_sentence(csv, change, words, capsys):
    change(pd.read_csv(csv)).to_csv(csv, index=False)
    assert cli.main(["score", str(csv), *SCORE]) == 2
    message = capsys.readouterr().err
    assert message.startswith("xray-keras: ") and message.count("\n") == 1 and "mine.csv" in message
    assert pd.Series([message]).str.contains(words).all()
    assert not list(csv.parent.glob("mine-table2*"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--paper", "nobody", "--table", "table2"], "no paper 'nobody'"),
        (["--paper", "ali2019", "--table", "table7"], "no 'table7'"),
        ([*SCORE, "--row", "Wang"], "no row 'Wang'"),
    ],
)
def test_unknown_names_get_one_sentence(csv, arguments, words, capsys):
    assert cli.main(["score", str(csv), *arguments]) == 2
    assert words in capsys.readouterr().err
