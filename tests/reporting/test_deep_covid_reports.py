import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

from tests.reporting import deep_covid_runs as fake
from xray_keras.datasets import populations
from xray_keras.errors import UserError
from xray_keras.evaluation import thresholds
from xray_keras.papers import loader
from xray_keras.reporting import minaee2020
from xray_keras.reporting.minaee2020_runs import row_of

TABLES = [f"table{number}" for number in range(1, 7)]
FIGURES = ["figure2", *(f"figure{number}" for number in range(6, 13))]
ROW = {"table2": "ResNet18", "table3": "ResNet50", "table4": "SqueezeNet", "table5": "Densenet-121"}


@pytest.fixture(scope="module")
def phantom(tmp_path_factory):
    return fake.write_all(tmp_path_factory.mktemp("phantom"), "phantom")


@pytest.fixture(scope="module")
def subset(tmp_path_factory):
    return fake.write_all(tmp_path_factory.mktemp("subset"), "subset", of_source=3.0)


@pytest.fixture
def pixels(monkeypatch):
    class Grey:
        def images(self, rows, size):
            return np.full((len(rows), size, size), 128, np.uint8)

    monkeypatch.setattr(populations, "source", lambda population: Grey())


def folder_of(runs):
    return runs[0].folder.parents[2] / f"reports-{len(runs)}"


def render(name, runs):
    """The page and the CSV of an artefact, made once of the same runs."""
    output = folder_of(runs) / name
    if not output.with_suffix(".md").is_file():
        getattr(minaee2020, name)(runs, output)
    return output.with_suffix(".md").read_text(), pd.read_csv(
        output.with_suffix(".csv"), dtype={"printed": str}
    )


def cells(text, heading):
    """The table below a heading: a list of cells a line."""
    block = text.split(f"## {heading}")[1].split("\n## ")[0]
    lines = [line for line in block.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "---" not in line][1:]


@pytest.mark.parametrize("name", TABLES + FIGURES)
def test_every_artefact_of_the_issue_says_on_what_it_stands(name, phantom, pixels):
    text, frame = render(name, phantom)
    assert "phantom, n = 332 computed radiographs" in text and "not for diagnosis" in text
    assert "CheXpert" not in text.splitlines()[2] and len(frame)
    suffixes = {path.suffix for path in folder_of(phantom).glob(f"{name}.*")}
    assert suffixes == {
        ".md",
        ".csv",
        *((".png", ".svg") if name.startswith("figure") else (".html", ".tex")),
    }


@pytest.mark.parametrize(
    ("artefact", "row"),
    [*ROW.items(), ("figure6", "ResNet18"), ("figure7", "ResNet50"), ("figure8", "SqueezeNet"),
     ("figure9", "Densenet-121"), ("figure11", "ResNet50"), ("figure12", "SqueezeNet")],
)  # fmt: skip
def test_each_artefact_is_about_its_printed_network(artefact, row):
    assert row_of(artefact) == row
    places = loader.load("minaee2020")["settings"]["networks"]["operating_points"]
    assert artefact not in ROW or places[row] == artefact


def test_a_subset_says_where_its_negatives_are_from(subset):
    text, _ = render("table2", subset)
    assert "negatives from NIH ChestX-ray14, where the paper takes CheXpert" in text
    assert "subset, n = 332" in text and "40 of them COVID-19" in text


