from tests.reporting.minaee2020.pages import cells, folder_of, render
from xray_keras.datasets import populations


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
