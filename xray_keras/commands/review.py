"""What reviewers ask: do printed numbers hold together, what do anyone's predictions give, who was learned from?"""

import argparse
import sys
from pathlib import Path
from typing import Any

import xray_keras
from xray_keras.commands.verb import Verbs, add_json, folder, print_json, suggest

_AUDIT = """
Without TABLE: checks every number that the papers of the suite print against the others, and says of every
claim whether it holds, fails, needs a run or cannot be checked. Writes a page a paper and index.md into OUTPUT.
Exit status 0.

With TABLE, a CSV with one row a model (commas, semicolons or tabs): a first column of names, and any of
accuracy, recall or sensitivity, precision or PPV, specificity, F1, prevalence, AUC, n, positives; fractions or
percentages, as printed, rounding included. Says which rows are consistent, which are impossible and why. It
looks for confusion matrices that print so: where it finds none, no data can have given the row. That one exists
proves nothing. What stands behind ± is compared with 1.96·√(p(1 − p)/n) where the cases are known. Exit status: 1
where a row is impossible, else 0.

No data, no model and no TensorFlow are used. In Python: xray_keras.audit.confusion.solve.
"""
_AUDIT_KEYS = (
    'without TABLE "papers", each with "paper", "claims" (verdict: how many), "checks" (each with "name", "verdict", '
    '"where", "question", "printed", "recomputed", "arithmetic", "claims") and "answers" (each claim with "id", '
    '"statement", "where", "verdict", "because"); with TABLE "possible", "remarks", and "rows", each with "name", '
    '"possible", "problems", "findings"'
)
_SCORE = """
Reads PREDICTIONS (CSV or parquet), from any framework: columns image, patient (optional: without it each image
counts as a patient of its own), split (optional: test rows are scored, thresholds are chosen on validation
rows; a patient in both is warned of), and for each finding y_<finding> (0 or 1) and p_<finding> (probability).
Writes the paper's table filled with their values, 95 % intervals included, beside the printed one, as .md, .csv
and .tex. What data they are of is not known, so no difference is drawn. Tables that have a column a finding can
be filled: table2 and table3 of ali2019.
"""
_LEAKS = """
Compares a list of training images with a test set, by file name and by patient (a column patient, else what an
NIH name has before "_"). TRAINING is a list, one image a line, a CSV with a column image, "Image Index" or
Path, or a model that `import-weights` wrote with --training-list. TEST is such a list, a manifest or
predictions, of which the test rows count. Exit status: 1 where a test image is of a patient trained on, else 0.
"""


def add(verbs: Verbs) -> None:
    """Add audit, score and leaks."""
    verbs.group("Do the numbers hold together?")
    audited = verbs.add(
        "audit",
        _audit,
        "check printed numbers: the papers', or any table's",
        "audit\naudit table.csv --n 10352",
        description=_AUDIT,
    )
    audited.add_argument("table", type=Path, nargs="?", help="a CSV; default: every paper of the suite")
    audited.add_argument("--n", type=int, help="test cases, where no column says it")
    audited.add_argument("--positives", type=int, help="positive cases, where no column says it")
    printing = audited.add_argument(
        "--printing",
        default="either",
        help="how numbers were shortened: rounded, truncated, or either; default: either",
    )
    suggest(printing, lambda: ("rounded", "truncated", "either"))
    audited.add_argument(
        "-o",
        "--output",
        type=folder,
        default=Path("reports/audit"),
        help="folder of the papers' pages; default: reports/audit",
    )
    add_json(audited, _AUDIT_KEYS)

    scored = verbs.add(
        "score",
        _score,
        "fill a paper's table from anyone's predictions",
        "score predictions.csv --paper ali2019 --table table2",
        description=_SCORE,
    )
    scored.add_argument("predictions", type=Path, help="CSV or parquet")
    paper = scored.add_argument("--paper", required=True, help="such as ali2019")
    table = scored.add_argument("--table", required=True, help="such as table2")
    suggest(paper, _papers)
    suggest(table, lambda: ("table2", "table3"))
    scored.add_argument(
        "--row", help="printed row to stand beside, such as PretrainedVGG16; default: all of them"
    )
    scored.add_argument("-o", "--output", type=Path, help="without suffix; default: beside the predictions")
    add_json(scored, '"written", the files; and the keys of `xray-keras evaluate --json`')

    leaked = verbs.add(
        "leaks",
        _leaks,
        "count test images and patients that weights have seen",
        "leaks chester.keras test_list.txt",
        description=_LEAKS,
    )
    leaked.add_argument("training", type=Path, help="a list, or an imported model with its list")
    leaked.add_argument("test", type=Path, help="a list, a manifest or predictions")
    add_json(leaked, '"images", "patients", "seen_images", "seen_patients", "exposed_images"')


def _papers() -> tuple[str, ...]:
    from xray_keras.papers import loader

    return loader.names()


def _audit(arguments: argparse.Namespace) -> int:
    from xray_keras.reporting import audit, audit_json

    if arguments.table is None:
        found = audit.write(_checkout(), arguments.output)
        index = f"{arguments.output / 'index.md'} says what holds, what fails and why"
        _show(arguments, audit_json.of_papers(found), f"{audit.summary(found)}\n{index}")
        return 0
    from xray_keras.audit import table

    rows = table.audit(arguments.table, arguments.n, arguments.positives, arguments.printing)
    _show(arguments, audit_json.of_table(rows), audit.describe(rows))
    return 0 if rows.possible else 1


def _checkout() -> Path:
    """Where the experiments are that answer claims: here, or where the package was installed from."""
    here = Path.cwd()
    return here if (here / "experiments").is_dir() else Path(xray_keras.__file__).parents[1]


def _score(arguments: argparse.Namespace) -> None:
    from xray_keras.reporting import score

    found = score.score(
        arguments.predictions, arguments.paper, arguments.table, arguments.row, arguments.output
    )
    for sentence in score.shared(found.result):
        print(f"xray-keras: warning: {sentence}", file=sys.stderr)
    _show(arguments, score.as_json(found), score.describe(found))


def _leaks(arguments: argparse.Namespace) -> int:
    from dataclasses import asdict

    from xray_keras.evaluation import leaks

    found = leaks.check(arguments.training, arguments.test)
    _show(arguments, asdict(found), leaks.describe(found))
    return 1 if found.exposed_images else 0


def _show(arguments: argparse.Namespace, document: dict[str, Any], words: str) -> None:
    if arguments.json:
        print_json(document)
    else:
        print(words)
