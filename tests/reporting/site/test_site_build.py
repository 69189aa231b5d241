import itertools
import posixpath
import subprocess
import sys
import time
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest

from tests.reporting.site.site_reading import ROOT, Seen, copy
from xray_keras import cli
from xray_keras.errors import UserError
from xray_keras.papers import loader
from xray_keras.reporting.site import build, frame


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture(scope="module")
def seen(site) -> dict[PurePosixPath, Seen]:
    """Every page of the committed reports' site."""
    paths = sorted(site.rglob("*.html"))
    return {
        PurePosixPath(path.relative_to(site).as_posix()): Seen(path.read_text(encoding="utf-8"))
        for path in paths
    }


def test_every_report_page_has_its_html_and_every_paper_its_page(site, seen):
    for path in site.rglob("*.md"):
        assert PurePosixPath(path.relative_to(site).with_suffix(".html").as_posix()) in seen
    assert {PurePosixPath(f"{name}.html") for name in ("index", *loader.names())} <= set(seen)


def test_every_address_leads_somewhere(site, seen):
    for page, found in seen.items():
        for tag, attributes in found.elements:
            for key in ("href", "src"):
                address = attributes.get(key)
                if address is None or address == "data:,":
                    continue
                parts = urlsplit(address)
                if parts.scheme:
                    assert tag == "a" and parts.scheme in ("http", "https"), (page, address)
                    continue
                target = (
                    PurePosixPath(posixpath.normpath(page.parent / unquote(parts.path)))
                    if parts.path
                    else page
                )
                assert (site / target).is_file(), (page, address)
                if parts.fragment:
                    assert parts.fragment in seen[target].ids, (page, address)


def test_nothing_comes_from_elsewhere_and_nothing_is_in_line(site, seen):
    for page, found in seen.items():
        assert [each["rel"] for each in found.all("link")] == ["icon", "stylesheet"]
        assert all(set(each) == {"src", "defer"} for each in found.all("script")), page
        for _, attributes in found.elements:
            assert "style" not in attributes and not any(key.startswith("on") for key in attributes), page
    assert (
        "url(" not in (site / "style.css").read_text() and "@import" not in (site / "style.css").read_text()
    )
    assert all(word not in (site / "site.js").read_text() for word in ("fetch", "import", "http"))


def test_every_page_can_be_read_by_everybody(seen):
    for page, found in seen.items():
        levels = [level for level, _ in found.headings]
        assert levels[0] == 1 and levels.count(1) == 1, page
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), page
        assert all(image.get("alt") for image in found.all("img")), page
        assert found.all("html") == [{"lang": "en"}] and len(found.all("main")) == 1
        assert {"class": "skip", "href": "#content"} in found.all("a") and "content" in found.ids
        assert all(each.get("aria-label") for each in found.all("nav"))
        assert all(each.get("scope") in ("row", "col") for each in found.all("th"))
        assert "not for diagnosis" in found.text


def test_the_same_pages_give_the_same_bytes(site, tmp_path):
    copy(tmp_path)
    build.build(tmp_path, tmp_path / "reports")
    assert tree(tmp_path / "reports") == tree(site)


def test_the_committed_site_is_that_of_the_committed_pages(site):
    committed, fresh = tree(ROOT / "reports"), tree(site)
    made = [name for name in {*committed, *fresh} if name.endswith(".html") or name in build.ASSETS]
    differing = sorted(name for name in made if committed.get(name) != fresh.get(name))
    assert differing == [], "run make report"


def test_only_what_changed_is_written_and_what_is_gone_is_removed(write, tmp_path):
    reports = tmp_path / "reports"
    gone, kept = write("phantom/minaee2020/table5"), write("phantom/minaee2020/table6")
    own = reports / "mine.html"
    own.write_text("<p>somebody's own page</p>")
    first = build.build(ROOT, reports)
    assert first.files == len(first.written) == first.pages + 2 and first.removed == []
    assert build.build(ROOT, reports).written == []
    before = kept.with_suffix(".html").stat().st_mtime_ns
    gone.unlink()
    second = build.build(ROOT, reports)
    assert second.removed == [gone.with_suffix(".html")] and not gone.with_suffix(".html").exists()
    assert reports / "minaee2020.html" in second.written and own.is_file()
    assert reports / "ali2019.html" not in second.written
    # The way to the page that is gone was on it.
    assert kept.with_suffix(".html").stat().st_mtime_ns > before


def test_neighbours_and_the_same_on_other_data_are_linked(write, tmp_path):
    for name in ("phantom/minaee2020/table5", "phantom/minaee2020/table6", "subset/minaee2020/table6"):
        write(name)
    build.build(ROOT, tmp_path / "reports")
    links = Seen((tmp_path / "reports/phantom/minaee2020/table6.html").read_text()).all("a")
    assert {"href": "../../subset/minaee2020/table6.html"} in links
    assert {"href": "table5.html", "rel": "prev"} in links and not any(
        each.get("rel") == "next" for each in links
    )
    first = Seen((tmp_path / "reports/phantom/minaee2020/table5.html").read_text()).all("a")
    assert {"href": "table6.html", "rel": "next"} in first and not any(
        each.get("rel") == "prev" for each in first
    )
    assert {"href": "../../minaee2020.html"} in links and {"href": "../../index.html"} in links
    assert (
        {"href": "table6.csv"} in links and {"href": "table6.md"} in links and {"href": "table6.tex"} in links
    )


def test_bad_pages_stop_before_anything_is_written(write, tmp_path):
    write("phantom/minaee2020/table6")
    bad = tmp_path / "reports" / "phantom" / "minaee2020" / "table5.md"
    bad.write_bytes(b"# A\n\n\xff")
    with pytest.raises(UserError, match=r"table5\.md is not UTF-8"):
        build.build(ROOT, tmp_path / "reports")
    assert list(tmp_path.rglob("*.html")) == []
    bad.unlink()
    (tmp_path / "reports" / "index.md").write_text("# Mine\n")
    with pytest.raises(
        UserError, match=r"index\.md would take the place of the site's own index\.html; rename it"
    ):
        build.build(ROOT, tmp_path / "reports")


def test_a_broken_table_of_numbers_is_named(write, tmp_path):
    path = write("phantom/ali2019/table2")
    path.with_suffix(".csv").write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match=r"a CSV below .* is not as the suite wrote it"):
        build.build(ROOT, tmp_path / "reports")


@pytest.mark.parametrize("name", ["empty", "absent"])
def test_nothing_to_show_is_said(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no report page yet; run `make table2`"):
        build.build(ROOT, tmp_path / name)


def test_stale_pages_are_known_by_their_mark(site):
    assert all(frame.MARK in path.read_text(encoding="utf-8") for path in site.rglob("*.html"))


def test_the_verb_builds_in_seconds_without_tensorflow(tmp_path):
    copy(tmp_path)
    code = (
        "import sys; from xray_keras import cli; status = cli.main(['report']); "
        "print('heavy:', sorted({'tensorflow', 'keras', 'matplotlib', 'sklearn'} & set(sys.modules))); sys.exit(status)"
    )
    began = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    print(f"report: {time.perf_counter() - began:.1f} s")
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert len(lines) == 3 and lines[0].endswith(f"open {Path('reports/index.html')} in a browser")
    assert lines[1].endswith(" 0 as they were, 0 old pages removed") and lines[2] == "heavy: []"


def test_the_verb_says_in_a_sentence_what_is_wrong(tmp_path, capsys):
    assert cli.main(["report", "--reports", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and f"{tmp_path} holds no report page yet; run `make table2`" in said
