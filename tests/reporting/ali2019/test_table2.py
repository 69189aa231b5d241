import re

import pandas as pd
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from xray_keras.datasets.findings import FINDINGS
from xray_keras.papers import loader
from xray_keras.reporting import ali2019
from xray_keras.reporting.ali2019 import claims


@pytest.fixture(scope="module")
def written(sixteen, tmp_path_factory):
    output = tmp_path_factory.mktemp("reports") / "phantom" / "ali2019" / "table2"
    ali2019.table2(sixteen, output)
    return output


def test_all_three_forms_are_written(written):
    assert {path.name for path in written.parent.iterdir()} == {f"table2.{s}" for s in ("md", "csv", "tex")}


def test_the_csv_holds_every_printed_string_and_our_values(written, sixteen):
    frame = pd.read_csv(written.with_suffix(".csv"), dtype={"printed": str}).set_index(
        ["model", "metric", "finding"]
    )
    printed = loader.table("ali2019", "table2")
    assert len(frame) == 3 * 7 * 14 + 3  # and the mean AUC of each model
    for model in ("BaselineModel", "PretrainedInceptionV3", "PretrainedVGG16"):
        for metric in printed.metrics:
            for finding in FINDINGS:
                assert (
                    frame.loc[(model, metric, finding), "printed"]
                    == printed.cell(model, metric, finding).text
                )
    vgg = pd.read_parquet(sixteen[-1].predictions)
    test = vgg[vgg["split"] == "test"]
    auc = frame.loc[("PretrainedVGG16", "AUC", "Mass")]
    assert auc["value"] == pytest.approx(roc_auc_score(test["y_Mass"], test["p_Mass"]))
    assert auc["low"] < auc["value"] < auc["high"]
    f1 = frame.loc[("PretrainedVGG16", "F1", "Mass"), "value"]
    assert f1 == pytest.approx(f1_score(test["y_Mass"], test["p_Mass"] > 0.5))
    hernia = frame.loc[("PretrainedVGG16", "AUC", "Hernia")]
    assert pd.isna(hernia["value"]) and "no positive" in hernia["reason"]


def test_a_phantom_is_called_one_and_never_compared(written):
    text = written.with_suffix(".md").read_text()
    assert "phantom, n = 660" in text and "not for diagnosis" in text
    assert "Δ +" not in text and "✓" not in text
    frame = pd.read_csv(written.with_suffix(".csv"))
    assert frame["difference"].isna().all() and frame["covered"].isna().all()


def test_only_the_complete_release_at_paper_scale_is_compared(make_runs, tmp_path):
    ali2019.table2(make_runs("full"), tmp_path / "table2")
    frame = pd.read_csv(tmp_path / "table2.csv")
    known = frame.dropna(subset=["difference"])
    assert len(known) > 100
    row = known.iloc[0]
    assert row["difference"] == pytest.approx(row["value"] - float(row["printed"]))
    text = (tmp_path / "table2.md").read_text()
    assert "complete NIH ChestX-ray14" in text and "✗" in text
    assert text.count("better of the two") == 2  # from the printed cells, and from ours


def test_a_subset_says_so(make_runs, tmp_path):
    ali2019.table2(make_runs("subset"), tmp_path / "table2")
    assert "subset, n = 660" in (tmp_path / "table2.md").read_text()


def test_leaks_are_told(make_runs, tmp_path):
    ali2019.table2(make_runs(split="image-80-20"), tmp_path / "table2")
    assert "7 patients are on both sides" in (tmp_path / "table2.md").read_text()


def test_misprinted_rows_are_shown_under_their_models(written):
    block = written.with_suffix(".md").read_text().split("## AUC against Wang et al.")[1].split("##")[0]
    atelectasis = next(line for line in block.splitlines() if line.startswith("| Atelectasis"))
    cells = [cell.strip() for cell in atelectasis.strip("|").split("|")]
    assert [cells[1], cells[3], cells[5], cells[7]] == ["0.5886", "0.69543", "0.71502", "0.7003"]
    assert "“Wang et al”" in block


def test_transfer_is_shown_to_win_where_it_does(written):
    section = written.with_suffix(".md").read_text().split("## Does transfer beat")[1].split("##")[0]
    assert section.count("transfer is better") == 4


def test_claims_from_the_printed_cells():
    """The paper's own cells against its own words: 11 of 14 holds, 7 and 4 only by AUC."""
    printed = loader.table("ali2019", "table2")

    def values(model, metric):
        cells = printed.rows[model].get(metric, ())
        return {finding: cell.value for finding, cell in zip(printed.columns, cells, strict=False)}

    assert claims.CLAIMS["transfer_beats_baseline"](values) == "11 of 14"
    assert claims.CLAIMS["baseline_wins"](values) == "Fibrosis, Hernia, Pneumonia"
    assert claims.CLAIMS["largest_classes_best"](values) == "Effusion, Infiltration"
    assert claims.CLAIMS["vgg_against_inception"](values) == "by F1 4 and 7; by AUC 7 and 4"
    wang = claims.CLAIMS["better_than_wang"](values)
    assert wang == "better of the two 8 of 14; PretrainedInceptionV3 alone 6, PretrainedVGG16 alone 7"
    assert set(claims.CLAIMS) <= set(loader.claims("ali2019"))


def test_latex_has_as_many_cells_as_columns(written):
    text = written.with_suffix(".tex").read_text()
    for table in re.findall(r"\\begin\{tabular\}\{(lr*)\}(.*?)\\end\{tabular\}", text, re.DOTALL):
        for line in table[1].splitlines():
            if " & " in line:
                assert line.count(" & ") == len(table[0]) - 1
    assert r"\%" in text and "−" not in text.replace("$-$", "")


def test_rows_that_were_not_run_stay_empty(sixteen, tmp_path):
    ali2019.table2(sixteen[:1], tmp_path / "table2")
    frame = pd.read_csv(tmp_path / "table2.csv")
    assert set(frame["model"]) == {"BaselineModel"}
    assert frame.loc[~frame["finding"].isin(["Atelectasis", "mean"]), "value"].isna().all()
    assert "| Mass | – |" in (tmp_path / "table2.md").read_text()
