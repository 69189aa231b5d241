"""The laboratory's page: the notes' claims about generated images, each as an experiment on the same footing."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from xray_keras.reporting import data, provenance
from xray_keras.reporting.document import Document, Section
from xray_keras.reporting.gan_notes import (
    alone,
    anonymity,
    attacks,
    audits,
    augmentation,
    balance,
    claims,
    control,
    diversity,
    mixture,
    overtrained,
    privacy,
    setting,
)
from xray_keras.reporting.gan_notes.evidence import Evidence
from xray_keras.reporting.gan_notes.figures import Canvas
from xray_keras.reporting.gan_notes.found import ALL, Found, find
from xray_keras.reporting.gan_notes.numbers import COLUMNS, Answer, line, plain
from xray_keras.reporting.runs import Run

TITLE = "gan_notes: a laboratory for generated radiographs"


def laboratory(runs: Sequence[Run], output: Path) -> None:
    """The page `<output>.md` and `.csv`, with its figures `<output>-<name>.png` and `.svg` beside it.

    Args:
        runs: those of experiments/gan_notes, measured by their stages.
        output: path without suffix.

    Raises:
        UserError: a run or a file of one is missing or damaged.
    """
    found = find(runs)
    measured, audited = diversity.measure(found), audits.read(found)
    canvas = Canvas(output, found.first)
    parts = [
        augmentation.part(found, canvas),
        mixture.part(found, canvas),
        alone.part(found, canvas),
        balance.part(found),
        diversity.part(measured, canvas),
        overtrained.part(found, audited, canvas),
        privacy.part(audited, canvas),
        control.part(found, audited, canvas),
        anonymity.part(found, canvas),
        attacks.part(found, canvas),
    ]
    evidence = Evidence(found, measured, audited)
    verdicts = claims.judged(evidence)
    answers = [*(answer for part in parts for answer in part.answers), claims.answer(verdicts)]
    tidy = [row for part in parts for row in part.tidy]
    tidy += [line("claims", name, verdict.word, plain(None)) for name, verdict in verdicts.items()]
    every = [*found.generators.values(), *(each.run for each in found.classifiers.values()), found.identity]
    sections = [
        _summary(answers),
        setting.section(found),
        *(section for part in parts for section in part.sections),
        claims.section(evidence, verdicts),
        provenance.assumptions([found.generators[ALL], found.first, found.identity]),
        provenance.settings(every, ("Run", "px", "parameters", "learning rate", "precision", "training")),
    ]
    paths = Document(
        TITLE, _lead(found), sections, pd.DataFrame(tidy, columns=list(COLUMNS)), prose=True
    ).write(output)
    print(
        f"The laboratory of gan_notes ({found.first.kind}): {', '.join(str(path) for path in paths)}, and figures"
    )


def _lead(found: Found) -> list[str]:
    lead = [
        data.statement(found.first),
        "The notes print no experiment: settings and numbers here are this suite's. Brackets hold 95 % intervals that "
        "know the patients of the test images, and the networks as they were trained; another training changes more. "
        "All numbers stand in the CSV beside this page.",
    ]
    if not found.drawn:
        lead.append("No picture of a patient, and none that a generator made of patients, is on this page.")
    return lead


def _summary(answers: Sequence[Answer]) -> Section:
    return Section("In short", "", ["Question", "answer", "number"], [list(answer) for answer in answers])
