import re
import shutil

import pytest

from tests.reporting.site.site_reading import ROOT, Seen, audited
from xray_keras.audit.outcome import Verdict
from xray_keras.datasets.overview.known import SETS
from xray_keras.papers import loader
from xray_keras.reporting import readme
from xray_keras.reporting.site import build, markup


@pytest.fixture(scope="module")
def front(site):
    source = (site / "index.html").read_text(encoding="utf-8")
    return source, Seen(source)


def test_every_paper_with_its_counts(front):
    source, seen = front
    for paper in loader.names():
        assert f'href="{paper}.html"' in source and loader.load(paper)["paper"]["title"] in seen.text
        audit = audited(paper)
        assert f"{len(audit.answers)} claims: {audit.count(Verdict.HOLDS)} hold" in seen.text
    assert "Not for diagnosis." in seen.text and source.count('<svg class="bar"') == len(loader.names())
    shown = re.search(r"18 printed tables and figures: (.*)\.", seen.text)[1]
    assert "phantom 14" in shown and "subset 14" in shown and "not shown" in shown


def test_headlines_are_those_of_readme(front):
    _, seen = front
    cells = [
        markup.plain(cell)
        for block in markup.parse(readme.results(ROOT / "reports"))
        if block.kind == "table"
        for row in block.cells()
        for cell in row
    ]
    assert len(cells) > 60 and all(cell in seen.text for cell in cells)


def test_data_sets_with_licence_registration_and_citation(front):
    source, seen = front
    for known in SETS:
        for words in (known.title, known.folder, known.licence, known.citation, known.registration):
            assert words in seen.text
    assert 'href="https://nihcc.app.box.com/v/ChestXray-NIHCC"' in source


def test_cards_and_notebooks_are_listed_where_they_are(write, tmp_path):
    write("cards/chexnet", title="Model card: CheXNet")
    shutil.copytree(
        ROOT / "experiments", tmp_path / "experiments", ignore=shutil.ignore_patterns("notebooks")
    )
    reports, notebooks = tmp_path / "reports", tmp_path / "experiments" / "notebooks"
    build.build(tmp_path, reports)
    before = Seen((reports / "index.html").read_text())
    assert "Model card: CheXNet" in before.text and "Notebooks" not in before.text
    notebooks.mkdir()
    for name in ("start_here.ipynb", "_render.ipynb", "plain.ipynb"):
        (notebooks / name).write_text("{}")
    (notebooks / "start_here.py").write_text(
        "# ---\n# %% [markdown]\n# # Start <here>\n# text\n# %%\n# # no\n"
    )
    build.build(tmp_path, reports)
    after = Seen((reports / "index.html").read_text())
    assert (
        "start_here.ipynb: Start <here>" in after.text
        and "_render" not in after.text
        and "plain.ipynb" in after.text
    )
    assert {"href": "../experiments/notebooks/start_here.ipynb"} in after.all("a")
    assert (reports / "cards" / "chexnet.html").is_file()


def test_a_site_without_headlines_or_audit_says_so(write, seen):
    write("phantom/cohen2019/ood")
    page = seen("index.html")
    assert "Headline results" not in page.text and "Not checked yet: make audit" in page.text
    assert "Model cards" not in page.text