@pytest.mark.parametrize(("name", "row"), ROW.items())
def test_thresholds_printed_and_own(name, row, phantom):
    text, frame = render(name, phantom)
    printed = loader.table("minaee2020", name)
    run = next(run for run in phantom if run.card["row"] == row)
    scores = pd.read_parquet(run.predictions).query("split == 'test'")
    y, p = scores["y_COVID-19"].to_numpy(), scores["p_COVID-19"].to_numpy()
    at_printed = cells(text, "At the printed thresholds")
    assert [line[0] for line in at_printed] == list(printed.rows)
    for line in at_printed:
        found = int((p[y == 1] > float(line[0])).sum())
        assert line[1] == printed.number(line[0], "Sensitivity").text
        assert line[2] == f"{100 * found / 40:.1f}% ({found}/40)"
        assert re.fullmatch(r"[\d.]+% ± [\d.]+%", line[3])
    own = cells(text, "At our own thresholds")
    assert [line[0].split("%")[0] for line in own] == [f"{share:.1f}" for share in np.arange(80, 101, 2.5)]
    if name == "table2":
        beside = {line[0].split("%")[0]: line[3] for line in own}
        assert (beside["97.5"], beside["87.5"], beside["90.0"]) == ("88.8%", "99.2%", "–")
    assert set(frame["seed"]) == {0, 1, 2} and set(frame["method"]) == {"equation 3", "clopper-pearson"}
    assert set(frame["printed"].dropna()) == {cell.text for row in printed.rows.values() for cell in row[""]}


def test_table6_tables_and_matrices_cannot_contradict_each_other(phantom):
    text, frame = render("table6", phantom)
    lines = {line[0]: line for line in cells(text, "At the printed sensitivity")}
    assert list(lines) == list(loader.table("minaee2020", "table6").rows)
    for name, row in (("figure11", "ResNet50"), ("figure12", "SqueezeNet")):
        _, matrix = render(name, phantom)
        tn, fp, fn, tp = matrix["images"]
        assert (tp, fn, tn + fp) == (39, 1, 240)
        assert lines[row][3].startswith("97.5% ± 4.8%") and lines[row][4] == "86.8–99.9%"
        assert lines[row][6].startswith(f"{100 * tn / 240:.1f}% ± ")
        own = cells(render(next(k for k, v in ROW.items() if v == row), phantom)[0], "At our own thresholds")
        assert f"({tn}/240)" in next(line for line in own if "39/40" in line[0])[4]
    one = frame.query(
        "model == 'ResNet50' and seed == 0 and at == 'printed sensitivity' and method == 'equation 3'"
    )
    specificity = one.set_index("metric").loc["Specificity"]
    half = thresholds.normal_half_width(specificity["value"], 240, 1.96)
    assert specificity["high"] - specificity["value"] == pytest.approx(half)


def test_auc_and_seeds(phantom):
    text, _ = render("table6", phantom)
    areas = []
    for run in phantom[:3]:
        scores = pd.read_parquet(run.predictions).query("split == 'test'")
        areas.append(roc_auc_score(scores["y_COVID-19"], scores["p_COVID-19"]))
    line = cells(text, "At the printed sensitivity")[0]
    assert line[-1].startswith(f"{areas[0]:.3f} [")
    expected = f"{np.mean(areas):.3f} ± {np.std(areas, ddof=1):.3f}"
    assert cells(text, "Mean ± standard deviation over seeds")[0][-1] == expected
    alone, _ = render("table6", phantom[:1])
    assert cells(alone, "Mean ± standard deviation over seeds")[0][1:] == ["1", "–", "–", "–"]
    empty = cells(alone, "At the printed sensitivity")[1]
    assert empty[0] == "ResNet50" and empty[3] == "–" and empty[2] == "97.5% ± 4.8%"


def test_the_source_is_told_plainly(subset, phantom):
    text, frame = render("table6", subset)
    section = text.split("## How much of the score is the source?")[1].split("## ")[0]
    assert section.count("score higher if they are from the collection of COVID-19**") == 4
    weakest = cells(text, "How much of the score is the source?")[-1]
    assert weakest[0] == "Densenet-121" and "n = 40 + 45" in weakest[-1]
    assert {"source: inside", "source: collections"} <= set(frame["at"])
    text, _ = render("table6", phantom)
    section = text.split("## How much of the score is the source?")[1].split("## ")[0]
    assert "no source to recognise" in section and "sick lungs" not in section


