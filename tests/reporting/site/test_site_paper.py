import itertools
import re

import pytest

from tests.reporting.site.site_reading import ROOT, Seen, audited
from xray_keras.audit.outcome import Verdict
from xray_keras.papers import loader
from xray_keras.reporting.document import Section
from xray_keras.reporting.site import contents, markup, pages, runs

PAGES = pages.read_all(ROOT / "reports")


@pytest.fixture(scope="module", params=loader.names())
def paper(request, site):
    """A paper of the committed reports, its page's source and what a reader sees."""
    source = (site / f"{request.param}.html").read_text(encoding="utf-8")
    return request.param, source, Seen(source)


def articles(source):
    """Anchor → source of each table and figure."""
    found = re.findall(r'<article class="artefact" id="([^"]+)">(.*?)</article>', source, re.DOTALL)
    return dict(found)


def test_every_artefact_has_its_article_in_order(paper):
    name, source, seen = paper
    read = contents.read(name, ROOT, PAGES)
    titles = [
        words for level, words in seen.headings if level == 3 and words in {one.title for one in read.all}
    ]
    assert titles == [one.title for one in read.all]
    for artefact, article in zip(read.all, articles(source).values(), strict=True):
        assert article.count('<section class="panel') == len(artefact.shown)
        for shown in artefact.shown:
            assert f'href="{shown.path.with_suffix(".html")}"' in article
            main = shown.page.first("picture" if artefact.name.startswith("figure") else "table")
            assert main is not None and ("<img" in article or "<table" in article)


def test_headings_have_no_gaps(paper):
    _, _, seen = paper
    levels = [level for level, _ in seen.headings]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_claim_has_its_verdict_and_every_failure_its_arithmetic(paper):
    name, source, seen = paper
    audit = audited(name)
    for verdict in Verdict:
        assert len(re.findall(rf'<span class="verdict [a-z]+">{verdict}</span>', source)) == audit.count(
            verdict
        )
    for answer in audit.answers:
        assert answer.claim.statement in seen.text
    for finding in audit.failing:
        assert finding.outcome.question in seen.text and finding.outcome.arithmetic in seen.text


def test_claims_that_need_a_run_lead_to_its_pages(site):
    source = (site / "ali2019.html").read_text(encoding="utf-8")
    row = next(line for line in source.splitlines() if "shifts and zooms do not raise the F1" in line)
    assert '<a href="#figure-3">Figure 3</a>' in row and 'href="phantom/ali2019/figure3.html"' in row


def test_what_the_pages_assume_is_said_once(paper):
    name, _, seen = paper
    heading = "What the paper leaves open, and what is done here"
    said = {
        markup.plain(block.source if block.kind == "paragraph" else item)
        for kind in ("phantom", "subset", "full")
        for path in sorted((ROOT / "reports" / kind / name).glob("*.md"))
        if (section := pages.read(path).named(heading))
        for block in section.blocks
        if block.kind == "bullet_list"
        for item in (token.content for token in block.tokens if token.type == "inline")
    }
    for item in said:
        assert item.rpartition(": ")[2] in seen.text, item
    if name == "minaee2020":
        assert seen.text.count("ranges not printed; 16 fixed copies of each COVID-19 image") == 1


def test_each_run_stands_once_a_kind_of_data(site):
    source = (site / "minaee2020.html").read_text(encoding="utf-8")
    part = source.partition('<h2 id="runs">')[2]
    cards = part.split('<section class="panel ')[1:]
    assert [card.split('"')[0] for card in cards] == ["phantom", "subset"]
    for card in cards:
        assert card.count('<th scope="row"') == 12 and "12 runs" in card and "Data fingerprint" in card
        assert card.count('<a href="#table-vi">') == 12 and card.count('<a href="#table-ii">') == 3


def test_what_was_not_run_says_the_command(write, seen):
    write("phantom/minaee2020/table6")
    told = seen("minaee2020.html").text
    release = "DATA=/folder/above/your/data"
    assert "Not run on the phantom: make minaee2020-table6" not in told
    assert f"Not run on real pictures: make minaee2020-table6 {release}" in told
    assert f"Not run on the complete releases: make minaee2020-table6 {release} SCALE=paper" in told
    assert "Not run on the phantom: make minaee2020-table1Not run on real pictures" in told
    assert "Not drawn: make minaee2020-figure3" in told
    assert "Section I. Nothing in the suite makes it. The text has: three COVID-19 radiographs" in told
    assert "Nothing of this paper was run yet." not in told
    assert "Nothing of this paper was run yet." in seen("ali2019.html").text


def test_complete_releases_at_paper_scale_leave_only_the_phantom_to_run(write, seen):
    write("full/minaee2020/table6")
    told = seen("minaee2020.html").text
    assert "Not run on the phantom: make minaee2020-table6" in told
    assert "make minaee2020-table6 DATA" not in told


def test_text_of_a_page_is_never_markup(write, seen):
    bad = "<script>alert(1)</script>"
    rows = [(bad, "0.9"), ("a", bad)]
    write(
        "phantom/minaee2020/table6",
        Section(bad, bad, ("Model", bad), rows),
        title=f"minaee2020, Table VI: {bad}",
    )
    for name in ("minaee2020.html", "phantom/minaee2020/table6.html"):
        page = seen(name)
        assert bad in page.text
        assert [each["src"] for each in page.all("script")] == [
            "site.js" if "/" not in name else "../../site.js"
        ]


def test_runs_are_merged_where_pages_agree_and_kept_apart_where_not(write, tmp_path):
    def section(*rows, columns):
        return Section(runs.HEADING, "keras 3; CPU. Data fingerprint 12.", columns, rows)

    write("phantom/minaee2020/table5", section(("a", "1", "5 s"), columns=("Run", "seed", "training")))
    both = section(
        ("a", "1", "64", "5 s"), ("a", "2", "64", "7 s"), columns=("Run", "seed", "px", "training")
    )
    write("phantom/minaee2020/table6", both)
    write("subset/minaee2020/table6", section(("a", "1", "9 s"), columns=("Run", "seed", "training")))
    write("phantom/minaee2020/table4", section(("a", "1", "6 s"), columns=("Run", "seed", "training")))
    read = contents.read("minaee2020", ROOT, pages.read_all(tmp_path / "reports"))
    html = runs.render(read, {one.name: one.name for one in read.all}, tmp_path / "reports")
    first, second = html.split('<section class="panel ')[1:]
    assert "3 runs" in first and "1 run</h3>" in second and second.startswith("subset")
    row = next(line for line in first.splitlines() if ">5 s<" in line)
    assert ">64<" in row and row.count("<a href=") == 2 and ">6 s<" in first and ">7 s<" in first
