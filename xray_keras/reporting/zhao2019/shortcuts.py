"""The control of zhao2019's pictures: is text told from none by the text, or by where the pictures come from?"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from xray_keras import files
from xray_keras.evaluation.shortcuts import SHAPE, SOURCE
from xray_keras.evaluation.unread import ORIGIN, SETS
from xray_keras.reporting import data, provenance, scenes
from xray_keras.reporting.document import Document, Section
from xray_keras.reporting.metric_table import ours_text, signed
from xray_keras.reporting.runs import Run
from xray_keras.reporting.zhao2019.shortcut_words import GROUPS, SEEN, hints, tells, verdict

NETWORK = "the network"


def shortcuts(runs: Sequence[Run], output: Path) -> None:
    """The page of `evaluation.shortcuts`: classifiers that cannot read, the network where hints are of no use, verdict.

    Args:
        runs: networks of regions; the first is shown.
        output: path without suffix.

    Raises:
        UserError: the run was not asked yet.
    """
    run = runs[0]
    found = files.read_json(run.folder / "shortcuts.json")
    lead = [
        data.statement(run),
        f"**{verdict(found)}**",
        "Where pictures with text and pictures without are from different collections, a network may learn the "
        "collection: how upright its pictures are, their colours, how finely they were stored. Classifiers that cannot "
        "read learned from the same training pictures; of a logistic regression and boosted trees the better one on "
        f"the validation pictures is shown, on the test pictures. The network is {run.card['row']}, seed "
        f"{run.config['seed']}. AUCs with DeLong's 95 % interval; one half is a coin.",
    ]
    sections = [
        _pictures(found),
        _classifiers(found),
        _groups(found),
        provenance.settings(runs[:1], ("Run", "Model", "seed", "px", "epochs", "learning rate", "training")),
    ]
    title = "zhao2019, control: text, or where a picture comes from?"
    paths = Document(title, lead, sections, pd.DataFrame(_tidy(found))).write(output)
    print(f"{title} ({run.kind}): {', '.join(str(path) for path in paths)}")


def _pictures(found: Mapping[str, Any]) -> Section:
    lines = [[name.capitalize(), *_both(count)] for name, count in found["pictures"].items()]
    lines += [[name.capitalize(), *_both(count)] for name, count in found["shapes"].items()]
    lines += [[_first_up(scenes.NAMES[name]), *_both(count)] for name, count in found["sources"].items()]
    return Section("The pictures", "", ["Pictures", "with text", "without"], lines, list(hints(found)))


def _classifiers(found: Mapping[str, Any]) -> Section:
    lines = [[_first_up(NETWORK), "–", "–", ours_text(found["network"], None), "–", "–", "–"]]
    notes = []
    for name in SETS:
        each, (words, meaning) = found["sets"][name], SEEN[name]
        lines.append(
            [
                _first_up(words),
                str(each["columns"]),
                each["classifier"],
                ours_text(each["auc"], None),
                _difference(each["difference"]),
                *(_ranks(each["correlation"][kind]) for kind in ("with", "without")),
            ]
        )
        notes.append(f"{_first_up(words)} ({meaning}): {tells(each['auc'])}.")
    return Section(
        "Classifiers that cannot read",
        "Differences are paired. The last two columns are rank correlations (Spearman's ρ) of the network's score with "
        "the classifier's, inside a class: what both have in common beyond the right answer.",
        ["Sees", "numbers", "classifier", "AUC", "the network's − its", "ρ, with text", "ρ, without"],
        lines,
        notes,
    )


def _groups(found: Mapping[str, Any]) -> Section:
    lines, notes = [], []
    for name, group in found["groups"].items():
        words, meaning = _group_words(name)
        counts = f"{group['positives']:,} + {group['negatives']:,}"
        lines.append(
            [
                _first_up(words),
                counts,
                ours_text(group["network"], None),
                ours_text(group[ORIGIN], None),
            ]
        )
        area = group["network"]
        said = (
            f"the network {tells(area)}"
            if area["value"] is not None
            else f"{area['reason']}, so not measured"
        )
        notes.append(f"{_first_up(words)} ({meaning}): {said}.")
    if len(found["sources"]) == 1:
        notes.append("All pictures are of one source.")
    elif not any(name.startswith(SOURCE) for name in found["groups"]):
        notes.append("No source has test pictures of both kinds, so inside one nothing can be asked.")
    return Section(
        "Where a hint is of no use",
        "",
        ["Test pictures", "with text + without", "AUC of the network", "of the surroundings"],
        lines,
        notes,
    )


def _group_words(name: str) -> tuple[str, str]:
    if name.startswith(SHAPE):
        aspect = f"width over height {name.removeprefix(SHAPE)}"
        return aspect, "the shape is no hint here; of the shapes the one that both kinds share most"
    if name.startswith(SOURCE):
        return scenes.NAMES[name.removeprefix(SOURCE)], "one source, so it is no hint"
    return GROUPS[name]


def _difference(found: Mapping[str, Any] | None) -> str:
    if found is None or found["interval"] is None:
        return "–"
    low, high = (signed(end) for end in found["interval"])
    return f"{signed(found['value'])} [{low} to {high}]"


def _ranks(found: Mapping[str, Any]) -> str:
    if found["value"] is None:
        return "–"
    low, high = (f"{end:+.2f}".replace("-", "−") for end in found["interval"])
    return f"{found['value']:+.2f} [{low} to {high}]".replace("-", "−")


def _both(count: Mapping[str, int]) -> list[str]:
    return [f"{count['with']:,}", f"{count['without']:,}"]


def _first_up(text: str) -> str:
    return text[0].upper() + text[1:]


def _tidy(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every number: what, of whom, measure, value, low, high, with, without."""
    test = found["pictures"]["test"]
    for part, count in found["pictures"].items():
        yield {"about": "pictures", "name": part, "measure": "count", **count}
    for about in ("shapes", "sources"):
        for name, count in found[about].items():
            yield {"about": about, "name": name, "measure": "count", **count}
    yield {"about": "classifier", "name": NETWORK, "measure": "AUC", **_number(found["network"]), **test}
    for name, each in found["sets"].items():
        who = {"about": "classifier", "name": name}
        yield {**who, "measure": "AUC", **_number(each["auc"]), **test}
        yield {**who, "measure": "AUC of the network − its", **_number(each["difference"]), **test}
        for kind, ranks in each["correlation"].items():
            numbers = {**_number(ranks), kind: ranks["pictures"]}
            yield {**who, "measure": f"rank correlation, {kind} text", **numbers}
    for name, group in found["groups"].items():
        counts = {"with": group["positives"], "without": group["negatives"]}
        for whose, key in ((NETWORK, "network"), (ORIGIN, ORIGIN)):
            yield {
                "about": "group",
                "name": name,
                "measure": f"AUC of {whose}",
                **_number(group[key]),
                **counts,
            }


def _number(found: Mapping[str, Any] | None) -> dict[str, Any]:
    low, high = (found or {}).get("interval") or (None, None)
    return {"value": (found or {}).get("value"), "low": low, "high": high}
