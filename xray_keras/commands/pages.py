"""What readers see: tables and figures from runs, architectures, the pages of reports/."""

import argparse
import importlib
from pathlib import Path
from types import ModuleType

from xray_keras.commands.verb import Verbs, folder, import_tensorflow, suggest
from xray_keras.errors import UserError

_RUN = "runs/phantom-demo/sound/ali2019/vgg16"
_RENDER = """
Reads what runs left (metrics.json, history.csv, predictions ...) and writes OUTPUT.md, OUTPUT.csv with every
number, and OUTPUT.tex of a table or OUTPUT.png and OUTPUT.svg of a figure. The page says on which data it
stands, which rows were not run, and what the paper prints. `make ali2019-table2` trains what is lacking and
calls this with every run that belongs to it.
"""


_REPORT = """
Writes reports/index.html, a page a paper and a page for each report page, of HTML that needs no network: what a
paper prints in its own order, what was not run with the command that runs it, assumptions, claims, run cards.
Reads the Markdown of REPORTS, in seconds; writes only files that change, removes pages whose Markdown is gone.
"""


def add(verbs: Verbs) -> None:
    """Add table, figure, architecture, report and readme."""
    verbs.group("Tables, figures and pages of the papers")
    for name in ("table", "figure"):
        shown = verbs.add(
            name,
            _render,
            f"render a paper's {name} from runs",
            f"{name} ali2019/{name}2 -o reports/{name}2 {_RUN}",
            description=_RENDER,
        )
        suggest(
            shown.add_argument("artefact", metavar="PAPER/ARTEFACT", help=f"such as ali2019/{name}2"),
            _artefacts,
        )
        shown.add_argument("runs", nargs="+", type=folder, metavar="RUN", help="folders of runs")
        shown.add_argument(
            "-o", "--output", type=Path, required=True, help="path of the page, without suffix"
        )

    drawn = verbs.add(
        "architecture",
        _architecture,
        "draw a paper's architecture from the built networks",
        "architecture minaee2020/figure3 -o reports/networks/minaee2020/figure3",
        description="Builds the networks that a paper's figure shows, and draws them with their shapes and parameters. "
        "Needs no data and no weights.",
    )
    drawn.add_argument("figure", help="<paper>/<figure>")
    drawn.add_argument("-o", "--output", type=Path, help="without suffix; default: reports/networks/<figure>")

    built = verbs.add(
        "report",
        _report,
        "build the report site from what has been run",
        "report",
        description=_REPORT,
    )
    built.add_argument(
        "--reports", type=folder, default=Path("reports"), help="folder of the pages; default: reports"
    )

    verbs.add(
        "readme",
        _readme,
        "copy the results of reports/ into README.md",
        "readme",
        description="Copies the headline numbers of reports/ between the two marks in README.md, here.",
    )


def _render(arguments: argparse.Namespace) -> None:
    from xray_keras.papers import loader
    from xray_keras.reporting import runs

    paper, _, artefact = arguments.artefact.partition("/")
    if paper not in loader.names() or artefact not in _rendered(paper).__all__:
        known = _artefacts(paper) if paper in loader.names() else [f"{each}/..." for each in loader.names()]
        raise UserError(f"there is no artefact {arguments.artefact!r}; choose one of {', '.join(known)}")
    render = getattr(_rendered(paper), artefact)
    # Make names a run as often as the artefact needs a file of it.
    render([runs.read(folder) for folder in dict.fromkeys(arguments.runs)], arguments.output)


def _rendered(paper: str) -> ModuleType:
    """The module whose `__all__` are a paper's artefacts."""
    return importlib.import_module(f"xray_keras.reporting.{paper}")


def _artefacts(*papers: str) -> list[str]:
    """What of some papers, or of all, can be rendered from runs."""
    from xray_keras.papers import loader

    return [f"{paper}/{name}" for paper in papers or loader.names() for name in _rendered(paper).__all__]


def _architecture(arguments: argparse.Namespace) -> None:
    import_tensorflow()
    from xray_keras.reporting.networks import pages
    from xray_keras.training import architectures

    shown = architectures.described(arguments.figure, Path.cwd())
    pages.write(shown, arguments.output or Path("reports/networks") / arguments.figure)


def _report(arguments: argparse.Namespace) -> None:
    from xray_keras.reporting.site import build

    built = build.build(Path.cwd(), arguments.reports)
    unchanged = built.files - len(built.written)
    print(f"{built.pages} pages; open {arguments.reports / 'index.html'} in a browser")
    print(
        f"{len(built.written)} files written, {unchanged} as they were, {len(built.removed)} old pages removed"
    )


def _readme(arguments: argparse.Namespace) -> None:
    from xray_keras.reporting import readme

    readme.fill(Path("README.md"), Path("reports"))
