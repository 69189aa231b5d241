import re

import pytest

from tests.reporting.site.site_reading import ROOT
from xray_keras import experiment
from xray_keras.papers import loader
from xray_keras.reporting.site import contents, pages
from xray_keras.training import architectures

PAGES = pages.read_all(ROOT / "reports")


@pytest.fixture(params=loader.names())
def read(request):
    return contents.read(request.param, ROOT, PAGES)


def test_everything_printed_is_there_once_in_the_papers_order(read):
    facts = loader.load(read.paper)
    names = [artefact.name for artefact in read.printed]
    assert sorted(names) == sorted({*facts["tables"], *facts["figures"]})
    for kind in ("table", "figure"):
        numbered = [int(match[1]) for name in names if (match := re.fullmatch(rf"{kind}(\d+)", name))]
        assert numbered == sorted(numbered)


@pytest.mark.parametrize(
    ("paper", "order"),
    [
        ("ali2019", "figure1 figure2 figure3 table1 figure4 table2 table3"),
        ("zhao2019", "figure1 figure2 figure3 figure4 figure5 table1 table2"),
        (
            "minaee2020",
            "figure1 table1 figure2 figure3 figure4 figure5 figure6 figure7 figure8 figure9 "
            "table2 table3 table4 table5 table6 figure10 figure11 figure12",
        ),
        ("cohen2019", "figure1 figure2 table1 figure3 figure4 figure5 figure6 figure7 figure8 figure9"),
    ],
)
def test_tables_stand_between_figures_where_the_paper_has_them(paper, order):
    read = contents.read(paper, ROOT, PAGES)
    assert " ".join(artefact.name for artefact in read.printed) == order


def test_every_page_is_shown_and_every_experiment_has_its_command(read):
    shown = {str(shown.path) for artefact in read.all for shown in artefact.shown}
    reports = ROOT / "reports"
    folders = [reports / kind / read.paper for kind in contents.KINDS]
    assert shown == {
        path.relative_to(reports).as_posix() for folder in folders for path in folder.glob("*.md")
    }
    made = {
        artefact
        for name in experiment.names(ROOT)
        if name.startswith(f"{read.paper}/")
        for artefact in experiment.load(name, ROOT).artefacts
    }
    targets = {artefact.name: artefact.target for artefact in read.all}
    assert {
        name for name, target in targets.items() if target and f"{read.paper}/{name}" not in contents.DRAWN
    } == made
    assert all(target.startswith(f"{read.paper}-") for target in targets.values() if target)


def test_labels_sections_and_captions_are_the_papers():
    found = {one.name: one for one in contents.read("minaee2020", ROOT, PAGES).all}
    assert found["table6"].title.startswith("Table VI: The four networks at a sensitivity of 97.5%")
    assert found["table6"].section == "Section IV.E" and found["table6"].target == "minaee2020-table6"
    assert found["figure1"].target == "" and found["figure1"].missing.startswith("three COVID-19 radiographs")
    ali = {one.name: one for one in contents.read("ali2019", ROOT, PAGES).all}
    assert ali["figure2"].label == "Figure 2" and ali["figure2"].section == "Section III.B"
    assert ali["quality"].label == "" and ali["quality"].title == "How good are the GANs' images?"
    notes = contents.read("gan_notes", ROOT, PAGES)
    assert notes.printed[0].section == "Methods and Uses" and notes.printed[0].label == ""
    assert [one.name for one in notes.added] == ["laboratory"]


def test_what_needs_a_browser_is_made_together():
    targets = {one.name: one.target for one in contents.read("cohen2019", ROOT, PAGES).all}
    assert {targets[name] for name in ("figure1", "figure2", "figure9", "runtime")} == {"cohen2019-page"}


def test_drawn_figures_are_those_that_the_code_draws():
    assert set(contents.DRAWN) == {*architectures.ALONE, *architectures.TAUGHT}
    found = {one.name: one for one in contents.read("zhao2019", ROOT, PAGES).all}
    assert found["figure4"].drawn and found["figure4"].target == "zhao2019-figure4"
    assert not found["figure5"].drawn


def test_variants_and_what_nothing_declares(write, tmp_path):
    for name in ("table6", "table6-paper", "extra"):
        write(f"phantom/minaee2020/{name}", title=f"minaee2020, control: {name}")
    write("subset/minaee2020/table6")
    (tmp_path / "reports/phantom/minaee2020/.123.table6.md").write_text("half of a page")
    read = contents.read("minaee2020", tmp_path, pages.read_all(tmp_path / "reports"))  # no experiments there
    table = next(one for one in read.printed if one.name == "table6")
    assert [(one.kind, one.variant) for one in table.shown] == [
        ("phantom", ""),
        ("phantom", "paper"),
        ("subset", ""),
    ]
    assert [one.title for one in read.added] == ["Extra"] and read.kinds() == ["phantom", "subset"]
    assert table.target == ""
