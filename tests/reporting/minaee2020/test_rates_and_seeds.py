import dataclasses
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tests.reporting.minaee2020.pages import ROW, cells, render
from xray_keras.evaluation import thresholds
from xray_keras.papers import loader
from xray_keras.reporting.minaee2020.text import statement


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


def test_the_counts_are_those_of_the_seed_that_is_drawn_whatever_the_order(phantom):
    counted = []
    for run in phantom[:3]:
        data = dict(run.environment["data"])
        data["images"] = {**data["images"], "train": 1000 + run.config["seed"]}
        counted.append(dataclasses.replace(run, environment={**run.environment, "data": data}))
    assert sorted(run.config["seed"] for run in counted) == [0, 1, 2]
    for order in (counted, counted[::-1]):
        assert "Train 1,000 " in statement(order) and "(drawn and counted: seed 0)" in statement(order)
