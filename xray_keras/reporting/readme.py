"""The result table of README, copied from the reports between two markers."""

import re
from pathlib import Path

import pandas as pd

from xray_keras import files
from xray_keras.errors import UserError

_KINDS = {"phantom": "phantom", "subset": "subset of NIH", "full": "complete NIH release"}
_MARKERS = re.compile(r"(<!-- results -->\n).*?(<!-- /results -->)", re.DOTALL)


def results(reports: Path) -> str:
    """Mean AUC of each model of ali2019's Table II, printed and on every kind of data that has a report."""
    found = {}
    for kind in _KINDS:
        path = reports / kind / "ali2019" / "table2.csv"
        if path.is_file():
            frame = pd.read_csv(path, dtype={"printed": str})
            found[kind] = frame[frame["finding"] == "mean"].set_index("model")
    if not found:
        raise UserError(f"{reports} holds no table2.csv; run make table2 first")
    headings = [
        f"ours, {_KINDS[kind]} (test n = {int(means['images'].iloc[0]):,})" for kind, means in found.items()
    ]
    lines = [
        f"| mean AUC | printed | {' | '.join(headings)} |",
        f"|---|--:|{'--:|' * len(headings)}",
    ]
    for model in next(iter(found.values())).index:
        ours = [
            f"{mean['value']:.3f} [{mean['low']:.3f}–{mean['high']:.3f}]"
            for mean in (means.loc[model] for means in found.values())
        ]
        lines.append(f"| {model} | {next(iter(found.values())).loc[model, 'printed']} | {' | '.join(ours)} |")
    return "\n".join(lines) + "\n"


def fill(readme: Path, reports: Path) -> None:
    """Replace what stands between the markers of `readme`.

    Raises:
        UserError: no report, or no markers.
    """
    text = readme.read_text(encoding="utf-8")
    if not _MARKERS.search(text):
        raise UserError(f"{readme} has no markers <!-- results --> and <!-- /results -->; put them back")
    table = results(reports)
    files.write_text(readme, _MARKERS.sub(lambda match: match[1] + table + match[2], text))
