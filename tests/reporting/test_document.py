import pandas as pd

from xray_keras.reporting.document import Document, Picture, Section


def page(*sections: Section) -> Document:
    return Document("A page", ["On a phantom."], sections, pd.DataFrame({"value": [1]}))


def test_a_picture_stands_between_text_and_table(tmp_path):
    picture = Picture("a-curve.png", 'KID "falls" from 4 [3–5] to 1 < 2')
    document = page(Section("Curve", "Text.", ("a", "b"), [("1", "2")], picture=picture))
    text = document.markdown()
    assert "Text.\n\n![" in text and f"![{picture.alt}](a-curve.png)\n\n| a | b |" in text
    assert "a-curve" not in document.latex() and r"1 & 2 \\" in document.latex()


def test_latex_has_no_bare_sign_that_stops_it():
    text = page(Section("Table", "", ("a", "b"), [("R^40", "1 → 2")])).latex()
    assert r"R\^{}40 & 1 $\to$ 2 \\" in text


def test_pages_without_pictures_are_as_they_were():
    document = page(Section("Table", "Text.", ("a", "b"), [("1", "2")], ["a note"]))
    assert document.markdown() == (
        "# A page\n\nOn a phantom.\n\n## Table\n\nText.\n\n| a | b |\n| --- | --: |\n| 1 | 2 |\n\n- a note\n\n"
        "*A reproduction of published experiments; not for diagnosis.*\n"
    )


def test_products_are_not_emphasis_and_code_stays_as_it_is():
    text = page(
        Section("Map", "`a*b*c`: 5*5 to 3*3, **bold**, *so*.", ("a*b", "b"), [("x*y*z", "CMDRNN*")])
    ).markdown()
    assert "`a*b*c`: 5\\*5 to 3\\*3, **bold**, *so*." in text
    assert "| a\\*b | b |" in text and "| x\\*y\\*z | CMDRNN* |" in text


def test_what_is_written_is_markdown_latex_and_numbers(tmp_path):
    document = page(Section("Table", "Text.", ("a", "b"), [("1", "2")]))
    assert [path.name for path in document.write(tmp_path / "t")] == ["t.csv", "t.tex", "t.md"]
    prose = Document("A page", [], document.sections, document.tidy, prose=True)
    assert [path.name for path in prose.write(tmp_path / "p")] == ["p.csv", "p.md"]
    assert (
        "| --- | --- |" in (tmp_path / "p.md").read_text()
        and "| --- | --: |" in (tmp_path / "t.md").read_text()
    )
