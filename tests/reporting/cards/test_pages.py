import re
from pathlib import Path

import pandas as pd
import pytest

from xray_keras import files
from xray_keras.reporting import cards
from xray_keras.reporting.cards import family, licences, page, results
from xray_keras.reporting.cards.found import KINDS, SHIPPED, Reports

REPORTS = Path(__file__).parents[3] / "reports"
CARDS = REPORTS / "cards"
SECTIONS = [
    "Intended use",
    "Not intended",
    "Data",
    "Weights",
    "Results",
    "Limits",
    "Known shortcuts",
    "Patients and privacy",
]


def committed(name: str) -> str:
    return (CARDS / f"{name}.md").read_text(encoding="utf-8")


def lines(name: str) -> pd.DataFrame:
    return pd.read_csv(CARDS / f"{name}.csv", dtype=str, keep_default_na=False)


def headings(text: str) -> list[str]:
    return re.findall(r"^## (.+)$", text, re.MULTILINE)


def cell(text: str, label: str, column: str) -> str:
    """A cell of the table of results, found in the page alone."""
    table = text[text.index("## Results") : text.index("## Limits")].splitlines()
    (head,) = (line for line in table if line.startswith("| Measure |") and "(computed)" in line)
    (row,) = (line for line in table if line.startswith(f"| {label} |"))
    return row.strip("| ").split(" | ")[head.strip("| ").split(" | ").index(column)]


@pytest.mark.parametrize("name", family.names())
def test_the_committed_card_is_what_the_reports_make_today(name):
    fresh = page.document(name, Reports(REPORTS), CARDS)
    assert fresh.markdown() == committed(name)
    assert fresh.tidy.to_csv(index=False, lineterminator="\n") == (CARDS / f"{name}.csv").read_text()


def test_the_committed_page_of_licences_is_what_the_code_makes_today():
    assert licences.document().markdown() == committed(page.LICENCES)


def test_nothing_else_is_committed_beside_them():
    wanted = {f"{name}{end}" for name in (*family.names(), page.LICENCES) for end in (".md", ".csv")}
    assert {path.name for path in CARDS.iterdir() if path.suffix != ".html"} == wanted  # those are the site's


@pytest.mark.parametrize("name", family.names())
def test_a_card_has_every_section_and_warns_above_them(name):
    text = committed(name)
    found = headings(text)
    assert [each for each in found if each in SECTIONS] == SECTIONS
    assert set(found) - set(SECTIONS) <= {"The network that comes with the text filter"}
    assert text.split("\n\n")[1].startswith("**Not for diagnosis**")
    assert text.lower().count("not for diagnosis") == 2  # and at the foot, as every report


@pytest.mark.parametrize("name", family.names())
def test_numbers_are_those_of_the_reports(name):
    """Read again, by pandas, from the line that the card's CSV names."""
    text = committed(name)
    for quoted in lines(name).to_dict("records"):
        if quoted["report"] == SHIPPED:
            continue
        report = pd.read_csv(REPORTS / f"{quoted['report']}.csv", dtype=str, keep_default_na=False)
        for pair in quoted["row"].split("; "):
            column, _, wanted = pair.partition(" = ")
            report = report[report[column] == wanted]
        assert len(report) == 1, quoted
        line = report.iloc[0]
        for ours, theirs in (("value", quoted["column"]), ("low", "low"), ("high", "high")):
            given = line.get(theirs, "")
            assert (quoted[ours] == "") == (given == "") and (
                not given or float(quoted[ours]) == float(given)
            )
        digits = re.match(r"[−+]?[\d,]+\.?\d*", quoted["told"])[0]
        scale = 100 if " %" in quoted["told"] else 1
        decimals = len(digits.partition(".")[2])
        shown = float(digits.replace("−", "-").replace(",", ""))
        assert shown == pytest.approx(scale * float(quoted["value"]), abs=0.5001 * 10**-decimals)
        place = quoted["about"] in family.load(name).get("numbers", {})
        assert quoted["told"] in (text if place else cell(text, quoted["about"], KINDS[quoted["kind"]]))


def test_a_number_known_by_hand_stands_in_its_card():
    """ResNet50's AUC inside one collection, the number that README shows, too."""
    readme = (REPORTS.parent / "README.md").read_text(encoding="utf-8")
    (row,) = (line for line in readme.splitlines() if line.startswith("| ResNet50 |"))
    inside = row.strip("| ").split(" | ")[-1]
    found = cell(committed("deep_covid"), "COVID-19 against others of its own collection", KINDS["subset"])
    assert found.startswith(inside)


@pytest.mark.parametrize("name", family.names())
def test_every_number_asked_for_is_there_and_says_what_the_text_says(name):
    facts, text = family.load(name), committed(name)
    assert text.count("not run") == 0 and "(here not shown)" not in text
    assert "- Not run: complete releases." in text.splitlines()
    quoted = lines(name)
    reported = {place for place, wanted in facts.get("numbers", {}).items() if "report" in wanted}
    assert reported | {wanted["of"] for wanted in facts["results"]} <= set(quoted["about"])


@pytest.mark.parametrize("name", (*family.names(), page.LICENCES))
def test_links_lead_somewhere(name):
    found = re.findall(r"\]\(([^)]+\.md)\)", committed(name))
    assert name == page.LICENCES or len(found) >= 2
    for link in found:
        assert (CARDS / link).is_file(), link


def test_the_shipped_network_has_a_table_of_its_card():
    card = files.read_json(REPORTS.parent / "xray_keras" / "textfilter" / "student.json")
    text = committed("text_networks")
    for each in (each for each in card["measured"] if each["metric"] != "f1"):
        low, high = each["interval"]
        assert f"{each['value']:.3f} [{low:.3f}–{high:.3f}]" in text and each["on"] in text


def test_without_reports_a_card_says_not_run(tmp_path):
    written = cards.write(tmp_path / "reports", tmp_path / "cards")
    assert {path.suffix for path in written} == {".md", ".csv"} and all(path.is_file() for path in written)
    for name in family.names():
        text = (tmp_path / "cards" / f"{name}.md").read_text(encoding="utf-8")
        facts = family.load(name)
        assert text.count("not run") >= len(facts["results"]) and "read from" not in text
        assert "- Not run: subset of the releases, complete releases." in text
        assert [each for each in headings(text) if each in SECTIONS] == SECTIONS
        quoted = pd.read_csv(tmp_path / "cards" / f"{name}.csv")
        assert list(quoted.columns) == list(results.COLUMNS) and set(quoted["kind"]) <= {SHIPPED}


def test_the_complete_release_gets_a_column_once_it_was_run(tmp_path):
    folder = tmp_path / "full" / "ali2019"
    folder.mkdir(parents=True)
    (folder / "table2.csv").write_text((REPORTS / "subset/ali2019/table2.csv").read_text())
    text = page.document("transfer_networks", Reports(tmp_path), tmp_path / "cards").markdown()
    assert "| Measure | printed | complete releases |" in text
    assert "- Not run: phantom (computed), subset of the releases." in text
    assert "ali2019, table2 ([full](../full/ali2019/table2.md))" in text
    assert "finds not run of atelectases" in text  # the text quotes the subset
