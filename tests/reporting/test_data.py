from xray_keras.datasets import populations
from xray_keras.reporting import data

POPULATION = {
    "dataset": "covid_xray_5k",
    "data": None,
    "images": "all",
    "max_images": None,
    "missing": "error",
}


def test_the_covid_phantom_at_paper_size_has_every_printed_count():
    text = data.describe(populations.build(POPULATION)[1])
    assert text.startswith("COVID-Xray-5k, phantom: 5,560 computed radiographs, seed 2019")
    assert "differs" not in text and "Pleural Thickening" in text
    lines = {line[:28].strip(): line[28:].split() for line in text.splitlines()}
    assert lines["COVID-19"] == ["31", "31", "40", "40"]
    assert lines["COVID-19, with copies"] == ["496", "496"]
    assert lines["all without COVID-19"] == ["2,000", "2,000", "3,000", "3,000"]


def test_counts_that_differ_are_marked():
    text = data.describe(populations.build({**POPULATION, "max_images": 130})[1])
    marked = [line for line in text.splitlines() if line.endswith("differs")]
    assert len(marked) == 15  # normal, thirteen others, and their sum; the positives are all there


def test_every_filter_is_printed():
    summary = populations.build({**POPULATION, "max_images": 130})[1]
    left_out = {"CT": 12, "lateral view": 34, "file missing": 0}
    summary |= {
        "origin": "release",
        "negatives": "nih",
        "collections": {
            "covid-chestxray-dataset": {
                "rows": 500,
                "patients": 200,
                "covid": 90,
                "other": 30,
                "left_out": left_out,
            },
            "nih": {"rows": 1000, "patients": 400, "single": 600, "left_out": {"several findings": 56}},
        },
    }
    text = data.describe(summary)
    assert "covid-chestxray-dataset (positives): 500 images of 200 patients listed" in text
    assert "negatives, because the data folder holds no CheXpert" in text
    for count, reason in ((12, "CT"), (34, "lateral view"), (0, "file missing"), (56, "several findings")):
        assert f"{count:>11}  {reason}" in text
