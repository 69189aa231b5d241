"""The section that asks how much of minaee2020's scores is the collection that an image is from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xray_keras.datasets.manifest import COVID
from xray_keras.evaluation import sources
from xray_keras.evaluation.metrics import Cell
from xray_keras.evaluation.sources import COLLECTIONS, INSIDE, PRINTED, SICK_COLLECTIONS, Answer
from xray_keras.reporting.document import Section
from xray_keras.reporting.minaee2020.networks import Network
from xray_keras.reporting.minaee2020.text import named, spread

HEADING = "How much of the score is the source?"
QUESTIONS = {
    PRINTED: "COVID-19 against the test set's negatives (printed question)",
    COLLECTIONS: "no COVID-19: one collection against the other",
    SICK_COLLECTIONS: "the same, other diseases only",
    INSIDE: "COVID-19 against others of its own collection",
}
CHANCE = 0.5


def section(found: Sequence[Network]) -> Section:
    """AUCs of the first seed's scores on the four questions of `evaluation.sources`, and what they mean in words."""
    lines, notes = [], []
    for each in found:
        answered = [sources.answers(frame, COVID) for frame in each.frames]
        line = [each.row]
        for question in QUESTIONS:
            areas = [answer[question].auc["value"] for answer in answered]
            seeds = f"; seeds {spread(areas, '{:.3f}')}" if len(areas) > 1 and None not in areas else ""
            line.append(_text(answered[0][question]) + seeds)
        lines.append(line)
        notes += _reading(each.row, answered[0])
    return Section(HEADING, _introduction(found[0]), ["Model", *QUESTIONS.values()], lines, notes)


def cells(found: Sequence[Network]) -> Iterator[dict[str, Any]]:
    """The same numbers for every seed, in the tidy form of Table VI."""
    for each in found:
        for run, frame in zip(each.runs, each.frames, strict=True):
            for question, answer in sources.answers(frame, COVID).items():
                low, high = answer.auc["interval"] or (None, None)
                yield {
                    "model": each.row,
                    "seed": run.config["seed"],
                    "at": f"source: {question}",
                    "metric": "AUC",
                    "value": answer.auc["value"],
                    "low": low,
                    "high": high,
                    "method": answer.auc["method"],
                    "hits": answer.positives,
                    "images": answer.positives + answer.negatives,
                }


def _introduction(network: Network) -> str:
    frame = network.frames[0]
    home = sources.home(frame, COVID)
    others = set(frame["source"][frame["split"] == "test"]) - home
    if not others:
        return (
            f"Every image is from {named(home)}, made in one way whatever it shows, so the score has no source to "
            "recognise: the question is for real radiographs."
        )
    probes = int((frame["split"] == "probe").sum())
    return (
        f"All COVID-19 images are from {named(home)}, all printed negatives from {named(others)}. A network that only "
        "recognises the collection would reach a printed AUC of 1 without having seen a lung. "
        f"{probes:,} radiographs of {named(home)} that show no COVID-19, held out of training and of the printed test, "
        "tell the two apart. The second column asks whether images *without* COVID-19 score higher because they are "
        "from that collection; most of its images are of sick lungs, so the third compares them with sick ones only "
        "(though not with the same diseases). The last column asks for COVID-19 where the collection is no hint: there "
        "a score of the source alone gives 0.5. AUCs with DeLong's 95 % interval by patient; n is how many images "
        "should score high, and low."
    )


def _text(answer: Answer) -> str:
    if answer.auc["value"] is None or answer.auc["interval"] is None:
        return "–"
    low, high = answer.auc["interval"]
    return (
        f"{answer.auc['value']:.3f} [{low:.3f}–{high:.3f}], n = {answer.positives:,} + {answer.negatives:,}"
    )


def _reading(row: str, answered: Mapping[str, Answer]) -> list[str]:
    """What the intervals say, without a word more; nothing where one collection is all there is."""
    areas = {name: answer.auc for name, answer in answered.items()}
    if any(areas[name]["interval"] is None for name in (PRINTED, SICK_COLLECTIONS, INSIDE)):
        return []
    first = _against_chance(
        areas[SICK_COLLECTIONS],
        "**sick lungs without COVID-19 score higher if they are from the collection of COVID-19**",
        "sick lungs without COVID-19 score lower if they are from the collection of COVID-19",
        "sick lungs without COVID-19 are not shown to score by their collection",
    )
    second = _against_chance(
        areas[INSIDE],
        "inside that collection the score still tells COVID-19 from other images",
        "inside that collection COVID-19 scores **lower** than other images",
        "inside that collection the score is **not shown to be better than chance**",
    )
    whole, left = (
        f"{(areas[name]['value'] or 0) - CHANCE:+.3f}".replace("-", "−") for name in (PRINTED, INSIDE)
    )
    return [
        f"{row}: {first}; {second}. Of {whole} above chance in the printed question, {left} is left there."
    ]


def _against_chance(area: Cell, above: str, below: str, neither: str) -> str:
    """The words for where the interval lies, with the value."""
    low, high = area["interval"] or (CHANCE, CHANCE)
    text = above if low > CHANCE else below if high < CHANCE else neither
    return f"{text} (AUC {area['value']:.3f})"
