"""A report page as data, and its four forms: Markdown, HTML, LaTeX and tidy CSV."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from xray_keras import files

WARNING = "A reproduction of published experiments; not for diagnosis."


@dataclass(frozen=True)
class Picture:
    """A picture beside the page.

    Attributes:
        file: its name in the page's folder.
        alt: what a reader who does not see it must know of it.
    """

    file: str
    alt: str


@dataclass(frozen=True)
class Section:
    """A heading, text, and possibly a picture and a table. Text may hold **bold**, `code` and [links](to-a-report.md).

    LaTeX has the table alone.
    """

    heading: str
    text: str = ""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    notes: Sequence[str] = ()
    picture: Picture | None = None


@dataclass(frozen=True)
class Document:
    """A page.

    Attributes:
        title: its heading.
        lead: paragraphs above the first section; the first says on which data the numbers stand.
        sections: in order.
        tidy: every number, one a row, for the CSV.
        prose: whether tables hold sentences: their cells wrap, and LaTeX is not written.
    """

    title: str
    lead: Sequence[str]
    sections: Sequence[Section]
    tidy: pd.DataFrame = field(repr=False)
    prose: bool = False

    def write(self, output: Path) -> list[Path]:
        """Write `<output>.md`, `.html`, `.csv` and `.tex`; return the paths. Markdown is written last, as make's mark.

        Raises:
            UserError: a file cannot be written.
        """
        latex = {} if self.prose else {".tex": self.latex()}
        forms = {".html": self.html(), **latex, ".md": self.markdown()}
        with files.publish(output.with_suffix(".csv")) as temporary:
            self.tidy.to_csv(temporary, index=False, lineterminator="\n")
        for suffix, text in forms.items():
            files.write_text(output.with_suffix(suffix), text)
        return [output.with_suffix(suffix) for suffix in (".csv", *forms)]

    def markdown(self) -> str:
        parts = [f"# {self.title}", *self.lead]
        for section in self.sections:
            parts += [f"## {section.heading}"] + ([section.text] if section.text else [])
            if section.picture:
                parts.append(f"![{section.picture.alt}]({section.picture.file})")
            if section.columns:
                lines = [
                    _pipes(section.columns),
                    _pipes(["---"] + [self._column] * (len(section.columns) - 1)),
                ]
                parts.append("\n".join(lines + [_pipes(row) for row in section.rows]))
            parts += ["\n".join(f"- {note}" for note in section.notes)] if section.notes else []
        return "\n\n".join([*parts, f"*{WARNING}*"]) + "\n"

    def html(self) -> str:
        body = [f"<h1>{_inline(self.title)}</h1>", *(f"<p>{_inline(text)}</p>" for text in self.lead)]
        for section in self.sections:
            body.append(f"<h2>{_inline(section.heading)}</h2>")
            if section.text:
                body.append(f"<p>{_inline(section.text)}</p>")
            if section.picture:
                file, alt = html.escape(section.picture.file), html.escape(section.picture.alt)
                body.append(f'<p><img src="{file}" alt="{alt}" style="max-width: 100%"></p>')
            if section.columns:
                head = "".join(f'<th scope="col">{_inline(name)}</th>' for name in section.columns)
                rows = "".join(
                    f'<tr><th scope="row">{_inline(row[0])}</th>'
                    + "".join(f"<td>{_inline(cell)}</td>" for cell in row[1:])
                    + "</tr>\n"
                    for row in section.rows
                )
                table = f"<table><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>"
                body.append(f'<div class="scroll" tabindex="0">{table}</div>')
            if section.notes:
                body.append("<ul>" + "".join(f"<li>{_inline(note)}</li>" for note in section.notes) + "</ul>")
        body.append(f"<p><em>{WARNING}</em></p>")
        style = ' class="prose"' if self.prose else ""
        return _PAGE.format(title=html.escape(self.title), style=style, body="\n".join(body))

    @property
    def _column(self) -> str:
        return "---" if self.prose else "--:"

    def latex(self) -> str:
        lines = [f"% {self.title}. Needs booktabs."]
        lines += [f"% {paragraph}" for paragraph in self.lead]
        for section in self.sections:
            if not section.columns:
                continue
            lines += [
                r"\begin{table}",
                rf"\caption{{{_tex(section.heading)}}}",
                rf"\begin{{tabular}}{{l{'r' * (len(section.columns) - 1)}}}",
                r"\toprule",
                " & ".join(map(_tex, section.columns)) + r" \\ \midrule",
                *(" & ".join(map(_tex, row)) + r" \\" for row in section.rows),
                r"\bottomrule",
                r"\end{tabular}",
                r"\end{table}",
            ]
        return "\n".join([*lines, f"% {WARNING}"]) + "\n"


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 80rem; margin: 2rem auto; padding: 0 1rem; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }}
th, td {{ padding: .25rem .6rem; text-align: right; white-space: nowrap; border-bottom: 1px solid #8884; }}
th:first-child {{ text-align: left; }}
.prose th, .prose td {{ text-align: left; white-space: normal; vertical-align: top; min-width: 7rem; }}
thead th {{ border-bottom: 2px solid #888; vertical-align: bottom; }}
</style>
</head>
<body{style}>
{body}
</body>
</html>
"""


def _pipes(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _inline(text: str) -> str:
    marked = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", html.escape(text))
    linked = re.sub(r"\[(.+?)\]\((.+?)\.md\)", r'<a href="\2.html">\1</a>', marked)
    return re.sub(r"`(.+?)`", r"<code>\1</code>", linked)


_TEX = {"&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "–": "--", "−": "$-$", "Δ": r"$\Delta$",
        "^": r"\^{}", "→": r"$\to$", "✓": "yes", "✗": "no", "≥": r"$\ge$", "\\": r"\textbackslash{}"}  # fmt: skip


def _tex(text: str) -> str:
    escaped = "".join(_TEX.get(character, character) for character in text)
    return re.sub(r"\*\*(.+?)\*\*", r"\\textbf{\1}", escaped)
