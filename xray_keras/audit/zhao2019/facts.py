"""Names of zhao2019's rows and columns, and small views of its tables."""

from xray_keras.papers import loader
from xray_keras.papers.loader import PrintedTable
from xray_keras.papers.printed import Interval, Printed

PAPER = "zhao2019"
TEACHER, STUDENT, MSPNET = "Teacher Network", "Student Network", "MSP-Net"
QUALITY = ("Recall", "Precision", "F-measure")
CPU, GPU, SIZE = "Time Cost (CPU)", "Time Cost (GPU)", "Params"
STUDENT_ALONE = "Our proposed"  # the student of Table I, as Table II calls it
COSTS = (CPU, GPU, SIZE)  # the smaller, the better


def claimed(claim: str, name: str) -> Printed:
    """A number of a claim."""
    return loader.claims(PAPER)[claim].values[name]


def others(table: PrintedTable, row: str) -> list[str]:
    """Every row but this one."""
    return [other for other in table.rows if other != row]


def middle(interval: Interval) -> float:
    """To be shown; comparisons use the interval."""
    return float((interval.low + interval.high) / 2)
