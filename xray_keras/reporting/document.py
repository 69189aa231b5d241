"""A report page as data, and its three forms: Markdown (of which the site makes HTML), LaTeX and tidy CSV."""

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
        prose: whether tables hold sentences: set to the left, and LaTeX is not written.
    """

    title: str
    lead: Sequence[str]
    sections: Sequence[Section]
    tidy: pd.DataFrame = field(repr=False)
    prose: bool = False

    def write(self, output: Path) -> list[Path]:
        """Write `<output>.csv`, `.tex` and `.md`; return the paths. Markdown is written last, as make's mark.

        Raises:
            UserError: a file cannot be written.
        """
        latex = {} if self.prose else {".tex": self.latex()}
        forms = {**latex, ".md": self.markdown()}
        with files.publish(output.with_suffix(".csv")) as temporary:
            self.tidy.to_csv(temporary, index=False, lineterminator="\n")
        for suffix, text in forms.items():
            files.write_text(output.with_suffix(suffix), text)
        return [output.with_suffix(suffix) for suffix in (".csv", *forms)]

    def markdown(self) -> str:
        """The page as Markdown, tables with pipes."""
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
        return _literal("\n\n".join([*parts, f"*{WARNING}*"])) + "\n"

    @property
    def _column(self) -> str:
        return "---" if self.prose else "--:"

    def latex(self) -> str:
        """The tables as LaTeX, for the package booktabs."""
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


_STARS = re.compile(r"(`[^`]*`)|(?<=\w)\*(?=\w)")


def _literal(text: str) -> str:
    """Markdown in which 5*5 is a product: between letters or digits a star would begin or end emphasis."""
    return _STARS.sub(lambda found: found[1] or r"\*", text)


def _pipes(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


_TEX = {"&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "–": "--", "−": "$-$", "Δ": r"$\Delta$",
        "^": r"\^{}", "→": r"$\to$", "✓": "yes", "✗": "no", "≥": r"$\ge$", "\\": r"\textbackslash{}"}  # fmt: skip


def _tex(text: str) -> str:
    escaped = "".join(_TEX.get(character, character) for character in text)
    return re.sub(r"\*\*(.+?)\*\*", r"\\textbf{\1}", escaped)
