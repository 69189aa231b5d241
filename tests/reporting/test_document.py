import html.parser

import pandas as pd

from xray_keras.reporting.document import Document, Picture, Section


def page(*sections: Section) -> Document:
    return Document("A page", ["On a phantom."], sections, pd.DataFrame({"value": [1]}))


class Images(html.parser.HTMLParser):
    """Attributes of every image."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.found.append(dict(attributes))


def test_a_picture_stands_between_text_and_table(tmp_path):
    picture = Picture("a-curve.png", 'KID "falls" from 4 [3–5] to 1 < 2')
    document = page(Section("Curve", "Text.", ("a", "b"), [("1", "2")], picture=picture))
    text = document.markdown()
    assert "Text.\n\n![" in text and f"![{picture.alt}](a-curve.png)\n\n| a | b |" in text
    images = Images()
    images.feed(document.html())
    assert images.found == [{"src": "a-curve.png", "alt": picture.alt, "style": "max-width: 100%"}]
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
    assert "img" not in document.html()
