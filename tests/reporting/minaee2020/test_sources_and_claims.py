from tests.reporting.minaee2020.pages import cells, render
from xray_keras.papers import loader


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
