from pathlib import Path, PurePosixPath

import pandas as pd
import pytest

from tests.reporting.site.site_reading import Seen
from xray_keras.reporting.document import Document, Picture, Section
from xray_keras.reporting.site import markup
from xray_keras.reporting.site.places import Place


@pytest.fixture
def place(tmp_path):
    """Markdown in reports/phantom/p, shown on a page of reports/ itself; a page, a figure of it beside."""
    home = tmp_path / "phantom" / "p"
    home.mkdir(parents=True)
    (home / "table 1.md").write_text("# T")
    (home / "curve.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x03\x84\0\0\x01\x2c")
    (home / "curve.svg").touch()
    return Place(tmp_path, PurePosixPath("phantom/p"))


def rendered(text: str, place: Place, **words: str) -> str:
    return markup.render(markup.parse(text), place, **words)


def test_a_document_in_all_its_parts(place):
    section = Section(
        "Rates & <b>",
        "Text with **bold**, `a*b` and 5*5 to 3*3.",
        ("Model", "ours", "so <it> is"),
        [("A | B", "0.9 [0.8–1.0]", "<script>alert(1)</script>"), ("C", "–", "CMDRNN*")],
        ["a note, x_1 and y_1"],
        Picture("curve.png", 'KID "falls" from 4 [3–5] to 1 < 2'),
    )
    text = Document("Title", ["Lead."], [section], pd.DataFrame()).markdown()
    html = rendered(text, place, label="Rates")
    seen = Seen(html)
    assert "script" not in {tag for tag, _ in seen.elements} and "<script>alert(1)</script>" in seen.text
    for words in ("Text with bold, a*b and 5*5 to 3*3.", "Rates & <b>", "A | B", "CMDRNN*", "x_1 and y_1"):
        assert words in seen.text
    assert (
        "<strong>bold</strong>" in html and "<code>a*b</code>" in html and "<em>" not in html.split("<ul>")[0]
    )
    (image,) = seen.all("img")
    assert image["alt"] == 'KID "falls" from 4 [3–5] to 1 < 2' and image["loading"] == "lazy"
    assert image["src"] == "phantom/p/curve.png" and (image["width"], image["height"]) == ("576", "192")
    assert seen.all("a") == [{"href": "phantom/p/curve.svg"}]
    assert [each["scope"] for each in seen.all("th")] == ["col"] * 3 + ["row"] * 2
    assert seen.all("div") == [{"class": "scroll", "role": "region", "aria-label": "Rates", "tabindex": "0"}]
    assert not any("style" in attributes for _, attributes in seen.elements)


def test_columns_are_set_by_what_they_hold(place):
    sentence = "a sentence that is longer than a line of a table"
    rows = f"| 1 | 0.9 [0.8–1.0] | yes | {sentence} |\n| 2 | – | no | x |"
    text = f"| Row | AUC | word | said |\n|--:|---|--:|--:|\n{rows}"
    html = rendered(text, place)
    assert '<th scope="row" class="words">1</th><td class="number">0.9 <small>[0.8–1.0]</small></td>' in html
    assert f'<td class="words">yes</td><td class="prose">{sentence}</td>' in html
    assert '<th scope="col" class="number">AUC</th>' in html and "wide" not in html
    for cell, box in (("a word", "scroll"), ("interval", "scroll wide")):
        row = "|" + f" {cell} |" * 11
        assert f'<div class="{box}"' in rendered(f"{row}\n{'|---' * 11}|\n{row}", place)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("table%201.md", "phantom/p/table%201.html"),
        ("table%201.md#runs", "phantom/p/table%201.html#runs"),
        ("../p/curve.svg", "phantom/p/curve.svg"),
        ("https://a.b/c.md", "https://a.b/c.md"),
        ("#runs", "#runs"),
    ],
)
def test_links_lead_to_pages_files_and_websites(place, written, address):
    assert rendered(f"see [it]({written})", place) == f'<p>see <a href="{address}">it</a></p>\n'


def test_links_to_what_is_not_there_are_words(place):
    assert rendered("see [**it**](table2.md), [that](table%201.md)", place) == (
        '<p>see <strong>it</strong>, <a href="phantom/p/table%201.html">that</a></p>\n'
    )
    assert rendered("![Two curves](other.png)", place) == (
        '<p class="absent">other.png is not here. What it shows: Two curves</p>\n'
    )


def test_the_same_page_from_its_own_folder(place):
    own = Place(place.reports, place.home, place.home)
    assert own.link("table%201.md") == "table%201.html"
    assert own.to(PurePosixPath("index.html")) == "../../index.html"
    assert own.to(PurePosixPath("subset/p/a%b c.html")) == "../../subset/p/a%25b%20c.html"


def test_pictures_without_a_size_or_drawing_are_shown_all_the_same(tmp_path):
    (tmp_path / "a.png").write_bytes(b"not a PNG")
    html = rendered("![A](a.png)", Place(tmp_path))
    assert html.startswith('<figure><a href="a.png"><img src="a.png" alt="A" loading')


def test_plain_words_have_no_marks():
    assert markup.plain("**AUC** of `a_b`, [see](x.md) 5\\*5") == "AUC of a_b, see 5*5"
    assert markup.plain(Path("a_b.c").name) == "a_b.c"