def test_claims_that_need_a_run_are_all_answered(phantom):
    text, _ = render("table6", phantom)
    answered = {line[0] for line in cells(text, "The paper's sentences about the scores")}
    needing = {claim.statement for claim in loader.claims("minaee2020").values() if claim.needs}
    assert needing <= answered


def test_table1_counts_what_is_there(subset):
    text, frame = render("table1", subset)
    assert cells(text, "Images a class") == [
        ["COVID-19", "31", "8", "40", "40"],
        ["COVID-19 after augmentation", "496", "16", "–", "–"],
        ["Non-COVID", "2000", "44", "3000", "240"],
    ]
    assert ["No Finding", "700", "20", "1,700", "120"] in cells(text, "Non-COVID images a finding")
    assert ["covid-chestxray-dataset", "lateral view", "5"] in cells(text, "What was left out")
    assert "No patient has images on both sides." in text
    assert frame.query("collection == 'NIH ChestX-ray14'")["found"].sum() == 284


def test_figure2_draws_the_phantom_and_only_names_patients(phantom, subset, pixels, monkeypatch):
    _, frame = render("figure2", phantom)
    assert list(frame["group"]) == ["covid"] * 4 + ["normal"] * 4 + ["other"] * 8
    assert not frame["image"].str.contains("#").any()

    def refuse(population):
        raise AssertionError("the pixels of a patient were read")

    monkeypatch.setattr(populations, "source", refuse)
    text, frame = render("figure2", subset)
    assert all(f"`{image}`" in text for image in frame["image"])
    assert "<image" not in (folder_of(subset) / "figure2.svg").read_text()


def test_histograms_count_every_test_image(phantom):
    _, frame = render("figure8", phantom)
    assert len(frame) == 3 * 24 and list(frame.groupby("group")["images"].sum()) == [40, 120, 120]
    assert frame.groupby("group")["share"].sum().to_numpy() == pytest.approx(1)


def test_roc_holds_our_curves_and_the_printed_points(phantom):
    text, frame = render("figure10", phantom)
    assert set(frame["model"]) == set(fake.ROWS)
    assert (frame["kind"] == "printed").sum() == 17
    ours = frame.query("model == 'ResNet18' and kind == 'ours'")
    area = np.trapezoid(ours["tpr"], ours["fpr"])
    assert f"ResNet18: AUC {area:.3f}" in text


def test_the_same_runs_give_the_same_bytes(phantom, tmp_path):
    for folder in ("a", "b"):
        minaee2020.figure10(phantom, tmp_path / folder / "figure10")
    for suffix in (".png", ".svg", ".csv", ".md"):
        assert len({(tmp_path / folder / f"figure10{suffix}").read_bytes() for folder in ("a", "b")}) == 1
    with Image.open(tmp_path / "a" / "figure10.png") as image:
        assert image.size[0] > 1000


def test_bad_runs_get_one_sentence(phantom, tmp_path):
    with pytest.raises(UserError, match="none of the runs fills the row 'ResNet50'"):
        minaee2020.table3(phantom[:3], tmp_path / "table3")
    with pytest.raises(UserError, match="same seed"):
        minaee2020.table6([phantom[0], phantom[0]], tmp_path / "table6")
    frame = fake.images("phantom")
    scores = fake.scored(frame, 1.0, 0)
    fake.write_all(tmp_path, "phantom", seeds=1)
    old = fake.write_run(tmp_path, "ResNet18", 0, frame, scores.drop(columns="group"), "phantom")
    with pytest.raises(UserError, match=r"has no column 'group'.*predict"):
        minaee2020.table2([old], tmp_path / "table2")
    other = fake.write_run(
        tmp_path, "ResNet18", 0, frame, scores[scores["image"] != scores["image"].iloc[-60]], "phantom"
    )
    with pytest.raises(UserError, match="different images"):
        minaee2020.table6([other, *phantom[3:]], tmp_path / "table6")
