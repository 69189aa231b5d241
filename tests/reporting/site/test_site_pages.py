import pytest

from xray_keras.errors import UserError
from xray_keras.reporting.site import markup, pages


@pytest.fixture
def page(tmp_path):
    def page(text):
        path = tmp_path / "table1.md"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return pages.read(path)

    return page


FIGURE = """# A *figure*

Data: **phantom, n = 9**. Seed 0.

![Curves](figure1.png)

After it.

*A reproduction of published experiments; not for diagnosis.*
"""
TABLE = """# A table

First.

## Rates

| a | b |
|---|--:|
| 1 | 2 |

## Runs

Versions.

*A reproduction of published experiments; not for diagnosis.*
"""


def test_a_page_is_title_lead_and_sections(page):
    figure = page(FIGURE)
    assert figure.title == "A figure" and figure.sections == []
    assert [block.kind for block in figure.lead] == [
        "paragraph",
        "picture",
        "paragraph",
    ]  # the last line is left out
    assert figure.data == "Data: **phantom, n = 9**. Seed 0." and figure.stands == "**phantom, n = 9**"
    found = figure.first("picture")
    assert found is not None and found[0] == "" and figure.first("table") is None
    table = page(TABLE)
    assert [section.heading for section in table.sections] == ["Rates", "Runs"]
    assert [block.kind for block in table.named("Runs").blocks] == ["paragraph"] and table.named(
        "Run"
    ) is None
    heading, block = table.first("table")
    assert heading == "Rates" and block.cells() == [["a", "b"], ["1", "2"]]
    assert table.stands == "First."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"# A\n\n\xff\xfe\n", "is not UTF-8; render it again"),
        ("", "does not begin with a title"),
        ("A page without one.\n", "does not begin with a title"),
        ("Words.\n\n# Late\n", "does not begin with a title"),
        ("# One\n\n# Two\n", "does not begin with a title"),
        ("#  \n\nWords.\n", "does not begin with a title"),
    ],
)
def test_what_is_no_report_page_is_named_with_the_remedy(page, text, words):
    with pytest.raises(UserError, match=rf"table1\.md {words}.*"):
        page(text)


def test_a_page_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(
        UserError, match=r"gone\.md cannot be read \(No such file or directory\); make it readable"
    ):
        pages.read(tmp_path / "gone.md")


def test_blocks_keep_what_they_are():
    blocks = markup.parse("Words ![a](b.png)\n\n![a](b.png)\n\n- one\n- two\n\n```\ncode\n```\n\n### Small\n")
    assert [block.kind for block in blocks] == ["paragraph", "picture", "bullet_list", "fence", "heading"]
    assert blocks[-1].level == 3 and blocks[-1].source == "Small"
