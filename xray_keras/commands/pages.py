"""What readers see: tables and figures from runs or from anyone's predictions, the audit of printed numbers."""

import argparse
import importlib
from pathlib import Path

from xray_keras.commands.verb import Verbs
from xray_keras.errors import UserError


def add(verbs: Verbs) -> None:
    """Add table, figure, score, audit and readme."""
    for name in ("table", "figure"):
        shown = verbs.add(
            name,
            _render,
            f"render a paper's {name} from runs",
            f"{name} ali2019/{name}2 -o reports/phantom/ali2019/{name}2 RUN…",
        )
        shown.add_argument("artefact", help="<paper>/<name>")
        shown.add_argument("runs", nargs="+", type=Path, metavar="RUN")
        shown.add_argument("-o", "--output", type=Path, required=True, help="without suffix")

    scored = verbs.add(
        "score",
        _score,
        "render a paper's table from anyone's predictions (CSV or parquet)",
        "score predictions.csv --paper ali2019 --table table2",
    )
    scored.add_argument("predictions", type=Path, help="columns image, patient, split, y_<label>, p_<label>")
    scored.add_argument("--paper", required=True)
    scored.add_argument("--table", required=True)
    scored.add_argument(
        "--row", help="printed row to stand beside, e.g. PretrainedVGG16; default: all of them"
    )
    scored.add_argument("-o", "--output", type=Path, help="without suffix; default: beside the predictions")

    audited = verbs.add(
        "audit",
        _audit,
        "check printed numbers: of the papers, or of any table (CSV, one row a model)",
        "audit table.csv --n 10352",
    )
    audited.add_argument(
        "table", type=Path, nargs="?", help="columns by name; default: every paper of the suite"
    )
    audited.add_argument("--n", type=int, help="test cases, where no column says it")
    audited.add_argument("--positives", type=int, help="positive cases, where no column says it")
    audited.add_argument("--printing", default="either", help="rounded, truncated, or either")
    audited.add_argument(
        "-o", "--output", type=Path, default=Path("reports/audit"), help="folder of the papers' pages"
    )

    verbs.add("readme", _readme, "copy the results of reports/ into README.md", "readme")


def _render(arguments: argparse.Namespace) -> None:
    from xray_keras.reporting import runs

    paper, _, artefact = arguments.artefact.partition("/")
    try:
        render = getattr(importlib.import_module(f"xray_keras.reporting.{paper}"), artefact)
    except (ModuleNotFoundError, AttributeError):
        raise UserError(f"there is no artefact {arguments.artefact!r}; `make help` lists them") from None
    # Make names a run as often as the artefact needs a file of it.
    render([runs.read(folder) for folder in dict.fromkeys(arguments.runs)], arguments.output)


def _score(arguments: argparse.Namespace) -> None:
    from xray_keras.reporting import score

    score.score(arguments.predictions, arguments.paper, arguments.table, arguments.row, arguments.output)


def _audit(arguments: argparse.Namespace) -> int:
    from xray_keras.reporting import audit

    if arguments.table is None:
        print(audit.summary(audit.write(Path.cwd(), arguments.output)))
        print(f"{arguments.output / 'index.html'} says what holds, what fails and why")
        return 0
    from xray_keras.audit import table

    found = table.audit(arguments.table, arguments.n, arguments.positives, arguments.printing)
    print(audit.describe(found))
    return 0 if found.possible else 1


def _readme(arguments: argparse.Namespace) -> None:
    from xray_keras.reporting import readme

    readme.fill(Path("README.md"), Path("reports"))
