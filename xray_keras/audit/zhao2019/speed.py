"""How much faster the student of zhao2019 is said to be, and than what."""

from xray_keras.audit import arithmetic, outcome
from xray_keras.audit.outcome import Outcome
from xray_keras.audit.zhao2019.facts import CPU, GPU, MSPNET, PAPER, STUDENT, claimed, middle, others
from xray_keras.papers import loader
from xray_keras.papers.loader import PrintedTable
from xray_keras.papers.printed import Interval


def speed_on_cpu() -> Outcome:
    """Abstract: the ratio of the CPU times (Table I)."""
    return _speed("speed_cpu", CPU)


def speed_on_gpu() -> Outcome:
    """Abstract: the ratio of the GPU times (Table I)."""
    return _speed("speed_gpu", GPU)


def compared_method() -> Outcome:
    """Abstract: which row of Table I is the compared benchmark method, that both ratios fit?"""
    table = loader.table(PAPER, "table1")
    fits, shown = [], []
    for other in others(table, STUDENT):
        ratios = {column: _ratio(table, other, column) for column in (CPU, GPU)}
        printed = {
            CPU: claimed("speed_cpu", "ratio").interval(),
            GPU: claimed("speed_gpu", "ratio").interval(),
        }
        if all((ratio := ratios[column]) and ratio.meets(printed[column]) for column in (CPU, GPU)):
            fits.append(other)
        numbers = (f"{middle(ratio):.4g}" if ratio else "no time" for ratio in ratios.values())
        shown.append(f"{other} {' and '.join(numbers)}")
    return Outcome(
        outcome.verdict(len(fits) == 1),
        "Abstract, Table I",
        "Does exactly one row give both speed ratios?",
        printed="a compared benchmark method",
        recomputed=", ".join(fits) or "none",
        arithmetic=f"time of the row / time of the student, CPU and GPU: {'; '.join(shown)}",
        reading=f"the compared method is {' or '.join(fits)}" if fits else "",
    )


def _speed(claim: str, column: str) -> Outcome:
    table = loader.table(PAPER, "table1")
    printed = claimed(claim, "ratio")
    slow, fast = table.number(MSPNET, column), table.number(STUDENT, column)
    quotient = arithmetic.ratio(slow.interval(), fast.interval())
    exact = float(slow.exact / fast.exact)
    return Outcome(
        outcome.verdict(quotient.meets(printed.interval())),
        "Abstract, Table I",
        f"Is the printed ratio that of the times in {column}, MSP-Net / student?",
        printed=str(printed),
        recomputed=f"{exact:.2f}, within {quotient}",
        arithmetic=f"{slow} / {fast}; the surplus over the student would be {exact - 1:.2f}",
        reading="“times faster” is the quotient of the times, against MSP-Net",
    )


def _ratio(table: PrintedTable, row: str, column: str) -> Interval | None:
    time = table.cell(row, "", column)
    return arithmetic.ratio(time.interval(), table.number(STUDENT, column).interval()) if time else None
