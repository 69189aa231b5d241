"""The tables of zhao2019 compared row by row."""

from collections.abc import Sequence

from xray_keras.audit import arithmetic as arith
from xray_keras.audit import outcome
from xray_keras.audit.outcome import Cell, Outcome
from xray_keras.audit.zhao2019.facts import (
    COSTS,
    CPU,
    GPU,
    MSPNET,
    PAPER,
    QUALITY,
    SIZE,
    STUDENT,
    STUDENT_ALONE,
    TEACHER,
    middle,
    others,
)
from xray_keras.papers import loader
from xray_keras.papers.loader import PrintedTable


def teacher_is_best() -> Outcome:
    """Abstract: the teacher is the state of the art (Table I)."""
    table = loader.table(PAPER, "table1")
    return _better(
        table,
        TEACHER,
        others(table, TEACHER),
        QUALITY,
        question="Is the teacher ahead of every row in recall, precision and F?",
        arithmetic="larger is better; known methods are those of Table I",
    )


def mspnet_leads_earlier() -> Outcome:
    """II.A: MSP-Net is the best of the earlier methods (Table I)."""
    table = loader.table(PAPER, "table1")
    return _better(
        table,
        MSPNET,
        [row for row in table.rows if row not in (MSPNET, TEACHER, STUDENT)],
        (*QUALITY, GPU),
        question="Is MSP-Net ahead of the earlier methods in recall, precision, F and GPU time?",
        arithmetic="larger is better, for the time smaller; the other two times stem from other machines",
    )


def sizes_in_order() -> Outcome:
    """II.A: MSP-Net is huge and the student very light (Table I, parameters)."""
    table = loader.table(PAPER, "table1")
    sizes = [table.number(row, SIZE) for row in (MSPNET, TEACHER, STUDENT)]
    quotients = [middle(arith.ratio(size.interval(), sizes[-1].interval())) for size in sizes[:-1]]
    return Outcome(
        outcome.verdict(sizes[0].exact > sizes[1].exact > sizes[2].exact),
        "II.A, Table I",
        "Does the number of parameters fall from MSP-Net over the teacher to the student?",
        printed=" > ".join(map(str, sizes)),
        recomputed=f"MSP-Net {quotients[0]:.0f} times, the teacher {quotients[1]:.0f} times the student",
        arithmetic="quotients of the printed sizes",
    )


def teacher_against_mspnet() -> Outcome:
    """IV.C: the teacher is better, faster and simpler than MSP-Net (Table I)."""
    return _better(
        loader.table(PAPER, "table1"),
        TEACHER,
        [MSPNET],
        (*QUALITY, *COSTS),
        question="Is the teacher ahead of MSP-Net in quality, times and size?",
        arithmetic="the rows differ in network, input size and labelling at once: the cause stays open",
    )


def student_against_earlier() -> Outcome:
    """Abstract, V: the student is accurate (Table I)."""
    table = loader.table(PAPER, "table1")
    return _better(
        table,
        STUDENT,
        [row for row in table.rows if row not in (TEACHER, STUDENT)],
        QUALITY,
        question="Is the student ahead of the three earlier methods in recall, precision and F?",
        arithmetic="larger is better; accurate has no printed limit, so every earlier row is compared",
        reading="by F the student is ahead of CNN Coding and CMDRNN and behind MSP-Net",
    )


def student_is_fastest() -> Outcome:
    """V: the student is faster than any other method (Table I)."""
    table = loader.table(PAPER, "table1")
    rest = others(table, STUDENT)
    silent = [row for row in rest if table.cell(row, "", CPU) is None]
    return _better(
        table,
        STUDENT,
        rest,
        (CPU, GPU),
        question="Does the student need the least of every printed time?",
        arithmetic=f"smaller is better; no CPU time is printed for {' and '.join(silent) or 'no row'}",
    )


def soft_beats_hard() -> Outcome:
    """IV.C: soft labels against hard labels (Table II)."""
    return _step("Soft label", ["Hard label"])


def adversarial_helps() -> Outcome:
    """IV.C: soft labels with the adversarial part against soft labels alone (Table II)."""
    return _step("Soft label + Adversarial", ["Soft label"])


def full_training_best() -> Outcome:
    """IV.C: the full training against all else (Table II)."""
    table = loader.table(PAPER, "table2")
    return _step(STUDENT_ALONE, others(table, STUDENT_ALONE), reading="best by F and by precision")


def student_rows_agree() -> Outcome:
    """Tables I and II: the student of the one is the full training of the other."""
    first, second = loader.table(PAPER, "table1"), loader.table(PAPER, "table2")
    cells = []
    for column in QUALITY:
        one, other = first.number(STUDENT, column), second.number(STUDENT_ALONE, column)
        cells.append(Cell(f"{STUDENT}, {column}", str(one), str(other), one == other))
    return outcome.of_cells(
        cells,
        where="Tables I and II",
        question="Do both tables print the same student?",
        arithmetic="the same three numbers stand in both",
    )


def _step(row: str, rest: Sequence[str], reading: str = "") -> Outcome:
    return _better(
        loader.table(PAPER, "table2"),
        row,
        rest,
        QUALITY,
        question=f"Is “{row}” ahead of {' and '.join(f'“{other}”' for other in rest)} in every metric?",
        arithmetic="larger is better; whether by more than chance: steps_beyond_chance",
        reading=reading,
    )


def _better(
    table: PrintedTable,
    row: str,
    rest: Sequence[str],
    columns: Sequence[str],
    *,
    question: str,
    arithmetic: str,
    reading: str = "",
) -> Outcome:
    """Whether `row` beats each of `rest` in each column that both print."""
    cells = []
    for other in rest:
        for column in columns:
            mine, theirs = table.cell(row, "", column), table.cell(other, "", column)
            if mine and theirs:
                ahead = mine.exact < theirs.exact if column in COSTS else mine.exact > theirs.exact
                sign = "better" if ahead else "not better"
                cells.append(Cell(f"{column} against {other}", str(mine), f"{sign} than {theirs}", ahead))
    return outcome.of_cells(
        cells, where=table.where, question=question, arithmetic=arithmetic, reading=reading
    )
